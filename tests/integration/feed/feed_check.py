#!/usr/bin/env python3
"""A social network through all topologies of the feed, with kill -9 in between: what comes
out equals what an independent program (tests/oracle) says, and every damaged record is a dead
letter of its class.

usage: feed_check.py BIN_DIRECTORY SOURCE_DIRECTORY [--users N] [--events N] [--seed N] …

A network is generated from a seed, which is printed first; the same seed is the same run, but for
the moments at which the workers are killed.
"""

import argparse
import contextlib
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "oracle"))

import judges  # pylint: disable=wrong-import-position
import similar_judge  # pylint: disable=wrong-import-position
from network_run import Run  # pylint: disable=wrong-import-position

NOT_RUN = 77
# A damaged record has two mebibytes.
LARGEST_MESSAGE = 8 << 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("--users", type=int, default=1_000)
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--follows", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=12)
    parser.add_argument("--faults",
                        default="all,malformed=0.4%,flaps=4%,erasures=0.2%,early-likes=2%",
                        help="as of `millrace generate` (default: %(default)s)")
    parser.add_argument("--tiers", type=lambda text: tuple(map(int, text.split(":"))),
                        default=(10_000, 8_000), metavar="ABOVE:BELOW",
                        help="authors are pulled above so many followers, pushed below so many")
    parser.add_argument("--ldbc", action="store_true",
                        help="not a generated network but that of LDBC's files, which are in "
                             "$MILLRACE_LDBC or else in ../shared/data/ldbc-snb")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--kills", type=int, default=2, help="workers that are killed on the way")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--state-cache", default="640MiB", help="as of `millrace run`")
    parser.add_argument("--topology", action="append", help="only these; repeatable")
    parser.add_argument("--one-by-one", action="store_true",
                        help="each topology to its end before the next, not all at a time")
    parser.add_argument("--kafka", action="store_true", help="on a Kafka broker of its own")
    parser.add_argument("--compare-every", type=int, default=1, metavar="N",
                        help="compare the feeds of every Nth user only: a large network has more "
                             "entries than memory holds twice")
    parser.add_argument("--keep", type=pathlib.Path,
                        help="leave everything in this directory; go on with what lies there")
    return parser.parse_args()


@contextlib.contextmanager
def log_of(options, directory):
    """The log's name and what its clients need to be told."""
    if not options.kafka:
        yield f"local:{directory}/log", []
        return
    sys.path.insert(0, str(options.source / "tests/integration/kafka"))
    from with_brokers import running  # pylint: disable=import-outside-toplevel
    properties = directory / "broker.properties"
    properties.write_text(f"message.max.bytes={LARGEST_MESSAGE}\n")
    with running("1", str(properties)) as environment:
        yield (f"kafka://{environment['MILLRACE_KAFKA']}",
               ["--kafka-property", f"message.max.bytes={LARGEST_MESSAGE}"])


def check(options, log, flags, directory):
    run = Run(options, log, flags, directory)
    manifest = run.prepare()
    run.work(options.kills)
    run.close()
    run.ask_readers()
    oracle = judges.Oracle(directory / "ideal", options.tiers, options.compare_every)
    verdict = judges.judge(run.millrace, manifest, oracle, run)
    if "suggestions" in run.topologies:
        began = run.scenes[-1]
        run.let_a_day_pass()
        similar_judge.judge(run.millrace, oracle.world, began, run.scenes[-1], verdict)
    return verdict.complaints


def main():
    options = arguments()
    if options.ldbc:
        options.ldbc = pathlib.Path(os.environ.get(
            "MILLRACE_LDBC", options.source.resolve().parent / "shared/data/ldbc-snb"))
        if not options.ldbc.is_dir():
            print(f"NOT RUN: the LDBC data is not in {options.ldbc}; MILLRACE_LDBC names another place")
            return NOT_RUN
    print(options.ldbc or f"seed {options.seed}: {options.users} users, {options.events} events",
          flush=True)
    with tempfile.TemporaryDirectory(prefix="millrace-feed-") as temporary:
        directory = options.keep or pathlib.Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        with log_of(options, directory) as (log, flags):
            complaints = check(options, log, flags, directory)
    for complaint in complaints:
        print(f"DIFFERS: {complaint}")
    print("differs" if complaints else "equal")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
