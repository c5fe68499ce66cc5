"""Running the millrace binary as its users do: commands, workers in the background, temporary logs.

Nothing here sleeps: what has to happen is waited for, and a wait that takes too long is a failure.
"""

import contextlib
import json
import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

DEADLINE_S = 30  # for what should take no time at all, on a machine that is busy


class Build:
    """Set by main() of the test."""

    binary = None
    source = None


class Background:
    """A process whose lines can be waited for. Ends with the `with` block, killed if need be."""

    def __init__(self, *command, env=None, stdin=subprocess.DEVNULL):
        self.process = subprocess.Popen([str(part) for part in command], stdin=stdin, env=env,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.errors, self.output = [], []
        self._lines = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read, args=(stream, kept), daemon=True)
            for stream, kept in ((self.process.stdout, self.output),
                                 (self.process.stderr, self.errors))]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, kept):
        for line in stream:
            kept.append(line.rstrip("\n"))
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, seen):
        """Until seen() holds; it is asked again after every line that the process writes."""
        deadline = time.monotonic() + DEADLINE_S
        ended = 0
        while not seen():
            assert ended < 2, f"the process ended before: {self.output} {self.errors}"
            try:
                ended += self._lines.get(timeout=max(deadline - time.monotonic(), 0)) is None
            except queue.Empty:
                raise AssertionError(f"waited in vain: {self.output} {self.errors}") from None

    def stop(self, with_signal=signal.SIGTERM):
        """Sends the signal; returns (exit code, seconds that it took)."""
        started = time.monotonic()
        self.process.send_signal(with_signal)
        return self.wait(), time.monotonic() - started

    def wait(self):
        """The exit code; then output and errors are complete."""
        code = self.process.wait(DEADLINE_S)
        for reader in self._readers:
            reader.join(DEADLINE_S)
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for reader in self._readers:  # they end with the pipes
            reader.join(DEADLINE_S)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


class CliTest(unittest.TestCase):
    """A test with a log of its own."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="millrace-cli-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.log = self.directory / "log"
        self.env = {"MILLRACE_LOG": f"local:{self.log}", "PATH": "/usr/bin:/bin"}

    def run_millrace(self, *arguments, stdin="", code=0, **options):
        """Runs a command; its exit code must be `code`."""
        options.setdefault("stdout", subprocess.PIPE)
        done = subprocess.run([str(Build.binary), *map(str, arguments)], input=stdin,
                              env={**self.env, **options.pop("env", {})}, stderr=subprocess.PIPE,
                              text=True, timeout=DEADLINE_S, check=False, **options)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def fails(self, *arguments, code=1, says, **options):
        """The command fails with `code` and its message has all these words."""
        done = self.run_millrace(*arguments, code=code, **options)
        for words in [says] if isinstance(says, str) else says:
            self.assertIn(words, done.stderr)
        return done

    def create(self, topic, partitions=1):
        self.run_millrace("topic", "create", topic, "--partitions", partitions)

    def produce(self, *records, **options):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        return self.run_millrace("topic", "produce", stdin=lines, **options)

    def consume(self, topic, *arguments):
        out = self.run_millrace("topic", "consume", topic, "--exit-at-end", *arguments).stdout
        return [json.loads(line) for line in out.splitlines()]

    def start(self, *arguments, **options):
        process = Background(Build.binary, *arguments, env=self.env, **options)
        self.addCleanup(process.__exit__)
        return process

    def start_worker(self, *arguments):
        """`millrace run` in the background, up and answering."""
        worker = self.start("run", *arguments)
        worker.wait_for(lambda: any(line.startswith("running ") for line in worker.errors))
        return worker

    def until(self, holds):
        """Asks again and again; each time is at least one process."""
        deadline = time.monotonic() + DEADLINE_S
        while not holds():
            self.assertLess(time.monotonic(), deadline, "waited in vain")


def main():
    binary, source = sys.argv[1:3]
    del sys.argv[1:3]
    Build.binary = pathlib.Path(binary).resolve()
    Build.source = pathlib.Path(source).resolve()
    unittest.main(module="__main__", verbosity=2)
