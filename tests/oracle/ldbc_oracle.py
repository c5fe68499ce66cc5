#!/usr/bin/env python3
"""The feeds or the hot board that the LDBC social network must end with, from its files alone.

usage: ldbc_oracle.py feeds FOLDER            lines of `user post`, sorted by both as numbers
       ldbc_oracle.py board FOLDER            lines of `time rank post score likes comments`
       ldbc_oracle.py boards FOLDER SINCE_MS  the same for every board since a time
       ldbc_oracle.py ideal FOLDER            what happened, as ideal_oracle.py reads it

The rules are in social_rules.py. Of the files: a friendship is two follows, a comment belongs to
the post at the root of its thread; likes of comments do not count.
"""

import datetime
import pathlib
import sys

import social_rules
from social_rules import Event

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def millis(text):
    delta = datetime.datetime.fromisoformat(text) - EPOCH
    return delta // datetime.timedelta(milliseconds=1)


def rows(folder, name, header=True):
    with open(pathlib.Path(folder) / name, encoding="utf-8", newline="\n") as file:
        if header:
            next(file)
        for line in file:
            yield line.rstrip("\r\n").split("|")


def snapshot_comments(folder):
    """Every comment's (id, parent post or None, parent comment or None, time, author)."""
    for row in rows(folder, "comment_0_0.csv"):
        post, comment = (int(field) if field else None for field in row[8:10])
        yield int(row[0]), post, comment, millis(row[1]), int(row[6])


def read_events(folder):
    events, parents, comments = [], {}, []

    def befriend(time, one, other):
        events.append(Event(time, "follows", (one, other), time))
        events.append(Event(time, "follows", (other, one), time))

    def comment(time, id, post, parent, user):
        parents[id] = (post, parent)
        comments.append((time, id, user))

    def root(id):
        post, parent = parents[id]
        while post is None:
            post, parent = parents[parent]
        return post

    for one, other, time in rows(folder, "person_knows_person_0_0.csv"):
        befriend(millis(time), int(one), int(other))
    for row in rows(folder, "post_0_0.csv"):
        time = millis(row[2])
        events.append(Event(time, "posts", int(row[0]), (int(row[8]), time)))
    for id, post, parent, time, user in snapshot_comments(folder):
        comment(time, id, post, parent, user)
    for user, post, time in rows(folder, "person_likes_post_0_0.csv"):
        events.append(Event(millis(time), "likes", (int(post), int(user)), millis(time)))

    for row in rows(folder, "updateStream_0_0_forum.csv", header=False):
        kind, rest = row[2], row[3:]
        if kind == "2":
            time = int(rest[2])
            events.append(Event(time, "likes", (int(rest[1]), int(rest[0])), time))
        elif kind == "6":
            time = int(rest[2])
            events.append(Event(time, "posts", int(rest[0]), (int(rest[8]), time)))
        elif kind == "7":
            post, parent = (None if field == "-1" else int(field) for field in rest[8:10])
            comment(int(rest[1]), int(rest[0]), post, parent, int(rest[6]))
        elif kind == "8":
            befriend(int(rest[2]), int(rest[0]), int(rest[1]))

    events.extend(
        Event(time, "comments", id, (root(id), time, user)) for time, id, user in comments)
    return events


def snapshot_time(folder):
    """That of the first update."""
    return min(int(row[0]) for row in rows(folder, "updateStream_0_0_forum.csv", header=False))


def ideal_stream(folder):
    """Its lines; what is in the snapshot has the time of the snapshot, and comes table by table."""
    tables = ("follows", "posts", "comments", "likes")
    snapshot = snapshot_time(folder)
    facts = [(max(event.time, snapshot), tables.index(event.table), event)
             for event in read_events(folder)]
    for at, table, event in sorted(facts, key=lambda fact: fact[:2]):
        fields = {
            "follows": lambda row: ("follow", at, row.time, *row.key),
            "posts": lambda row: ("post", at, row.time, row.key, row.value[0], "public"),
            "comments": lambda row: ("comment", at, row.time, row.key, row.value[0], row.value[2]),
            "likes": lambda row: ("like", at, row.time, *row.key),
        }[tables[table]](event)
        yield " ".join(map(str, fields))


if __name__ == "__main__":
    if sys.argv[1:2] == ["ideal"] and len(sys.argv) == 3:
        for fact in ideal_stream(sys.argv[2]):
            print(fact)
    elif not social_rules.run(sys.argv[1] if sys.argv[1:] else "", sys.argv[2:], read_events):
        sys.exit(__doc__.strip())
