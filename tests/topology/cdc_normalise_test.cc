// Changes of tables, each once, whole, and in the order of its row's versions.
#include "topologies/cdc-normalise/cdc_normalise.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/normal_changes.h"
#include "tests/topology/readme_picture.h"

namespace millrace::topologies {
namespace {

using debezium::Snapshot;
using debezium::Toastable;
using schemas::Comment;
using schemas::CommentKey;
using schemas::Follow;
using schemas::FollowKey;
using schemas::Like;
using schemas::LikeKey;
using schemas::Post;
using schemas::PostId;
using schemas::PostKey;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(CdcNormaliseTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("cdc-normalise"), BuildCdcNormalise().value().Describe());
}

class CdcNormalise : public testing::Test {
 protected:
  using PostChange = OwnedRecord<PostId, Change<Post>>;

  static Post PostOf(int64_t id, const std::string& body, Duration created = hours(1)) {
    return {.id = id, .author = 10, .body = body, .created_at = Today(created)};
  }
  void Pipe(const Change<Post>& change, Timestamp arrives, int64_t id = 7) {
    driver_.Pipe(topics::kPosts, PostKey{id}, change, arrives);
  }
  // With its commit at noon, as all others.
  void Pipe(Op op, const Post& post, int64_t lsn) {
    Pipe(Versioned(op, post, lsn, Today(hours(12))), Today(hours(12)), post.id);
  }
  void PipeTombstone(int64_t id = 7) {
    driver_.Pipe(topics::kPosts, PostKey{id}, std::nullopt, Today(hours(12)));
  }
  std::vector<PostChange> Posts() { return driver_.Drain(topics::kNormalPosts); }
  // Operations and bodies, as "c one", "d one".
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    for (const PostChange& record : Posts()) {
      const Change<Post>& change = *record.value;
      const Post& row = change.after.has_value() ? *change.after : *change.before;
      EXPECT_EQ(record.key, PostId{row.id});
      told.push_back(std::string(debezium::OpText(change.op)) + " " + row.body.value());
    }
    return told;
  }

  TopologyDriver driver_{BuildCdcNormalise().value(), {.partitions = 4, .start = kToday}};
};

TEST_F(CdcNormalise, EveryChangeComesOnceInTheOrderOfItsVersions) {
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  Pipe(Op::kUpdate, PostOf(7, "three"), 30);
  Pipe(Op::kUpdate, PostOf(7, "two"), 20);
  Pipe(Op::kUpdate, PostOf(7, "three"), 40);  // another transaction, nothing new
  Pipe(Op::kUpdate, PostOf(7, "older than the last"), 35);
  EXPECT_THAT(Told(), ElementsAre("c one", "u three"));
  EXPECT_EQ(CounterOf(&driver_, "cdc_repeated_total"), 4);
}

TEST_F(CdcNormalise, TransactionsOrderChangesOfOnePlace) {
  Change<Post> second = Versioned(Op::kUpdate, PostOf(7, "two"), 10, Today(hours(12)));
  second.source.transaction = 6;
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  Pipe(second, Today(hours(12)));
  EXPECT_THAT(Told(), ElementsAre("c one", "u two"));
}

TEST_F(CdcNormalise, TheRowBeforeAChangeIsTheOneThatWasKept) {
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  Pipe(Op::kUpdate, PostOf(7, "two"), 20);
  // REPLICA IDENTITY DEFAULT: nothing but the key is true.
  Pipe(Op::kDelete, Post{.id = 7, .created_at = Ms(0)}, 30);
  PipeTombstone();
  const std::vector<PostChange> changes = Posts();
  ASSERT_THAT(changes, SizeIs(3));
  EXPECT_EQ(changes[1].value->before, PostOf(7, "one"));
  EXPECT_EQ(changes[1].value->after, PostOf(7, "two"));
  EXPECT_EQ(changes[2].value->before, PostOf(7, "two"));
  EXPECT_EQ(changes[2].value->op, Op::kDelete);
}

TEST_F(CdcNormalise, ADeletionMayBeEmptyUnderReplicaIdentityNothing) {
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  Pipe(Change<Post>{.op = Op::kDelete, .source = At(20, Today(hours(12)))}, Today(hours(12)));
  EXPECT_THAT(Told(), ElementsAre("c one", "d one"));
}

TEST_F(CdcNormalise, AnUnchangedLargeColumnIsTakenFromTheRow) {
  Post edited = PostOf(7, "");
  edited.body = Toastable<std::string>::Unchanged();
  edited.edited_at = Today(hours(2));
  Pipe(Op::kCreate, PostOf(7, "long text"), 10);
  Pipe(Op::kUpdate, edited, 20);
  const std::vector<PostChange> changes = Posts();
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[1].value->after->body.value(), "long text");
  EXPECT_EQ(changes[1].value->after->edited_at, Today(hours(2)));
}

TEST_F(CdcNormalise, AnUnchangedColumnThatWasNeverSeenIsNull) {
  Post edited = PostOf(7, "");
  edited.body = Toastable<std::string>::Unchanged();
  Pipe(Op::kUpdate, edited, 20);
  const std::vector<PostChange> changes = Posts();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].value->op, Op::kCreate);
  EXPECT_TRUE(changes[0].value->after->body.is_null());
}

TEST_F(CdcNormalise, ARowOfASnapshotThatTheStreamOvertookIsDropped) {
  Pipe(Op::kSnapshot, PostOf(8, "of the snapshot"), 50);
  Pipe(Op::kCreate, PostOf(7, "new"), 60);
  Pipe(Op::kSnapshot, PostOf(7, "old"), 50);
  EXPECT_THAT(Told(), testing::UnorderedElementsAre("r of the snapshot", "c new"));
}

TEST_F(CdcNormalise, AReplayBringsNoDeletedRowBack) {
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  Pipe(Op::kDelete, Post{.id = 7, .created_at = Ms(0)}, 20);
  Pipe(Op::kSnapshot, PostOf(7, "one"), 15);
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  EXPECT_THAT(Told(), ElementsAre("c one", "d one"));
  Pipe(Op::kCreate, PostOf(7, "again"), 30);
  EXPECT_THAT(Told(), ElementsAre("c again"));
}

TEST_F(CdcNormalise, ADeletionIsRememberedForAWeek) {
  const auto pipe_at = [this](Op op, int64_t lsn, Duration time) {
    Pipe(Versioned(op, PostOf(7, "one"), lsn, Today(time)), Today(time));
  };
  pipe_at(Op::kCreate, 10, hours(12));
  pipe_at(Op::kDelete, 20, hours(12));
  pipe_at(Op::kCreate, 10, hours(12 + 24 * 7));
  EXPECT_THAT(Told(), ElementsAre("c one", "d one"));
  pipe_at(Op::kCreate, 10, hours(14 + 24 * 7));
  pipe_at(Op::kCreate, 10, hours(14 + 24 * 7));
  EXPECT_THAT(Told(), ElementsAre("c one"));
}

TEST_F(CdcNormalise, AnIncrementalSnapshotCountsAsItArrivesAndKeepsTheVersion) {
  Change<Post> row = Versioned(Op::kSnapshot, PostOf(7, "read now"), 0, Today(hours(12)));
  row.source.lsn.reset();
  row.source.snapshot = Snapshot::kIncremental;
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  Pipe(row, Today(hours(12)));
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  EXPECT_THAT(Told(), ElementsAre("c one", "u read now"));
  Pipe(Op::kUpdate, PostOf(7, "two"), 20);
  EXPECT_THAT(Told(), ElementsAre("u two"));
}

TEST_F(CdcNormalise, AChangeOfTheKeyIsADeletionAndANewRow) {
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  Pipe(Op::kDelete, Post{.id = 7, .created_at = Ms(0)}, 20);
  PipeTombstone();
  Pipe(Op::kCreate, PostOf(70, "one"), 20);
  const std::vector<PostChange> changes = Posts();
  ASSERT_THAT(changes, SizeIs(3));
  std::vector<std::string> told;
  for (const PostChange& record : changes) {
    told.push_back(std::string(debezium::OpText(record.value->op)) +
                   std::to_string(record.key->value));
  }
  EXPECT_THAT(told, testing::UnorderedElementsAre("c7", "d7", "c70"));
}

// A connector that was started again writes the same changes again, tombstones and all.
TEST_F(CdcNormalise, TheTombstoneOfARepeatedDeletionDeletesNothing) {
  for (int times = 0; times < 2; ++times) {
    Pipe(Op::kCreate, PostOf(7, "one"), 10);
    Pipe(Op::kDelete, Post{.id = 7, .created_at = Ms(0)}, 20);
    PipeTombstone();
    Pipe(Op::kCreate, PostOf(7, "two"), 30);
  }
  EXPECT_THAT(Told(), ElementsAre("c one", "d one", "c two"));
}

TEST_F(CdcNormalise, ATombstoneWithoutADeletionIsOne) {
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  PipeTombstone();
  PipeTombstone();
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  EXPECT_THAT(Told(), ElementsAre("c one", "d one"));
}

TEST_F(CdcNormalise, ChangesWithoutAVersionCountAsTheyArrive) {
  const Post one = PostOf(7, "one");
  for (const Op op : {Op::kCreate, Op::kCreate, Op::kDelete, Op::kDelete, Op::kCreate}) {
    Change<Post> change = Versioned(op, one, 0, Today(hours(12)));
    change.source.lsn.reset();
    Pipe(change, Today(hours(12)));
  }
  EXPECT_THAT(Told(), ElementsAre("c one", "d one", "c one"));
}

TEST_F(CdcNormalise, TheTimeOfARowIsItsCreationAndOfADeletionItsCommit) {
  Pipe(Versioned(Op::kCreate, PostOf(7, "one", hours(1)), 10, Today(hours(2))), Today(hours(3)));
  Pipe(Versioned(Op::kDelete, Post{.id = 7, .created_at = Ms(0)}, 20, Today(hours(4))),
       Today(hours(5)));
  const std::vector<PostChange> changes = Posts();
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].timestamp, Today(hours(1)));
  EXPECT_EQ(changes[1].timestamp, Today(hours(4)));
}

TEST_F(CdcNormalise, ATimeAheadOfItsArrivalIsSetBackForGood) {
  const Timestamp arrives = Today(hours(12));
  const auto pipe = [&](int64_t lsn, Duration ahead, const std::string& body, Timestamp at) {
    Pipe(Versioned(lsn == 10 ? Op::kCreate : Op::kUpdate, PostOf(7, body, hours(12) + ahead), lsn,
                   at),
         at);
  };
  pipe(10, minutes(5) + Duration(1), "ahead", arrives);
  pipe(20, minutes(5) + Duration(1), "edited", arrives + hours(1));
  const std::vector<PostChange> changes = Posts();
  ASSERT_THAT(changes, SizeIs(2));
  for (const PostChange& change : changes) {
    EXPECT_EQ(change.timestamp, arrives);
    EXPECT_EQ(change.value->after->created_at, arrives);
  }
  EXPECT_EQ(CounterOf(&driver_, "cdc_clock_ahead_total"), 1);
}

TEST_F(CdcNormalise, FiveMinutesAheadIsBelieved) {
  Pipe(Versioned(Op::kCreate, PostOf(7, "one", hours(12) + minutes(5)), 10, Today(hours(12))),
       Today(hours(12)));
  const std::vector<PostChange> changes = Posts();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].timestamp, Today(hours(12) + minutes(5)));
}

TEST_F(CdcNormalise, TimesThatCannotBeAreDeadLetters) {
  const Timestamp arrives = Today(hours(12));
  Pipe(Versioned(Op::kCreate, PostOf(7, "one", hours(36) + Duration(1)), 10, arrives), arrives);
  Post old = PostOf(8, "old");
  old.created_at = Ms(-2);
  Pipe(Versioned(Op::kCreate, old, 10, arrives), arrives, 8);
  EXPECT_THAT(DeadLetterClasses(&driver_, "cdc.posts"), ElementsAre("RANGE", "RANGE"));
  Pipe(Versioned(Op::kCreate, PostOf(7, "one", hours(36)), 10, arrives), arrives);
  EXPECT_THAT(Told(), ElementsAre("c one"));
}

TEST_F(CdcNormalise, ATruncatedTableIsADeadLetterAndAMessageIsCounted) {
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  driver_.Pipe(topics::kPosts, std::nullopt, Change<Post>{.op = Op::kTruncate}, Today(hours(12)));
  driver_.Pipe(topics::kPosts, std::nullopt, Change<Post>{.op = Op::kMessage}, Today(hours(12)));
  EXPECT_THAT(DeadLetterClasses(&driver_, "cdc.posts"), ElementsAre("STATE"));
  EXPECT_EQ(CounterOf(&driver_, "cdc_messages_ignored_total"), 1);
  EXPECT_THAT(Told(), ElementsAre("c one"));
}

TEST_F(CdcNormalise, AChangeWithoutAKeyOrOfAnotherOneIsADeadLetter) {
  const Change<Post> change = Versioned(Op::kCreate, PostOf(7, "one"), 10, Today(hours(12)));
  driver_.Pipe(topics::kPosts, std::nullopt, change, Today(hours(12)));
  driver_.Pipe(topics::kPosts, PostKey{8}, change, Today(hours(12)));
  EXPECT_THAT(DeadLetterClasses(&driver_, "cdc.posts"), ElementsAre("SCHEMA", "SCHEMA"));
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(CdcNormalise, WhoFollowsThemselvesIsADeadLetter) {
  const Follow row{3, 3, Today(hours(1))};
  driver_.Pipe(topics::kFollows, FollowKey{3, 3}, Versioned(Op::kCreate, row, 10, Today(hours(12))),
               Today(hours(12)));
  EXPECT_THAT(DeadLetterClasses(&driver_, "cdc.follows"), ElementsAre("POLICY"));
}

class CdcNormaliseReactions : public CdcNormalise {
 protected:
  void Pipe(Op op, const Comment& row, int64_t lsn) {
    driver_.Pipe(topics::kComments, CommentKey{row.id}, Versioned(op, row, lsn, Today(hours(12))),
                 Today(hours(12)));
  }
  void Pipe(Op op, const Like& row, int64_t lsn) {
    driver_.Pipe(topics::kLikes, LikeKey{row.post, row.user},
                 Versioned(op, row, lsn, Today(hours(12))), Today(hours(12)));
  }
};

TEST_F(CdcNormaliseReactions, ACommentThatIsTakenBackIsADeletion) {
  Comment comment{.id = "a", .post = 7, .author = 3, .created_at = Today(hours(1))};
  Pipe(Op::kCreate, comment, 10);
  comment.deleted = true;
  Pipe(Op::kUpdate, comment, 20);
  Pipe(Op::kDelete, Comment{.id = "a", .created_at = Ms(0)}, 30);
  const auto changes = driver_.Drain(topics::kNormalComments);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[1].value->op, Op::kDelete);
  EXPECT_FALSE(changes[1].value->before->deleted);
  EXPECT_EQ(changes[1].key, PostId{7});
  EXPECT_EQ(changes[1].timestamp, Today(hours(12)));
}

TEST_F(CdcNormaliseReactions, ACommentThatMovesLeavesOnePostAndComesToAnother) {
  Pipe(Op::kCreate, Comment{.id = "a", .post = 7, .created_at = Today(hours(1))}, 10);
  driver_.Drain(topics::kNormalComments);
  Pipe(Op::kUpdate, Comment{.id = "a", .post = 9, .created_at = Today(hours(1))}, 20);
  std::vector<std::pair<int64_t, Op>> told;
  for (const auto& record : driver_.Drain(topics::kNormalComments)) {
    told.emplace_back(record.key->value, record.value->op);
  }
  EXPECT_THAT(told,
              testing::UnorderedElementsAre(std::pair(7, Op::kDelete), std::pair(9, Op::kCreate)));
}

TEST_F(CdcNormaliseReactions, ALikeKeepsTheTimeWithWhichItCameWhileItExists) {
  Pipe(Op::kCreate, Like{7, 3, "like", Today(hours(1))}, 10);
  Pipe(Op::kUpdate, Like{7, 3, "wow", Today(hours(2))}, 20);
  Pipe(Op::kDelete, Like{7, 3, "", Ms(0)}, 30);
  Pipe(Op::kCreate, Like{7, 3, "like", Today(hours(3))}, 40);
  std::vector<Timestamp> times;
  for (const auto& record : driver_.Drain(topics::kNormalLikes)) {
    const Change<Like>& change = *record.value;
    times.push_back((change.after.has_value() ? change.after : change.before)->created_at);
  }
  EXPECT_THAT(times,
              ElementsAre(Today(hours(1)), Today(hours(1)), Today(hours(1)), Today(hours(3))));
}

TEST_F(CdcNormaliseReactions, OnlyASnapshotMayLeaveTheTimeOut) {
  Pipe(Op::kSnapshot, Like{7, 3, "like"}, 10);
  Pipe(Op::kCreate, Like{7, 4, "like"}, 11);
  const auto changes = driver_.Drain(topics::kNormalLikes);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].value->after->created_at, kNoTimestamp);
  EXPECT_EQ(changes[0].timestamp, Today(hours(12)));
  EXPECT_THAT(DeadLetterClasses(&driver_, "cdc.likes"), ElementsAre("SCHEMA"));
}

TEST_F(CdcNormalise, StateComesBackFromTheChangelogs) {
  Pipe(Op::kCreate, PostOf(7, "one"), 10);
  Pipe(Op::kCreate, PostOf(8, "gone"), 10);
  Pipe(Op::kDelete, Post{.id = 8, .created_at = Ms(0)}, 20);
  Posts();
  driver_.CrashAndLoseState();
  Pipe(Op::kCreate, PostOf(8, "gone"), 10);
  Pipe(Op::kUpdate, PostOf(7, "two"), 30);
  const std::vector<PostChange> changes = Posts();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].value->before, PostOf(7, "one"));
}

}  // namespace
}  // namespace millrace::topologies
