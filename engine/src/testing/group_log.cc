#include "testing/group_log.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/task_placement.h"

namespace millrace {
namespace {

// What all members of one group share.
class Group {
 public:
  using Event = TaskGroupEvent;

  void Join(const std::string& member, int32_t tasks) {
    const std::lock_guard lock(mutex_);
    tasks_ = tasks;
    members_[member] = {};
    Rebalance();
  }
  void Remove(const std::string& member) {
    const std::lock_guard lock(mutex_);
    if (members_.erase(member) > 0) Rebalance();
  }

  Event Poll(const std::string& member, Duration timeout) {
    std::unique_lock lock(mutex_);
    Event event;
    changed_.wait_for(lock, timeout, [&] {
      const auto it = members_.find(member);
      if (it == members_.end()) {
        event = {Event::Kind::kLost, {}, "the group heard nothing of this member"};
      } else if (it->second.must_give_up) {
        event = {Event::Kind::kRevoked, it->second.told, "members come or go"};
      } else if (it->second.must_take) {
        event = {Event::Kind::kAssigned, it->second.tasks, GenerationName()};
      }
      return event.kind != Event::Kind::kNone;
    });
    return event;
  }

  void Acknowledge(const std::string& member, const Event& event) {
    const std::lock_guard lock(mutex_);
    if (event.kind == Event::Kind::kLost) {
      members_[member] = {};
      return Rebalance();
    }
    const auto it = members_.find(member);
    if (it == members_.end()) return;
    if (event.kind == Event::Kind::kAssigned) {
      it->second.told = event.tasks;
      it->second.must_take = false;
      return;
    }
    it->second.told.clear();
    it->second.must_give_up = false;
    GoOnIfAllGaveUp();
  }

  // Calls `commit` if the member belongs to the generation; the group stands still meanwhile, as a
  // successor has to wait for offsets that are on their way.
  bool CommitAs(const std::string& identity, const std::function<void()>& commit) const {
    const std::lock_guard lock(mutex_);
    const size_t slash = identity.find('/');
    const bool accepted = identity.substr(0, slash) == GenerationName() &&
                          members_.contains(identity.substr(slash + 1));
    if (accepted) commit();
    return accepted;
  }
  std::vector<TaskGroupMember> Members(const std::string& self) const {
    const std::lock_guard lock(mutex_);
    std::vector<TaskGroupMember> members;
    for (const auto& [name, member] : members_) {
      members.push_back({name, "here", member.tasks, name == self});
    }
    return members;
  }
  int generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
  }

 private:
  struct Member {
    std::vector<int32_t> tasks;  // in this generation
    std::vector<int32_t> told;   // as the member knows it
    bool must_give_up = false;
    bool must_take = false;
  };
  std::string GenerationName() const { return "generation " + std::to_string(generation_); }
  void Rebalance() {
    for (auto& [name, member] : members_) {
      member.must_take = false;
      member.must_give_up = true;
    }
    changed_.notify_all();
  }
  void GoOnIfAllGaveUp() {
    for (const auto& [name, member] : members_) {
      if (member.must_give_up) return;
    }
    ++generation_;
    for (auto& [name, member] : members_) {
      member.tasks.clear();
      member.must_take = true;
    }
    const int count = static_cast<int>(members_.size());
    for (int32_t task = 0; task < tasks_; ++task) {
      std::next(members_.begin(), RangeOwner(task, tasks_, count))->second.tasks.push_back(task);
    }
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Member> members_;
  int32_t tasks_ = 0;
  int generation_ = 0;
};

class Membership : public TaskGroup {
 public:
  Membership(Group* group, const TaskGroupOptions& options)
      : group_(group), name_(options.instance_id) {
    group_->Join(name_, options.tasks);
  }
  ~Membership() override { group_->Remove(name_); }

  absl::StatusOr<TaskGroupEvent> Poll(Duration timeout) override {
    return event_ = group_->Poll(name_, timeout);
  }
  absl::Status Acknowledge() override {
    group_->Acknowledge(name_, event_);
    const std::lock_guard lock(mutex_);
    if (event_.kind == TaskGroupEvent::Kind::kAssigned) identity_ = event_.reason + "/" + name_;
    if (event_.kind == TaskGroupEvent::Kind::kLost) identity_.clear();
    return absl::OkStatus();
  }
  absl::Status Leave() override {
    group_->Remove(name_);
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Identity() const override {
    const std::lock_guard lock(mutex_);
    if (identity_.empty()) return absl::UnavailableError("not a member of the group");
    return identity_;  // out of date where the group has thrown it out without a word
  }
  absl::StatusOr<std::vector<TaskGroupMember>> Members() override { return group_->Members(name_); }

 private:
  Group* const group_;
  const std::string name_;
  TaskGroupEvent event_;
  mutable std::mutex mutex_;
  std::string identity_;
};

class GroupLogImpl;

class GroupProducer : public ForwardingProducer {
 public:
  GroupProducer(std::unique_ptr<LogProducer> producer, GroupLogImpl* log)
      : ForwardingProducer(std::move(producer)), log_(log) {}
  absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override;

 private:
  GroupLogImpl* const log_;
};

class GroupLogImpl : public GroupLog {
 public:
  using GroupLog::GroupLog;

  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    absl::StatusOr<std::unique_ptr<LogProducer>> producer = inner()->NewProducer(options);
    if (!producer.ok()) return producer;
    return std::make_unique<GroupProducer>(*std::move(producer), this);
  }

  bool HasTaskGroups() const override { return true; }
  absl::StatusOr<std::unique_ptr<TaskGroup>> JoinTaskGroup(
      const TaskGroupOptions& options) override {
    return std::make_unique<Membership>(FindGroup(options.group), options);
  }

  void Expel(const std::string& group, const std::string& instance_id) override {
    FindGroup(group)->Remove(instance_id);
  }
  int generation(const std::string& group) const override { return FindGroup(group)->generation(); }
  int refused_commits() const override {
    const std::lock_guard lock(mutex_);
    return refused_;
  }
  bool CommitAs(const CommitRequest& request, const std::function<void()>& commit) {
    if (FindGroup(request.group)->CommitAs(request.member, commit)) return true;
    const std::lock_guard lock(mutex_);
    ++refused_;
    return false;
  }

 private:
  Group* FindGroup(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Group>& group = groups_[name];
    if (group == nullptr) group = std::make_unique<Group>();
    return group.get();
  }

  mutable std::mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<Group>> groups_;
  int refused_ = 0;
};

absl::StatusOr<std::vector<ProducedRange>> GroupProducer::Commit(const CommitRequest& request) {
  if (request.member.empty()) return inner()->Commit(request);
  absl::StatusOr<std::vector<ProducedRange>> ranges;
  if (log_->CommitAs(request, [&] { ranges = inner()->Commit(request); })) return ranges;
  absl::Status aborted = inner()->Abort();
  if (!aborted.ok()) return aborted;
  return absl::UnavailableError("the group has gone on without this member");
}

}  // namespace

std::unique_ptr<GroupLog> NewGroupLog(Log* log) { return std::make_unique<GroupLogImpl>(log); }

}  // namespace millrace
