// The types and topics that the tests of the DSL share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "millrace/millrace.h"

namespace millrace::dsl_test {

struct Like {
  int64_t post = 0;
  int64_t weight = 0;
  Timestamp liked_at;
  std::string channel;
};

// Passes between steps, but can be kept nowhere.
struct NoSerde {
  int64_t weight = 0;
};

}  // namespace millrace::dsl_test

template <>
struct millrace::Serde<millrace::dsl_test::Like> {
  using Like = millrace::dsl_test::Like;
  static void Encode(const Like& like, std::string* out) {
    Serde<int64_t>::Encode(like.post, out);
    Serde<int64_t>::Encode(like.weight, out);
  }
  static absl::Status Decode(std::string_view bytes, Like* out) {
    if (bytes.size() != 16) return absl::InvalidArgumentError("not a Like");
    if (absl::Status post = Serde<int64_t>::Decode(bytes.substr(0, 8), &out->post); !post.ok()) {
      return post;
    }
    return Serde<int64_t>::Decode(bytes.substr(8), &out->weight);
  }
};

namespace millrace::dsl_test {

inline const Topic<std::string, Like> kLikes{"likes"};
inline const Topic<std::string, Like> kMoreLikes{"more-likes"};
inline const Topic<int64_t, std::string> kPosts{"posts"};
inline const Topic<int64_t, int64_t> kCounts{"counts"};
inline const Topic<Windowed<int64_t>, int64_t> kWindowCounts{"window-counts"};

inline std::string Described(absl::StatusOr<Topology> topology) {
  return topology.ok() ? topology->Describe() : topology.status().ToString();
}

}  // namespace millrace::dsl_test
