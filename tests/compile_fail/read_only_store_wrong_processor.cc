// EXPECT: AddReadOnlyStore<P>: P derives from millrace::Processor<K, V, K2, V2>
#include "likes.h"

struct Keep {};

void Build(millrace::TopologyBuilder& flow) {
  flow.AddReadOnlyStore<Keep>(millrace::Store<std::string, Like>("likes"),
                              millrace::Topic<std::string, Like>("likes"));
}
