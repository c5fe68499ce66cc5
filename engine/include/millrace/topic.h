// Topic<K, V>: a topic as a typed constant. Types travel with it, so no serde is ever named where
// a topology reads or writes it:
//
//   inline const Topic<std::string, Post> kPosts{"cdc.posts"};
#pragma once

#include <string>
#include <utility>

#include "millrace/serde.h"

namespace millrace {

template <class K, class V>
class Topic {
 public:
  using Key = K;
  using Value = V;

  static_assert(HasSerde<K>,
                "Topic<K, V>: the key type has no Serde<K>; specialise millrace::Serde");
  static_assert(HasSerde<V>,
                "Topic<K, V>: the value type has no Serde<V>; specialise millrace::Serde");

  explicit Topic(std::string name) : name_(std::move(name)) {}
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace millrace
