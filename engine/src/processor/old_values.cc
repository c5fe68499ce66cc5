// EnableOldValues: makes a table, or the tables that it is a view of, send the row before an
// update.
#include "millrace/detail/table_node.h"

namespace millrace::detail {

bool EnableOldValues(TableNode* table) {
  if (table->send_old_values) return true;
  if (table->store.empty()) {
    if (table->parents.empty() || table->meets_itself) return false;
    for (const auto& parent : table->parents) {
      if (!EnableOldValues(parent.get())) return false;
    }
  }
  table->send_old_values = true;
  return true;
}

}  // namespace millrace::detail
