#include "bench/demo/change_source.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "generator/ldbc_replay.h"
#include "generator/record_stream.h"
#include "millrace/status.h"

namespace millrace::demo {
namespace {

class SeededSource : public ChangeSource {
 public:
  explicit SeededSource(const gen::SocialNetwork::Options& options)
      : options_(options), stream_(gen::RecordStream::Tables(options)) {}
  absl::StatusOr<bool> Next(gen::ChangeRecord* out) override { return stream_.Next(out); }
  std::string Describe() const override {
    return absl::StrCat("a seeded social network: ", options_.users, " users, ", options_.posts,
                        " posts, then ", options_.changes, " live changes (seed ", options_.seed,
                        ")");
  }

 private:
  const gen::SocialNetwork::Options options_;
  gen::RecordStream stream_;
};

class LdbcSource : public ChangeSource {
 public:
  LdbcSource(std::string directory, std::unique_ptr<gen::LdbcReplay> replay)
      : directory_(std::move(directory)), replay_(std::move(replay)) {}
  absl::StatusOr<bool> Next(gen::ChangeRecord* out) override { return replay_->Next(out); }
  std::string Describe() const override {
    return absl::StrCat("the LDBC social network of ", directory_);
  }

 private:
  const std::string directory_;
  std::unique_ptr<gen::LdbcReplay> replay_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ChangeSource>> OpenSource(const SourceOptions& options) {
  if (!options.ldbc_directory.empty()) {
    MR_ASSIGN_OR_RETURN(auto replay, gen::LdbcReplay::Open(options.ldbc_directory, {}));
    return std::make_unique<LdbcSource>(options.ldbc_directory, std::move(replay));
  }
  gen::SocialNetwork::Options network;
  network.seed = options.seed;
  network.users = options.users;
  // Few old posts: the popular ones alone fan out to thousands of readers each.
  network.posts = options.users / 10;
  network.changes = options.changes;
  return std::make_unique<SeededSource>(network);
}

}  // namespace millrace::demo
