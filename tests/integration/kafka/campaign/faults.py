"""What the scenarios do to workers and brokers. All choices come from one seeded generator; when a
choice takes effect is the machine's business, so a replay repeats the plan, not every interleaving."""

import re
import shutil
import signal
import time

from rig import Failed, Patience, wait_until

IN_TRANSACTION_POINTS = ["polled", "processed", "before-changelog", "after-changelog"]
APPLYING_POINTS = ["after-log-commit", "between-stores", "after-apply"]
# How often a point is reached in a second, about: so that a life ends after one or a few.
REACHED_PER_SECOND = {"polled": 500, "processed": 500}
OTHERS_PER_SECOND = 12


class Life:
    """One run of a worker: how it is to end, and whether it has."""

    def __init__(self, rig, worker, draw, seconds=(0.3, 3.0), **options):
        self.rig = rig
        self.worker = worker
        self.point = ""
        self.seconds = draw.uniform(*seconds)
        if draw.random() < 0.5:
            self.point = draw.choice(IN_TRANSACTION_POINTS + APPLYING_POINTS)
            per_second = REACHED_PER_SECOND.get(self.point, OTHERS_PER_SECOND)
            count = max(1, int(self.seconds * per_second))
            worker.start(crash_point=f"{self.point}@{count}", **options)
        else:
            worker.start(**options)
        self.processing_since = None
        self.started = time.monotonic()

    def ended(self):
        """Ends it when its time has come. True once it is dead."""
        if not self.worker.alive():
            return True
        if self.processing_since is None and self.worker.page.processing():
            self.processing_since = time.monotonic()
        # A point that is not reached in time is no reason to live for ever.
        limit = self.seconds * (4 if self.point else 1)
        if self.processing_since and time.monotonic() - self.processing_since > limit:
            self.point = ""
            self.worker.signal(signal.SIGKILL)
            self.worker.child.wait()
            return True
        if time.monotonic() - self.started > 60 * Patience.factor:
            raise Failed(f"worker {self.worker.name} does not start")
        return False

    def note(self):
        """Writes down how it ended. False: by itself, which none of our faults explains."""
        code = self.worker.child.wait()
        self.rig.fault("kill", worker=self.worker.name, point=self.point or "random",
                       in_transaction=self.worker.page.in_transaction(),
                       processing=self.worker.page.processing(), restored=self.worker.page.restored())
        return code == -signal.SIGKILL


def kill_at_random(rig, draw, names, kills, lose_state_one_in=12, patience=1.5):
    """Kills the workers `kills` times in all, each at a time or a crash point of its own."""
    lives, pauses = {}, {}
    for name in names:
        rig.add_worker_without_life(name)
        lives[name] = Life(rig, rig.workers[name], draw)
    done = 0
    while done < kills:
        time.sleep(0.005)
        for name, life in list(lives.items()):
            if not life.ended():
                continue
            if not life.note():
                raise Failed(f"worker {name} ended by itself: {life.worker.child.error_file}")
            done += 1
            del lives[name]
            pauses[name] = time.monotonic() + draw.uniform(0, patience)
            if draw.randrange(lose_state_one_in) == 0 and life.worker.state.exists():
                shutil.rmtree(life.worker.state / "campaign", ignore_errors=True)
                rig.fault("state lost", worker=name)
        for name, until in list(pauses.items()):
            if time.monotonic() > until:
                del pauses[name]
                lives[name] = Life(rig, rig.workers[name], draw)
    for name in names:
        if rig.workers[name].alive():
            rig.workers[name].signal(signal.SIGKILL)
            rig.workers[name].child.wait()
        rig.workers[name].start()


def freeze(rig, worker, seconds):
    """SIGSTOP, which a process cannot see coming, then SIGCONT."""
    worker.signal(signal.SIGSTOP)
    rig.fault("freeze", worker=worker.name, seconds=round(seconds, 1),
              in_transaction=worker.page.in_transaction())
    time.sleep(seconds)
    worker.signal(signal.SIGCONT)
    rig.fault("thaw", worker=worker.name)


def generations(rig):
    """The group's generations that the workers that live now have been assigned in, in order."""
    found = set()
    for worker in rig.workers.values():
        lines = worker.child.error_file.read_text(encoding="utf-8").splitlines()
        found |= {int(m[1]) for line in lines if (m := re.search(r"tasks: generation (\d+)", line))}
    return sorted(found)


def await_stable_generation(rig):
    """Until every worker has its share of the tasks, and nothing moves any more."""
    seen = [generations(rig), time.monotonic()]

    def stable():
        now = generations(rig)
        if now != seen[0]:
            seen[:] = [now, time.monotonic()]
        return bool(now) and time.monotonic() - seen[1] > 3

    wait_until(stable, "a stable group")


def await_progress(rig, records, timeout):
    """Until the reader beside has seen so many more; returns how long it took."""
    start, seen = time.monotonic(), rig.progress()[0]
    wait_until(lambda: rig.progress()[0] >= seen + records, "progress", timeout)
    return time.monotonic() - start
