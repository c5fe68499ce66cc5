// What the examples of the documentation may use without saying where it comes from: topics of a
// small shop, the rows that lie in them, and a Serde for each row.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "millrace/engine.h"
#include "millrace/local_log.h"
#include "millrace/memory_log.h"
#include "millrace/millrace.h"
#include "millrace/node_observer.h"
#include "millrace/topology_driver.h"

// NOLINTBEGIN(google-build-using-namespace): one source is made of this, and nobody includes it.
using namespace std::chrono_literals;
using namespace millrace;
// NOLINTEND(google-build-using-namespace)

// A page of the shop was looked at, or a link on it followed.
struct Click {
  std::string user;
  std::string page;
  bool operator==(const Click&) const = default;
  auto Fields() { return std::tie(user, page); }
};

struct Purchase {
  std::string customer;
  std::string product;
  int64_t amount = 0;  // in cents
  int64_t placed_at_ms = 0;
  bool operator==(const Purchase&) const = default;
  auto Fields() { return std::tie(customer, product, amount, placed_at_ms); }
};

struct Customer {
  std::string name;
  std::string city;
  bool operator==(const Customer&) const = default;
  auto Fields() { return std::tie(name, city); }
};

struct Product {
  std::string title;
  int64_t price = 0;  // in cents
  bool operator==(const Product&) const = default;
  auto Fields() { return std::tie(title, price); }
};

struct Payment {
  std::string order;
  int64_t amount = 0;  // in cents
  bool operator==(const Payment&) const = default;
  auto Fields() { return std::tie(order, amount); }
};

// An order, and what was found for it.
struct Shipment {
  std::string to;
  std::string product;
  int64_t amount = 0;
  bool operator==(const Shipment&) const = default;
  auto Fields() { return std::tie(to, product, amount); }
};

template <class T>
concept HasFields = requires(T row) { row.Fields(); };

// The fields as text, each followed by a line break.
template <HasFields T>
struct millrace::Serde<T> {
  static void Encode(const T& row, std::string* out) {
    T copy = row;
    std::apply([out](auto&... field) { (absl::StrAppend(out, field, "\n"), ...); }, copy.Fields());
  }
  static absl::Status Decode(std::string_view bytes, T* out) {
    const std::vector<std::string> texts = absl::StrSplit(std::string(bytes), '\n');
    auto fields = out->Fields();
    if (texts.size() != std::tuple_size_v<decltype(fields)> + 1) {
      return absl::InvalidArgumentError("a row has a line for each field");
    }
    size_t next = 0;
    const bool ok =
        std::apply([&](auto&... field) { return (Read(texts[next++], &field) && ...); }, fields);
    return ok ? absl::OkStatus() : absl::InvalidArgumentError("a number of a row is none");
  }

 private:
  static bool Read(const std::string& text, std::string* field) {
    *field = text;
    return true;
  }
  static bool Read(const std::string& text, int64_t* field) {
    return absl::SimpleAtoi(text, field);
  }
};

using Text = std::string;

inline const Topic<Text, Click> kClicks{"clicks"};           // by user
inline const Topic<Text, Click> kViews{"views"};             // by user
inline const Topic<Text, Purchase> kOrders{"orders"};           // by order id
inline const Topic<Text, Payment> kPayments{"payments"};     // by order id
inline const Topic<Text, Customer> kCustomers{"customers"};  // by customer id
inline const Topic<Text, Product> kProducts{"products"};     // by product id

inline const Topic<Text, Text> kTexts{"texts"};
inline const Topic<Text, int64_t> kCounts{"counts"};
inline const Topic<Text, Shipment> kShipments{"shipments"};
inline const Topic<Windowed<Text>, int64_t> kWindowCounts{"window-counts"};
inline const Topic<Session<Text>, int64_t> kVisitCounts{"visit-counts"};

// Where it does not matter what the records are.
inline const Topic<Text, Text> kIn{"in"};
inline const Topic<Text, Text> kOut{"out"};
inline const Topic<Text, Text> kLate{"late"};
