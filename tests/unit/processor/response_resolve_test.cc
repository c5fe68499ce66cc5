// Answers of foreign-key joins that come too late, which happens only where tasks run side by side.
#include <string>
#include <utility>

#include "fake_context.h"
#include "millrace/detail/foreign_key_operators.h"
#include "millrace/detail/functions.h"
#include "millrace/detail/join_functions.h"
#include "processor/subscription.h"

namespace millrace::detail {

inline std::string Print(const Bytes& bytes) { return bytes.data; }

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

using Task = FakeTask<std::string, std::string>;

// Rows are "name of the right row:rest"; "-" names none.
template <bool kLeft>
ForeignKeyJoin Join() {
  ForeignKeyJoin join;
  join.foreign_key = EraseMapper<std::string, std::string>([](const std::string& row) {
    const std::string name = row.substr(0, row.find(':'));
    return name == "-" ? std::nullopt : std::optional(name);
  });
  join.join = EraseJoiner<std::string, std::string, std::string, kLeft>(
      [](const std::string& left, const std::string* right) {
        return left + "|" + (right == nullptr ? "null" : *right);
      });
  join.left = kLeft;
  join.key = join.value = join.other_key = join.other_value = CodecOf<std::string>();
  return join;
}

template <bool kLeft>
void Start(Task* task, const char* row) {
  FakeKeyValueStore* rows = task->AddStore<std::string, std::string>("left");
  const std::string key = "a";
  const std::string value = row == nullptr ? "" : row;
  if (row != nullptr) rows->Put(&key, &value, TimestampFromMillis(1));
  auto left = std::make_shared<TableNode>();
  left->getter = StoreGetter("left");
  task->Start(MakeResponseResolve(Join<kLeft>(), left, "result", "again"));
}

// An answer to the row as it was when it had these bytes.
std::optional<Bytes> AnswerTo(const std::string& row, std::optional<std::string> right) {
  std::string scratch;
  Response response;
  response.subscriber.hash = HashRow(CodecOf<std::string>(), &row, &scratch);
  response.subscriber.partition = PartitionId(3);
  if (right.has_value()) response.row = *right;
  Bytes bytes;
  AppendResponse(response, &bytes.data);
  return bytes;
}

TEST(ResponseResolve, JoinsTheRowThatWasAnswered) {
  Task task;
  Start<false>(&task, "r:1");
  task.Pipe("a", AnswerTo("r:1", "right"), 5);
  task.Pipe("a", AnswerTo("r:1", std::nullopt), 6);
  EXPECT_THAT(task.Take(), ElementsAre("result: a=r:1|right@5", "result: a=null@6"));
}

TEST(ResponseResolve, IgnoresAnAnswerToAnOlderRow) {
  Task inner;
  Start<false>(&inner, "r:2");
  inner.Pipe("a", AnswerTo("r:1", "right"), 5);
  EXPECT_THAT(inner.Take(), IsEmpty());
  Task left;
  Start<true>(&left, "r:2");
  left.Pipe("a", AnswerTo("r:1", std::nullopt), 5);
  EXPECT_THAT(left.Take(), IsEmpty());
}

TEST(ResponseResolve, AnEndThatComesTooLateMakesTheRowAskAgain) {
  Task task;
  Start<false>(&task, "s:2");
  task.Pipe("a", AnswerTo("r:1", std::nullopt), 5);
  EXPECT_THAT(task.Take(), ElementsAre(StartsWith("again: s=")));
}

TEST(ResponseResolve, AnEndThatComesTooLateEndsTheResultOfARowThatNamesNothing) {
  Task task;
  Start<false>(&task, "-:2");
  task.Pipe("a", AnswerTo("r:1", std::nullopt), 5);
  EXPECT_THAT(task.Take(), ElementsAre("result: a=null@5"));
  Task deleted;
  Start<false>(&deleted, nullptr);
  deleted.Pipe("a", AnswerTo("r:1", std::nullopt), 5);
  EXPECT_THAT(deleted.Take(), ElementsAre("result: a=null@5"));
}

TEST(Subscription, SurvivesItsBytes) {
  std::string bytes;
  AppendSubscription({Instruction::kAnswer, {RowHash{1, 2}, PartitionId(300)}, "key"}, &bytes);
  const Subscription read = ParseSubscription(bytes);
  EXPECT_EQ(read.instruction, Instruction::kAnswer);
  EXPECT_EQ(read.subscriber.hash, (RowHash{1, 2}));
  EXPECT_EQ(read.subscriber.partition, PartitionId(300));
  EXPECT_EQ(read.row_key, "key");
  for (size_t size = 0; size < bytes.size() - 3; ++size) {
    EXPECT_ANY_THROW(ParseSubscription(std::string_view(bytes).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace millrace::detail
