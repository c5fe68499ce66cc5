// EXPECT: Topic<K, V>: the key type has no Serde<K>; specialise millrace::Serde
#include <string>

#include "millrace/topic.h"

struct UserId {
  int value = 0;
};

const millrace::Topic<UserId, std::string> kNames{"names"};
