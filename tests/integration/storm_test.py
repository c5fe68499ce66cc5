#!/usr/bin/env python3
"""A post goes to very many feeds, and the process is killed meanwhile: each feed has it, and once.

usage: storm_test.py MILLRACE_STORM
"""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

FOLLOWERS = 40_000
OPTIONS = ("--followers", str(FOLLOWERS), "--partitions", "2", "--authors", "20", "--fans", "20")
KILLS_IN_A_JOB = 2
ROUNDS_MAX = 15


class Storm:
    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory

    def command(self, name):
        return [self.binary, name, self.directory, *OPTIONS]

    def run(self, name):
        done = subprocess.run(self.command(name), check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout.splitlines()[-1])

    def check(self):
        """(what the topic holds, whether it is whole)."""
        done = subprocess.run(self.command("check"), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        return json.loads(done.stdout), done.returncode == 0

    def kill_after(self, delay):
        """Starts a storm and kills it so many seconds after the star's post."""
        process = subprocess.Popen(self.command("storm"), stdout=subprocess.PIPE, text=True)
        line = process.stdout.readline()
        if "star" not in line:
            sys.exit(f"the storm did not begin: {line!r}")
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()


def main(binary):
    with tempfile.TemporaryDirectory(prefix="millrace-storm-") as directory:
        storm = Storm(binary, pathlib.Path(directory) / "log")
        storm.run("prepare")
        kills, posts, delay = 0, 0, 0.2
        while kills < KILLS_IN_A_JOB:
            if posts == ROUNDS_MAX:
                sys.exit("no kill met a job")
            storm.kill_after(delay)
            posts += 1
            found, _ = storm.check()
            written = found["rows"] - (posts - 1) * FOLLOWERS
            print(f"killed {delay:.2f} s after post {posts}: {written} of {FOLLOWERS} rows")
            if found["repeated"]:
                sys.exit(f"rows came twice: {found}")
            # Too early or too late: what was done in the time says where the middle is.
            if written <= 0:
                delay *= 1.5
            elif written >= FOLLOWERS:
                delay *= 0.6
            else:
                kills += 1
            storm.run("finish")
            found, whole = storm.check()
            if not whole or found["posts"] != posts:
                sys.exit(f"after {posts} posts the feeds hold {found}")
        report = storm.run("storm")
        print(f"without a kill: {report}")
        found, whole = storm.check()
        if not whole or found["posts"] != posts + 1:
            sys.exit(f"in the end the feeds hold {found}")
        if report["posts"] == 0:
            sys.exit("no ordinary post was made beside the star's")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    main(sys.argv[1])
