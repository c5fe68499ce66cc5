// Facts as the records that tell of them: changes of tables, announcements, events of clients.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generator/change_record.h"
#include "generator/change_writer.h"
#include "generator/facts.h"
#include "generator/random.h"

namespace millrace::gen {

inline constexpr std::string_view kEventsTopic = "events";
inline constexpr std::string_view kReadsTopic = "feed.read.v1";
inline constexpr std::string_view kErasedTopic = "user.erased.v1";

// Every topic that a FactWriter writes to.
inline constexpr std::string_view kGeneratedTopics[] = {kFollowsTopic, kPostsTopic,  kCommentsTopic,
                                                        kLikesTopic,   kOutboxTopic, kEventsTopic,
                                                        kReadsTopic,   kErasedTopic};

// Keeps the position in the database's log. One thread.
class FactWriter {
 public:
  struct Options {
    uint64_t seed = 1;
    bool announces = false;  // new and edited posts and new follows go into the outbox, too
  };
  explicit FactWriter(const Options& options) : options_(options) {}

  // Makes `out` the records of the fact, in their order; reuses their memory.
  void Write(const Fact& fact, std::vector<ChangeRecord>* out);

  // A row of the snapshot as the creation that it once was: a change that the snapshot holds
  // already, and that a connector reads all the same.
  void WriteStale(const Fact& fact, ChangeRecord* out);

 private:
  // The next record of `out`.
  ChangeRecord* Add(std::vector<ChangeRecord>* out);
  void WriteFollow(const Fact& fact, std::vector<ChangeRecord>* out);
  void WritePost(const Fact& fact, std::vector<ChangeRecord>* out);
  void WriteLike(const Fact& fact, std::vector<ChangeRecord>* out);
  void WriteComment(const Fact& fact, std::vector<ChangeRecord>* out);
  void WriteEvent(const Fact& fact, ChangeRecord* out);
  void WriteRead(const Fact& fact, ChangeRecord* out);
  void WriteErasure(const Fact& fact, ChangeRecord* out);
  void AnnouncePost(const Fact& fact, std::vector<ChangeRecord>* out);
  void AnnounceFollow(const Fact& fact, std::vector<ChangeRecord>* out);
  void Announce(const OutboxRow& row, std::vector<ChangeRecord>* out);
  template <class Row>
  void Insert(const Fact& fact, const Row& row, std::vector<ChangeRecord>* out);
  template <class Row>
  void Delete(const Row& row, std::vector<ChangeRecord>* out);
  void Begin(const Fact& fact, std::string_view topic, ChangeRecord* out) const;

  PostRow PostOf(const Fact& fact);
  CommentRow CommentOf(const Fact& fact);
  RowUuid Uuid(uint64_t stream, uint64_t number) const;
  void MakeBody(Draws& draws, int64_t number);

  const Options options_;
  ChangeWriter changes_;
  size_t used_ = 0;  // records of the fact so far
  uint64_t announced_ = 0;
  std::string body_;
  std::string payload_;
};

}  // namespace millrace::gen
