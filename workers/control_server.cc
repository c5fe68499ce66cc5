#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json/parse.hpp>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <list>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "control_frames.h"
#include "control_socket.h"
#include "millrace/status.h"

namespace millrace::worker {
namespace {

constexpr size_t kMaxQueuedInput = 8 << 20;
// For clients to take the last words of their commands when the server ends.
constexpr std::chrono::seconds kPatience(1);

// One client: a thread reads its frames, another one runs the command.
class RemoteIo : public CommandIo {
 public:
  explicit RemoteIo(int socket) : socket_(socket) {}
  ~RemoteIo() override { ::close(socket_); }

  bool ReadLine(std::string* line) override {
    std::unique_lock lock(mutex_);
    size_t end;
    while ((end = input_.find('\n', searched_)) == std::string::npos) {
      searched_ = input_.size();
      if (input_ended_ || Cancelled()) break;
      changed_.wait(lock);
    }
    if (Cancelled() || (end == std::string::npos && consumed_ == input_.size())) return false;
    const size_t stop = std::min(end, input_.size());
    line->assign(input_, consumed_, stop - consumed_);
    consumed_ = std::min(stop + 1, input_.size());
    searched_ = consumed_;
    Compact();
    changed_.notify_all();
    return true;
  }

  bool InputReady() override {
    std::lock_guard lock(mutex_);
    return input_ended_ || Cancelled() || input_.find('\n', searched_) != std::string::npos;
  }

  bool Write(std::string_view text) override { return Send(Channel::kOutput, text); }
  void WriteError(std::string_view text) override { Send(Channel::kError, text); }
  bool Cancelled() const override { return stopping_ || gone_; }
  bool HolderStops() const override { return stopping_; }
  bool OutputIsTerminal() const override { return terminal_; }

  void SendExit(int code) { Send(Channel::kExit, absl::StrCat(code)); }
  void SetTerminal(bool terminal) { terminal_ = terminal; }

  // Asks the command to end; what it still has to say reaches the client.
  void Stop() { Raise(&stopping_); }

  // Ends the reading thread's blocking read too, and a write that the client does not take.
  void Disconnect() {
    Raise(&gone_);
    ::shutdown(socket_, SHUT_RDWR);
  }

  // Runs until the client is gone.
  void ReadFrames() {
    Frame frame;
    while (ReadFrame(socket_, &frame).ok()) {
      std::unique_lock lock(mutex_);
      if (frame.channel == Channel::kInputEnd) input_ended_ = true;
      if (frame.channel == Channel::kInput) {
        changed_.wait(lock, [&] { return input_.size() < kMaxQueuedInput || Cancelled(); });
        input_.append(frame.payload);
      }
      changed_.notify_all();
    }
    Raise(&gone_);
  }

 private:
  void Raise(std::atomic<bool>* flag) {
    std::lock_guard lock(mutex_);
    *flag = true;
    changed_.notify_all();
  }

  bool Send(Channel channel, std::string_view text) {
    std::lock_guard lock(write_mutex_);
    return !gone_ && WriteFrame(socket_, channel, text).ok();
  }

  void Compact() {
    constexpr size_t kWorthIt = 1 << 20;
    if (consumed_ < kWorthIt && consumed_ != input_.size()) return;
    input_.erase(0, consumed_);
    searched_ = consumed_ = 0;
  }

  const int socket_;
  std::mutex write_mutex_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string input_;
  size_t consumed_ = 0;
  size_t searched_ = 0;
  bool input_ended_ = false;
  bool terminal_ = false;
  std::atomic<bool> stopping_{false};  // the holder ends
  std::atomic<bool> gone_{false};      // the client has
};

// {"arguments": [...], "terminal": bool}
absl::Status ParseArguments(const std::string& payload, std::vector<std::string>* arguments,
                            bool* terminal) {
  boost::system::error_code error;
  const boost::json::value document = boost::json::parse(payload, error);
  const boost::json::object* object = error ? nullptr : document.if_object();
  const boost::json::value* list = object == nullptr ? nullptr : object->if_contains("arguments");
  if (list == nullptr || !list->is_array()) return absl::InvalidArgumentError("no arguments");
  for (const boost::json::value& argument : list->get_array()) {
    if (!argument.is_string()) return absl::InvalidArgumentError("an argument is no string");
    arguments->emplace_back(std::string_view(argument.get_string()));
  }
  const boost::json::value* flag = object->if_contains("terminal");
  *terminal = flag != nullptr && flag->is_bool() && flag->get_bool();
  return absl::OkStatus();
}

class SocketServer : public ControlServer {
 public:
  explicit SocketServer(RemoteHandler handler) : handler_(std::move(handler)) {}

  ~SocketServer() override {
    stopping_ = true;
    if (listener_ >= 0) ::shutdown(listener_, SHUT_RDWR);
    if (acceptor_.joinable()) acceptor_.join();
    if (listener_ >= 0) ::close(listener_);
    if (path_ != nullptr) ::unlink(path_->path().c_str());
    for (Client& client : clients_) client.io->Stop();
    {
      std::unique_lock lock(mutex_);
      const auto all = [this] {
        return std::all_of(clients_.begin(), clients_.end(),
                           [](const Client& client) { return client.finished; });
      };
      finished_.wait_for(lock, kPatience, all);
    }
    for (Client& client : clients_) client.io->Disconnect();
    for (Client& client : clients_) client.thread.join();
  }

  absl::Status Listen(const std::string& directory) {
    path_ = std::make_unique<SocketPath>(directory);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_->path().c_str(), sizeof(address.sun_path) - 1);
    ::unlink(address.sun_path);  // left by a killed holder; we hold the log's lock
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const mode_t mask = ::umask(0177);
    const bool bound =
        listener_ >= 0 &&
        ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
        ::listen(listener_, 16) == 0;
    const int error = errno;
    ::umask(mask);
    if (!bound) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", directory, "/", kSocketName,
                                                 ": ", std::strerror(error)));
    }
    acceptor_ = std::thread([this] { Accept(); });
    return absl::OkStatus();
  }

 private:
  struct Client {
    std::unique_ptr<RemoteIo> io;
    std::thread thread;
    bool finished = false;
  };

  void Accept() {
    while (!stopping_) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) {
        if (errno == EINTR || errno == ECONNABORTED) continue;
        return;
      }
      std::lock_guard lock(mutex_);
      JoinFinished();
      Client& client = clients_.emplace_back();
      client.io = std::make_unique<RemoteIo>(socket);
      client.thread = std::thread([this, socket, &client] {
        Serve(socket, client.io.get());
        std::lock_guard finish(mutex_);
        client.finished = true;
        finished_.notify_all();
      });
    }
  }

  void JoinFinished() {
    for (auto it = clients_.begin(); it != clients_.end();) {
      if (it->finished) {
        it->thread.join();
        it = clients_.erase(it);
      } else {
        ++it;
      }
    }
  }

  void Serve(int socket, RemoteIo* io) {
    Frame frame;
    std::vector<std::string> arguments;
    bool terminal = false;
    if (!ReadFrame(socket, &frame).ok() || frame.channel != Channel::kArguments) return;
    if (!ParseArguments(frame.payload, &arguments, &terminal).ok()) return;
    io->SetTerminal(terminal);
    std::thread reader([io] { io->ReadFrames(); });
    io->SendExit(handler_(arguments, *io));
    io->Disconnect();
    reader.join();
  }

  RemoteHandler handler_;
  std::unique_ptr<SocketPath> path_;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::thread acceptor_;
  std::mutex mutex_;
  std::condition_variable finished_;
  std::list<Client> clients_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Start(const std::string& directory,
                                                                    RemoteHandler handler) {
  auto server = std::make_unique<SocketServer>(std::move(handler));
  MR_RETURN_IF_ERROR(server->Listen(directory));
  return server;
}

}  // namespace millrace::worker
