// The common part of all steps that make a table.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "millrace/detail/lowering.h"
#include "millrace/detail/table_lowering.h"

namespace millrace::detail {

// Keeps `table` in a store of its own: its name, and how to read it.
void KeepIn(const StoreSpec& store, TableNode* table);

// Adds the node of a table, and its store if it has one. The node has the store's name.
TableHandle AddTableNode(const std::shared_ptr<Flow>& flow, NodeId parent, std::string stem,
                         ProcessorFactory factory, std::shared_ptr<TableNode> table,
                         std::optional<StoreSpec> store);

// The windowed aggregation that the table is, or is a view of; null: there is none.
const TableNode* FindWindows(const TableNode* table);

// Remembers a mistake if a step that looks into a table by key, or needs the rows before its
// updates, finds it kept in no store. True if there is one.
bool IsKeptNowhere(const TableHandle& table, const std::string& step);
bool LacksOldValues(const TableHandle& table, const std::string& step);

// The table's rows, sent to the partitions of their groups; they go there once.
StreamHandle Regrouped(GroupedTableNode* grouped);

}  // namespace millrace::detail
