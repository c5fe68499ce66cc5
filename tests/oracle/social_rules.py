"""What the feeds and the hot board must be at the end, by definition and not by streaming.

Everything follows from four tables that are filled and emptied by events. An event has a table, a
key, a value (None: the row is gone) and an event time in milliseconds:
  - a row that is created, updated or in the snapshot: its created_at
  - a row that is deleted (also a comment that is marked deleted): the time of the commit,
    source.ts_ms
Events apply in the order of their event times; those of equal time in the order of their arrival.
A row that exists already is not created again: it keeps its first created_at. So a like counts
once per (post, user) until it is taken back, and a new like after that counts at its own time. An
update changes nothing that the rules read.

Feeds. A post is for a user who follows its author if it was created since the follow, or if it is
one of the hundred newest of those that were created within 72 hours before. Of all that is for the
user, the newest 800 are the feed: those with the greatest created_at, then the greatest id. It does
not matter what came first.

Hot board. Stream time is the greatest event time of posts, likes and comments. Every whole minute
T (a multiple of 60,000 ms) has a board, made of the events before T; an event at T or later is in
the next one. The last board is that of the last whole minute not after stream time.
  - L and C are the likes and comments of a post that exist, with T - 60 min <= created_at < T,
    counted in buckets of one minute: a like that is taken back or a comment that is deleted leaves
    the bucket of its created_at.
  - S and I are the shares and impressions of the same hour that clients reported.
  - A post is a candidate if it exists and L + C + S > 0. A reaction to a post that is not known yet
    waits for it; those to a deleted post do not count.
  - score = 0.40 * log1p((L + 2 C + 3 S) / max(I, 1)) + 0.30 * exp(-0.10 * age in hours), where the
    age is T - the post's created_at.
  - It is rounded to nine decimals, floor(score * 1e9 + 0.5), before it is compared, which hides
    the last bits in which math libraries differ. Order: greater score first, then smaller post id.
    The first 200 are the board.

The board of the day is that of a whole hour, and of the 24 hours before it.

Late events. An event that arrives when stream time has passed it goes into the bucket of its own
time, and counts from the next board on while that bucket is in the window; later it changes the
tables but no board. Boards that were made are not made again. So the last board of a run equals
the one here if whatever arrives after that minute's board was made is not older than the minute.
With several partitions, each reaches T on its own; the board of T is whole when all have.

A snapshot is read table by table, so that everything in it but the first table is late. Boards are
comparable from the first whole minute after it where late rows reach their bucket as above, and
from an hour after it in any case. The last hour of LDBC's update stream has neither likes nor
comments, so its last board is empty: compare all boards since the snapshot instead.
"""

import collections
import math

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
BOARD_SIZE = 200
FEED_SIZE = 800
BACKFILL_HOURS = 72
BACKFILL_POSTS = 100

# Keys and values: posts id -> (author, created_at); follows (follower, followee) -> created_at;
# likes (post, user) -> created_at; comments id -> (post, created_at).
Event = collections.namedtuple("Event", "time table key value")
Entry = collections.namedtuple("Entry", "rank post score likes comments shares impressions")


class Tables:
    def __init__(self):
        self.posts, self.follows, self.likes, self.comments = {}, {}, {}, {}
        self.like_buckets = collections.defaultdict(collections.Counter)  # minute -> post -> L
        self.comment_buckets = collections.defaultdict(collections.Counter)
        self.share_buckets = collections.defaultdict(collections.Counter)
        self.impression_buckets = collections.defaultdict(collections.Counter)

    def apply(self, event):
        rows = getattr(self, event.table)
        if event.value is None and event.key in rows:
            self._count(event.table, event.key, rows.pop(event.key), -1)
        elif event.value is not None and event.key not in rows:
            rows[event.key] = event.value
            self._count(event.table, event.key, event.value, 1)

    def _count(self, table, key, value, by):
        if table == "likes":
            self.like_buckets[value // MINUTE_MS][key[0]] += by
        elif table == "comments":
            self.comment_buckets[value[1] // MINUTE_MS][value[0]] += by

    def count_event(self, kind, post, time):
        """A share or an impression: it happened, and no row of a table can take it back."""
        buckets = self.share_buckets if kind == "shares" else self.impression_buckets
        buckets[time // MINUTE_MS][post] += 1

    def feeds(self, wanted=lambda user: True, without=()):
        """All (user, post) of the users who are wanted, sorted; as if some authors wrote nothing."""
        posts_of = collections.defaultdict(list)
        for post, (author, created_at) in self.posts.items():
            if author in without:
                continue
            posts_of[author].append((created_at, post))
        for posts in posts_of.values():
            posts.sort(reverse=True)
        posts_for = collections.defaultdict(list)
        for (user, author), followed_at in self.follows.items():
            if not wanted(user):
                continue
            posts_for[user].extend(self._eligible(posts_of.get(author, ()), followed_at))
        return sorted(
            (user, post)
            for user, posts in posts_for.items()
            for _, post in sorted(posts, reverse=True)[:FEED_SIZE]
        )

    @staticmethod
    def _eligible(posts, followed_at):
        """Those of an author's posts, newest first, that a follow gives."""
        since = [post for post in posts if post[0] >= followed_at]
        before = [post for post in posts
                  if followed_at - BACKFILL_HOURS * HOUR_MS <= post[0] < followed_at]
        return since + before[:BACKFILL_POSTS]

    def board(self, at, window=HOUR_MS):
        """The board of the whole minute `at`, best first. Applied is all before it, and no more."""
        likes, comments, shares, _ = counts = [
            self._count_of(buckets, at, window) for buckets in
            (self.like_buckets, self.comment_buckets, self.share_buckets, self.impression_buckets)]
        scored = [
            (-nano_score(*(count[post] for count in counts), at - self.posts[post][1]), post)
            for post in likes.keys() | comments.keys() | shares.keys()
            if post in self.posts and likes[post] + comments[post] + shares[post] > 0
        ]
        return [
            Entry(rank, post, -nanos, *(count[post] for count in counts))
            for rank, (nanos, post) in enumerate(sorted(scored)[:BOARD_SIZE], 1)
        ]

    @staticmethod
    def _count_of(buckets, at, window):
        total = collections.Counter()
        for minute in range((at - window) // MINUTE_MS, at // MINUTE_MS):
            if minute in buckets:
                total.update(buckets[minute])
        return total


def nano_score(likes, comments, shares, impressions, age_ms):
    engagement = math.log1p((likes + 2 * comments + 3 * shares) / max(impressions, 1))
    freshness = math.exp(-0.10 * (age_ms / HOUR_MS))
    return math.floor((0.40 * engagement + 0.30 * freshness) * 1e9 + 0.5)


def score_text(nanos):
    return f"{nanos // 10**9}.{nanos % 10**9:09}"


def in_order(events):
    return sorted(events, key=lambda event: event.time)  # stable


def feeds(events):
    tables = Tables()
    for event in in_order(events):
        tables.apply(event)
    return tables.feeds()


def boards(events, since):
    """Yields (T, board) of every whole minute T >= since, from the first event to the last."""
    tables = Tables()
    ordered = in_order(event for event in events if event.table != "follows")
    since = max(since, ordered[0].time) if ordered else since
    at = -(-since // MINUTE_MS) * MINUTE_MS
    for event in ordered:
        while at <= event.time:
            yield at, tables.board(at)
            at += MINUTE_MS
        tables.apply(event)


def last_board_time(events):
    times = [event.time for event in events if event.table != "follows"]
    return max(times) // MINUTE_MS * MINUTE_MS if times else 0


def run(mode, arguments, read_events):
    """The commands of both oracles; False if the arguments are not theirs."""
    if mode == "feeds" and len(arguments) == 1:
        for user, post in feeds(read_events(arguments[0])):
            print(user, post)
    elif mode == "board" and len(arguments) == 1:
        events = read_events(arguments[0])
        print_boards(boards(events, last_board_time(events)))
    elif mode == "boards" and len(arguments) == 2:
        print_boards(boards(read_events(arguments[0]), int(arguments[1])))
    else:
        return False
    return True


def print_boards(all_boards):
    """Lines of: board time, rank, post, score, likes, comments. An empty board has none."""
    for at, entries in all_boards:
        for entry in entries:
            print(at, entry.rank, entry.post, score_text(entry.score), entry.likes, entry.comments)
