#!/usr/bin/env python3
"""The campaign: workers on real brokers are killed, frozen and cut off while input is written; then
a verifier that shares nothing with them judges every record that they left behind.

usage: campaign.py BIN_DIRECTORY [--scenario NAME|all] [--kills N] [--seed N] [--no-guard] …

Each run prints its seed, its faults, what must have happened at least and whether it has, the
verdict, and a line that repeats it. Exit code 0: nothing wrong, and the run was not idle.
"""

import argparse
import collections
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import scenarios
from rig import Failed, Patience, Rig


def commit_of(source):
    done = subprocess.run(["git", "-C", str(source), "rev-parse", "--short", "HEAD"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.strip() or "unknown"


def run(name, options):
    """One scenario. Returns whether the records and the run are as they must be."""
    seed = options.seed if options.seed is not None else random.randrange(1 << 31)
    replay = f"./dev campaign --scenario {name} --kills {options.kills} --seed {seed}"
    if options.no_guard:
        replay += " --no-guard"
    print(f"== {name}, seed {seed}", flush=True)
    options.directory.mkdir(parents=True, exist_ok=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-{seed}-", dir=options.directory))
    rig = Rig(options.binaries, directory, seed)
    try:
        demands = scenarios.ALL[name](rig, random.Random(seed), options)
        rig.stop_input()
        rig.await_rest(options.rest)
        rig.dump_stores()
        rig.stop_workers()
        rig.stop_follower()
        verdict = rig.judge()
    except Failed as failure:
        print(f"FAILED: {failure}\n  kept in {directory}\n  replay: {replay}", flush=True)
        return False
    finally:
        rig.close()
    good = report(rig, demands, verdict, options)
    print(f"  replay: {replay}   (commit {commit_of(options.source)})", flush=True)
    if good and not options.keep:
        shutil.rmtree(directory)
    else:
        print(f"  kept in {directory}", flush=True)
    return good


def report(rig, demands, verdict, options):
    """Prints it all; returns whether it is good."""
    counts = collections.Counter(fault["what"] for fault in rig.faults)
    print(f"  {time.monotonic() - rig.started:.0f} s; "
          + ", ".join(f"{what}: {count}" for what, count in sorted(counts.items())))
    points = collections.Counter(f["point"] for f in rig.faults if f["what"] == "kill")
    if points:
        print("  kills at: " + ", ".join(f"{p} {n}" for p, n in sorted(points.items())))
    outputs = sum(verdict["outputs"].values())
    print(f"  {verdict['inputs']} inputs, {outputs} outputs, {verdict['seen']} seen beside, "
          f"{verdict['aborted']} aborted, {sum(verdict['writer_changes'].values())} writer "
          f"changes, {verdict['rows']} rows of stores")
    idle = [demand for demand in demands if demand.unmet(rig, verdict)]
    for demand in demands:
        mark = "TOO FEW" if demand in idle else "enough"
        print(f"  {demand.what}: {demand.count(rig, verdict)} of {demand.minimum:.0f}: {mark}")
    damaged = sum(worker.damaged() for worker in rig.workers.values())
    print(f"  state directories given up: {damaged}")
    found = verdict["violations"]
    print(f"  verdict: {verdict['verdict']} {json.dumps(found) if found else ''}")
    for words in verdict["words"][:20]:
        print(f"    {words}")
    if options.no_guard:
        # Without its protection the damage must be done, and be seen.
        return bool(found) and not idle
    return not found and not idle and damaged == 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--scenario", default="all", choices=[*scenarios.ALL, "all"])
    parser.add_argument("--kills", type=int, default=25, help="faults of each scenario")
    parser.add_argument("--workers", type=int, default=3, help="processes")
    parser.add_argument("--seed", type=int, help="repeats a run; default: a new one")
    parser.add_argument("--no-guard", action="store_true",
                        help="late-endtxn without the guard: the verifier must find violations")
    parser.add_argument("--long-outage", type=float, default=70, help="of one broker, in s")
    parser.add_argument("--rest", type=float, default=180, help="longest time for what is left "
                        "when the faults are over, in s")
    parser.add_argument("--patience", type=float, default=1,
                        help="how many times as long everything may take")
    parser.add_argument("--limit", type=int, default=0, help="longest time in all, in s")
    parser.add_argument("--keep", action="store_true", help="keep logs and state of good runs too")
    source = pathlib.Path(__file__).resolve().parents[4]
    parser.add_argument("--directory", type=pathlib.Path, default=source / "build/campaign")
    options = parser.parse_args()
    options.source = source
    return options


def out_of_time(number, _):
    raise Failed(f"ended by {signal.Signals(number).name}")


def main():
    options = parse()
    Patience.factor = options.patience
    # Whoever ends us from outside, what we started ends with us.
    signal.signal(signal.SIGTERM, out_of_time)
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(options.limit)
    names = list(scenarios.ALL) if options.scenario == "all" else [options.scenario]
    bad = [name for name in names if not run(name, options)]
    print(f"== {'bad: ' + ', '.join(bad) if bad else 'all good'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
