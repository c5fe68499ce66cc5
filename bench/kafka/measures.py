"""The single measurements of `./dev bench kafka`. Each runs one side and returns plain numbers."""

import shutil
import time

from meter import Failed, Sample, cpu_seconds, peak_rss_mib
from rig import state_directory

WARM_UP = 0.2  # of the records, left out of what is called steady


def settle(variant):
    """Lets the last transaction end: the records are read before they are committed."""
    time.sleep(max(0.3, 2 * variant.commit_ms / 1000 if variant.exactly_once else 0))


def catch_up(rig, side, topology, variant, records, patience=600):
    """Reads all input to its end, alone."""
    name = f"{topology}-{variant.name}-{side.name}"
    output = f"out-{name}"
    rig.create(output)
    with side.worker(rig, topology, variant, output, app=name) as worker:
        warm = worker.sample_at(records * WARM_UP, patience)
        worker.wait_for(lambda: worker.processed >= records, patience)
        ended = time.monotonic()
        settle(variant)
        end = Sample(worker.pid, worker.processed)
        rss = peak_rss_mib(worker.pid)
        code = worker.stop()
        stopped = worker.line("stopped")
        if not stopped:
            raise Failed(f"exit code {code}: {worker}")
        commits = worker.line("commits")
    result = {
        "records": records,
        "cpu_per_million": end.cpu / records * 1e6,
        "steady_cpu_per_million": (end.cpu - warm.cpu) / (records - warm.processed) * 1e6,
        "steady_records_per_second": (records - warm.processed) / (ended - warm.time),
        "peak_rss_mib": rss,
        "digest": rig.digest(output),
    }
    if commits:
        result["commit_ms"] = {"p50": float(commits[1][3]), "p99": float(commits[1][5])}
    return result


def paced(rig, side, topology, variant, rate, seconds, customers):
    """Under a steady load: CPU, and from a record's timestamp to its output being read."""
    name = f"paced-{topology}-{variant.name}-{side.name}"
    output = f"out-{name}"
    records = rate * seconds
    rig.create(output)
    with side.worker(rig, topology, variant, output, app=name) as worker:
        worker.wait_until_running()
        watch_command = rig.ours("watch", output, "--records", records, "--skip",
                                 int(records * WARM_UP))
        load_command = rig.peer("load", rate=rate, records=records, keys=customers)
        with rig.background(watch_command, f"{name}-watch") as watch, \
                rig.background(load_command, f"{name}-load") as load:
            watch.wait_for(lambda: watch.line("watching"), 60)
            first = worker.processed  # a join has read its table by now
            warm = worker.sample_at(first + records * WARM_UP, seconds + 60)
            end = worker.sample_at(first + records, 2 * seconds + 60)
            load.wait_for(lambda: load.line("loaded"), 60)
            latency = watch.wait_for(lambda: watch.line("latency"), 60)[1]
        rss = peak_rss_mib(worker.pid)
        worker.stop()
    return {
        "records": records,
        "cpu_per_million": (end.cpu - warm.cpu) / (end.processed - warm.processed) * 1e6,
        "records_per_second": (end.processed - warm.processed) / (end.time - warm.time),
        "latency_ms": {"p50": float(latency[4]), "p99": float(latency[6]),
                       "p99.9": float(latency[8])},
        "peak_rss_mib": rss,
    }


def restore(rig, side, variant, records, patience=600):
    """Counts everything, loses the state directory, starts again; beside it a start with state."""
    name = f"restore-{side.name}"
    output = f"out-{name}"
    rig.create(output)
    with side.worker(rig, "count", variant, output, app=name) as worker:
        worker.wait_for(lambda: worker.processed >= records, patience)
        settle(variant)
        worker.stop()
    with_state = timed_start(rig, side, variant, output, name)
    shutil.rmtree(state_directory(rig, name))
    without = timed_start(rig, side, variant, output, name)
    changelog = rig.digest(f"{name}-orders-by-customer-changelog")
    share = without["restored"] / changelog["records"] if changelog["records"] else 0
    took = max(without["seconds"] - with_state["seconds"], 1e-3)
    return {
        "start_seconds": with_state["seconds"],
        "start_and_restore_seconds": without["seconds"],
        "restored": without["restored"],
        "records_per_second": without["restored"] / took,
        "mib_per_second": changelog["bytes"] * share / took / (1 << 20),
        "cpu_seconds": without["cpu"],
        "peak_rss_mib": without["rss"],
    }


def timed_start(rig, side, variant, output, app):
    with side.worker(rig, "count", variant, output, app=app) as worker:
        running = worker.wait_until_running(600)
        cpu = cpu_seconds(worker.pid)
        rss = peak_rss_mib(worker.pid)
        restored = worker.line("restored")
        worker.stop()
    return {"seconds": running - worker.started, "cpu": cpu, "rss": rss,
            "restored": int(restored[1][1]) if restored else 0}
