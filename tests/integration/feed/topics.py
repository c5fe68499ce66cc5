"""The millrace binary and what its topics hold in the end."""

import datetime
import json
import re
import subprocess
import sys

NUMBERS = re.compile(r"-?\d+")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def numbers_of(text):
    """The whole numbers of a key that has nothing else."""
    return tuple(map(int, NUMBERS.findall(text)))


def millis(text):
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (time - EPOCH) // datetime.timedelta(milliseconds=1)


def text_of(ms):
    time = EPOCH + datetime.timedelta(milliseconds=ms)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_text(*fields):
    return tuple(map(str, fields))


class Millrace:
    """`program` is the binary and what comes before its arguments."""

    def __init__(self, program, log, flags, state):
        self.program, self.log, self.flags, self.state = program, log, flags, state

    def _command(self, *arguments):
        return [str(part) for part in (*self.program, *arguments, "--log", self.log, *self.flags)]

    def run(self, *arguments, lines=()):
        done = subprocess.run(self._command(*arguments), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False,
                              input="".join(f"{line}\n" for line in lines))
        if done.returncode != 0:
            sys.exit(f"{' '.join(done.args)}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def start(self, *arguments):
        command = self._command(*arguments, "--state", self.state)
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                text=True)

    def topologies(self):
        """{name: topics that it reads}"""
        lines = map(json.loads, self.run("topology", "list", "--json").splitlines())
        return {line["topology"]: line["reads"] for line in lines}

    def topics(self):
        return {json.loads(line)["topic"] for line in self.run("topic", "list", "--json").splitlines()}

    def lines(self, topic, form):
        """Every record of the topic, in the order of its partition, as text."""
        command = self._command("topic", "consume", topic, "--exit-at-end", "--format", form)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
            yield from reader.stdout
        if reader.returncode != 0:
            sys.exit(f"{topic} cannot be read")

    def table(self, topic, wanted=lambda key: True):
        """{key: value} as text, of what the topic's records leave; a null value leaves nothing."""
        rows = {}
        for line in self.lines(topic, "%k\\t%s\\n"):
            key, _, value = line.rstrip("\n").partition("\t")
            if not wanted(key):
                continue
            if value == "NULL":
                rows.pop(key, None)
            else:
                rows[key] = value
        return rows

    def records(self, topic):
        out = self.run("topic", "consume", topic, "--exit-at-end", "--json")
        return map(json.loads, out.splitlines())
