// The order in which a session store shows its entries, which differs between the backends as in
// Kafka Streams.
#include <gtest/gtest.h>

#include "millrace/session_store.h"
#include "store_testing.h"

namespace millrace {
namespace {

using store_testing::At;
using store_testing::TestStores;

class SessionOrder : public testing::TestWithParam<bool> {
 protected:
  static std::string Text(RowIterator<std::string, std::string> row) {
    std::string text;
    for (; row.Valid(); row.Next()) {
      text += (text.empty() ? "" : " ") + row.key() + std::to_string(ToMillis(row.window_start())) +
              "-" + std::to_string(ToMillis(row.window_end()));
    }
    return text;
  }
  TestStores stores_{{SessionedStore<std::string, std::string>(
      "sessions", {.retention = Duration(10'000), .in_memory = GetParam()})}};
  SessionStore<std::string, std::string> store_{
      static_cast<detail::ErasedSessionStore*>(stores_->Find("sessions"))};
};

INSTANTIATE_TEST_SUITE_P(Backends, SessionOrder, testing::Bool(), store_testing::BackendName);

TEST_P(SessionOrder, IsThatOfKafkaStreams) {
  store_.Put("b", At(1), At(5), "x");
  store_.Put("a", At(2), At(5), "x");
  stores_.Commit();
  store_.Put("a", At(1), At(5), "x");
  store_.Put("a", At(3), At(9), "x");
  const bool in_memory = GetParam();
  EXPECT_EQ(Text(store_.Fetch("a")), in_memory ? "a2-5 a1-5 a3-9" : "a1-5 a2-5 a3-9");
  EXPECT_EQ(Text(store_.FetchRange(nullptr, nullptr)),
            in_memory ? "a2-5 a1-5 b1-5 a3-9" : "a1-5 a2-5 a3-9 b1-5");
  EXPECT_EQ(Text(store_.Find("a", At(5), At(2), Order::kReverse)),
            in_memory ? "a1-5 a2-5" : "a2-5 a1-5");
  EXPECT_EQ(*store_.Get("a", At(1), At(5)), "x");
  store_.Remove("a", At(1), At(5));
  EXPECT_FALSE(store_.Get("a", At(1), At(5)));
}

TEST_P(SessionOrder, RemovingMovesTheStreamTimeOnDiskOnly) {
  store_.Put("a", At(0), At(5), "x");
  store_.Remove("b", At(0), At(20'000));
  EXPECT_EQ(static_cast<bool>(store_.Get("a", At(0), At(5))), GetParam());
}

}  // namespace
}  // namespace millrace
