// SingleFlight: calls for the same key that come while one of them is at work wait for its result
// and share it. Thread-safe.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace millrace::topologies {

template <class Result>
class SingleFlight {
 public:
  struct Outcome {
    Result result;
    bool shared = false;  // of another call
  };

  // `make` must return: those who wait have nothing else.
  template <class Make>
  Outcome Do(const std::string& key, const Make& make) {
    std::unique_lock lock(mutex_);
    const auto [place, is_first] = flights_.try_emplace(key);
    if (is_first) place->second = std::make_shared<Flight>();
    const std::shared_ptr<Flight> flight = place->second;
    if (!is_first) return {.result = Await(*flight, &lock), .shared = true};
    lock.unlock();
    Result result = make();
    lock.lock();
    flight->result = result;
    flights_.erase(key);
    landed_.notify_all();
    return {.result = std::move(result)};
  }

  // Calls that wait for another one at the moment.
  int waiting() const {
    const std::scoped_lock lock(mutex_);
    return waiting_;
  }

 private:
  struct Flight {
    std::optional<Result> result;
  };
  Result Await(const Flight& flight, std::unique_lock<std::mutex>* lock) {
    ++waiting_;
    landed_.wait(*lock, [&flight] { return flight.result.has_value(); });
    --waiting_;
    return *flight.result;
  }

  mutable std::mutex mutex_;
  std::condition_variable landed_;
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_;
  int waiting_ = 0;
};

}  // namespace millrace::topologies
