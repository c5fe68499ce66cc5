#include "schemas/hot_board.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "connectors/debezium/json_row.h"
#include "connectors/debezium/json_value.h"
#include "connectors/debezium/json_writer.h"
#include "millrace/status.h"

namespace millrace {
namespace {

using debezium::JsonRow;
using debezium::JsonValue;
using debezium::JsonWriter;
using schemas::HotBoard;
using schemas::HotPost;

std::string_view View(boost::json::string_view text) { return {text.data(), text.size()}; }

JsonValue ValueOf(const boost::json::value& from) {
  JsonValue value;
  value.kind = JsonValue::Kind::kNull;
  if (const auto* text = from.if_string()) {
    value.kind = JsonValue::Kind::kString;
    value.text = View(*text);
  } else if (const auto* integer = from.if_int64()) {
    value.kind = JsonValue::Kind::kInteger;
    value.integer = *integer;
  } else if (const auto* number = from.if_double()) {
    value.kind = JsonValue::Kind::kDouble;
    value.number = *number;
  } else if (from.is_array()) {
    value.kind = JsonValue::Kind::kArray;
  } else if (from.is_object()) {
    value.kind = JsonValue::Kind::kObject;
  }
  return value;
}

void Fill(const boost::json::object& from, std::string_view where, JsonRow* row) {
  row->Reset(where, JsonRow::Missing::kIsAnError);
  for (const auto& field : from) row->Add(View(field.key()), ValueOf(field.value()));
}

absl::Status DecodePosts(const boost::json::array& from, std::vector<HotPost>* out) {
  JsonRow row;
  out->clear();
  out->reserve(from.size());
  for (const boost::json::value& post : from) {
    const auto* fields = post.if_object();
    if (fields == nullptr) return absl::InvalidArgumentError("posts: an element is not an object");
    Fill(*fields, "posts", &row);
    MR_RETURN_IF_ERROR(debezium::RowCodec<HotPost>::Read(&row, &out->emplace_back()));
  }
  return absl::OkStatus();
}

void EncodePosts(const std::vector<HotPost>& posts, std::string* out) {
  out->push_back('[');
  int64_t rank = 0;
  for (const HotPost& post : posts) {
    if (rank > 0) out->push_back(',');
    JsonWriter fields(out);
    fields.Integer("rank", ++rank);
    debezium::RowCodec<HotPost>::Write(post, &fields);
    fields.Close();
  }
  out->push_back(']');
}

}  // namespace

void Serde<HotBoard>::Encode(const HotBoard& board, std::string* out) {
  JsonWriter writer(out);
  writer.Time("board_time", board.time);
  EncodePosts(board.posts, writer.Raw("posts"));
  writer.Close();
}

absl::Status Serde<HotBoard>::Decode(std::string_view bytes, HotBoard* out) {
  boost::json::error_code error;
  const boost::json::value root =
      boost::json::parse(boost::json::string_view(bytes.data(), bytes.size()), error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("not a JSON document: ", error.message()));
  }
  const auto* object = root.if_object();
  if (object == nullptr) return absl::InvalidArgumentError("the document is not an object");
  JsonRow row;
  Fill(*object, "", &row);
  MR_RETURN_IF_ERROR(row.Read("board_time", debezium::TimeForm::kZoned, &out->time));
  const boost::json::value* posts = object->if_contains("posts");
  const boost::json::array* list = posts == nullptr ? nullptr : posts->if_array();
  if (list == nullptr) return row.Mismatch("posts", "an array");
  return DecodePosts(*list, &out->posts);
}

std::string Serde<HotBoard>::ToJson(const HotBoard& board) {
  std::string json;
  Encode(board, &json);
  return json;
}

}  // namespace millrace
