#include "schemas/hot_board.h"

#include "connectors/debezium/envelope.h"
#include "connectors/debezium/json_row.h"
#include "connectors/debezium/json_writer.h"
#include "millrace/status.h"

namespace millrace {
namespace {

using debezium::JsonRow;
using debezium::JsonWriter;
using schemas::HotBoard;
using schemas::HotPost;

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
  out->posts.clear();
  MR_ASSIGN_OR_RETURN(JsonRow * board,
                      debezium::DecodeObjectWithList(bytes, "posts", [out](JsonRow* post) {
                        return debezium::RowCodec<HotPost>::Read(post, &out->posts.emplace_back());
                      }));
  return board->Read("board_time", debezium::TimeForm::kZoned, &out->time);
}

std::string Serde<HotBoard>::ToJson(const HotBoard& board) {
  std::string json;
  Encode(board, &json);
  return json;
}

}  // namespace millrace
