#include <string>

#include "fake_context.h"
#include "millrace/processor.h"

namespace millrace::detail {
namespace {

TEST(CheckStoreTypes, AcceptsTheTypesThatTheStoreWasDeclaredWith) {
  FakeKeyValueStore store(KeyValueSpec<std::string, int64_t>("likes"));
  CheckStoreTypes(&store, "likes", StoreKind::kKeyValue, typeid(std::string), typeid(int64_t));
}

TEST(CheckStoreTypesDeathTest, NamesTheStoreAndBothTypes) {
  FakeKeyValueStore store(KeyValueSpec<std::string, int64_t>("likes"));
  EXPECT_DEATH(
      CheckStoreTypes(&store, "likes", StoreKind::kKeyValue, typeid(std::string), typeid(double)),
      "store \"likes\" is a key-value store of <.*string.*, long>, but a step asks for a key-value "
      "store of <.*string.*, double>");
}

TEST(CheckStoreTypesDeathTest, RefusesAStoreOfAnotherKind) {
  FakeKeyValueStore store(KeyValueSpec<std::string, int64_t>("likes"));
  EXPECT_DEATH(
      CheckStoreTypes(&store, "likes", StoreKind::kWindow, typeid(std::string), typeid(int64_t)),
      "asks for a window store");
}

}  // namespace
}  // namespace millrace::detail
