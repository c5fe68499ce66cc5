#!/usr/bin/env python3
"""The millrace binary on Kafka: topics, records, a worker, settings.

usage: kafka_cli_test.py MILLRACE SOURCE_DIRECTORY [unittest arguments], with MILLRACE_KAFKA set, as
with_brokers.py does.
"""

import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from cli_process import CliTest, main  # pylint: disable=wrong-import-position


class OnKafka(CliTest):
    def setUp(self):
        super().setUp()
        self.url = "kafka://" + os.environ["MILLRACE_KAFKA"]
        self.env["MILLRACE_LOG"] = self.url
        for topic in self.topics("--internal"):
            self.fail(f"a topic of another test: {topic}")
        self.addCleanup(self.delete_topics)

    def delete_topics(self):
        """The binary has no command for it: the broker's own tool, once per test."""
        kafka = pathlib.Path(__file__).resolve().parent / "servers" / "kafka.sh"
        topics = [topic.replace(".", r"\.") for topic in self.topics("--internal")]
        if topics:
            self.run_tool(kafka, "tool", "org.apache.kafka.tools.TopicCommand",
                          "--bootstrap-server", os.environ["MILLRACE_KAFKA"], "--delete",
                          "--topic", "|".join(topics))

    def run_tool(self, *command):
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL,
                       timeout=60)

    def topics(self, *arguments):
        out = self.run_millrace("topic", "list", "--json", *arguments).stdout
        return {row["topic"]: row for row in map(json.loads, out.splitlines())}

    def counts(self):
        counts = collections.defaultdict(list)
        for record in self.consume("word-counts"):
            counts[record["key"]].append(record["value"])
        return dict(counts)


class Topics(OnKafka):
    def test_records_go_in_and_come_out(self):
        self.run_millrace("topic", "create", "t", "-p", 3, "-c", "cleanup.policy=compact")
        self.assertEqual(self.topics()["t"]["cleanup_policy"], "compact")
        records = [
            {"topic": "t", "partition": 2, "timestamp": 0, "key": "a", "value": "x"},
            {"topic": "t", "partition": 2, "timestamp": 7, "key": "", "value": None,
             "headers": [["h", "1"], ["h", None]]},
        ]
        self.produce(*records)
        read = [{name: value for name, value in record.items() if name != "offset"}
                for record in self.consume("t", "--partition", 2)]
        self.assertEqual(read, records)
        text = self.run_millrace("topic", "describe", "t").stdout
        self.assertRegex(text, r"cleanup.policy +compact")
        self.fails("topic", "produce", stdin='{"topic":"t","value":"v"}\n',
                   says=["'t'", "without a key", "nothing is written"])
        self.fails("topic", "describe", "none", says="there is no topic 'none'")

    def test_a_worker_counts_goes_on_and_gets_its_state_back(self):
        state = self.directory / "state"
        lines = [{"topic": "lines", "key": "k", "value": "to be or not to be"}] * 50
        run = ("run", "-t", "word-count", "--state", state, "--until-idle")
        self.create("lines", partitions=2)  # the output is the worker's to make
        expected = 0
        for lose_state in (False, True, False):
            if lose_state:
                shutil.rmtree(state)
            self.produce(*lines)
            self.run_millrace(*run)
            expected += 100
            self.assertEqual(self.counts()["to"], list(range(1, expected + 1)))
        self.assertIn("word-count-counts-changelog", self.topics("--internal"))

    def test_state_lies_in_the_current_directory_unless_told_otherwise(self):
        self.create("lines")
        self.run_millrace("run", "-t", "word-count", "--until-idle", "--app", "app",
                          cwd=self.directory)
        self.assertTrue((self.directory / "millrace-state" / "app").is_dir())


class Settings(OnKafka):
    def test_the_file_names_log_and_properties(self):
        config = self.directory / "mill.toml"
        config.write_text(f'log = "{self.url}"\n[kafka]\nclient.id = "me"\nlinger.ms = 1\n',
                          encoding="utf-8")
        del self.env["MILLRACE_LOG"]
        self.run_millrace("topic", "create", "t", "--config", config)
        config.write_text(f'log = "{self.url}"\n[kafka]\nlinger.ms = "soon"\n', encoding="utf-8")
        self.fails("topic", "produce", "--config", config, says="linger.ms",
                   stdin='{"topic":"t","value":"v"}\n')
        config.write_text(f'log = "{self.url}"\n[kafka]\nisolation.level = "x"\n',
                          encoding="utf-8")
        self.fails("topic", "list", "--config", config, code=2, says="isolation.level")
        self.env["MILLRACE_LOG"] = self.url

    def test_secrets_are_not_taken_from_the_command_line(self):
        done = self.fails("topic", "list", "--kafka-property", "sasl.password=hunter2", code=2,
                          says="sasl.password_file=PATH")
        self.assertNotIn("hunter2", done.stderr)

    def test_what_is_not_committed_is_shown_to_those_who_ask_and_are_told(self):
        self.create("t")
        self.produce({"topic": "t", "value": "v"})
        shown = self.run_millrace("topic", "consume", "t", "-e", "--isolation", "read_uncommitted")
        self.assertIn('"value":"v"', shown.stdout)
        self.assertIn("aborted transactions", shown.stderr)
        self.assertEqual(self.run_millrace("topic", "consume", "t", "-e").stderr, "")
        self.fails("topic", "consume", "t", "--log", "local:x", "--isolation", "read_uncommitted",
                   code=2, says="committed records only")

    def test_a_broker_that_is_not_there_is_one_line(self):
        for command in (("topic", "list"), ("run", "-t", "word-count", "--until-idle",
                                            "--kafka-property", "connect-timeout=500ms")):
            done = self.fails(*command, "--log", "kafka://127.0.0.1:1",
                              says=["127.0.0.1:1", "Connection refused"])
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


if __name__ == "__main__":
    main()
