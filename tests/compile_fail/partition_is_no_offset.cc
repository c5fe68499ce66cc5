// EXPECT: millrace::PartitionId
#include "millrace/ids.h"

millrace::Offset Next(millrace::PartitionId partition) { return partition; }
