#include "bench/kafka/topologies.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "millrace/millrace.h"
#include "millrace/serde_protobuf.h"

namespace millrace::bench::kafka {
namespace {

using std::chrono::seconds;

Sale SaleOf(const Order& order, const Customer& customer) {
  Sale sale;
  sale.set_order(order.id());
  sale.set_cents(order.cents());
  sale.set_region(customer.region());
  sale.set_level(customer.level());
  return sale;
}

template <class K, class V>
void Emit(const Table<K, V>& table, const TopologyChoice& choice) {
  const Topic<K, V> output(choice.output);
  if (choice.emit_on_commit) {
    table.EmitOnCommit().ToStream().To(output);
  } else {
    table.ToStream().To(output);
  }
}

}  // namespace

absl::StatusOr<Topology> BuildTopology(const TopologyChoice& choice) {
  TopologyBuilder flow(choice.name);
  const auto orders = flow.From(Topic<std::string, Order>(choice.input));
  if (choice.name == "pass") {
    orders.To(Topic<std::string, Order>(choice.output));
  } else if (choice.name == "count") {
    Emit(orders.GroupByKey().Count("orders-by-customer"), choice);
  } else if (choice.name == "window") {
    Emit(orders.GroupByKey()
             .Window(Tumbling{.size = seconds(10), .grace = seconds(60)})
             .Count("orders-by-window"),
         choice);
  } else if (choice.name == "join") {
    const Topic<std::string, Customer> customers(kCustomers);
    orders.Join(flow.TableFrom(customers, "customers"), SaleOf)
        .To(Topic<std::string, Sale>(choice.output));
  } else {
    return absl::InvalidArgumentError(absl::StrCat("there is no topology '", choice.name,
                                                   "'; there are pass, count, window, join"));
  }
  return std::move(flow).Build();
}

}  // namespace millrace::bench::kafka
