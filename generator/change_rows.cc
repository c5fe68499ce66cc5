#include "generator/change_rows.h"

#include <charconv>

#include "base/json_text.h"

namespace millrace::gen {
namespace {

// Column defaults: what the old row of a table with replica identity DEFAULT says beside the key.
constexpr RowTime kEpoch{};

void AppendPadded(uint64_t number, int width, std::string* out) {
  const size_t end = out->size() + static_cast<size_t>(width);
  out->resize(end, '0');
  for (size_t at = end; width-- > 0; number /= 10) (*out)[--at] = '0' + number % 10;
}

void AppendTextOrNull(std::optional<std::string_view> text, std::string* out) {
  if (text.has_value()) {
    AppendJsonString(*text, out);
  } else {
    *out += "null";
  }
}

void AppendPair(const FollowRow& row, std::string* out) {
  *out += "{\"follower_id\":";
  AppendInt(row.follower, out);
  *out += ",\"followee_id\":";
  AppendInt(row.followee, out);
}

void AppendPair(const LikeRow& row, std::string* out) {
  *out += "{\"post_id\":";
  AppendInt(row.post, out);
  *out += ",\"user_id\":";
  AppendInt(row.user, out);
}

}  // namespace

void AppendTime(RowTime time, std::string* out) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto micros = static_cast<uint64_t>((time - day).count());
  *out += '"';
  AppendPadded(static_cast<uint64_t>(static_cast<int>(date.year())), 4, out);
  *out += '-';
  AppendPadded(static_cast<unsigned>(date.month()), 2, out);
  *out += '-';
  AppendPadded(static_cast<unsigned>(date.day()), 2, out);
  *out += 'T';
  AppendPadded(micros / 3'600'000'000, 2, out);
  *out += ':';
  AppendPadded(micros / 60'000'000 % 60, 2, out);
  *out += ':';
  AppendPadded(micros / 1'000'000 % 60, 2, out);
  *out += '.';
  AppendPadded(micros % 1'000'000, 6, out);
  *out += "Z\"";
}

void AppendUuid(RowUuid id, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) *out += '-';
    const uint64_t half = nibble < 16 ? id.high : id.low;
    *out += kHex[(half >> (60 - 4 * (nibble % 16))) & 15];
  }
  *out += '"';
}

void AppendInt(int64_t number, std::string* out) {
  char digits[20];
  out->append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void AppendKey(const PostRow& row, std::string* out) {
  *out += "{\"id\":";
  AppendInt(row.id, out);
  *out += '}';
}

void AppendRow(const PostRow& row, std::string* out) {
  *out += "{\"id\":";
  AppendInt(row.id, out);
  *out += ",\"author_id\":";
  AppendInt(row.author, out);
  *out += ",\"body\":";
  AppendJsonString(row.body, out);
  *out += ",\"visibility\":";
  AppendJsonString(row.visibility, out);
  *out += ",\"score\":\"0.00\",\"tags\":[],\"meta\":\"{}\",\"big\":";
  AppendTextOrNull(row.big, out);
  *out += ",\"created_at\":";
  AppendTime(row.created_at, out);
  *out += ",\"edited_at\":";
  if (row.edited_at.has_value()) {
    AppendInt(row.edited_at->time_since_epoch().count(), out);
  } else {
    *out += "null";
  }
  *out += '}';
}

void AppendUpdatedRow(const PostRow&, std::string* out) { *out += "null"; }

void AppendDeletedRow(const PostRow& row, std::string* out) {
  AppendRow(PostRow{.id = row.id, .created_at = kEpoch}, out);
}

void AppendKey(const FollowRow& row, std::string* out) {
  AppendPair(row, out);
  *out += '}';
}

void AppendRow(const FollowRow& row, std::string* out) {
  AppendPair(row, out);
  *out += ",\"created_at\":";
  AppendTime(row.created_at, out);
  *out += '}';
}

void AppendUpdatedRow(const FollowRow&, std::string* out) { *out += "null"; }

void AppendDeletedRow(const FollowRow& row, std::string* out) {
  AppendRow(FollowRow{row.follower, row.followee, kEpoch}, out);
}

void AppendKey(const LikeRow& row, std::string* out) {
  AppendPair(row, out);
  *out += '}';
}

void AppendRow(const LikeRow& row, std::string* out) {
  AppendPair(row, out);
  *out += ",\"reaction\":";
  AppendJsonString(row.reaction, out);
  *out += ",\"created_at\":";
  AppendTime(row.created_at, out);
  *out += '}';
}

void AppendUpdatedRow(const LikeRow& row, std::string* out) { AppendRow(row, out); }

void AppendDeletedRow(const LikeRow& row, std::string* out) { AppendRow(row, out); }

void AppendKey(const CommentRow& row, std::string* out) {
  *out += "{\"id\":";
  AppendUuid(row.id, out);
  *out += '}';
}

void AppendRow(const CommentRow& row, std::string* out) {
  *out += "{\"id\":";
  AppendUuid(row.id, out);
  *out += ",\"post_id\":";
  AppendInt(row.post, out);
  *out += ",\"author_id\":";
  AppendInt(row.author, out);
  *out += ",\"parent_id\":";
  if (row.parent.has_value()) {
    AppendUuid(*row.parent, out);
  } else {
    *out += "null";
  }
  *out += ",\"body\":";
  AppendJsonString(row.body, out);
  *out += row.deleted ? ",\"deleted\":true" : ",\"deleted\":false";
  *out += ",\"created_at\":";
  AppendTime(row.created_at, out);
  *out += '}';
}

void AppendUpdatedRow(const CommentRow&, std::string* out) { *out += "null"; }

void AppendDeletedRow(const CommentRow& row, std::string* out) {
  AppendRow(CommentRow{.id = row.id, .created_at = kEpoch}, out);
}

void AppendKey(const OutboxRow& row, std::string* out) { AppendInt(row.aggregate, out); }

void AppendRow(const OutboxRow& row, std::string* out) {
  *out += "{\"id\":";
  AppendUuid(row.id, out);
  *out += ",\"aggregatetype\":";
  AppendJsonString(row.aggregate_type, out);
  *out += ",\"aggregateid\":\"";
  AppendInt(row.aggregate, out);
  *out += "\",\"type\":";
  AppendJsonString(row.type, out);
  *out += ",\"payload\":";
  AppendJsonString(row.payload, out);
  *out += '}';
}

void AppendUpdatedRow(const OutboxRow&, std::string* out) { *out += "null"; }

void AppendDeletedRow(const OutboxRow& row, std::string* out) {
  AppendRow(OutboxRow{.id = row.id}, out);
}

}  // namespace millrace::gen
