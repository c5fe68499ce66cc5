"""How long outputs stay away when a worker dies, comes back, leaves or joins: under a steady load,
seen by a reader of the output topic, partition by partition."""

import signal
import time

from meter import Failed

RATE = 5_000
KEYS = 20_000
BEFORE_S = 6  # of undisturbed running


class Arrivals:
    """When records of each partition could be read, as the watching program says."""

    def __init__(self, watch):
        self.watch = watch

    def by_partition(self):
        times = {}
        for _, words in list(self.watch.lines):
            if words[0] == "at":
                times.setdefault(int(words[2]), []).append(float(words[1]))
        return times

    def silences(self, since):
        """For each partition: the longest time without a record from `since` on, and its end."""
        found = {}
        for partition, times in self.by_partition().items():
            before = [t for t in times if t <= since]
            after = [t for t in times if t > since]
            points = before[-1:] + after
            gaps = [(b - a, b) for a, b in zip(points, points[1:])]
            found[partition] = max(gaps, default=(float("inf"), float("inf")))
        return found


class Scene:
    """Workers of one application under load, and who watches them."""

    def __init__(self, rig, side, variant, name, seconds, standbys=0):
        self.rig, self.side, self.variant = rig, side, variant
        self.app = self.output = f"{name}-{side.name}"
        self.seconds = seconds
        self.standbys = standbys
        self.processes = []

    def __enter__(self):
        self.rig.create(self.output)
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.__exit__()

    def start(self, instance, wait=True):
        worker = self.side.worker(self.rig, "count", self.variant, self.output, self.app,
                                  instance=instance, standbys=self.standbys)
        self.processes.append(worker)
        if wait:
            worker.wait_until_running()
        return worker

    def load(self):
        watch = self.rig.background(self.rig.ours("watch", self.output, "--arrivals"),
                                    f"{self.app}-watch")
        self.processes.append(watch)
        watch.wait_for(lambda: watch.line("watching"), 60)
        load = self.rig.background(self.rig.peer("load", rate=RATE, keys=KEYS,
                                                 records=RATE * self.seconds), f"{self.app}-load")
        self.processes.append(load)
        self.arrivals = Arrivals(watch)
        partitions = self.rig.partitions
        watch.wait_for(lambda: len(self.arrivals.by_partition()) == partitions, 60)
        time.sleep(BEFORE_S)

    def outcome(self, since, settled_s, limit_s):
        """Silences once every partition has had records for `settled_s` after the last silence."""
        deadline = time.monotonic() + limit_s
        while True:
            time.sleep(0.2)
            now = time.monotonic()
            silent = [p for p, times in self.arrivals.by_partition().items()
                      if now - times[-1] > 0.5]
            found = self.arrivals.silences(since)
            ends = [end for _, end in found.values()]
            if not silent and len(found) == self.rig.partitions and \
                    now - max(min(end, now) for end in ends) > settled_s and now - since > settled_s:
                return found
            if now > deadline:
                raise Failed(f"outputs stay away: partitions {silent} of {self.output}")


def summary(found, since):
    """The partitions that were silent for longer than a commit or two, and the others."""
    longest = sorted((gap for gap, _ in found.values()), reverse=True)
    moved = [gap for gap in longest if gap > 0.6]
    stayed = [gap for gap in longest if gap <= 0.6]
    ends = [end - since for gap, end in found.values() if gap > 0.6]
    return {"moved": len(moved), "first_output_after_s": max(ends, default=0.0),
            "longest_gap_of_the_others_s": max(stayed, default=0.0)}


def end(worker, how):
    if worker.process.poll() is not None:
        raise Failed(f"the worker ended by itself: {worker.log_file}")
    since = time.monotonic()
    worker.process.send_signal(how)
    return since


def same_instance_again(rig, side, variant, how):
    """The only worker is ended by a signal and started again at once, with its state."""
    with Scene(rig, side, variant, f"again-{how.name.lower()}", 90) as scene:
        worker = scene.start("a")
        scene.load()
        since = end(worker, how)
        worker.process.wait(60)
        scene.start("a", wait=False)
        return summary(scene.outcome(since, 3, 75), since)


def takeover(rig, side, variant, standbys):
    """One of two workers is killed and does not come back."""
    with Scene(rig, side, variant, f"takeover-{standbys}", 110, standbys) as scene:
        worker = scene.start("a")
        scene.start("b")
        scene.load()
        since = end(worker, signal.SIGKILL)
        return summary(scene.outcome(since, 10, 90), since)


def join(rig, side, variant):
    """A third worker joins two."""
    with Scene(rig, side, variant, "join", 60) as scene:
        scene.start("a")
        scene.start("b")
        scene.load()
        since = time.monotonic()
        scene.start("c", wait=False)
        return summary(scene.outcome(since, 12, 50), since)
