// COMPILES

// Every verb that the wrong programs misuse, used rightly: what they have in common with this
// program is not why they fail.
#include <optional>

#include "likes.h"

struct Counter : millrace::Processor<std::string, Like, std::string, Like> {
  void Process(const millrace::Record<std::string, Like>&, Context&) override {}
};

void Stateless(const Stream<std::string, Like>& likes) {
  likes.Filter([](const Like& like) { return like.post > 0; }).Peek([](const Like&) {});
  likes.Filter([](const std::string& key, const Like& like) { return key == like.reader; });
  likes.MapValues(&Like::post).To(kCounts);
  likes.MapValues([](const Like& like) { return Draft{like.reader}; });
  likes.MapValues([](const Like& like) { return std::optional<int64_t>(like.post); });
  likes.Map([](const Like& like) { return KeyValue<int64_t, Like>{like.post, like}; });
  likes.FlatMap([](const Like& like, Emit<int64_t, Like>& emit) { emit(like.post, like); });
  likes.SelectKey(&Like::post);
  likes.Process<Counter>("counter");
}

void Stateful(const Stream<std::string, Like>& likes) {
  likes.GroupBy("likes-by-post", &Like::post).Count("likes-of-post");
  likes.GroupByKey().Reduce("latest", [](const Like&, const Like& like) { return like; });
  likes.GroupByKey().Aggregate(
      "posts", int64_t{0}, [](const int64_t& sum, const Like& like) { return sum + like.post; });
  likes.GroupByKey()
      .Window(Tumbling{.size = Duration(1000)})
      .Aggregate("posts-per-second", int64_t{0},
                 [](int64_t& sum, const Like& like) { sum += like.post; });
}

void Joins(const Stream<std::string, Like>& likes, const Table<std::string, int64_t>& counts) {
  likes.Join(counts, [](const Like& like, const int64_t& count) { return like.post + count; });
  likes.LeftJoin(counts, [](const Like& like, const int64_t* count) {
    return count == nullptr ? like.post : *count;
  });
}

void StreamJoins(const Stream<std::string, Like>& likes,
                 const Stream<std::string, int64_t>& views) {
  likes.Join("likes-with-views", views, {.before = Duration(1), .after = Duration(1)},
             [](const Like& like, const int64_t& view) { return like.post + view; });
  likes.OuterJoin(
      "likes-or-views", views, {.before = Duration(1), .after = Duration(1)},
      [](const Like* like, const int64_t* view) { return like == nullptr ? *view : like->post; });
}

struct Posts : millrace::ValueTransformer<std::string, Like, int64_t> {
  std::optional<int64_t> Transform(const std::string&, const Like* like, Context&) override {
    return like == nullptr ? std::nullopt : std::optional(like->post);
  }
};

void Tables(const Table<std::string, Like>& likes, const Table<std::string, int64_t>& counts) {
  likes.Join(counts, [](const Like& like, const int64_t& count) { return like.post + count; });
  likes.LeftJoin("posts", counts, [](const Like& like, const int64_t*) { return like.post; });
  likes.OuterJoin(counts, [](const Like* like, const int64_t*) { return like != nullptr; });
  likes
      .GroupBy("by-post",
               [](const Like& like) {
                 return KeyValue<int64_t, Like>{like.post, like};
               })
      .Reduce(
          "latest", [](const Like&, const Like& like) { return like; },
          [](const Like& latest, const Like&) { return latest; });
  likes.TransformValues<Posts>("transformed");
  likes.Join("same", "kept", counts, &Like::reader,
             [](const Like&, const int64_t& count) { return count; });
}

void Bounded(const Stream<std::string, Like>& likes,
             const millrace::GroupedTable<std::string, Like>& grouped) {
  likes.Deduplicate("seen", Duration(1), &Like::post);
  grouped.Top("best", 3, &Like::post);
}
