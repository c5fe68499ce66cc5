#!/usr/bin/env python3
"""The millrace binary without a worker: topics, records, messages, exit codes, settings.

usage: cli_test.py MILLRACE SOURCE_DIRECTORY [unittest arguments]
"""

import base64
import json
import os
import re
import shlex
import signal
import subprocess

from cli_process import Build, CliTest, main


class Readme(CliTest):
    def test_the_commands_of_using_it_run_as_they_are_printed(self):
        text = (Build.source / "README.md").read_text(encoding="utf-8")
        commands = re.search(r"## Using it.*?```\n(.*?)```", text, re.DOTALL)[1]
        self.assertGreater(len(commands.splitlines()), 5)
        script = commands.replace("/tmp/mill", shlex.quote(str(self.log))).replace(
            "$PWD/build/release/bin", shlex.quote(str(Build.binary.parent)))
        done = subprocess.run(["bash", "-e", "-u", "-c", script], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"]},
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        counts = {}
        for line in done.stdout.splitlines():
            if line.startswith('{"topic":"word-counts"'):
                record = json.loads(line)
                counts[record["key"]] = record["value"]
        self.assertEqual(counts, {"to": 2, "be": 2, "or": 1, "not": 1})
        self.assertRegex(done.stdout, r'{"key":"be","value":2,"timestamp":\d+}\n')
        self.assertIn("Sub-topology: 1", done.stdout)

    def test_the_file_of_the_topologies_table_is_what_the_binary_has(self):
        text = (Build.source / "README.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| \[([\w-]+)\]\(\S+\) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
        table = {name: tuple(sorted(re.findall(r"`(.*?)`", topics)) for topics in lists)
                 for name, *lists in rows}
        out = self.run_millrace("topology", "list", "--json").stdout
        topologies = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(table, {t["topology"]: (t["reads"], t["writes"]) for t in topologies})


class Trace(CliTest):
    def test_every_step_shows_what_went_in_came_out_and_changed(self):
        lines = ['{"topic":"lines","value":"a b","timestamp":7}',
                 '{"topic":"lines","value":"a","timestamp":8}']
        out = self.run_millrace("topology", "trace", "word-count", stdin="\n".join(lines)).stdout
        first, second = out.split('lines  null: "a" @8\n')
        self.assertTrue(first.startswith('lines  null: "a b" @7\n'))
        for words in ('select-key-2  out  "b": "b" @7', 'counts  in   "a": "a" @7',
                      'counts  out  "a": 1 @7', 'counts  state  counts["a"]: none -> 1',
                      '-> word-count-words-repartition-0  "a": "a" @7',
                      '-> word-counts-0  "b": 1 @7'):
            self.assertEqual(first.count(words), 1, f"{words}\n{first}")
        self.assertIn('counts["a"]: 1 -> 2', second)
        self.assertNotIn('counts["b"]', second)
        self.assertFalse((self.directory / "millrace-data").exists())

    def test_a_bad_line_is_named(self):
        self.fails("topology", "trace", "word-count", stdin='\n{"topic":"linez","value":"a"}\n',
                   says=["line 2", "does not read 'linez'", "it reads lines"])
        self.fails("topology", "trace", "word-count", stdin="nonsense", says=["line 1: not JSON"])
        self.fails("topology", "trace", "nope", says="no topology 'nope'")


class Topics(CliTest):
    def test_created_topics_are_listed_and_described(self):
        out = self.run_millrace("topic", "create", "a", "b", "-p", 3, "-c", "retention.ms=60000",
                                "-c", "cleanup.policy=compact,delete").stdout
        self.assertEqual(out, "created a\ncreated b\n")
        listed = self.run_millrace("topic", "list").stdout.splitlines()
        self.assertEqual([line.split() for line in listed],
                         [["TOPIC", "PARTITIONS", "OFFSETS"], ["a", "3", "0"], ["b", "3", "0"]])
        topic = json.loads(self.run_millrace("topic", "describe", "a", "--json").stdout)
        self.assertEqual((topic["cleanup_policy"], topic["retention_ms"], topic["retention_bytes"]),
                         ("compact,delete", 60000, -1))
        self.assertEqual(len(topic["partitions"]), 3)
        self.assertIn("retention.ms     60000", self.run_millrace("topic", "describe", "a").stdout)

    def test_a_topic_that_exists_is_an_error_unless_allowed(self):
        self.create("a")
        self.fails("topic", "create", "a", says=["'a' exists", "--if-not-exists"])
        self.assertEqual(self.run_millrace("topic", "create", "a", "--if-not-exists").stdout,
                         "exists a\n")

    def test_wrong_settings_of_a_topic_name_those_that_there_are(self):
        self.fails("topic", "create", "a", "-c", "cleanup=x", code=2,
                   says=["unknown topic setting 'cleanup'", "retention.ms"])
        self.fails("topic", "create", "a", "-c", "retention.ms=soon", code=2, says="'soon'")
        self.fails("topic", "create", "a", "-p", "0", code=2, says="--partitions")

    def test_an_unknown_topic_is_named_with_the_way_to_make_it(self):
        self.create("a")
        for command in (["describe"], ["consume"]):
            self.fails("topic", *command, "nope", says=["'nope'", "millrace topic create nope"])
        self.fails("topic", "produce", stdin='{"topic":"nope","value":"x"}\n',
                   says=["line 1", "millrace topic create nope", "nothing is written"])


class Records(CliTest):
    def setUp(self):
        super().setUp()
        self.create("t", partitions=2)

    def test_every_form_of_a_value_comes_back(self):
        raw = bytes([0, 255, 254, 10])
        encoded = base64.b64encode(raw).decode()
        self.produce(
            {"topic": "t", "partition": 1, "key": "k", "value": "text, \"ü\"\n", "timestamp": 5},
            {"topic": "t", "partition": 1, "key": None, "value": {"n": [1, True, None]}},
            {"topic": "t", "partition": 1, "key": {"id": 7}, "value": None},
            {"topic": "t", "partition": 1, "key": encoded, "key_encoding": "base64",
             "value": encoded, "encoding": "base64"},
            {"topic": "t", "partition": 1, "value": ""})
        records = self.consume("t")
        self.assertEqual([record["offset"] for record in records], [0, 1, 2, 3, 4])
        self.assertEqual([record["partition"] for record in records], [1] * 5)
        self.assertEqual(records[0]["value"], "text, \"ü\"\n")
        self.assertEqual(records[0]["timestamp"], 5)
        self.assertEqual((records[1]["key"], records[1]["value"]), (None, '{"n":[1,true,null]}'))
        self.assertEqual((records[2]["key"], records[2]["value"]), ('{"id":7}', None))
        self.assertEqual((records[3]["value"], records[3]["encoding"]), (encoded, "base64"))
        self.assertEqual((records[3]["key"], records[3]["key_encoding"]), (encoded, "base64"))
        self.assertEqual((records[4]["key"], records[4]["value"]), (None, ""))

    def test_numbers_keep_their_digits_and_lose_only_white_space(self):
        self.run_millrace("topic", "produce", "-t", "t", stdin=(
            '{"value": {"a" : 1.50, "b":[12345678901234567890123456789, -0.0, "x  y\\" "]} }\n'
            '{"key": 1e3, "value": 7}\n'))
        values = [(record["key"], record["value"]) for record in self.consume("t")]
        self.assertCountEqual(values, [
            (None, '{"a":1.50,"b":[12345678901234567890123456789,-0.0,"x  y\\" "]}'),
            ("1e3", "7")])

    def test_headers_are_pairs_or_an_object_in_their_order(self):
        self.produce({"topic": "t", "value": "x", "headers": [["b", "1"], ["a", None], ["b", 2]]})
        self.produce({"topic": "t", "value": "y", "headers": {"z": "1", "c": {"d": 1.0}}})
        headers = {record["value"]: record["headers"] for record in self.consume("t")}
        self.assertEqual(headers, {"x": [["b", "1"], ["a", None], ["b", "2"]],
                                   "y": [["z", "1"], ["c", '{"d":1.0}']]})

    def test_equal_keys_share_a_partition_and_records_without_a_key_spread(self):
        self.produce(*({"topic": "t", "key": "k", "value": str(i)} for i in range(4)))
        self.assertEqual(len({record["partition"] for record in self.consume("t")}), 1)
        self.create("spread", partitions=2)
        self.produce(*({"topic": "spread", "value": str(i)} for i in range(4)))
        self.assertEqual([r["partition"] for r in self.consume("spread")], [0, 0, 1, 1])

    def test_consume_starts_and_stops_where_it_is_told(self):
        self.produce(*({"topic": "t", "partition": 0, "value": str(i)} for i in range(10)),
                     {"topic": "t", "partition": 1, "value": "other"})
        values = lambda *flags: [record["value"] for record in self.consume("t", *flags)]
        self.assertEqual(values("-p", 0), [str(i) for i in range(10)])
        self.assertEqual(values("-p", 0, "--from", 7), ["7", "8", "9"])
        self.assertEqual(values("-p", 0, "--from", 2, "--max", 2), ["2", "3"])
        self.assertEqual(values("--from", "end"), [])
        self.assertEqual(values("-p", 1, "--from", 99), [])
        self.fails("topic", "consume", "t", "-p", 2, says="partitions 0 to 1, not 2")
        self.fails("topic", "consume", "t", "--from", "middle", code=2, says="'middle'")

    def test_the_format_is_kcats(self):
        self.produce({"topic": "t", "partition": 1, "key": "k", "value": "v", "timestamp": 9,
                      "headers": [["a", "1"], ["b", None]]},
                     {"topic": "t", "partition": 1, "value": None, "timestamp": 10})
        out = self.run_millrace("topic", "consume", "t", "-e", "-f",
                                r"%t/%p/%o %T %k(%K)=%s(%S) [%h] 100%% \x41\t|\n").stdout
        self.assertEqual(out, "t/1/0 9 k(1)=v(1) [a=1,b=NULL] 100% A\t|\n"
                              "t/1/1 10 NULL(-1)=NULL(-1) [] 100% A\t|\n")
        self.fails("topic", "consume", "t", "-f", "%q", says=["'%q'", "position 1", "%s"])
        self.fails("topic", "consume", "t", "-f", "%s", "--json", code=2, says="--format")

    def test_a_bad_line_is_named_and_what_came_before_is_durable(self):
        for bad, why in (('{"topic":', "not JSON"), ("[1]", "not a JSON object"),
                         ('{"topic":"t","velue":1}', 'unknown field "velue"'),
                         ('{"topic":"t","partition":2}', "partitions 0 to 1, not 2"),
                         ('{"topic":"t","timestamp":"now"}', '"timestamp"'),
                         ('{"topic":"t","value":"*","encoding":"base64"}', "not valid base64"),
                         ('{"value":"x"}', "--topic")):
            before = len(self.consume("t"))
            lines = f'{{"topic":"t","value":"1"}}\n\n{{"topic":"t","value":"2"}}\n{bad}\n{{}}\n'
            self.fails("topic", "produce", stdin=lines, says=[
                "line 4: ", why, "2 records are written, up to line 3; go on from line 4"])
            self.assertEqual(len(self.consume("t")), before + 2)

    def test_a_file_is_read_and_a_last_line_needs_no_newline(self):
        file = self.directory / "records.jsonl"
        file.write_text('{"value":"a"}\n{"value":"b"}', encoding="utf-8")
        done = self.run_millrace("topic", "produce", file, "--topic", "t")
        self.assertEqual(done.stderr, "produced 2 records\n")
        self.assertEqual(len(self.consume("t")), 2)
        self.fails("topic", "produce", self.directory / "none.jsonl", says="none.jsonl")

    def test_output_that_cannot_be_written_is_an_error_but_a_closed_pipe_is_none(self):
        self.produce(*({"topic": "t", "value": "x" * 1000} for _ in range(1000)))
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.fails("topic", "consume", "t", "-e", stdout=full, says="No space left on device")
        consume = f"{shlex.quote(str(Build.binary))} topic consume t | head -1 | wc -l"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", consume], env=self.env, text=True,
                              stdout=subprocess.PIPE, check=False)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, "1"))

    def test_a_consumer_follows_what_another_process_produces_line_by_line(self):
        self.produce({"topic": "t", "value": "first"})
        with self.start("topic", "consume", "t") as consumer:
            consumer.wait_for(lambda: consumer.output)  # it holds the log now
            self.follow(consumer)
        self.assertEqual([json.loads(line)["value"] for line in consumer.output],
                         ["first", "0", "1", "2"])

    def follow(self, consumer):
        with self.start("topic", "produce", "-t", "t", stdin=subprocess.PIPE) as producer:
            for i in range(3):
                producer.process.stdin.write(f'{{"value":"{i}"}}\n')
                producer.process.stdin.flush()  # and the pipe stays open
                consumer.wait_for(lambda n=i: len(consumer.output) > n + 1)
            producer.process.stdin.close()
            self.assertEqual(producer.wait(), 0)
            self.assertEqual(producer.errors, ["produced 3 records"])
            self.assertEqual(consumer.stop(signal.SIGINT)[0], 0)

    def test_a_stopped_producer_says_how_far_it_came(self):
        with self.start("topic", "produce", "-t", "t", stdin=subprocess.PIPE) as producer:
            producer.process.stdin.write('{"value":"a"}\n{"value":"b"}\n')
            producer.process.stdin.flush()
            self.until(lambda: len(self.consume("t")) == 2)  # answered by the producer
            self.assertEqual(producer.stop(signal.SIGTERM)[0], 1)
        self.assertIn("2 records are written, up to line 2; go on from line 3", producer.errors)


class Generate(CliTest):
    NETWORK = ["generate", "--users", 60, "--events", 2000, "--follows", 4, "--faults",
               "all,malformed=1%"]

    def generate(self, *more):
        return self.run_millrace(*self.NETWORK, *more).stdout

    def test_the_same_seed_is_the_same_stream_and_another_is_not(self):
        first = self.generate("--seed", 3)
        self.assertEqual(first, self.generate("--seed", 3))
        self.assertNotEqual(first, self.generate("--seed", 4))

    def test_lines_and_log_hold_the_records_that_the_manifest_counts(self):
        manifest = self.directory / "manifest.json"
        lines = [json.loads(line) for line in
                 self.generate("--manifest", manifest).splitlines()]
        records = json.loads(manifest.read_text())["records"]
        self.assertEqual(sum(records.values()), len(lines))
        self.run_millrace(*self.NETWORK, "--to-log", "--partitions", 2)
        topics = json.loads("[" + ",".join(
            self.run_millrace("topic", "list", "--json").stdout.splitlines()) + "]")
        held = {topic["topic"]: sum(partition["end"] for partition in topic["partitions"])
                for topic in topics}
        self.assertEqual({name: count for name, count in held.items() if count}, records)

    def test_the_ideal_stream_has_each_fact_once_in_order(self):
        lines = self.generate("--ideal").splitlines()
        times = [int(line.split()[1]) for line in lines]
        self.assertEqual(times, sorted(times))
        likes = [line.split()[3:] for line in lines if line.startswith("like ")]
        self.assertGreater(len(likes), 50)

    def test_a_log_that_is_held_is_written_to_through_topic_produce(self):
        self.create("lines")
        self.start_worker("--topology", "word-count")
        self.fails(*self.NETWORK, "--to-log", says=["holds the log", "topic produce"])

    def test_faults_that_do_not_exist_are_named(self):
        self.fails("generate", "--faults", "noise", code=2, says=["'noise'", "redelivery"])


class Settings(CliTest):
    def test_flags_win_over_the_environment_and_that_over_the_file(self):
        config = self.directory / "mill.toml"
        logs = {name: self.directory / name for name in ("flag", "env", "file")}
        config.write_text(f'log = "local:{logs["file"]}"\n', encoding="utf-8")
        flags = {"flag": ["--log", f"local:{logs['flag']}"], "env": [], "file": []}
        envs = {"flag": str(logs["env"]), "env": str(logs["env"])}
        for name in ("flag", "env", "file"):
            self.env.pop("MILLRACE_LOG", None)
            if name in envs:
                self.env["MILLRACE_LOG"] = "local:" + envs[name]
            self.run_millrace("--config", config, "topic", "create", name, *flags[name])
            self.assertTrue((logs[name] / "FORMAT").exists(), name)

    def test_the_file_of_a_run_is_checked_with_lines(self):
        config = self.directory / "mill.toml"
        for text, says in (('log = "x\n', ":1: "), ("\nlogs = 1\n", ":2: unknown setting 'logs'"),
                           ("log = 5\n", ":1: 'log' must be a string"),
                           ("[run]\nthreads = \"two\"\n", ":2: 'threads' must be a whole number"),
                           ("[run]\nthreads = 0\n", "from 1 to 1024"),
                           ("[run]\nthread = 1\n", ":2: unknown setting 'thread' in [run]; known"),
                           ("run = 3\n", ":1: 'run' must be a table"),
                           ("[run]\ntopologies = \"a\"\n", ":2: 'topologies' must be a list"),
                           ("[run]\ncommit-interval = \"soon\"\n", ":2: 'commit-interval' must"),
                           ("[run]\nstate-cache = \"much\"\n", ":2: 'state-cache' must")):
            config.write_text(text, encoding="utf-8")
            self.fails("topic", "list", "--config", config, code=2, says=["mill.toml", says])
        self.fails("topic", "list", "--config", "/no/such.toml", code=2, says="/no/such.toml")
        config.write_text('[run]\ntopologies = ["no-such"]\n', encoding="utf-8")
        self.fails("run", "--config", config, says="no topology 'no-such'")

    def test_a_wrong_log_is_named(self):
        self.fails("topic", "list", "--log", "redis://b:9092", says=["redis://b:9092", "local:DIR"])
        self.fails("run", "--log", "redis://b:9092", says=["redis://b:9092", "local:DIR"])
        self.fails("topic", "list", "--log", "data", says="did you mean local:data?")
        self.fails("topic", "list", "--log", "local:", code=2, says="local:DIRECTORY")
        self.fails("topic", "list", says=[f"no log in '{self.log}'", "--log"])
        missing = self.directory / "no" / "log"
        for command in (["topic", "create", "a"], ["run"]):
            self.fails(*command, "--log", f"local:{missing}",
                       says=[str(missing), f"'{missing.parent}' does not exist"])
        (self.directory / "foreign").mkdir()
        (self.directory / "foreign" / "thesis.tex").touch()
        self.fails("run", "--log", f"local:{self.directory}/foreign", says="thesis.tex")


class CommandLine(CliTest):
    def test_help_is_output_and_names_every_command_and_flag(self):
        out = self.run_millrace("--help").stdout
        for word in ("run", "topic", "topology", "state", "--log", "--state", "--config",
                     "--version", "MILLRACE_LOG", "MILLRACE_STATE"):
            self.assertIn(word, out)
        commands = {
            "run": ["--topology", "--until-idle", "--threads", "--partitions", "--app",
                    "--commit-interval", "one per core"],
            "topic": ["list", "create", "describe", "produce", "consume"],
            "topic list": ["--json", "--internal"],
            "topic create": ["--partitions", "--topic-config", "--if-not-exists"],
            "topic describe": ["--json"],
            "topic produce": ["--topic", "A line: {", "base64"],
            "topic consume": ["--from", "--partition", "--max", "--exit-at-end", "--format", "%k"],
            "topology": ["list", "describe"], "topology list": ["--json"],
            "topology describe": ["--format", "dot"],
            "state": ["scan"], "state scan": ["--key", "--topology", "--max", "--app"],
        }
        for command, words in commands.items():
            done = self.run_millrace(*command.split(), "--help")
            self.assertEqual(done.stderr, "")
            for word in words:
                self.assertIn(word, done.stdout, command)
        self.assertRegex(self.run_millrace("--version").stdout, r"^millrace \d+\.\d+\.\d+\n$")

    def test_a_wrong_line_exits_with_2_and_says_what_is_wrong(self):
        self.fails(code=2, says="--help")
        self.fails("topik", code=2, says="topik")
        self.fails("topic", code=2, says="--help")
        self.fails("topic", "describe", code=2, says="TOPIC")
        self.fails("run", "--commit-interval", "fast", code=2, says="'fast' is no duration")
        self.fails("run", "--threads", "0", code=2, says="--threads")
        self.fails("run", "--state-cache", "64MB", code=2, says="'64MB' is no size")
        self.fails("run", "--state-cache", "9999999999GiB", code=2, says="is no size")
        self.fails("run", "--commit-interval", "9999999999999999d", code=2, says="is no duration")
        self.fails("topology", "describe", "word-count", "--format", "svg", code=2, says="svg")

    def test_topologies_are_described_in_three_formats(self):
        describe = lambda *flags: self.run_millrace(
            "topology", "describe", "word-count", *flags).stdout
        self.assertTrue(describe().startswith("Topologies:\n"))
        self.assertIn("counts", json.dumps(json.loads(describe("--format", "json"))))
        self.assertTrue(describe("--format", "dot").startswith("digraph"))
        self.fails("topology", "describe", "nope", says=["'nope'", "feed-fan-out"])


if __name__ == "__main__":
    main()
