// What normalisation keeps of a table: its rows, who they speak of, and when they went.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/status/status.h"
#include "connectors/debezium/envelope.h"
#include "millrace/serde.h"
#include "millrace/status.h"
#include "millrace/time.h"
#include "topologies/common/fields.h"
#include "topologies/common/normalise/packed_row.h"

namespace millrace::topologies {

// Orders the changes of one row: its writers take turns, so their places in the write-ahead log
// grow. An incremental snapshot and some transforms say no place; such a change has no version and
// counts in the order of arrival.
struct RowVersion {
  int64_t lsn = -1;
  int64_t transaction = -1;
  bool is_known() const { return lsn >= 0; }
  auto operator<=>(const RowVersion&) const = default;
};

inline RowVersion VersionOf(const debezium::Source& source) {
  if (source.snapshot == debezium::Snapshot::kIncremental || !source.lsn.has_value()) return {};
  return {.lsn = *source.lsn, .transaction = source.transaction.value_or(-1)};
}

// -- Store <table>-rows. Of a row that went its version is left, lest a replay brings it back.
template <class Row>
struct StoredRow {
  RowVersion version;
  bool is_live = false;
  // Its created_at was ahead of its arrival and was set back: later changes do not set it forth.
  bool is_clamped = false;
  // An old deletion was repeated: the tombstone behind it is old as well.
  bool awaits_tombstone = false;
  Timestamp gone_at = kNoTimestamp;
  Row row;  // of a live one
};

// -- Store <table>-of-user: the rows that speak of a user, as a range.
template <class Id>
struct OfUser {
  int64_t user = 0;
  Id id{};
};

// -- Store <table>-gone: rows that went, the oldest first.
template <class Id>
struct GoneRow {
  Timestamp at;
  Id id{};
};

// What an index says of its keys: that they are there.
struct Present {
  bool is_there = true;
};

// -- Store <table>-erased: hash of an erased user -> when.
struct ErasedAt {
  Timestamp at;
};

template <class Row>
struct Fields<StoredRow<Row>> {  // without the row
  using Stored = StoredRow<Row>;
  static constexpr auto kAll = std::tuple(
      Field("is_live", &Stored::is_live), Field("is_clamped", &Stored::is_clamped),
      Field("awaits_tombstone", &Stored::awaits_tombstone), Field("gone_at", &Stored::gone_at));
};
template <>
struct Fields<RowVersion> {
  static constexpr auto kAll =
      std::tuple(Field("lsn", &RowVersion::lsn), Field("transaction", &RowVersion::transaction));
};
template <>
struct Fields<Present> {
  static constexpr auto kAll = std::tuple(Field("is_there", &Present::is_there));
};
template <>
struct Fields<ErasedAt> {
  static constexpr auto kAll = std::tuple(Field("at", &ErasedAt::at));
};

// Splits a fixed prefix from what follows it; false when it is cut off.
inline bool TakePrefix(std::string_view* bytes, size_t size, std::string_view* prefix) {
  if (bytes->size() < size) return false;
  *prefix = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return true;
}

}  // namespace millrace::topologies

namespace millrace {

template <class Row>
struct Serde<topologies::StoredRow<Row>> {
  using Stored = topologies::StoredRow<Row>;
  static constexpr size_t kVersionBytes = 16;
  static constexpr size_t kFieldBytes = 11;

  static void Encode(const Stored& stored, std::string* out) {
    topologies::FieldSerde<topologies::RowVersion>::Encode(stored.version, out);
    topologies::FieldSerde<Stored>::Encode(stored, out);
    if (stored.is_live) topologies::PackedRow<Row>::Encode(stored.row, out);
  }
  static absl::Status Decode(std::string_view bytes, Stored* out) {
    std::string_view version;
    std::string_view fields;
    if (!topologies::TakePrefix(&bytes, kVersionBytes, &version) ||
        !topologies::TakePrefix(&bytes, kFieldBytes, &fields)) {
      return absl::InvalidArgumentError("a stored row is cut off");
    }
    MR_RETURN_IF_ERROR(
        topologies::FieldSerde<topologies::RowVersion>::Decode(version, &out->version));
    MR_RETURN_IF_ERROR(topologies::FieldSerde<Stored>::Decode(fields, out));
    if (out->is_live) return topologies::PackedRow<Row>::Decode(bytes, &out->row);
    out->row = Row();
    return absl::OkStatus();
  }
};

template <class Id>
struct Serde<topologies::OfUser<Id>> {
  static void Encode(const topologies::OfUser<Id>& key, std::string* out) {
    topologies::internal::AppendField(key.user, topologies::Direction::kAscending, out);
    Serde<Id>::Encode(key.id, out);
  }
  static absl::Status Decode(std::string_view bytes, topologies::OfUser<Id>* out) {
    if (!topologies::internal::ParseField(&bytes, topologies::Direction::kAscending, &out->user)) {
      return absl::InvalidArgumentError("a key of an index is cut off");
    }
    return Serde<Id>::Decode(bytes, &out->id);
  }
};

template <class Id>
struct Serde<topologies::GoneRow<Id>> {
  static void Encode(const topologies::GoneRow<Id>& key, std::string* out) {
    topologies::internal::AppendField(key.at, topologies::Direction::kAscending, out);
    Serde<Id>::Encode(key.id, out);
  }
  static absl::Status Decode(std::string_view bytes, topologies::GoneRow<Id>* out) {
    if (!topologies::internal::ParseField(&bytes, topologies::Direction::kAscending, &out->at)) {
      return absl::InvalidArgumentError("a key of a row that went is cut off");
    }
    return Serde<Id>::Decode(bytes, &out->id);
  }
};

template <>
struct Serde<topologies::Present> : topologies::FieldSerde<topologies::Present> {};
template <>
struct Serde<topologies::ErasedAt> : topologies::FieldSerde<topologies::ErasedAt> {};

}  // namespace millrace
