#!/usr/bin/env python3
"""Runs a command beside Kafka brokers of its own.

usage: with_brokers.py [--nodes 1|3] [--properties FILE] -- COMMAND…

The command gets MILLRACE_KAFKA=host:port[,…]; the brokers and their data are gone afterwards.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

KAFKA = pathlib.Path(__file__).resolve().parent / "servers" / "kafka.sh"


def kafka(environment, *arguments):
    result = subprocess.run(
        [str(KAFKA), *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"with_brokers.py: kafka.sh {arguments[0]} failed")
    return result.stdout


@contextlib.contextmanager
def running(nodes, properties=None):
    """Brokers for as long as the block lasts; gives the environment in which they are found."""
    # A signal ends the brokers, too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    # The data of a broker are many small synced writes.
    memory = pathlib.Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 << 30
    folder = tempfile.mkdtemp(prefix="millrace-kafka-", dir=memory if roomy else None)
    environment = dict(os.environ, KAFKA_RUN=os.path.join(folder, "run"))
    if properties:
        environment["KAFKA_PROPS"] = properties
    try:
        started = kafka(environment, "start", nodes)
        environment["MILLRACE_KAFKA"] = started.strip().rpartition("BOOTSTRAP=")[2]
        yield environment
    finally:
        kafka(environment, "clean")
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", default="1", choices=["1", "3"])
    parser.add_argument("--properties")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with running(options.nodes, options.properties) as environment:
        return subprocess.run(options.command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
