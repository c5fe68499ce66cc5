#include "millrace/serde_protobuf.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/type.pb.h>

#include <string>

#include "gtest/gtest.h"
#include "millrace/detail/codec.h"
#include "millrace/topic.h"

namespace millrace {
namespace {

using google::protobuf::Struct;
using PbDuration = google::protobuf::Duration;

PbDuration SomeDuration() {
  PbDuration duration;
  duration.set_seconds(150);
  duration.set_nanos(7);
  return duration;
}

template <class M>
std::string Encoded(const M& message) {
  std::string bytes;
  Serde<M>::Encode(message, &bytes);
  return bytes;
}

TEST(SerdeProtobuf, MakesEveryMessageAValueOfATopic) {
  const Topic<PbDuration, Struct> topic("messages");
  EXPECT_EQ(topic.name(), "messages");
  EXPECT_EQ(detail::CodecOf<Struct>()->format, detail::Format::kProtobuf);
}

TEST(SerdeProtobuf, WritesTheWireFormatBehindWhatIsThere) {
  std::string bytes = "x";
  Serde<PbDuration>::Encode(SomeDuration(), &bytes);
  EXPECT_EQ(bytes, "x\x08\x96\x01\x10\x07");
  EXPECT_EQ(Encoded(PbDuration()), "");
}

TEST(SerdeProtobuf, OverwritesTheTarget) {
  PbDuration decoded = SomeDuration();
  ASSERT_TRUE(Serde<PbDuration>::Decode("\x10\x05", &decoded).ok());
  EXPECT_EQ(decoded.seconds(), 0);
  EXPECT_EQ(decoded.nanos(), 5);
}

TEST(SerdeProtobuf, WritesEqualMapsAsEqualBytes) {
  Struct up, down;
  for (int i = 0; i < 100; ++i) {
    (*up.mutable_fields())[std::to_string(i)].set_number_value(i);
    (*down.mutable_fields())[std::to_string(99 - i)].set_number_value(99 - i);
  }
  EXPECT_EQ(Encoded(up), Encoded(down));
}

TEST(SerdeProtobuf, KeepsFieldsThatItDoesNotKnow) {
  const std::string bytes = Encoded(SomeDuration()) + "\x1a\x03new";
  PbDuration decoded;
  ASSERT_TRUE(Serde<PbDuration>::Decode(bytes, &decoded).ok());
  EXPECT_EQ(Encoded(decoded), bytes);
}

TEST(SerdeProtobuf, RefusesWhatIsNoMessage) {
  PbDuration decoded;
  const absl::Status status = Serde<PbDuration>::Decode("\x08", &decoded);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "not a protobuf message google.protobuf.Duration");
}

TEST(SerdeProtobuf, ShowsMessagesAsJson) {
  EXPECT_EQ(Serde<PbDuration>::ToJson(SomeDuration()), "\"150.000000007s\"");
}

}  // namespace
}  // namespace millrace
