// What RapidCheck generates: few keys, so that they meet; nulls, ties and disorder, now and then a
// negative time or a huge one.
#pragma once

#include <rapidcheck.h>

#include <algorithm>

#include "property/harness.h"

namespace millrace::property {

inline rc::Gen<int64_t> AnyTime() {
  return rc::gen::weightedOneOf<int64_t>(
      {{40, rc::gen::inRange<int64_t>(0, 2000)},
       {40, rc::gen::map(rc::gen::inRange<int64_t>(0, 21), [](int64_t n) { return n * 100; })},
       {2, rc::gen::inRange<int64_t>(-5, 0)},
       {2, rc::gen::inRange<int64_t>(90'000, 100'000)},
       {1, rc::gen::just<int64_t>(4'000'000'000'000)}});
}

inline rc::Gen<Event> AnyEvent() {
  return rc::gen::build<Event>(
      rc::gen::set(&Event::right),
      rc::gen::set(&Event::key,
                   rc::gen::weightedOneOf<std::optional<int>>(
                       {{1, rc::gen::just<std::optional<int>>(std::nullopt)},
                        {12, rc::gen::map(rc::gen::inRange(0, 4),
                                          [](int n) { return std::optional<int>(n); })}})),
      rc::gen::set(&Event::value,
                   rc::gen::weightedOneOf<std::optional<int>>(
                       {{1, rc::gen::just<std::optional<int>>(std::nullopt)},
                        {6, rc::gen::map(rc::gen::inRange(0, 10),
                                         [](int n) { return std::optional<int>(n); })}})),
      rc::gen::set(&Event::time, AnyTime()));
}

inline rc::Gen<Events> AnyEvents() { return rc::gen::container<Events>(AnyEvent()); }

// No two at the same time, none before an earlier one, none invalid: so nothing is late, and the
// order of events does not depend on how they are read.
inline Events InOrder(Events events) {
  int64_t time = 0;
  std::vector<int64_t> steps;
  for (Event& event : events) {
    time += 1 + std::clamp<int64_t>(event.time, 0, 700) / 3;
    event.time = time;
  }
  return events;
}

}  // namespace millrace::property
