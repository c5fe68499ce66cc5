#include "generator/csv_reader.h"

#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "base/text.h"
#include "millrace/status.h"

namespace millrace::gen {
namespace {

bool ParseInt(std::string_view text, int64_t* number) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, *number);
  return parsed.ec == std::errc() && parsed.ptr == end && !text.empty();
}

// The one form that the files use, in UTC.
bool ParseIso(std::string_view text, RowTime* time) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd.ddd+0000";
  if (text.size() != kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return false;
  }
  const auto number = [text](size_t at, size_t length) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + length, value);
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2))));
  const int hours = number(11, 2), minutes = number(14, 2), seconds = number(17, 2);
  if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59) return false;
  *time = std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
          std::chrono::seconds(seconds) + std::chrono::milliseconds(number(20, 3));
  return true;
}

}  // namespace

absl::StatusOr<CsvReader> CsvReader::Open(const std::string& path, std::string_view header) {
  CsvReader reader;
  reader.path_ = path;
  reader.file_.open(path, std::ios::binary);
  if (!reader.file_) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  reader.Prefetch();
  if (header.empty()) return reader;
  if (!reader.has_next_ || reader.next_ != header) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":1: the first line must be ", AbslView(header)));
  }
  ++reader.line_;
  reader.Prefetch();
  return reader;
}

void CsvReader::Prefetch() {
  has_next_ = static_cast<bool>(std::getline(file_, next_));
  if (has_next_ && !next_.empty() && next_.back() == '\r') next_.pop_back();
}

absl::StatusOr<bool> CsvReader::Next(size_t fields_min) {
  if (!has_next_) {
    if (file_.bad()) return absl::DataLossError(absl::StrCat(path_, ": cannot be read"));
    return false;
  }
  std::swap(current_, next_);
  ++line_;
  Prefetch();
  fields_.clear();
  std::string_view rest = current_;
  for (size_t bar; (bar = rest.find('|')) != rest.npos; rest.remove_prefix(bar + 1)) {
    fields_.push_back(rest.substr(0, bar));
  }
  fields_.push_back(rest);
  if (fields_.size() < fields_min) {
    return Wrong(absl::StrCat(fields_.size(), " fields, at least ", fields_min));
  }
  if (!IsValidUtf8(current_)) return Wrong("not UTF-8");
  return true;
}

absl::StatusOr<int64_t> CsvReader::Int(size_t index) const {
  int64_t number = 0;
  if (ParseInt(fields_[index], &number)) return number;
  return Wrong(absl::StrCat("not a number: '", AbslView(fields_[index]), "'"));
}

absl::StatusOr<RowTime> CsvReader::Millis(size_t index) const {
  MR_ASSIGN_OR_RETURN(const int64_t millis, Int(index));
  // Up to the year 9999, so that microseconds and nanoseconds fit.
  if (millis < 0 || millis > 253'402'300'799'999) {
    return Wrong(absl::StrCat("not a time: '", millis, "'"));
  }
  return RowTime(std::chrono::milliseconds(millis));
}

absl::StatusOr<RowTime> CsvReader::Iso(size_t index) const {
  RowTime time;
  if (ParseIso(fields_[index], &time)) return time;
  return Wrong(absl::StrCat("not a time: '", AbslView(fields_[index]), "'"));
}

absl::Status CsvReader::Wrong(std::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(path_, ":", line_, ": ", AbslView(what)));
}

}  // namespace millrace::gen
