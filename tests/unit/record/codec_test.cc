#include "millrace/detail/codec.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace millrace {

// A value too large to lie inside an ErasedValue, which counts how many of it live.
struct Large {
  std::shared_ptr<int> life = std::make_shared<int>(0);
  std::string text;
  char padding[64] = {};
};

template <>
struct Serde<Large> {
  static void Encode(const Large& value, std::string* out) { out->append(value.text); }
  static absl::Status Decode(std::string_view bytes, Large* out) {
    out->text.assign(bytes);
    return absl::OkStatus();
  }
};

namespace detail {
namespace {

TEST(Codec, IsOnePerType) {
  EXPECT_EQ(CodecOf<int64_t>(), CodecOf<int64_t>());
  EXPECT_NE(static_cast<const void*>(CodecOf<int64_t>()),
            static_cast<const void*>(CodecOf<double>()));
  EXPECT_EQ(CodecOf<int64_t>()->format, Format::kInt64);
  EXPECT_EQ(CodecOf<Large>()->format, Format::kBytes);
  EXPECT_EQ(CodecOf<Large>()->to_json, nullptr);
}

TEST(ErasedValue, KeepsSmallValuesInsideItself) {
  ErasedValue value;
  EXPECT_FALSE(value.has_value());
  const int64_t number = 42;
  value.Assign(CodecOf<int64_t>(), &number);
  EXPECT_EQ(*static_cast<const int64_t*>(value.get()), 42);
  EXPECT_EQ(value.HeapSize(), 0u);
}

TEST(ErasedValue, ReusesTheObjectOfTheSameType) {
  ErasedValue value;
  void* first = value.Emplace(CodecOf<Large>());
  static_cast<Large*>(first)->text = "kept";
  EXPECT_EQ(value.Emplace(CodecOf<Large>()), first);
  EXPECT_EQ(static_cast<Large*>(first)->text, "kept");
  EXPECT_EQ(value.HeapSize(), sizeof(Large));
}

TEST(ErasedValue, DestroysWhatItHeldWhenItTakesAnotherType) {
  Large large;
  ErasedValue value;
  value.Assign(CodecOf<Large>(), &large);
  EXPECT_EQ(large.life.use_count(), 2);
  value.Emplace(CodecOf<std::string>());
  EXPECT_EQ(large.life.use_count(), 1);
  value.Assign(CodecOf<std::string>(), nullptr);
  EXPECT_FALSE(value.has_value());
}

TEST(ErasedValue, MovesSmallAndLargeValues) {
  Large large;
  large.text = "large";
  const std::string small = "small";
  ErasedValue from_large, from_small;
  from_large.Assign(CodecOf<Large>(), &large);
  from_small.Assign(CodecOf<std::string>(), &small);

  ErasedValue to_large(std::move(from_large));
  ErasedValue to_small;
  to_small = std::move(from_small);
  EXPECT_EQ(static_cast<const Large*>(to_large.get())->text, "large");
  EXPECT_EQ(*static_cast<const std::string*>(to_small.get()), "small");
  EXPECT_FALSE(from_large.has_value());  // NOLINT: a moved-from box is empty
  EXPECT_FALSE(from_small.has_value());  // NOLINT

  to_large = std::move(to_small);
  EXPECT_EQ(large.life.use_count(), 1);
  EXPECT_EQ(*static_cast<const std::string*>(to_large.get()), "small");
}

}  // namespace
}  // namespace detail
}  // namespace millrace
