// EXPECT: the key type has no Serde<K>, which topics and stores need; specialise millrace::Serde
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) {
  likes.SelectKey([](const Like& like) { return Draft{like.reader}; }).GroupByKey().Count("counts");
}
