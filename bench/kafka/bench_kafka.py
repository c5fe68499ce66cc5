#!/usr/bin/env python3
"""millrace and Kafka Streams side by side: the same topologies, records, partitions, guarantee and
commit interval, on a broker of their own on loopback, one after the other. Run by `./dev bench
kafka`, which builds what is needed.

usage: bench_kafka.py BIN_DIRECTORY [--orders N] [--only WORD,…] [--side millrace|streams] …

What is measured is in measures.py; the results are printed, and written to --out as JSON.
"""

import argparse
import json
import pathlib
import signal
import sys
import tempfile
import time

import handovers
import measures
from meter import Failed
from rig import Broker, Millrace, Rig, Streams, Variant, versions

EVERY_UPDATE = Variant("every")
ONE_PER_COMMIT = Variant("coalesced", coalesce=True)
AT_LEAST_ONCE = Variant("alo", commit_ms=30_000, exactly_once=False)
CATCH_UP = [("pass", EVERY_UPDATE), ("count", EVERY_UPDATE), ("count", ONE_PER_COMMIT),
            ("window", EVERY_UPDATE), ("window", ONE_PER_COMMIT), ("join", EVERY_UPDATE),
            ("pass", AT_LEAST_ONCE)]
PACED = [("pass", EVERY_UPDATE), ("count", EVERY_UPDATE), ("window", EVERY_UPDATE),
         ("join", EVERY_UPDATE)]


class Report:
    """Prints rows as they come; keeps them for the file."""

    def __init__(self, sides):
        self.sides = sides
        self.rows = []
        self.wrong = []

    def heading(self, text):
        print(f"\n{text}", flush=True)

    def add(self, what, results, figures):
        """`figures`: (label, function from a side's result to a number)."""
        self.rows.append({"what": what, "results": results})
        cells = []
        for label, figure in figures:
            values = [figure(results[side.name]) for side in self.sides]
            cells.append(f"{label} {' / '.join(shown(value) for value in values)}")
            if len(values) == 2 and values[1]:
                cells[-1] += f" = {values[0] / values[1]:.2f}"
        print(f"  {what:<28} " + "   ".join(cells), flush=True)

    def compare(self, what, results, names):
        """The sides' outputs must be equal in these parts of their digests."""
        if len(self.sides) < 2:
            return
        one, other = (results[side.name]["digest"] for side in self.sides)
        for name in names:
            if one[name] != other[name]:
                self.wrong.append(f"{what}: {name} differs: {one[name]} and {other[name]}")
                print(f"  {what:<28} OUTPUTS DIFFER: {name}", flush=True)


def shown(value):
    if isinstance(value, int):
        return str(value)
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def run_catch_up(options, rig, report):
    wanted = [(t, v) for t, v in CATCH_UP if options.wants(f"{t} {v.name}")]
    if not wanted:
        return
    report.heading("catch up: CPU-seconds per million records (whole, then without the first 20 %), "
                   "records/s, peak RSS in MiB")
    for topology, variant in wanted:
        what = f"{topology} {variant.name}"
        records = options.orders + (options.customers if topology == "join" else 0)
        results = {side.name: measures.catch_up(rig, side, topology, variant, records)
                   for side in report.sides}
        report.add(what, results, [
            ("CPU", lambda r: r["cpu_per_million"]),
            ("steady", lambda r: r["steady_cpu_per_million"]),
            ("rec/s", lambda r: r["steady_records_per_second"]),
            ("RSS", lambda r: r["peak_rss_mib"])])
        # With a cache it is a matter of timing how many updates come out.
        same = ["keys", "final"] if variant.coalesce else ["records", "keys", "every", "final"]
        report.compare(what, results, same)
        for side in report.sides:
            commit = results[side.name].get("commit_ms")
            if commit:
                print(f"  {'':<28} {side.name}: commit p50 {commit['p50']:.1f} ms, "
                      f"p99 {commit['p99']:.1f} ms")


def run_restore(options, rig, report):
    if not options.wants("restore"):
        return
    report.heading("restore of a key-value store: records/s, MiB/s, and from exec to running in s")
    results = {side.name: measures.restore(rig, side, EVERY_UPDATE, options.orders)
               for side in report.sides}
    report.add("restore", results, [
        ("rec/s", lambda r: r["records_per_second"]), ("MiB/s", lambda r: r["mib_per_second"]),
        ("start", lambda r: r["start_and_restore_seconds"]), ("CPU-s", lambda r: r["cpu_seconds"]),
        ("RSS", lambda r: r["peak_rss_mib"])])


def run_paced(options, scratch, report):
    wanted = [(t, v) for t, v in PACED if options.wants(f"paced {t} {v.name}")]
    if not wanted:
        return
    report.heading(f"paced at {options.rate} records/s for {options.seconds} s: CPU-seconds per "
                   "million records, latency in ms")
    for topology, variant in wanted:
        results = {}
        for side in report.sides:
            with Broker() as broker:
                rig = Rig(broker, options.binaries, scratch)
                rig.fill(0, options.customers, int(time.time() * 1000))
                results[side.name] = measures.paced(rig, side, topology, variant, options.rate,
                                                    options.seconds, options.customers)
        report.add(f"paced {topology} {variant.name}", results, [
            ("CPU", lambda r: r["cpu_per_million"]),
            ("p50", lambda r: r["latency_ms"]["p50"]), ("p99", lambda r: r["latency_ms"]["p99"]),
            ("RSS", lambda r: r["peak_rss_mib"])])


HANDOVERS = {
    "kill -9, same instance again": lambda *a: handovers.same_instance_again(*a, signal.SIGKILL),
    "SIGTERM, same instance again": lambda *a: handovers.same_instance_again(*a, signal.SIGTERM),
    "kill -9, another takes over": lambda *a: handovers.takeover(*a, standbys=0),
    "the same with a standby": lambda *a: handovers.takeover(*a, standbys=1),
    "a third worker joins": handovers.join,
}


def run_handovers(options, scratch, report):
    wanted = {what: run for what, run in HANDOVERS.items() if options.wants(f"handover {what}")}
    if wanted:
        report.heading("handovers under load, in s: until the last partition had outputs again, "
                       "and the longest gap of partitions that did not move")
    for what, run in wanted.items():
        results = {}
        for side in report.sides:
            with Broker() as broker:
                rig = Rig(broker, options.binaries, scratch)
                rig.fill(0, 1, int(time.time() * 1000))
                results[side.name] = run(rig, side, EVERY_UPDATE)
        report.add(what, results, [
            ("moved", lambda r: r["moved"]), ("outputs", lambda r: r["first_output_after_s"]),
            ("others' gap", lambda r: r["longest_gap_of_the_others_s"])])


class Options(argparse.Namespace):
    def wants(self, what):
        return not self.only or any(word in what for word in self.only.split(","))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--orders", type=int, default=5_000_000, help="records of the catch-up")
    parser.add_argument("--customers", type=int, default=100_000, help="keys")
    parser.add_argument("--rate", type=int, default=20_000, help="records/s of the paced load")
    parser.add_argument("--seconds", type=int, default=30, help="of the paced load")
    parser.add_argument("--only", default="", help="measurements whose name has one of these words")
    parser.add_argument("--side", choices=["millrace", "streams"], help="run only this one")
    parser.add_argument("--out", type=pathlib.Path, help="file for the results")
    return parser.parse_args(namespace=Options())


def main():
    options = parse()
    sides = [side for side in (Millrace, Streams) if options.side in (None, side.name)]
    report = Report(sides)
    with tempfile.TemporaryDirectory(prefix="millrace-bench-kafka-") as scratch:
        with Broker() as broker:
            rig = Rig(broker, options.binaries, scratch)
            known = versions(rig)
            print(", ".join(f"{name} {version}" for name, version in known.items()), flush=True)
            # Recent enough that no broker finds the records too old to keep.
            start_ms = int(time.time() * 1000) - options.orders // 20
            rig.fill(options.orders, options.customers, start_ms)
            run_catch_up(options, rig, report)
            run_restore(options, rig, report)
        run_paced(options, scratch, report)
        run_handovers(options, scratch, report)
    if options.out:
        results = {"versions": known, "orders": options.orders, "rows": report.rows}
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"bench_kafka: {failure}")
