// MemoryLog: the Log contract without durability, for tests and the TopologyDriver.
#pragma once

#include <memory>

#include "millrace/log.h"

namespace millrace {

// Transactions, groups, fencing and reads as in LocalLog; all of it is gone with the object.
std::unique_ptr<Log> NewMemoryLog();

}  // namespace millrace
