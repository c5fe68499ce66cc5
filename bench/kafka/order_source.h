// The input of `./dev bench kafka`: orders of customers, the same for the same options on every
// machine.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "millrace/log.h"
#include "orders.pb.h"

namespace millrace::bench::kafka {

struct OrderOptions {
  int64_t orders = 1'000'000;
  int64_t customers = 100'000;  // each occurs in the orders about equally often
  int32_t partitions = 6;
  // Event time of the first order; then 20 orders a millisecond, 200,000 in a window of 10 s.
  Timestamp start;
};

inline constexpr int64_t kOrdersPerMillisecond = 20;

// The name of a customer, which is the key of both topics.
std::string CustomerName(int64_t customer);
Customer MakeCustomer(int64_t customer);
Order MakeOrder(int64_t order);
// Whose the order is.
int64_t CustomerOf(int64_t order, int64_t customers);

// Creates the topics "customers" and "orders" and fills them: first all customers, with timestamps
// before `start`, then the orders. Durable when it returns. AlreadyExists: there is such a topic.
absl::Status WriteOrders(const OrderOptions& options, Log* log);

}  // namespace millrace::bench::kafka
