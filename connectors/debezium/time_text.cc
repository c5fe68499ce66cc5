#include "connectors/debezium/time_text.h"

#include <chrono>

namespace millrace::debezium {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kFuture = "infinity";
constexpr std::string_view kPast = "-infinity";
// The years that four digits can say.
constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1);

// Takes parts off the front of a text; after the first mismatch everything fails.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  int Number(size_t digits) {
    if (text_.size() < digits) ok_ = false;
    int number = 0;
    for (size_t i = 0; ok_ && i < digits; ++i) {
      const char c = text_[i];
      if (c < '0' || c > '9') ok_ = false;
      number = number * 10 + (c - '0');
    }
    if (ok_) text_.remove_prefix(digits);
    return number;
  }

  void Expect(char c) {
    if (!Take(c)) ok_ = false;
  }

  bool Take(char c) {
    if (!ok_ || text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  // 1 to 9 digits of a second, as whole milliseconds.
  int Fraction() {
    int millis = 0;
    size_t digits = 0;
    for (; digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9'; ++digits) {
      if (digits < 3) millis = millis * 10 + (text_[digits] - '0');
    }
    if (digits == 0 || digits > 9) ok_ = false;
    for (size_t i = digits; i < 3; ++i) millis *= 10;
    if (ok_) text_.remove_prefix(digits);
    return millis;
  }

  void Fail() { ok_ = false; }
  bool AtEnd() const { return ok_ && text_.empty(); }

 private:
  std::string_view text_;
  bool ok_ = true;
};

void AppendDigits(unsigned number, int digits, std::string* out) {
  char text[4];
  for (int i = digits - 1; i >= 0; --i, number /= 10)
    text[i] = static_cast<char>('0' + number % 10);
  out->append(text, static_cast<size_t>(digits));
}

// "Z" or "+01:00": what has to be subtracted to get UTC.
minutes ParseOffset(Cursor* cursor) {
  if (cursor->Take('Z')) return minutes(0);
  const bool west = cursor->Take('-');
  if (!west) cursor->Expect('+');
  const int hour = cursor->Number(2);
  cursor->Expect(':');
  const int minute = cursor->Number(2);
  if (hour > 18 || minute > 59) cursor->Fail();  // as far as java.time goes
  const minutes offset = hours(hour) + minutes(minute);
  return west ? -offset : offset;
}

}  // namespace

std::optional<Timestamp> ParseTimestamp(std::string_view text) {
  if (text == kFuture) return Timestamp::max();
  if (text == kPast) return Timestamp::min();
  Cursor cursor(text);
  const int year = cursor.Number(4);
  cursor.Expect('-');
  const int month = cursor.Number(2);
  cursor.Expect('-');
  const int day = cursor.Number(2);
  cursor.Expect('T');
  const int hour = cursor.Number(2);
  cursor.Expect(':');
  const int minute = cursor.Number(2);
  cursor.Expect(':');
  const int second = cursor.Number(2);
  const int millis = cursor.Take('.') ? cursor.Fraction() : 0;
  const minutes offset = ParseOffset(&cursor);
  if (!cursor.AtEnd() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + hours(hour) + minutes(minute) + seconds(second) +
         Duration(millis) - offset;
}

void AppendTimestamp(Timestamp timestamp, std::string* out) {
  if (timestamp < kFirst || timestamp >= kEnd) {
    out->append(timestamp < kFirst ? kPast : kFuture);
    return;
  }
  const auto day = std::chrono::floor<days>(timestamp);
  const std::chrono::year_month_day date{day};
  const auto in_day = static_cast<unsigned>((timestamp - day).count());
  AppendDigits(static_cast<unsigned>(static_cast<int>(date.year())), 4, out);
  out->push_back('-');
  AppendDigits(static_cast<unsigned>(date.month()), 2, out);
  out->push_back('-');
  AppendDigits(static_cast<unsigned>(date.day()), 2, out);
  out->push_back('T');
  AppendDigits(in_day / 3'600'000, 2, out);
  out->push_back(':');
  AppendDigits(in_day / 60'000 % 60, 2, out);
  out->push_back(':');
  AppendDigits(in_day / 1'000 % 60, 2, out);
  out->push_back('.');
  AppendDigits(in_day % 1'000, 3, out);
  out->push_back('Z');
}

}  // namespace millrace::debezium
