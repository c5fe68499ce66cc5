// Everything that a topology is written with:
//   #include "millrace/millrace.h"
#pragma once

#include "millrace/custom_store.h"       // IWYU pragma: export
#include "millrace/emit.h"               // IWYU pragma: export
#include "millrace/error_policy.h"       // IWYU pragma: export
#include "millrace/grouped_stream.h"     // IWYU pragma: export
#include "millrace/grouped_table.h"      // IWYU pragma: export
#include "millrace/headers.h"            // IWYU pragma: export
#include "millrace/ids.h"                // IWYU pragma: export
#include "millrace/partitioner.h"        // IWYU pragma: export
#include "millrace/processor.h"          // IWYU pragma: export
#include "millrace/record.h"             // IWYU pragma: export
#include "millrace/serde.h"              // IWYU pragma: export
#include "millrace/session_store.h"      // IWYU pragma: export
#include "millrace/status.h"             // IWYU pragma: export
#include "millrace/store.h"              // IWYU pragma: export
#include "millrace/stream.h"             // IWYU pragma: export
#include "millrace/table.h"              // IWYU pragma: export
#include "millrace/time.h"               // IWYU pragma: export
#include "millrace/topic.h"              // IWYU pragma: export
#include "millrace/topology.h"           // IWYU pragma: export
#include "millrace/topology_builder.h"   // IWYU pragma: export
#include "millrace/value_transformer.h"  // IWYU pragma: export
#include "millrace/versioned_store.h"    // IWYU pragma: export
#include "millrace/windows.h"            // IWYU pragma: export
