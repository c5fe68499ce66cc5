// What the steps by user pass on, until it is told apart by topic. Never on a log.
#pragma once

#include <cstdint>

#include "millrace/processor.h"
#include "schemas/ids.h"
#include "schemas/user_list.h"
#include "topologies/suggestions/similar_facts.h"

namespace millrace::topologies::suggest {

struct Output {
  enum class Kind : uint8_t {
    kList,      // of the user who is the key; without users: there is none any more
    kTaste,     // for the index, under the author who is the key
    kQuestion,  // for the neighbour who is the key
  };
  Kind kind = Kind::kList;
  schemas::UserList list;
  Taste taste;
  FollowQuestion question;
};

using OutputContext = ProcessorContext<schemas::UserId, Output>;

}  // namespace millrace::topologies::suggest
