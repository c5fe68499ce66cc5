#!/usr/bin/env python3
"""The LDBC social network through the real binaries: the final feeds and every hot board equal those
of an independent program (tests/oracle) over the same files.

usage: ldbc_test.py BIN_DIRECTORY SOURCE_DIRECTORY

The data is looked for in $MILLRACE_LDBC, else in ../shared/data/ldbc-snb beside the source
directory. Without it the test says so and counts as not run (exit code 77).
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HOUR_MS = 3_600_000
CHANGE_TOPICS = ["cdc.posts", "cdc.follows", "cdc.likes", "cdc.comments"]


def run(*command, stdin=None):
    done = subprocess.run([str(part) for part in command], stdin=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def consume(millrace, log, topic):
    out = run(millrace, "topic", "consume", topic, "--from", "beginning", "--exit-at-end", "--json",
              "--log", log)
    return [json.loads(line) for line in out.splitlines()]


def document(field):
    """A key or value: JSON as such, or as a string that holds JSON."""
    return json.loads(field) if isinstance(field, str) else field


def final_feeds(records):
    feeds = set()
    for record in records:
        key = document(record["key"])
        entry = (key["user_id"], key["post_id"])
        feeds.discard(entry) if record["value"] is None else feeds.add(entry)
    return feeds


def millis(text):
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (time - epoch) // datetime.timedelta(milliseconds=1)


def boards_of(records, since):
    boards = {}
    for record in records:
        board = document(record["value"])
        at = millis(board["board_time"])
        assert at not in boards, f"the board of {at} came twice"
        boards[at] = [
            (rank, post["post_id"], f"{post['score']:.9f}", post["likes"], post["comments"])
            for rank, post in enumerate(board["posts"], 1)
        ]
    return {at: board for at, board in boards.items() if at >= since}


def oracle_boards(out):
    boards = {}
    for line in out.splitlines():
        at, rank, post, score, likes, comments = line.split()
        boards.setdefault(int(at), []).append(
            (int(rank), int(post), score, int(likes), int(comments)))
    return boards


def compare_feeds(got, want):
    print(f"feeds: {len(got)} entries, {len(want)} expected")
    if got != want:
        sys.exit(f"feeds differ: missing {sorted(want - got)[:5]}, too many {sorted(got - want)[:5]}")
    assert len(want) > 10_000, "the data is not what it should be"


def compare_boards(got, want, least):
    # A minute that stream time jumps over has no board (topologies/hot-posts/README.md), so the
    # boards that were made are compared, and there must be enough of them.
    filled = [at for at, board in got.items() if board]
    print(f"boards: {len(got)}, {len(filled)} of them not empty")
    for at in sorted(got):
        if got[at] != want.get(at, []):
            sys.exit(f"the board of {at} differs:\n  got  {got[at]}\n  want {want.get(at)}")
    assert len(filled) >= least, f"fewer than {least} boards say nothing"


def compare(binaries, source, data, partitions, least_boards):
    print(f"{partitions} partitions")
    millrace = binaries / "millrace"
    with tempfile.TemporaryDirectory(prefix="millrace-ldbc-") as directory:
        log = f"local:{directory}/log"
        changes = pathlib.Path(directory) / "changes.jsonl"
        with open(changes, "w", encoding="utf-8") as file:
            subprocess.run([millrace, "generate", f"--ldbc={data}"], stdout=file, check=True)
        with open(changes, encoding="utf-8") as file:
            snapshot = json.loads(file.readline())["timestamp"]
        # Nobody writes into the last two here, but boards wait for every partition that is read.
        run(millrace, "topic", "create", *CHANGE_TOPICS, "events", "user.erased.v1",
            "--partitions", partitions, "--log", log)
        with open(changes, encoding="utf-8") as file:
            run(millrace, "topic", "produce", "--log", log, stdin=file)
        run(millrace, "run", "--topology", "feed-fan-out", "--topology", "hot-posts",
            "--until-idle", "--log", log)

        oracle = source / "tests/oracle/ldbc_oracle.py"
        want = {tuple(map(int, line.split()))
                for line in run(sys.executable, oracle, "feeds", data).splitlines()}
        compare_feeds(final_feeds(consume(millrace, log, "feed.entries.v1")), want)
        since = snapshot + HOUR_MS
        want = oracle_boards(run(sys.executable, oracle, "boards", data, since))
        got = boards_of(consume(millrace, log, "hot.posts.v1"), since)
        compare_boards(got, want, least_boards)


def main():
    binaries, source = map(pathlib.Path, sys.argv[1:])
    data = pathlib.Path(os.environ.get("MILLRACE_LDBC", source.parent / "shared/data/ldbc-snb"))
    if not data.is_dir():
        print(f"NOT RUN: the LDBC data is not in {data}; MILLRACE_LDBC names another place")
        sys.exit(77)
    compare(binaries, source, data, partitions=1, least_boards=500)
    # Four partitions of a backlog seldom enter a minute together, and may never do so; the boards
    # that there are must be right.
    compare(binaries, source, data, partitions=4, least_boards=0)
    print("equal")


main()
