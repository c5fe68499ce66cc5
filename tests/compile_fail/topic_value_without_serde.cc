// EXPECT: Topic<K, V>: the value type has no Serde<V>; specialise millrace::Serde
#include <string>

#include "millrace/topic.h"

struct Like {
  int post = 0;
};

const millrace::Topic<std::string, Like> kLikes{"likes"};
