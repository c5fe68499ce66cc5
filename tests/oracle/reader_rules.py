"""What readers are shown of it all: the order of their feeds, whom they might follow, who is active.

Order. At a time the posts of a feed stand in the order of
  raw = 0.30 * exp(-0.10 * hours since created_at) + 0.40 * E + 0.30 * log1p(interactions)
greater first; of equal ones the younger, then the smaller id. A post from the future is as fresh as
a new one. What is shown of it is the relevance raw / (1 + raw). E = log1p((L + 2 C + 3 S) / max(I, 1))
of the reactions to the post, whenever they were, but of one user and hour five comments and shares.

Suggestions. A user's list begins with the authors to whom the user reacted in 90 days, whom the
user does not follow and is not: most interactions first, then the smaller id; twenty at most.

Pages. What a feed may show at a time, each post once under the first of its sources:
  - followed: the newest 500 of the feed
  - trending: the posts of the day's board
  - affinity: the newest posts by the authors to whom the user reacted, most interactions first, then
    the smaller id; 200, those that have another label already among them
all but `trending` of 72 hours; never the user's own posts, nor such as are still to be made; of the
last two sources only public ones, and of every author the newest fifty. They stand in the order of feeds, or those that are followed first.

Active users. The list of the whole minute T has the hundred users with the most deeds in
T - 60 min <= time < T, of equally many the smaller id. A deed is an event of a client, or a read of
the feed: of the same post once in a minute. An erased user did nothing.
"""

import collections
import math

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
SUGGESTED = 20
ACTIVE = 100
RANKED = 100
# Scores that differ by less may stand in any order: they are rounded before they are compared.
ROUNDING = 2e-9
FRESH_MS = 72 * HOUR_MS
MOST_FOLLOWED = 500
MOST_OF_AFFINITY = 200
KNOWN_OF_AUTHOR = 50

Row = collections.namedtuple("Row", "post created engagement interactions")


def engagement_of(likes, comments, shares, impressions):
    return math.log1p((likes + 2 * comments + 3 * shares) / max(impressions, 1))


def raw_score(row, now):
    hours = max(now - row.created, 0) / HOUR_MS
    return (0.30 * math.exp(-0.10 * hours) + 0.40 * row.engagement
            + 0.30 * math.log1p(row.interactions))


def relevance(row, now):
    raw = raw_score(row, now)
    return raw / (1 + raw)


def may_stand_above(upper, lower, now):
    """Whether that order is right, as far as the rounding of scores leaves it open."""
    if (upper.engagement, upper.interactions) == (lower.engagement, lower.interactions):
        return (-upper.created, upper.post) < (-lower.created, lower.post)
    return raw_score(upper, now) > raw_score(lower, now) - ROUNDING


def by_count(counts):
    """[(user, count)] of {user: count}, the greatest first."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def suggested(user, interactions, followed):
    """[(author, count)] of one who has so many {author: count}."""
    return by_count({author: count for author, count in interactions.items()
                     if author != user and author not in followed})[:SUGGESTED]


class Candidates:
    """{post: source} of what a user's pages may show. `posts` are {post: (author, created_at)},
    posts_of is {author: posts, newest first}, the liked are [(author, count)], most liked first."""

    def __init__(self, user, now, posts, posts_of, is_public):
        self.user, self.now, self.posts, self.is_public = user, now, posts, is_public
        self.posts_of = posts_of
        self.sources = {}

    def add_followed(self, feed):
        fresh = [post for post in feed if self._is_shown(post) and self._is_fresh(post)]
        fresh.sort(key=lambda post: (-self.posts[post][1], post))
        for post in fresh[:MOST_FOLLOWED]:
            self.sources.setdefault(post, "followed")

    def add_trending(self, board):
        for post in board:
            if post in self._known(self.posts.get(post, (0, 0))[0]) and self._is_shown(post) and (
                    self.is_public(post)):
                self.sources.setdefault(post, "trending")

    def add_affinity(self, liked):
        of_liked = [post for author, _ in liked for post in self._known(author)
                    if self._is_shown(post) and self._is_fresh(post) and self.is_public(post)]
        for post in of_liked[:MOST_OF_AFFINITY]:
            self.sources.setdefault(post, "affinity")

    def _known(self, author):
        return self.posts_of.get(author, ())[:KNOWN_OF_AUTHOR]

    def _is_shown(self, post):
        author, created = self.posts[post]
        return author != self.user and created <= self.now

    def _is_fresh(self, post):
        return self.posts[post][1] >= self.now - FRESH_MS


class Deeds:
    def __init__(self):
        self.minutes = collections.defaultdict(collections.Counter)
        self.reads = set()

    def event(self, time, user):
        self.minutes[time // MINUTE_MS][user] += 1

    def read(self, time, user, post):
        read = (time // MINUTE_MS, user, post)
        if read not in self.reads:
            self.reads.add(read)
            self.event(time, user)

    def most_active(self, time, erased):
        """[(user, count)] in the list of that whole minute."""
        total = collections.Counter()
        for minute in range(time // MINUTE_MS - 60, time // MINUTE_MS):
            total.update(self.minutes.get(minute, {}))
        return by_count({user: count for user, count in total.items() if user not in erased})[:ACTIVE]
