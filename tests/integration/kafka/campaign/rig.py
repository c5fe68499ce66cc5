"""The processes of a campaign: brokers, workers, the writer of the input, the reader beside. All of
them are children of this process, or are stopped by the script that started them, and nothing else
is ever killed."""

import json
import os
import pathlib
import random
import signal
import socket
import struct
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
BROKER_SCRIPT = HERE.parent / "servers/kafka.sh"
DEADLINE_S = 60  # for what should take a moment


class Patience:
    """All deadlines are so many times as long: a machine that is busy is no violation."""

    factor = 1.0


class Failed(Exception):
    """The campaign itself went wrong, which says nothing about the records."""


def free_ports(count):
    """Below the range from which outgoing connections take theirs, so that they stay free."""
    ports = []
    while len(ports) < count:
        port = random.randrange(21_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


def wait_until(holds, what, timeout=DEADLINE_S, step=0.02):
    timeout *= Patience.factor
    deadline = time.monotonic() + timeout
    while not holds():
        if time.monotonic() > deadline:
            raise Failed(f"waited {timeout:.0f} s in vain: {what}")
        time.sleep(step)


class Brokers:
    """1 or 3 brokers with nothing in them."""

    def __init__(self, directory, nodes=1, properties=None):
        self.nodes = nodes
        self.env = {**os.environ, "KAFKA_RUN": str(directory / "brokers")}
        if properties:
            file = directory / "broker.properties"
            file.write_text("".join(f"{k}={v}\n" for k, v in properties.items()), encoding="utf-8")
            self.env["KAFKA_PROPS"] = str(file)
        self.bootstrap = None

    def _run(self, *arguments):
        done = subprocess.run([str(BROKER_SCRIPT), *map(str, arguments)], env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode != 0:
            raise Failed(f"kafka.sh {arguments}: {done.stderr}")
        return done.stdout

    def start(self):
        out = self._run("start", self.nodes)
        self.bootstrap = out.rpartition("BOOTSTRAP=")[2].split()[0]

    def kill(self, node):
        self._run("kill", node)

    def up(self, node):
        self._run("up", node)

    def log_of(self, node):
        return pathlib.Path(self.env["KAFKA_RUN"]) / f"log-{node}"

    def clean(self):
        self._run("clean")


class Child:
    """A program of the campaign; what it prints is kept, what it complains about goes to a file."""

    def __init__(self, command, error_file, env=None):
        self._errors = open(error_file, "ab")
        self.error_file = pathlib.Path(error_file)
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                                        stderr=self._errors, stdin=subprocess.DEVNULL, text=True,
                                        env={**os.environ, **(env or {})})
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def signal(self, number):
        self.process.send_signal(number)

    def alive(self):
        return self.process.poll() is None

    def wait(self, timeout=DEADLINE_S):
        try:
            code = self.process.wait(timeout * Patience.factor)
        except subprocess.TimeoutExpired:
            raise Failed(f"does not end: {self.process.args}") from None
        self._reader.join()
        self.process.stdout.close()
        self._errors.close()
        return code

    def end(self):
        """Whatever it is doing."""
        if self.alive():
            self.signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()

    def last_line(self, first_word):
        for line in reversed(self.lines):
            if line.startswith(first_word + " "):
                return line.split()
        return None


class Page:
    """What a worker shows of itself (worker_page.h), also after its death."""

    def __init__(self, file):
        self.file = pathlib.Path(file)

    def _numbers(self):
        try:
            data = self.file.read_bytes()
        except FileNotFoundError:
            data = b""
        count = len(data) // 8
        return struct.unpack(f"<{count}q", data[:8 * count]) or (0, 0, 0)

    def processing(self):
        """Whether it has begun a record."""
        return self._numbers()[0] == 1

    def restored(self):
        return self._numbers()[1]

    def in_transaction(self):
        """Whether a thread had begun records that it had not committed."""
        numbers = self._numbers()
        slots = zip(numbers[3::2], numbers[4::2])
        return any(begun > committed for begun, committed in slots)


class Worker:
    """A worker under one name: its lives share a state directory."""

    def __init__(self, rig, name):
        self.rig = rig
        self.name = name
        self.state = rig.directory / f"state-{name}"
        self.dump = rig.directory / f"dump-{name}"
        self.page = Page(rig.directory / f"page-{name}")
        self.child = None
        self.lives = 0

    def start(self, crash_point="", **options):
        self.lives += 1
        self.page.file.unlink(missing_ok=True)
        self.dump.unlink(missing_ok=True)
        arguments = {"state": self.state, "page": self.page.file, "dump": self.dump,
                     "instance": self.name, **self.rig.worker_options, **options}
        command = self.rig.program("worker", url=self.rig.worker_url, **arguments)
        self.child = Child(command, self.rig.directory / f"worker-{self.name}.log",
                           env={"MILLRACE_CRASH_POINT": crash_point})

    def alive(self):
        return self.child is not None and self.child.alive()

    def signal(self, number):
        self.child.signal(number)

    def damaged(self):
        """State directories that a life of it found unusable."""
        return len(list(self.state.rglob("*.damaged-*")))


class Rig:
    """Everything that a scenario works with, in one directory."""

    def __init__(self, binaries, directory, seed):
        self.binaries = pathlib.Path(binaries)
        self.directory = pathlib.Path(directory)
        self.seed = seed
        self.brokers = None
        self.url = None
        self.worker_url = None  # the workers may go another way, through a proxy
        self.worker_options = {}
        self.workers = {}
        self.input = None
        self.follower = None
        self.proxies = []
        self.started = time.monotonic()
        self.faults = []
        self._fault_log = open(self.directory / "faults.jsonl", "w", encoding="utf-8")

    def program(self, name, url=None, command=(), **options):
        words = [self.binaries / f"campaign_{name}", *command, "--log", url or self.url]
        for option, value in options.items():
            words += [f"--{option.replace('_', '-')}", value]
        return words

    def fault(self, what, **details):
        """Notes what was done to whom, and when."""
        entry = {"at": round(time.monotonic() - self.started, 3), "what": what, **details}
        self.faults.append(entry)
        self._fault_log.write(json.dumps(entry) + "\n")
        self._fault_log.flush()

    def count(self, what):
        return sum(entry["what"] == what for entry in self.faults)

    def start_brokers(self, nodes=1, properties=None):
        self.brokers = Brokers(self.directory, nodes, properties)
        self.brokers.start()
        self.url = self.worker_url = f"kafka://{self.brokers.bootstrap}"

    def start_input(self, rate, **options):
        self.input = Child(self.program("input", seed=self.seed, records=1 << 40, rate=rate,
                                        start_ms=int(time.time() * 1000) - 3_600_000, **options),
                           self.directory / "input.log")
        wait_until(lambda: "owners" in self.input.lines or not self.input.alive(), "first owners")
        if not self.input.alive():
            raise Failed(f"no input: {self.directory / 'input.log'}")

    def start_follower(self):
        files = {"seen": self.directory / "seen", "regressions": self.directory / "regressions"}
        self.follower = Child(self.program("verifier", command=["follow"], **files),
                              self.directory / "follower.log")

    def add_worker(self, name, **options):
        worker = self.workers[name] = Worker(self, name)
        worker.start(**options)
        return worker

    def add_worker_without_life(self, name):
        self.workers[name] = Worker(self, name)

    def progress(self):
        """(records seen by the reader beside, offsets that the group has yet to consume)."""
        words = self.follower.last_line("seen")
        return (int(words[1]), int(words[3])) if words else (0, -1)

    def stop_input(self):
        self.input.signal(signal.SIGTERM)
        if self.input.wait() != 0:
            raise Failed(f"the input failed: {self.directory / 'input.log'}")

    def await_rest(self, timeout):
        """Until all that is there is consumed and seen, which must stay so for a while."""
        since = [None, None]

        def rests():
            for worker in self.workers.values():
                if not worker.alive():
                    raise Failed(f"worker {worker.name} ended by itself: "
                                 f"{self.directory / f'worker-{worker.name}.log'}")
            now = self.progress()
            if now[1] != 0 or now != since[0]:
                since[:] = [now, time.monotonic()]
            return now[1] == 0 and time.monotonic() - since[1] > 2

        wait_until(rests, f"the rest of the input: {self.progress}", timeout, step=0.1)

    def dump_stores(self):
        for worker in self.workers.values():
            worker.signal(signal.SIGUSR1)
        for worker in self.workers.values():
            wait_until(worker.dump.exists, f"the stores of {worker.name}")

    def stop_workers(self):
        for worker in self.workers.values():
            worker.signal(signal.SIGTERM)
        for worker in self.workers.values():
            code = worker.child.wait()
            if code != 0:
                raise Failed(f"worker {worker.name} ended with {code}")

    def stop_follower(self):
        self.follower.signal(signal.SIGTERM)
        if self.follower.wait() != 0:
            raise Failed(f"the reader beside failed: {self.directory / 'follower.log'}")

    def judge(self, with_stores=True):
        """The verdict of the verifier, which is a process that has nothing to do with us."""
        files = {}
        if self.follower:
            files = {"seen": self.directory / "seen",
                     "regressions": self.directory / "regressions"}
        if with_stores:
            files["stores"] = ",".join(str(worker.dump) for worker in self.workers.values())
        done = subprocess.run([str(word) for word in
                               self.program("verifier", command=["judge"], **files)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode not in (0, 3):
            raise Failed(f"no verdict: {done.stderr}")
        return json.loads(done.stdout)

    def close(self):
        for child in [w.child for w in self.workers.values()] + [self.input, self.follower]:
            if child is not None:
                child.end()
        for proxy in self.proxies:
            proxy.stop()
        if self.brokers is not None:
            self.brokers.clean()
        self._fault_log.close()
