// EXPECT: To: the topic's types are not the stream's; pass a Topic<K, V>, or map the stream to the
// topic's types first
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) { likes.To(kCounts); }
