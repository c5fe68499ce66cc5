#!/usr/bin/env python3
"""The feeds or the hot board that a stream of change records must end with.

usage: changes_oracle.py feeds FILE            lines of `user post`, sorted by both as numbers
       changes_oracle.py board FILE            lines of `time rank post score likes comments`
       changes_oracle.py boards FILE SINCE_MS  the same for every board since a time

FILE (or -, standard input) holds JSON lines as `millrace generate` writes them: Debezium's envelopes of
the tables posts, follows, likes and comments. The rules are in social_rules.py.
"""

import datetime
import json
import sys

import social_rules
from social_rules import Event

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def millis(text):
    delta = datetime.datetime.fromisoformat(text) - EPOCH
    return delta // datetime.timedelta(milliseconds=1)


def row_of(table, row, time):
    return {
        "posts": lambda: (row["author_id"], time),
        "follows": lambda: time,
        "likes": lambda: time,
        "comments": lambda: (row["post_id"], time),
    }[table]()


def event_of(record):
    """The event of a change record, None for a tombstone."""
    if record["value"] is None:
        return None
    table = record["topic"].removeprefix("cdc.")
    key = tuple(json.loads(record["key"]).values())
    key = key[0] if len(key) == 1 else key
    change = json.loads(record["value"])
    row = change["after"]
    if row is None or row.get("deleted"):
        return Event(change["source"]["ts_ms"], table, key, None)
    time = millis(row["created_at"])
    return Event(time, table, key, row_of(table, row, time))


def read_events(path):
    with sys.stdin if path == "-" else open(path, encoding="utf-8") as file:
        return [event for line in file if (event := event_of(json.loads(line)))]


if __name__ == "__main__":
    if not social_rules.run(sys.argv[1] if sys.argv[1:] else "", sys.argv[2:], read_events):
        sys.exit(__doc__.strip())
