// DropNullKeys: the step before a repartition topic. A record without a key has no partition there.
#pragma once

#include "millrace/detail/erased_processor.h"

namespace millrace::detail {

// Makes processors that forward records with a key and count the others as dropped.
ProcessorFactory DropNullKeysFactory();

}  // namespace millrace::detail
