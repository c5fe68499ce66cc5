#!/usr/bin/env python3
"""Java programs read what we write and write what we read: Kafka's console consumer, a plain
producer, and a Kafka Streams application that runs the same topologies (bench/peer).

usage: with_brokers.py -- interop_test.py BENCH_PROGRAM SOURCE_DIRECTORY [unittest arguments]
"""

import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ORDERS = 20_000
CUSTOMERS = 500
PARTITIONS = 4
DEADLINE_S = 120  # for what takes a JVM some seconds


class Build:
    """Set by main()."""

    program = None
    source = None


class Interop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.brokers = os.environ["MILLRACE_KAFKA"]
        directory = tempfile.TemporaryDirectory(prefix="millrace-interop-")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name)
        start_ms = int(time.time() * 1000) - 60_000
        cls.ours("produce", "--orders", ORDERS, "--customers", CUSTOMERS, "--partitions",
                 PARTITIONS, "--start-ms", start_ms)

    @staticmethod
    def run_program(*command):
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=DEADLINE_S, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    @classmethod
    def ours(cls, *arguments):
        return cls.run_program(Build.program, "--log", f"kafka://{cls.brokers}", *arguments)

    def count(self, name, *options):
        """Our own count of a topic's orders, as a digest of its output."""
        self.ours("create", name, "--partitions", PARTITIONS)
        self.ours("run", "--until-idle", "--topology", "count", "--output", name, "--app", name,
                  "--state", self.directory / name, *options)
        return self.digest(name)

    def digest(self, topic):
        return json.loads(self.ours("digest", topic))

    def peer(self, command, **options):
        jars = Build.source / "build/peer/lib/*"
        words = ["java", "-Xmx256m", "-cp", str(jars), "millrace.peer.Peer", command,
                 f"--bootstrap={self.brokers}"]
        return words + [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]

    def kafka_streams(self, topology, output, records):
        """Runs the Kafka Streams application until it has read so many records."""
        self.ours("create", output, "--partitions", PARTITIONS)
        command = self.peer("run", topology=topology, output=output, app=output,
                            state=self.directory / output, cache_bytes=0)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            overdue = threading.Timer(DEADLINE_S, process.kill)
            overdue.start()
            lines = []
            for line in process.stdout:
                lines.append(line.split())
                if lines[-1] == ["processed", str(records)]:
                    process.send_signal(signal.SIGTERM)
            overdue.cancel()
            self.assertIn(["stopped"], lines, process.stderr.read())

    def test_the_console_consumer_reads_our_committed_records(self):
        kafka = Build.source / "tests/integration/kafka/servers/kafka.sh"
        out = self.run_program(
            kafka, "tool", "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server",
            self.brokers, "--topic", "orders", "--from-beginning", "--isolation-level",
            "read_committed", "--max-messages", ORDERS, "--timeout-ms", 60_000,
            "--formatter-property", "print.partition=true", "--formatter-property",
            "print.key=true", "--formatter-property", "print.value=false")
        partitions = collections.defaultdict(set)
        lines = out.splitlines()
        self.assertEqual(len(lines), ORDERS)
        for line in lines:
            partition, key = line.split("\t")
            partitions[key].add(partition)
        self.assertEqual(len(partitions), CUSTOMERS)
        self.assertTrue(all(len(of_key) == 1 for of_key in partitions.values()))

    def test_kafka_streams_makes_of_our_records_what_we_do(self):
        self.kafka_streams("count", "streams-count", ORDERS)
        theirs = self.digest("streams-count")
        self.assertEqual(theirs["records"], ORDERS)
        self.assertEqual(theirs, self.count("our-count"))

    def test_we_make_of_kafka_streams_records_what_we_do_of_our_own(self):
        self.kafka_streams("pass", "streams-pass", ORDERS)
        of_theirs = self.count("count-of-theirs", "--input", "streams-pass")
        self.assertEqual(of_theirs["records"], ORDERS)
        self.assertEqual(of_theirs, self.count("count-of-ours"))

    def test_a_java_producers_records_are_where_we_look_for_their_keys(self):
        self.ours("create", "java-orders", "--partitions", PARTITIONS)
        out = self.run_program(*self.peer("load", topic="java-orders", rate=50_000,
                                          records=ORDERS, keys=CUSTOMERS))
        self.assertIn(f"loaded {ORDERS}", out)
        self.assertEqual(self.digest("java-orders")["misplaced"], 0)
        # Each one meets its customer, whom we have written.
        self.ours("create", "java-sales", "--partitions", PARTITIONS)
        self.ours("run", "--until-idle", "--topology", "join", "--input", "java-orders", "--output",
                  "java-sales", "--app", "java-sales", "--state", self.directory / "java-sales")
        self.assertEqual(self.digest("java-sales")["records"], ORDERS)


if __name__ == "__main__":
    Build.program, Build.source = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    del sys.argv[1:3]
    unittest.main(verbosity=2)
