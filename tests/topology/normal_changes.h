// Changes with places in the write-ahead log, for tests of what normalisation makes of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/topology_driver.h"
#include "schemas/topics.h"
#include "tests/topology/social_changes.h"

namespace millrace::topologies {

// A day on which tests happen; times of the log are around it.
constexpr Timestamp kToday = TimestampFromMillis(1'767'225'600'000);
constexpr Timestamp Today(Duration since_midnight) { return kToday + since_midnight; }

inline debezium::Source At(int64_t lsn, Timestamp committed) {
  return {.time = committed, .lsn = lsn, .transaction = lsn / 2};
}

// A change of a row that the connector writes as it should.
template <class Row>
Change<Row> Versioned(Op op, const Row& row, int64_t lsn, Timestamp committed) {
  Change<Row> change{.op = op, .source = At(lsn, committed)};
  if (op == Op::kSnapshot) change.source.snapshot = debezium::Snapshot::kRow;
  (op == Op::kDelete ? change.before : change.after) = row;
  return change;
}

// The counter of that name over all tables and tasks.
inline int64_t CounterOf(TopologyDriver* driver, const std::string& name) {
  double sum = 0;
  for (const MetricSample& sample : driver->metrics()->Snapshot()) {
    if (sample.name == name) sum += sample.value;
  }
  return static_cast<int64_t>(sum);
}

// The header dlq.class of every dead letter of `topic` since the last call.
inline std::vector<std::string> DeadLetterClasses(TopologyDriver* driver,
                                                  const std::string& topic) {
  std::vector<std::string> classes;
  for (const auto& letter : driver->DrainBytes(topic + "-dlq")) {
    const Headers::Entry* entry = letter.headers.Last("dlq.class");
    classes.push_back(entry == nullptr ? "none" : entry->value.value_or("null"));
  }
  return classes;
}

// The table that the changes lead to, checked on the way: a change fits to the row before it.
template <class Id, class Row, class OutKey, class IdOf>
void Fold(const std::vector<OwnedRecord<OutKey, Change<Row>>>& records, IdOf id_of,
          std::map<Id, Row>* table) {
  for (const auto& record : records) {
    const Change<Row>& change = *record.value;
    const Id id = id_of(change.after.has_value() ? *change.after : *change.before);
    const auto row = table->find(id);
    const bool was_there = row != table->end();
    if (change.op == Op::kCreate || change.op == Op::kSnapshot) {
      EXPECT_FALSE(was_there);
      EXPECT_EQ(change.before, std::nullopt);
    } else {
      ASSERT_TRUE(was_there);
      EXPECT_EQ(change.before, row->second);
    }
    if (change.op == Op::kDelete) {
      EXPECT_EQ(change.after, std::nullopt);
      table->erase(id);
    } else {
      EXPECT_NE(change.before, change.after);
      (*table)[id] = *change.after;
    }
  }
}

}  // namespace millrace::topologies
