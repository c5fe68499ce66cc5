// EXPECT: Process<P>: P derives from millrace::Processor<K, V, K2, V2> for a Stream<K, V> and is
// default-constructible
#include "likes.h"

struct Plain {};

void Build(const Stream<std::string, Like>& likes) { likes.Process<Plain>("plain"); }
