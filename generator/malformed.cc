#include "generator/malformed.h"

#include <array>
#include <string>

#include "generator/change_rows.h"
#include "generator/fact_writer.h"

namespace millrace::gen {
namespace {

struct Form {
  std::string_view name;
  std::string_view dead_letter;
};
constexpr std::array<Form, kBadForms> kForms = {{{"truncated-json", "DESERIALIZE"},
                                                 {"bad-utf8", "DESERIALIZE"},
                                                 {"nan", "DESERIALIZE"},
                                                 {"wrong-type", "SCHEMA"},
                                                 {"missing-field", "SCHEMA"},
                                                 {"unknown-op", "SCHEMA"},
                                                 {"null-key", "SCHEMA"},
                                                 {"truncate", "STATE"},
                                                 {"self-follow", "POLICY"},
                                                 {"far-future", "RANGE"},
                                                 {"oversize", "OVERSIZE"}}};
constexpr size_t kOversizeBytes = 2 << 20;
constexpr std::chrono::hours kFarAhead(48);

// Where the last occurrence of `name` in the row that is created ends; npos if there is none.
size_t BehindField(std::string_view value, std::string_view name) {
  const size_t after = value.find("\"after\":{");
  const size_t from = after == std::string_view::npos ? 0 : after;
  const size_t at = value.find(name, from);
  return at == std::string_view::npos ? at : at + name.size();
}

// Puts `text` in the place of the number that stands behind the field.
bool ReplaceNumber(std::string_view name, std::string_view text, std::string* value) {
  const size_t begin = BehindField(*value, name);
  if (begin == std::string::npos) return false;
  const size_t end = value->find_first_not_of("0123456789", begin);
  if (end == begin || end == std::string::npos) return false;
  value->replace(begin, end - begin, text);
  return true;
}

bool ReplaceText(std::string_view old_text, std::string_view text, std::string* value) {
  const size_t at = value->rfind(old_text);
  if (at == std::string::npos) return false;
  value->replace(at, old_text.size(), text);
  return true;
}

// A number that records of the topic must have, but not in their key.
std::string_view NumberOf(std::string_view topic) {
  if (topic == kPostsTopic) return "\"author_id\":";
  if (topic == kCommentsTopic) return "\"post_id\":";
  if (topic == kFollowsTopic) return "\"follower_id\":";
  return "\"user_id\":";
}

bool IsTable(std::string_view topic) {
  return topic == kPostsTopic || topic == kFollowsTopic || topic == kLikesTopic ||
         topic == kCommentsTopic;
}

bool MakeSelfFollow(ChangeRecord* out) {
  if (out->topic != kFollowsTopic) return false;
  const size_t begin = BehindField(out->key, "\"follower_id\":");
  const std::string follower = out->key.substr(begin, out->key.find(',', begin) - begin);
  return ReplaceNumber("\"followee_id\":", follower, &out->key) &&
         ReplaceNumber("\"followee_id\":", follower, &out->value);
}

bool MakeFarFuture(ChangeRecord* out) {
  // Not everybody who reads events looks into impressions.
  if (out->value.find("\"type\":\"impression\"") != std::string::npos) return false;
  const std::string_view name = out->topic == kEventsTopic ? "\"at\":" : "\"created_at\":";
  const size_t begin = BehindField(out->value, name);
  if (begin == std::string::npos) return false;
  std::string time;
  AppendTime(RowTime(out->timestamp) + kFarAhead, &time);
  out->value.replace(begin, time.size(), time);
  return true;
}

// A truncation speaks of no row.
bool MakeTruncate(ChangeRecord* out) {
  const size_t begin = out->value.find("\"after\":{");
  const size_t end = out->value.find("},\"source\":");
  if (begin == std::string::npos || end == std::string::npos) return false;
  out->value.replace(0, end + 1, "{\"before\":null,\"after\":null");
  out->has_key = false;
  return ReplaceText("\"op\":\"c\"", "\"op\":\"t\"", &out->value) ||
         ReplaceText("\"op\":\"u\"", "\"op\":\"t\"", &out->value);
}

bool MakeUnknownOp(ChangeRecord* out) {
  return ReplaceText("\"op\":\"c\"", "\"op\":\"z\"", &out->value) ||
         ReplaceText("\"op\":\"u\"", "\"op\":\"z\"", &out->value) ||
         ReplaceText("\"type\":\"share\"", "\"type\":\"sneeze\"", &out->value) ||
         ReplaceText("\"type\":\"impression\"", "\"type\":\"sneeze\"", &out->value);
}

bool DamageIn(BadForm form, Draws& draws, ChangeRecord* out) {
  const std::string_view number = NumberOf(out->topic);
  std::string* value = &out->value;
  switch (form) {
    case BadForm::kTruncatedJson:
      value->resize(1 + draws.Below(value->size() - 1));
      return true;
    case BadForm::kBadUtf8:
      // Every record has a time with a T in it.
      return ReplaceText("T", "\xff", value);
    case BadForm::kNan:
      return ReplaceNumber(number, "NaN", value);
    case BadForm::kWrongType:
      return ReplaceNumber(number, "\"somebody\"", value);
    case BadForm::kMissingField: {
      const size_t behind = BehindField(*value, number);
      if (behind == std::string::npos) return false;
      value->replace(behind - 3, 1, "?");
      return true;
    }
    case BadForm::kUnknownOp:
      return MakeUnknownOp(out);
    case BadForm::kNullKey:
      out->has_key = false;
      return IsTable(out->topic);
    case BadForm::kTruncate:
      return IsTable(out->topic) && MakeTruncate(out);
    case BadForm::kSelfFollow:
      return MakeSelfFollow(out);
    case BadForm::kFarFuture:
      return MakeFarFuture(out);
    case BadForm::kOversize:
      value->insert(1, "\"padding\":\"" + std::string(kOversizeBytes, 'x') + "\",");
      return true;
  }
  return false;
}

}  // namespace

std::string_view NameOf(BadForm form) { return kForms[static_cast<size_t>(form)].name; }

std::string_view DeadLetterClassOf(BadForm form) {
  return kForms[static_cast<size_t>(form)].dead_letter;
}

bool Damage(const ChangeRecord& good, BadForm form, Draws& draws, ChangeRecord* out) {
  if (!IsTable(good.topic) && good.topic != kEventsTopic) return false;
  if (good.is_tombstone || good.value.find("\"op\":\"d\"") != std::string::npos ||
      good.value.find("\"op\":\"r\"") != std::string::npos) {
    return false;
  }
  *out = good;
  return DamageIn(form, draws, out);
}

}  // namespace millrace::gen
