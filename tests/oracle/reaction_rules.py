"""Who reacted to what: hourly metrics of posts and affinities of users, by definition.

A reaction has the time at which its client says it was made, for ever; more than five minutes ahead
of the commit it has the commit's time instead. An unlike and a deleted comment take back the
reaction at its own time.

Metrics. The row of a clock hour and a post counts the likes, comments, shares and impressions of
the post whose time is in that hour, and which still stand; of the comments of one user five, of
their shares too. A share or an impression that comes more than 26 hours after its time counts in
none: it might have come before.

Affinity. How many likes, comments and shares of the user stand that are on posts of the author,
and of a UTC day that is at most 89 days before the day of the last event. Nobody has an affinity
to themselves. A deleted post takes nothing back. An erased user has none, and nobody to them.
"""

import collections

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
AFFINITY_DAYS = 90
CLOCK_AHEAD_MS = 300_000
COUNTED_OF_USER = 5
EVENTS_KNOWN_MS = 26 * HOUR_MS
UNSURE_MS = HOUR_MS // 10  # so late a record may come
LIKE, COMMENT, SHARE, IMPRESSION = range(4)


def time_of(committed, created):
    return committed if created > committed + CLOCK_AHEAD_MS else created


class Reactions:
    def __init__(self):
        self.hours = collections.defaultdict(lambda: [0, 0, 0, 0])  # (hour, post) -> counts
        self.of_user = collections.Counter()  # (hour, post, kind, user) -> comments or shares
        self.days = collections.Counter()  # (day, user, author) -> likes, comments and shares
        self.author_of = {}  # of every post that there ever was
        self.unsure = set()  # posts with an event that was just about too late
        self.erased = set()

    def event(self, kind, at, time, post, user):
        """A share or an impression."""
        age = at - time
        if age <= EVENTS_KNOWN_MS:
            self._count_in_hour(kind, time, post, user, 1)
        if abs(age - EVENTS_KNOWN_MS) < UNSURE_MS:
            self.unsure.add(post)
        if kind == SHARE:
            self._count_affinity(time, post, user, 1)

    def count(self, kind, time, post, user, by):
        """A like or a comment, or one that is taken back."""
        self._count_in_hour(kind, time, post, user, by)
        self._count_affinity(time, post, user, by)

    def _count_in_hour(self, kind, time, post, user, by):
        hour = time // HOUR_MS * HOUR_MS
        if kind in (COMMENT, SHARE):
            self.of_user[hour, post, kind, user] += by
        else:
            self.hours[hour, post][kind] += by

    def _count_affinity(self, time, post, user, by):
        author = self.author_of[post]
        if author != user:
            self.days[time // DAY_MS, user, author] += by

    def metrics(self, since):
        """{(hour, post): (likes, comments, shares, impressions)} of the hours since a time."""
        hours = {key: list(counts) for key, counts in self.hours.items()}
        for (hour, post, kind, _), count in self.of_user.items():
            row = hours.setdefault((hour, post), [0, 0, 0, 0])
            row[kind] += min(count, COUNTED_OF_USER)
        return {key: tuple(counts) for key, counts in hours.items()
                if key[0] >= since and any(counts)}

    def totals(self):
        """{post: (likes, comments, shares, impressions)} of all hours."""
        posts = collections.defaultdict(lambda: (0, 0, 0, 0))
        for (_, post), counts in self.metrics(since=0).items():
            posts[post] = tuple(map(sum, zip(posts[post], counts)))
        return posts

    def affinities(self, now):
        """{(user, author): count} on the day of `now`."""
        first = now // DAY_MS - AFFINITY_DAYS + 1
        total = collections.Counter()
        for (day, user, author), count in self.days.items():
            if day >= first and user not in self.erased and author not in self.erased:
                total[user, author] += count
        return {key: count for key, count in total.items() if count > 0}
