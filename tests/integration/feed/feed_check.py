#!/usr/bin/env python3
"""A generated social network through all topologies of the feed, with kill -9 in between: what comes
out equals what an independent program (tests/oracle) says, and every damaged record is a dead
letter of its class.

usage: feed_check.py BIN_DIRECTORY SOURCE_DIRECTORY [--users N] [--events N] [--seed N] …

Everything is drawn from the seed, which is printed first; the same seed is the same run, but for
the moments at which the workers are killed.
"""

import argparse
import contextlib
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "oracle"))

import closing  # pylint: disable=wrong-import-position
import judges  # pylint: disable=wrong-import-position
from topics import Millrace  # pylint: disable=wrong-import-position

TOPOLOGIES = ["cdc-normalise", "outbox-router", "feed-fan-out", "post-metrics", "hot-posts", "affinity",
              "active-users", "suggestions", "feed-rank"]
# Two: what the first one brings about may wait for the second.
SCENES = 2
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
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--kills", type=int, default=2, help="workers that are killed on the way")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--topology", action="append", help="only these; repeatable")
    parser.add_argument("--one-by-one", action="store_true",
                        help="each topology to its end before the next, not all at a time")
    parser.add_argument("--kafka", action="store_true", help="on a Kafka broker of its own")
    parser.add_argument("--keep", type=pathlib.Path, help="leave everything in this directory")
    return parser.parse_args()


def generate(options, millrace, directory):
    network = ["--users", options.users, "--events", options.events, "--seed", options.seed,
               "--follows", options.follows, "--hours", options.hours, "--faults", options.faults]
    manifest = directory / "manifest.json"
    millrace.run("generate", *network, "--to-log", "--partitions", options.partitions,
                 "--manifest", manifest)
    with open(directory / "ideal", "w", encoding="ascii") as ideal:
        subprocess.run([millrace.binary, "generate", *map(str, network), "--ideal"], stdout=ideal,
                       check=True)
    return json.loads(manifest.read_text())


def run_workers(options, millrace, topologies, kills=0):
    """Runs the topologies to the end of the input, and kills them a few times before it."""
    chance = random.Random(options.seed)
    command = ["run", "--until-idle", "--missing-topics", "create", "--threads", options.threads,
               "--partitions", options.partitions]
    for topology in topologies:
        command += ["--topology", topology]
    killed = 0
    started = time.monotonic()
    while True:
        worker = millrace.start(*command)
        patience = chance.uniform(0.5, 4) if killed < kills else None
        try:
            _, errors = worker.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGKILL)
            worker.communicate()
            killed += 1
            continue
        if worker.returncode != 0:
            sys.exit(f"the worker ended with {worker.returncode}\n{errors}")
        print(f"run: {time.monotonic() - started:.1f} s, killed {killed} times", flush=True)
        return


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


def close(options, millrace, directory, topologies):
    """The closing scenes; returns the time of the last one."""
    with open(directory / "ideal", encoding="ascii") as facts:
        end = max(int(line.split(maxsplit=2)[1]) for line in facts)
    at = closing.times(end, SCENES)
    for number, time_of_scene in enumerate(at):
        scene = closing.Scene(number, time_of_scene, options.partitions)
        millrace.run("topic", "produce", lines=scene.records)
        with open(directory / "ideal", "a", encoding="ascii") as facts:
            facts.writelines(fact + "\n" for fact in scene.facts)
        run_workers(options, millrace, topologies)
    return at[-1]


def check(options, millrace, directory):
    known = millrace.topologies()
    wanted = options.topology or [name for name in TOPOLOGIES if name in known]
    manifest = generate(options, millrace, directory)
    for topologies in ([[name] for name in wanted] if options.one_by_one else [wanted]):
        run_workers(options, millrace, topologies, options.kills)
    closed_at = close(options, millrace, directory, wanted)
    oracle = judges.Oracle(directory / "ideal")
    return judges.judge(millrace, manifest, oracle, {name: known[name] for name in wanted},
                        closed_at)


def main():
    options = arguments()
    print(f"seed {options.seed}: {options.users} users, {options.events} events", flush=True)
    with tempfile.TemporaryDirectory(prefix="millrace-feed-") as temporary:
        directory = options.keep or pathlib.Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        with log_of(options, directory) as (log, flags):
            millrace = Millrace(options.binaries / "millrace", log, flags, directory / "state")
            complaints = check(options, millrace, directory)
    for complaint in complaints:
        print(f"DIFFERS: {complaint}")
    print("differs" if complaints else "equal")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
