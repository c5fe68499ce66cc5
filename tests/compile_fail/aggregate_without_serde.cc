// EXPECT: the value type has no Serde<V>, which topics and stores need; specialise millrace::Serde
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) {
  likes.GroupByKey().Aggregate("drafts", Draft{},
                               [](Draft& draft, const Like& like) { draft.text += like.reader; });
}
