// EXPECT: TransformValues<P>: P derives from millrace::ValueTransformer<K, V, V2> for a Table<K, V>
// and is default-constructible, or pass a third argument that makes std::unique_ptr<P>
#include "likes.h"

void Build(const Table<std::string, Like>& likes) { likes.TransformValues<Draft>("drafts"); }
