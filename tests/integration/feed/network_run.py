"""A generated network, and the processes that bring it through the topologies."""

import json
import random
import signal
import subprocess
import sys
import time

import closing
import reader_judges
from topics import Millrace

TOPOLOGIES = ["cdc-normalise", "outbox-router", "feed-fan-out", "post-metrics", "hot-posts", "affinity",
              "active-users", "suggestions", "feed-rank", "feed-cache"]
# It works by the clock of the wall: feed-reader runs it at a time that suits the network.
BY_READERS = {"feed-cache"}
USUAL_TIERS = (10_000, 8_000)
READERS = 2_000  # whose feeds are read
TURNING = 20  # who turn all their pages
GUESTS = 60  # in the closing scenes
DAY_MS = 86_400_000
INPUTS = ("cdc.posts", "cdc.follows", "cdc.likes", "cdc.comments", "events", "feed.read.v1",
          "user.erased.v1", "outbox.events")


class Run:
    def __init__(self, options, log, flags, directory):
        self.options, self.directory = options, directory
        state = directory / "state"
        self.millrace = Millrace([options.binaries / "millrace"], log, flags, state)
        self.reader = options.binaries / "feed-reader"
        self.has_own_tiers = options.tiers != USUAL_TIERS
        with_tiers = [self.reader, "run", *options.tiers]
        self.fan_out = (Millrace(with_tiers, log, flags, state) if self.has_own_tiers
                        else self.millrace)
        known = self.millrace.topologies()
        wanted = options.topology or [name for name in TOPOLOGIES if name in known]
        if options.ldbc:
            wanted = [name for name in wanted if name != "outbox-router"]  # nothing is announced
        self.topologies = {name: known[name] for name in wanted}  # and what they read
        self.chance = random.Random(options.seed)
        self.users = []
        self.scenes = []  # their times
        self.readers, self.feeds, self.pages = [], [], []  # who asked, and what they got

    def prepare(self):
        """Fills the topics and the file of what happened; returns what there is to know of it."""
        if self.options.ldbc:
            return self._replay(self.options.ldbc)
        return self._generate()

    def _replay(self, folder):
        program = [sys.executable, "-B", self.options.source / "tests/oracle/ldbc_oracle.py"]
        with open(self.directory / "ideal", "w", encoding="ascii") as ideal:
            subprocess.run([*program, "ideal", folder], stdout=ideal, check=True)
        changes = self.directory / "changes.jsonl"
        with open(changes, "w", encoding="utf-8") as file:
            subprocess.run([*self.millrace.program, "generate", f"--ldbc={folder}"], stdout=file,
                           check=True)
        self.millrace.run("topic", "create", *sorted(INPUTS), "--partitions", self.options.partitions)
        self.millrace.run("topic", "produce", changes)
        with open(self.directory / "ideal", encoding="ascii") as facts:
            follows = [line.split() for line in facts if line.startswith("follow ")]
        self.users = sorted({int(follow[3]) for follow in follows})
        start = int(follows[0][1])
        # Of a snapshot all but the first table comes late.
        return {"start_ms": start, "settled_ms": start + DAY_MS, "dead_letters": {}, "live_facts": {}}

    def _generate(self):
        options = self.options
        self.users = range(1, options.users + 1)
        network = ["--users", options.users, "--events", options.events, "--seed", options.seed,
                   "--follows", options.follows, "--hours", options.hours,
                   "--faults", options.faults]
        manifest = self.directory / "manifest.json"
        if manifest.exists() and (self.directory / "ideal").exists():
            print(f"going on with what lies in {self.directory}", flush=True)
            return json.loads(manifest.read_text())
        self.millrace.run("generate", *network, "--to-log", "--partitions", options.partitions,
                          "--manifest", manifest)
        unfinished = self.directory / "ideal.new"
        with open(unfinished, "w", encoding="ascii") as ideal:
            subprocess.run([*self.millrace.program, "generate", *map(str, network), "--ideal"],
                           stdout=ideal, check=True)
        unfinished.rename(self.directory / "ideal")
        return json.loads(manifest.read_text())

    def work(self, kills=0):
        """All to the end of the input, killed a few times before it."""
        names = [name for name in self.topologies if name not in BY_READERS]
        groups = [(self.millrace, names)]
        if self.has_own_tiers:
            rest = [name for name in names if name != "feed-fan-out"]
            groups = [(self.fan_out, ["feed-fan-out"]), (self.millrace, rest)]
        if self.options.one_by_one:
            groups = [(millrace, [name]) for millrace, names in groups for name in names]
        for millrace, topologies in groups:
            command = ["run", "--until-idle", "--missing-topics", "create", "--threads",
                       self.options.threads, "--partitions", self.options.partitions,
                       "--state-cache", self.options.state_cache]
            for topology in topologies:
                command += ["--topology", topology]
            if topologies:
                self._until_done(" ".join(topologies), kills, lambda: millrace.start(*command))

    def close(self):
        """The closing scenes."""
        played = self.directory / "scenes"
        if played.exists():
            sys.exit(f"{self.directory}: the closing scenes were played; begin with an empty one")
        played.touch()
        with open(self.directory / "ideal", encoding="ascii") as facts:
            end = max(int(line.split(maxsplit=2)[1]) for line in facts)
        self._play(closing.times(end))

    def let_a_day_pass(self):
        self._play(closing.a_day_later(self.scenes[-1]))

    def _play(self, times):
        for at in times:
            scene = closing.Scene(len(self.scenes), at, self.options.partitions,
                                  self.users[:GUESTS])
            self.scenes.append(at)
            self.millrace.run("topic", "produce", lines=scene.records)
            with open(self.directory / "ideal", "a", encoding="ascii") as facts:
                facts.writelines(fact + "\n" for fact in scene.facts)
            self.work()

    def ask_readers(self):
        if "feed-fan-out" in self.topologies:
            self.readers = self.users[::max(1, len(self.users) // READERS)]
            self.feeds = self._ask("feeds", self.readers, active=0)
        if "feed-cache" in self.topologies:
            active = reader_judges.active_users(self.millrace)
            self.pages = self._ask("pages", active[:TURNING], len(active))

    def _ask(self, what, users, active):
        command = [self.reader, what, *self.options.tiers, self.millrace.log, self.millrace.state,
                   self.options.partitions, self.scenes[-1] + 1_000, active]
        asked = "".join(f"{user}\n" for user in users)
        answer = self._until_done(what, self.options.kills, lambda: subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True), asked)
        return answer.splitlines()

    def _until_done(self, what, kills, start, standard_input=None):
        """Starts a process until it ends by itself; returns its output."""
        killed, started = 0, time.monotonic()
        while True:
            process = start()
            patience = 0.2 * 20 ** self.chance.random() if killed < kills else None
            try:
                output, errors = process.communicate(standard_input, timeout=patience)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                killed += 1
                continue
            if process.returncode != 0:
                sys.exit(f"{what}: ended with {process.returncode}\n{errors}")
            took = time.monotonic() - started
            print(f"{what}: {took:.1f} s, killed {killed} times", flush=True)
            return output
