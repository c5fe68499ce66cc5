"""What happens behind the end of a generated network, so that everything is told that waits for time
to go on: the closing scenes.

A scene is one moment, later than all before it. In it a circle of watchers, users whom nobody else
knows, do one of everything, and there are so many of them that every task of every topology has a
record of that moment. So all stream time is the scene's, and what was due before it is done. The
scenes are part of what the oracle reads. Some users of the network look at it, so that they are
active at the end and have pages.
"""

import json

from topics import text_of

FIRST_WATCHER = 10**18  # nobody else's id is so great
WATCHERS_PER_PARTITION = 24
LOOKS_OF_GUEST = 3
MINUTE_MS = 60_000
HOUR_MS, DAY_MS = 60 * MINUTE_MS, 24 * 60 * MINUTE_MS
BETWEEN_MS = 10 * MINUTE_MS
FIRST_LSN = 10**15


def is_watcher(user):
    return user >= FIRST_WATCHER


def times(end_ms):
    """A scene soon behind the end, and two more, for what one brings about may wait for the next; the
    last is at a whole hour, which has a board. All are a second into a minute: its lists are made
    then, and none of the next."""
    first = _whole(end_ms, MINUTE_MS) + BETWEEN_MS
    last = _whole(first + 2 * BETWEEN_MS, HOUR_MS)
    if last % DAY_MS == 0:
        last += HOUR_MS  # what a midnight brings about may wait, too
    return [time + 1_000 for time in (first, last - BETWEEN_MS, last)]


def a_day_later(time):
    """When all lists are older than a day, and when those that waited are made."""
    return [time + DAY_MS + HOUR_MS, time + DAY_MS + HOUR_MS + BETWEEN_MS]


def _whole(time, unit):
    return -(-time // unit) * unit


class Scene:
    def __init__(self, number, at, partitions, guests):
        self.number, self.at = number, at
        self.facts, self.records = [], []
        watchers = range(FIRST_WATCHER, FIRST_WATCHER + WATCHERS_PER_PARTITION * partitions)
        # The follows come with the first scene: a row that is there already is no news.
        for user in watchers if number == 0 else ():
            self._follow(user, self._next(user, watchers))
        for user in watchers:
            self._post(self._post_of(user), user)
        for user in watchers:
            self._react(self._post_of(self._next(user, watchers)), user)
        for user in guests if number < 2 else ():
            for watcher in watchers[:LOOKS_OF_GUEST]:
                self._look(self._post_of(watcher), user)

    @staticmethod
    def _next(user, watchers):
        return watchers[(user - FIRST_WATCHER + 1) % len(watchers)]

    def _post_of(self, user):
        return user + (self.number + 1) * FIRST_WATCHER

    def _follow(self, user, author):
        self._fact("follow", user, author)
        row = {"follower_id": user, "followee_id": author}
        self._change("follows", row, row)

    def _post(self, post, author):
        self._fact("post", post, author, "public")
        self._change("posts", {"id": post}, {
            "id": post, "author_id": author, "body": "the end", "visibility": "public"})

    def _react(self, post, user):
        self._fact("like", post, user)
        key = {"post_id": post, "user_id": user}
        self._change("likes", key, {**key, "reaction": "like"})
        self._look(post, user)
        self._fact("read", post, user)
        self._record("feed.read.v1", str(user),
                     {"user_id": user, "post_id": post, "read_at": text_of(self.at)})

    def _look(self, post, user):
        self._fact("impression", 0, post, user)
        event = f"closing-{user}-{post}"
        self._record("events", event, {
            "event_id": event, "type": "impression", "user_id": user, "post_id": post,
            "at": text_of(self.at)})

    def _fact(self, kind, *fields):
        self.facts.append(" ".join(map(str, (kind, self.at, self.at, *fields))))

    def _change(self, table, key, row):
        lsn = FIRST_LSN + len(self.records)
        self._record(f"cdc.{table}", json.dumps(key), {
            "before": None, "after": {**row, "created_at": text_of(self.at)}, "op": "c",
            "source": {"ts_ms": self.at, "snapshot": "false", "table": table, "lsn": lsn,
                       "sequence": f'["{lsn}","{lsn}"]', "txId": lsn}})

    def _record(self, topic, key, value):
        self.records.append(json.dumps(
            {"topic": topic, "key": key, "value": value, "timestamp": self.at}))
