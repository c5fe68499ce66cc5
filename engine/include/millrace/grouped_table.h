// GroupedTable: the rows of a table on their way into groups. Made by Table::GroupBy.
//
// An aggregation keeps one row per group in the store that it is given. An update of the table
// takes the row before it out of its group and puts the new one in: `subtract` is called before
// `add`, and where the group stays the same both make one update. The timestamp is the highest of
// all updates that went into the group's row; headers are those of the last one.
//
// A group whose last row has left keeps its aggregate (a count of 0), unless `subtract` returns
// std::nullopt. Rows without a group or value, and older versions of rows, are left out.
// `add` and `subtract` have the forms of grouped_stream.h; each of the two has its own:
//   (const A& aggregate, const V& row) -> A         (const K&, const V& row, const A&) -> A
//   (A& aggregate, const V& row) -> void            (const K&, const V& row, A&) -> void
//
// Durable: the repartition topic of the group, the store and its changelog, in the transaction of
// the update.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "millrace/detail/table_lowering.h"
#include "millrace/detail/verb_checks.h"
#include "millrace/table.h"
#include "millrace/top_rows.h"

namespace millrace {

template <class K, class V>
class GroupedTable {
 public:
  // How many rows a group has. -> Table<K, int64_t>
  Table<K, int64_t> Count(std::string store, StoreOptions options = {}) const {
    return Add<int64_t>(std::move(store), options, detail::CountRowsAggregation());
  }

  // Folds rows into one of the same type; the first is taken as it is.
  template <class Adder, class Subtractor>
  Table<K, V> Reduce(std::string store, Adder add, Subtractor subtract,
                     StoreOptions options = {}) const {
    if constexpr (Check<V, Adder, Subtractor>()) {
      detail::TableAggregation fold;
      fold.add = detail::ReduceAggregation<V, K>(std::move(add));
      fold.subtract = detail::FoldWithoutInitial<K, V, V>(std::move(subtract)).apply;
      return Add<V>(std::move(store), options, std::move(fold));
    } else {
      return Table<K, V>(detail::TableHandle());
    }
  }

  // Folds rows into an A that starts as `initial`: a value or a function without parameters.
  // -> Table<K, A>
  template <class Init, class Adder, class Subtractor>
  auto Aggregate(std::string store, Init initial, Adder add, Subtractor subtract,
                 StoreOptions options = {}) const {
    using A = typename detail::InitialOf<Init>::Value;
    if constexpr (Check<A, Adder, Subtractor>() && CheckStart<A, Init, Adder>()) {
      detail::TableAggregation fold;
      fold.add = detail::FoldAggregation<K, V>(std::move(initial), std::move(add));
      fold.subtract = detail::FoldWithoutInitial<K, V, A>(std::move(subtract)).apply;
      return Add<A>(std::move(store), options, std::move(fold));
    } else {
      return Table<K, A>(detail::TableHandle());
    }
  }

  // The `n` best rows of each group, best first (docs/top.md). `better` tells of two rows whether
  // the first is better, (const V&, const V&) -> bool, or ranks one row by something that has a <,
  // highest first: &V::member or (const V&) -> R. Of rows that are equally good the one with the
  // lower bytes comes first. Comes out when it has changed; a group without rows is deleted. All
  // rows of all groups are kept in "<store>-rows". -> Table<K, TopRows<V>>
  template <class F>
  Table<K, TopRows<V>> Top(std::string store, size_t n, F better, StoreOptions options = {}) const {
    constexpr bool kOk = detail::kComparesRows<F, V> || detail::RanksRows<F, V>();
    static_assert(kOk,
                  "Top: pass a function that is callable while const as (const V&, const V&) and "
                  "returns whether the first row is better, or as (const V&), or &V::member, for "
                  "what rows are ranked by, highest first");
    if constexpr (kOk) {
      detail::TableTop what;
      what.size = n;
      what.better = detail::EraseRowOrder<V>(std::move(better));
      what.top = detail::TopCodecOf<V>();
      return Table<K, TopRows<V>>(detail::AddTableTop(
          group_.get(), detail::CheckedSpec<K, TopRows<V>>(std::move(store), options),
          std::move(what)));
    } else {
      return Table<K, TopRows<V>>(detail::TableHandle());
    }
  }

  // For the verbs themselves.
  explicit GroupedTable(detail::GroupedTableNode group)
      : group_(std::make_shared<detail::GroupedTableNode>(std::move(group))) {}

 private:
  template <class A, class Adder, class Subtractor>
  static consteval bool Check() {
    constexpr bool kOk = detail::kIsFold<Adder, K, V, A> && detail::kIsFold<Subtractor, K, V, A>;
    static_assert(kOk,
                  "Reduce, Aggregate of a grouped table: pass two functions, one that adds a row "
                  "and one that subtracts it, each callable while const as (const A& aggregate, "
                  "const V& row) and returning A or std::optional<A>, or as (A& aggregate, const "
                  "V& row) and returning nothing; (const K&, const V& row, aggregate) has the key");
    if constexpr (kOk) {
      return detail::CheckSerdes<K, A>();
    } else {
      return false;
    }
  }
  template <class A, class Init, class Adder>
  static consteval bool CheckStart() {
    constexpr bool kOk = detail::kStartsFrom<Adder, Init, K, V, A>;
    static_assert(kOk,
                  "Aggregate of a grouped table: the initial value may be null, so the function "
                  "that adds takes the aggregate as const A*");
    return kOk;
  }

  template <class A>
  Table<K, A> Add(std::string store, StoreOptions options, detail::TableAggregation fold) const {
    return Table<K, A>(detail::AddTableAggregate(
        group_.get(), detail::CheckedSpec<K, A>(std::move(store), options), std::move(fold)));
  }

  std::shared_ptr<detail::GroupedTableNode> group_;
};

}  // namespace millrace
