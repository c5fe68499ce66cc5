// EraseRows<Row>: takes away every row of a table that speaks of an erased user.
#pragma once

#include <optional>

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "schemas/user_events.h"
#include "topologies/common/normalise/row_store.h"

namespace millrace::topologies {

// A row that went, or, last, how many did. For the next steps only: it has no bytes.
template <class Row>
struct Erasure {
  debezium::Change<Row> change;
  std::optional<schemas::ErasureDone> done;
};

// Works on the rows of NormaliseRows, in its tasks. Remembers the user, so that what comes late is
// dropped there. Erasing somebody again takes what is left, as a rule nothing.
template <class Row>
class EraseRows final : public Processor<schemas::UserId, schemas::UserErased,
                                         typename TableOf<Row>::OutKey, Erasure<Row>> {
 public:
  using Table = TableOf<Row>;
  using Context = ProcessorContext<typename Table::OutKey, Erasure<Row>>;

  void Init(Context& context) override { rows_.Open(context); }

  void Process(const Record<schemas::UserId, schemas::UserErased>& record,
               Context& context) override {
    const schemas::UserErased& request = *record.value;
    rows_.RememberErased(request.user, request.erased_at);
    int64_t count = 0;
    for (const auto& id : rows_.RowsOf(request.user)) {
      ++count;
      Erase(id, record.timestamp, context);
    }
    if (count == 0) return;
    Erasure<Row> all;
    all.done = {.user = request.user,
                .request = request.request,
                .topology = context.application_id(),
                .store = RowStoreNames(Table::kName).rows,
                .rows = count};
    context.Forward({.value = &all, .timestamp = record.timestamp});
  }

 private:
  void Erase(const typename Table::Id& id, Timestamp now, Context& context) {
    StoredRow<Row> stored;
    if (!rows_.Get(id, &stored)) return;
    rows_.Forget(id, stored);
    if (!stored.is_live) return;
    Erasure<Row> gone;
    gone.change.op = debezium::Op::kDelete;
    gone.change.source.table = Table::kName;
    gone.change.before = stored.row;
    const auto key = Table::OutKeyOf(stored.row);
    context.Forward({.key = &key, .value = &gone, .timestamp = now});
  }

  RowStore<Row> rows_;
};

}  // namespace millrace::topologies
