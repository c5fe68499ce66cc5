// HotBoard: the posts of the hour, best first. Topic hot.posts.v1: one board per tick.
//
//   key   {"board_time":"2026-01-02T03:05:00.000Z"}
//   value {"board_time":"…","posts":[{"rank":1,"post_id":4,"score":0.34,"likes":40,"comments":10,
//          "shares":5,"impressions":500},…]}
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "connectors/debezium/columns.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

struct HotBoardKey {
  Timestamp time = kNoTimestamp;  // the end of the window that the board looks at
  auto operator<=>(const HotBoardKey&) const = default;
};

struct HotPost {
  int64_t post = 0;
  double score = 0;
  int64_t likes = 0;
  int64_t comments = 0;
  int64_t shares = 0;
  int64_t impressions = 0;
  bool operator==(const HotPost&) const = default;
};

struct HotBoard {
  Timestamp time = kNoTimestamp;
  std::vector<HotPost> posts;  // the place in the list is the rank, from 1
  bool operator==(const HotBoard&) const = default;
};

}  // namespace millrace::schemas

template <>
struct millrace::debezium::Columns<millrace::schemas::HotBoardKey> {
  static constexpr auto kAll = std::tuple(Column("board_time", &schemas::HotBoardKey::time));
};

template <>
struct millrace::debezium::Columns<millrace::schemas::HotPost> {
  using Row = schemas::HotPost;
  static constexpr auto kAll =
      std::tuple(Column("post_id", &Row::post), Column("score", &Row::score),
                 Column("likes", &Row::likes), Column("comments", &Row::comments),
                 Column("shares", &Row::shares), Column("impressions", &Row::impressions));
};

template <>
struct millrace::Serde<millrace::schemas::HotBoardKey>
    : millrace::debezium::RowSerde<millrace::schemas::HotBoardKey> {};

template <>
struct millrace::Serde<millrace::schemas::HotBoard> {
  static void Encode(const schemas::HotBoard& board, std::string* out);
  static absl::Status Decode(std::string_view bytes, schemas::HotBoard* out);
  static std::string ToJson(const schemas::HotBoard& board);
};
