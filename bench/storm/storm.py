#!/usr/bin/env python3
"""Measures ordinary posts beside a star's: quiet, then in the storm, then with a kill -9 in it.

usage: storm.py MILLRACE_STORM DIRECTORY [OPTION OF millrace-storm…]

DIRECTORY gets a log of a few hundred MB; it must not exist. About ten minutes with a million
followers. The last line is the ratio of the delays, which is to stay below 2.
"""

import json
import pathlib
import signal
import subprocess
import sys
import time


def main(binary, directory, options):
    def command(name):
        return [binary, name, directory, *options]

    def run(name):
        done = subprocess.run(command(name), check=True, stdout=subprocess.PIPE, text=True)
        report = json.loads(done.stdout.splitlines()[-1])
        print(f"{name:8} {report}", flush=True)
        return report

    if pathlib.Path(directory).exists():
        sys.exit(f"{directory} exists")
    run("prepare")
    quiet = run("quiet")
    storm = run("storm")
    run("check")
    process = subprocess.Popen(command("storm"), stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    time.sleep(storm["star_seconds"] / 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    print("killed", flush=True)
    run("finish")
    run("check")
    print(f"p99 in the storm / quiet: {storm['p99_ms'] / quiet['p99_ms']:.2f}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
