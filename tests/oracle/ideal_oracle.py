#!/usr/bin/env python3
"""What a generated network must end in, from its ideal stream: each fact once, in order.

usage: ideal_oracle.py FILE DIRECTORY [BOARD_MS…]

FILE (or -) is what `millrace generate --ideal` writes; the form of its lines is in
generator/facts.h. DIRECTORY gets, each sorted by its numbers:
  feeds      USER POST AUTHOR
  followers  AUTHOR COUNT                  of everybody who has followers
  metrics    HOUR_MS POST L C S I          of the hours since the first event behind the snapshot
  affinity   USER AUTHOR COUNT
  reads      USER POST AUTHOR READ_MS      of entries of feeds: the first time that it was read
  boards     TIME_MS RANK POST SCORE L C S I     of the times on the command line
  boards-of-day                            the same of the day; none from the command line
The rules are in social_rules.py, reaction_rules.py and reader_rules.py.
"""

import collections
import pathlib
import sys

import reaction_rules
import reader_rules
import social_rules
from reaction_rules import COMMENT, DAY_MS, HOUR_MS, IMPRESSION, LIKE, SHARE
from social_rules import Event


class Tiers:
    """Who is pulled: above so many followers, until they are fewer than `below`."""

    def __init__(self, above, below):
        self.above, self.below = above, below
        self.followers, self.most = collections.Counter(), collections.Counter()
        self.pulled, self.promoted, self.demoted = set(), 0, 0

    def count(self, author, by):
        followers = self.followers[author] = self.followers[author] + by
        self.most[author] = max(self.most[author], followers)
        if followers > self.above and author not in self.pulled:
            self.pulled.add(author)
            self.promoted += 1
        elif followers < self.below and author in self.pulled:
            self.pulled.remove(author)
            self.demoted += 1


class World:
    """The tables of the network, and who reacted to what in it."""

    def __init__(self, board_times=(), day_times=(), pull_above=10_000, push_below=8_000,
                 compared=lambda user: True):
        self.compared = compared  # whose feeds are asked for
        self.tables = social_rules.Tables()
        self.tiers = Tiers(pull_above, push_below)
        self.reactions = reaction_rules.Reactions()
        self.deeds = reader_rules.Deeds()
        self.reads = {}
        self.audience = {}
        self.began = None  # live time
        self.now = None
        windows = [(time, HOUR_MS) for time in board_times] + [(time, DAY_MS) for time in day_times]
        self.board_times = collections.deque(sorted(windows))
        self.boards = {HOUR_MS: {}, DAY_MS: {}}

    def read(self, lines):
        for line in lines:
            kind, at, created, *rest = line.split()
            at, created = int(at), int(created)
            self._make_boards(at)
            self.began = self.began or at
            self.now = at
            getattr(self, "_" + kind.replace("-", "_"))(at, created, *rest)
        self._make_boards(float("inf"))

    def _make_boards(self, until):
        while self.board_times and self.board_times[0][0] <= until:
            time, window = self.board_times.popleft()
            self.boards[window][time] = self.tables.board(time, window)

    def _put(self, table, key, value, time):
        """Whether the row is new."""
        is_new = key not in getattr(self.tables, table)
        self.tables.apply(Event(time, table, key, value))
        if is_new and table == "follows":
            self.tiers.count(key[1], 1)
        return is_new

    def _drop(self, table, key, time):
        """The row that is gone now."""
        row = getattr(self.tables, table).get(key)
        self.tables.apply(Event(time, table, key, None))
        if row is not None and table == "follows":
            self.tiers.count(key[1], -1)
        return row

    def _follow(self, at, created, user, author):
        self._put("follows", (int(user), int(author)), created, at)

    def _unfollow(self, at, created, user, author):
        self._drop("follows", (int(user), int(author)), at)

    def _post(self, at, created, post, author, audience):
        self.reactions.author_of[int(post)] = int(author)
        self._edit(at, created, post, author, audience)

    def _edit(self, at, created, post, author, audience):
        self.audience[int(post)] = audience
        if audience == "private":
            self._drop("posts", int(post), at)
        else:
            self._put("posts", int(post), (int(author), created), at)

    def _delete_post(self, at, created, post, author):
        self._drop("posts", int(post), at)

    def _like(self, at, created, post, user):
        post, user = int(post), int(user)
        time = reaction_rules.time_of(at, created)
        if self._put("likes", (post, user), time, at):
            self.reactions.count(LIKE, time, post, user, 1)

    def _reaction(self, at, created, post, user):
        pass

    def _unlike(self, at, created, post, user):
        self._take_like_back(int(post), int(user), at)

    def _take_like_back(self, post, user, at):
        self.reactions.count(LIKE, self._drop("likes", (post, user), at), post, user, -1)

    def _comment(self, at, created, id, post, user):
        post, user = int(post), int(user)
        time = reaction_rules.time_of(at, created)
        self._put("comments", int(id), (post, time, user), at)
        self.reactions.count(COMMENT, time, post, user, 1)

    def _delete_comment(self, at, created, id, post, user):
        self._take_comment_back(int(id), at)

    def _take_comment_back(self, id, at):
        post, time, user = self._drop("comments", id, at)
        self.reactions.count(COMMENT, time, post, user, -1)

    def _share(self, at, created, id, post, user):
        self._event(SHARE, "shares", at, created, int(post), int(user))

    def _impression(self, at, created, id, post, user):
        self._event(IMPRESSION, "impressions", at, created, int(post), int(user))

    def _event(self, kind, table, at, created, post, user):
        time = reaction_rules.time_of(at, created)
        self.reactions.event(kind, at, time, post, user)
        self.tables.count_event(table, post, time)
        self.deeds.event(time, user)

    def _read(self, at, created, post, user):
        post, user = int(post), int(user)
        self.reads.setdefault((user, post), created)
        self.deeds.read(reaction_rules.time_of(at, created), user, post)

    def _erase(self, at, created, user):
        user = int(user)
        tables = self.tables
        for post in [post for post, (author, _) in tables.posts.items() if author == user]:
            self._drop("posts", post, at)
        for follow in [follow for follow in tables.follows if user in follow]:
            self._drop("follows", follow, at)
        for post, liker in [like for like in tables.likes if like[1] == user]:
            self._take_like_back(post, liker, at)
        for id in [id for id, row in tables.comments.items() if row[2] == user]:
            self._take_comment_back(id, at)
        self.reactions.erased.add(user)

    # What it has come to.

    def author_and_time(self, post):
        """Of a post that there ever was; the time is 0 if it is gone."""
        return self.tables.posts.get(post, (self.reactions.author_of.get(post, 0), 0))

    def active(self, time):
        return self.deeds.most_active(time, self.reactions.erased)

    def liked(self, time=None):
        """{user: {author: count}} at the end, or as much later as a time is."""
        liked = collections.defaultdict(dict)
        for (user, author), count in self.reactions.affinities(time or self.now).items():
            liked[user][author] = count
        return liked

    def suggested(self):
        """{user: [(author, count)]} of all who reacted to somebody whom they do not follow."""
        followed = collections.defaultdict(set)
        for user, author in self.tables.follows:
            followed[user].add(author)
        lists = {user: reader_rules.suggested(user, authors, followed[user])
                 for user, authors in self.liked().items()}
        return {user: authors for user, authors in lists.items() if authors}

    def answers(self):
        """The lines of every file."""
        feeds = self.tables.feeds(self.compared)
        author_of = self.reactions.author_of
        yield "feeds", [(*entry, author_of[entry[1]]) for entry in feeds]
        followers = self.tiers.followers.items()
        yield "followers", sorted((author, count) for author, count in followers if count > 0)
        metrics = self.reactions.metrics(self.began // HOUR_MS * HOUR_MS)
        yield "metrics", sorted((*key, *counts) for key, counts in metrics.items())
        affinities = self.reactions.affinities(self.now)
        yield "affinity", sorted((*key, count) for key, count in affinities.items())
        entries = set(feeds)
        yield "reads", sorted((*key, author_of[key[1]], at)
                              for key, at in self.reads.items() if key in entries)
        for name, window in (("boards", HOUR_MS), ("boards-of-day", DAY_MS)):
            yield name, [
                (time, entry.rank, entry.post, social_rules.score_text(entry.score), *entry[3:])
                for time, board in sorted(self.boards[window].items()) for entry in board
            ]


def main(path, directory, *board_times):
    world = World(map(int, board_times))
    with sys.stdin if path == "-" else open(path, encoding="ascii") as lines:
        world.read(lines)
    for name, rows in world.answers():
        with open(pathlib.Path(directory) / name, "w", encoding="ascii") as file:
            file.writelines(" ".join(map(str, row)) + "\n" for row in rows)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    main(*sys.argv[1:])
