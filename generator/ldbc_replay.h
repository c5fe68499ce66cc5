// The social network of the LDBC Social Network Benchmark (interactive workload, version 1, CSV
// with
// '|') as change records: what its files hold is the snapshot, its update stream is live.
//
//   person_knows_person   two follows, one each way       update 8 (friendship): two follows
//   post                  post; a photo's name is its text  update 6: post
//   comment               comment on the post at the root   update 7: comment
//   person_likes_post     like                            update 2: like
// The rest has no table here: persons, forums, members, likes of comments (updates 1, 3, 4, 5).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "generator/change_record.h"
#include "generator/change_writer.h"
#include "generator/csv_reader.h"

namespace millrace::gen {

// Reads the files as it goes; in memory is only the root of every comment (16 bytes each). The
// snapshot is taken at the time of the first update, table by table in the order follows, posts,
// comments, likes, each as its file has it; records carry that time until live ones begin.
// One thread.
class LdbcReplay {
 public:
  struct Options {
    // Live changes, at most; the second follow of a friendship counts.
    uint64_t changes_max = std::numeric_limits<uint64_t>::max();
  };

  // NotFound names the file that is not there, InvalidArgument the file and line that is wrong.
  static absl::StatusOr<std::unique_ptr<LdbcReplay>> Open(const std::string& folder,
                                                          const Options& options);

  // Fills `out` with the next record; false at the end. After an error the replay is over.
  absl::StatusOr<bool> Next(ChangeRecord* out);

 private:
  enum class Phase { kFollows, kPosts, kComments, kLikes, kLive };

  LdbcReplay(const Options& options, CsvReader follows, CsvReader posts, CsvReader comments,
             CsvReader likes, CsvReader updates);

  // Reads what must be known before the first record: the time of the snapshot, every root.
  absl::Status Begin(CsvReader comments);
  absl::Status LearnRoots(CsvReader comments);
  // False if the phase has no more rows.
  absl::StatusOr<bool> NextSnapshot(ChangeRecord* out);
  absl::Status SnapshotFollow(ChangeRecord* out);
  absl::Status SnapshotPost(ChangeRecord* out);
  absl::Status SnapshotComment(ChangeRecord* out);
  absl::Status SnapshotLike(ChangeRecord* out);
  absl::StatusOr<bool> NextUpdate(ChangeRecord* out);
  // The change of the current update; false if its kind has no table.
  absl::StatusOr<bool> Update(ChangeRecord* out);
  absl::Status LivePost(ChangeRecord* out);
  absl::Status LiveComment(ChangeRecord* out);

  SnapshotPlace Place(const CsvReader& file) const;

  const Options options_;
  CsvReader follows_;
  CsvReader posts_;
  CsvReader comments_;
  CsvReader likes_;
  CsvReader updates_;
  ChangeWriter writer_;
  Phase phase_ = Phase::kFollows;
  uint64_t changes_ = 0;
  bool has_update_ = false;             // updates_ stands at a line that was not handed out
  std::optional<FollowRow> other_way_;  // the second follow of a pair, to be handed out next
  absl::flat_hash_map<int64_t, int64_t> post_of_comment_;
};

}  // namespace millrace::gen
