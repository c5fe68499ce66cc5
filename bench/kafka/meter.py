"""A worker under measurement: its lines, its CPU seconds, its memory. Nothing of other processes."""

import os
import pathlib
import queue
import signal
import subprocess
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A process did not do what it should; the message is for the user."""


def cpu_seconds(pid):
    """User and system time of all threads of a process so far."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    fields = text.rpartition(")")[2].split()  # the name may hold anything
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise Failed(f"process {pid} has no memory")


class Sample:
    """Where a worker was at one moment."""

    def __init__(self, pid, processed):
        self.processed = processed
        self.cpu = cpu_seconds(pid)
        self.time = time.monotonic()


class Worker:
    """A process that prints "running", "processed N", "restored N" and "stopped"."""

    def __init__(self, command, log_file):
        self.command = [str(part) for part in command]
        self.log_file = log_file
        self.started = time.monotonic()
        self._errors = open(log_file, "ab")
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self._errors,
                                        stdin=subprocess.DEVNULL, text=True)
        self.pid = self.process.pid
        self.lines = []
        self.processed = 0
        self._queue = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            words = line.split()
            if not words:
                continue
            if words[0] == "processed":
                self.processed = int(words[1])
            else:
                self.lines.append((time.monotonic(), words))
            self._queue.put(words)
        self._queue.put(None)

    def wait_for(self, holds, timeout):
        """Until holds() is true; it is asked again after every line. Returns holds()'s value."""
        deadline = time.monotonic() + timeout
        while True:
            value = holds()
            if value:
                return value
            try:
                ended = self._queue.get(timeout=max(deadline - time.monotonic(), 0)) is None
            except queue.Empty:
                raise Failed(f"waited {timeout} s in vain: {self}") from None
            if ended and not holds():
                raise Failed(f"ended too early: {self}")

    def line(self, first_word):
        """The last line that begins so: (when it came, its words), or None."""
        found = [line for line in self.lines if line[1][0] == first_word]
        return found[-1] if found else None

    def wait_until_running(self, timeout=120):
        return self.wait_for(lambda: self.line("running"), timeout)[0]

    def sample_at(self, processed, timeout):
        self.wait_for(lambda: self.processed >= processed, timeout)
        return Sample(self.pid, self.processed)

    def stop(self, with_signal=signal.SIGTERM, timeout=60):
        """Ends the process and returns its exit code; all its lines are there then."""
        self.process.send_signal(with_signal)
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"did not stop in {timeout} s: {self}") from None
        self._reader.join()
        return code

    def __str__(self):
        complaints = pathlib.Path(self.log_file).read_text(encoding="utf-8").splitlines()[-10:]
        return "\n  ".join([" ".join(self.command), f"processed {self.processed}", *complaints])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        self._errors.close()
