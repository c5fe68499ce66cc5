#!/usr/bin/env python3
"""`millrace run` as a process: beside other commands, under signals, killed, on a full disk.

usage: cli_worker_test.py MILLRACE SOURCE_DIRECTORY [unittest arguments]
"""

import collections
import contextlib
import json
import os
import re
import signal
import subprocess
import threading

from cli_process import CliTest, main


class WordCount(CliTest):
    """word-count, and what it must have done."""

    def lines(self, *texts):
        return [{"topic": "lines", "key": "k", "value": text} for text in texts]

    def run_until_idle(self):
        return self.run_millrace("run", "-t", "word-count", "--until-idle").stderr

    def counts(self):
        """Each word's counts in their order: 1, 2, 3… if nothing was lost or doubled."""
        counts = collections.defaultdict(list)
        for record in self.consume("word-counts"):
            counts[record["key"]].append(record["value"])
        return dict(counts)

    def state(self, key):
        out = self.run_millrace("state", "scan", "counts", "--key", key).stdout
        return [json.loads(line)["value"] for line in out.splitlines()]

    def assert_counted(self, word, times):
        self.assertEqual(self.counts().get(word, []), list(range(1, times + 1)))
        self.assertEqual(self.state(word), [times])


class Run(WordCount):
    def test_until_idle_ends_when_everything_is_counted_and_goes_on_the_next_time(self):
        self.create("lines", partitions=4)
        self.produce(*self.lines("to be", "or not to be"))
        err = self.run_until_idle()
        self.assertIn("running word-count on local:", err)
        self.assertRegex(err, r"\d+ records processed in ")
        self.assertEqual(self.counts(), {"to": [1, 2], "be": [1, 2], "or": [1], "not": [1]})
        self.produce(*self.lines("be"))
        self.run_until_idle()
        self.assert_counted("be", 3)
        self.assertEqual(len(self.consume("word-counts")), 7)

    def test_topics_that_are_missing_are_made_with_the_partitions_asked_for(self):
        self.run_millrace("run", "-t", "word-count", "--until-idle", "--partitions", 3)
        rows = self.run_millrace("topic", "list", "--internal", "--json").stdout.splitlines()
        topics = {row["topic"]: len(row["partitions"]) for row in map(json.loads, rows)}
        self.assertEqual(topics["lines"], 3)
        self.assertEqual(topics["word-count-words-repartition"], 3)
        self.assertNotIn("repartition", self.run_millrace("topic", "list").stdout)

    def test_missing_topics_are_named_or_waited_for_when_asked_to(self):
        self.fails("run", "-t", "word-count", "--missing-topics", "fail", says="lines")
        worker = self.start("run", "-t", "word-count", "--missing-topics", "wait")
        worker.wait_for(lambda: any("not there: lines (" in line for line in worker.errors))
        self.assertIn("word-counts", self.run_millrace("topic", "list").stdout)
        self.create("lines")
        worker.wait_for(lambda: any(line.startswith("running ") for line in worker.errors))

    def test_settings_come_from_the_file(self):
        config = self.directory / "mill.toml"
        config.write_text(f"""state = "{self.directory}/elsewhere"
            [run]
            topologies = ["word-count"]
            threads = 1
            partitions = 2
            commit-interval = "20ms"
            state-cache = "16MiB"
            app = "counter"
            """, encoding="utf-8")
        self.run_millrace("--config", config, "run", "--until-idle")
        self.assertTrue((self.directory / "elsewhere" / "counter").is_dir())
        self.assertFalse((self.log / "state").exists())
        self.produce(*self.lines("a a"))
        self.run_millrace("--config", config, "run", "--until-idle")
        scan = ["--config", config, "state", "scan", "counts"]
        out = self.run_millrace(*scan, "--app", "counter").stdout
        self.assertEqual(json.loads(out)["value"], 2)
        self.fails(*scan, says=["'word-count' has never run", "--app"])

    def test_a_record_from_the_far_future_is_a_dead_letter(self):
        self.create("lines")
        year_9999 = 253_370_764_800_000
        self.produce({"topic": "lines", "value": "a", "timestamp": year_9999}, *self.lines("a"))
        self.run_until_idle()
        self.assert_counted("a", 1)
        [letter] = self.consume("lines-dlq")
        self.assertEqual((letter["value"], letter["timestamp"]), ("a", year_9999))
        self.assertIn("max_skew", json.dumps(letter["headers"]))
        self.fails("run", "--max-skew", "soon", code=2, says="'soon'")

    def test_what_is_not_there_is_named_with_what_is(self):
        self.fails("run", "-t", "word-cuont", says=["'word-cuont'", "word-count"])
        self.create("lines")
        self.fails("state", "scan", "nope", says=["no store 'nope'", "counts (word-count)"])
        self.fails("state", "scan", "counts", says="never run")
        self.fails("run", "-t", "word-count", "-t", "hot-posts", "--app", "x", says="--app")

    def test_a_lost_state_directory_is_rebuilt(self):
        self.create("lines")
        self.produce(*self.lines("a", "a"))
        self.run_until_idle()
        subprocess.run(["rm", "-r", self.log / "state"], check=True)
        self.produce(*self.lines("a"))
        self.run_until_idle()
        self.assert_counted("a", 3)


class Plan(WordCount):
    """`topology plan`: what becomes of the state of an application."""

    def plan(self, *arguments, code=0):
        out = self.run_millrace("topology", "plan", *arguments, "--json", code=code).stdout
        return [json.loads(line) for line in out.splitlines()]

    def fates(self, *arguments, code=0):
        return {change.get("store") or change["repartition"]: change["fate"]
                for change in self.plan(*arguments, code=code)}

    def test_a_change_that_loses_state_is_shown_and_refused_until_it_is_accepted(self):
        self.create("lines")
        self.assertEqual(self.fates("word-count"), {"counts": "new", "words": "new"})
        self.produce(*self.lines("a"))
        self.run_until_idle()
        self.assertEqual(self.fates("word-count"), {"counts": "kept", "words": "kept"})
        changed = ("hot-posts", "--app", "word-count")
        self.assertEqual(self.fates(*changed, code=1)["counts"], "lost")
        run = ("run", "-t", *changed, "--until-idle")
        self.fails(*run, says=["lost", "store counts", "--accept-state-loss", "topology plan"])
        self.run_millrace(*run, "--accept-state-loss")

    def test_the_worker_that_holds_the_log_compares_for_a_newer_binary(self):
        worker = self.start_worker("-t", "word-count")
        self.assertEqual(self.fates("word-count"), {"counts": "kept", "words": "kept"})
        self.assertEqual(self.fates("hot-posts", "--app", "word-count", code=1)["counts"], "lost")
        self.fails("topology", "plan", "nope", says="no topology 'nope'")
        self.assertEqual(worker.stop()[0], 0)


class Reset(WordCount):
    """An application begins again."""

    def setUp(self):
        super().setUp()
        self.create("lines", partitions=2)
        self.produce(*self.lines("to be", "or not to be"))
        self.run_until_idle()

    def test_a_dry_run_names_what_would_go_and_does_nothing(self):
        out = self.run_millrace("reset", "word-count", "--dry-run")
        self.assertIn("lines-", out.stdout)
        self.assertIn("delete  topic word-count-counts-changelog", out.stdout)
        self.assertIn("delete  state ", out.stdout)
        self.assertIn("nothing was done", out.stderr)
        self.run_until_idle()
        self.assert_counted("be", 2)

    def test_everything_is_counted_anew(self):
        self.run_millrace("reset", "word-count")
        self.run_until_idle()
        self.assertEqual(self.counts()["be"], [1, 2, 1, 2])
        self.assertEqual(self.state("be"), [2])

    def test_to_the_end_leaves_what_was_there_out(self):
        self.produce(*self.lines("late"))
        self.run_millrace("reset", "word-count", "--to", "end")
        self.produce(*self.lines("new"))
        self.run_until_idle()
        self.assertEqual(self.counts().get("late"), None)
        self.assert_counted("new", 1)

    def test_what_is_wrong_is_named(self):
        self.fails("reset", "nope", says="there are: word-count")
        self.fails("reset", "word-count", "--to", "noon", says="noon", code=2)
        self.fails("reset", "word-count", "-t", "nope", says="its inputs are: lines")
        with_worker = self.start_worker("-t", "word-count")
        self.fails("reset", "word-count", says="stop its worker first")
        del with_worker

    def test_a_stopped_application_has_its_lag_described(self):
        self.assertIn("lag in all: 0 records", self.run_millrace("group", "describe",
                                                                 "word-count").stdout)
        self.produce(*self.lines("one", "two", "three"))
        group = json.loads(self.run_millrace("group", "describe", "word-count", "--json").stdout)
        self.assertEqual(sum(row["lag"] for row in group["inputs"]), 3)
        self.assertTrue(any(row.get("lag_seconds", -1) >= 0 for row in group["inputs"]))
        self.fails("group", "describe", "nope", says="there are: word-count")


class Beside(WordCount):
    """Other commands while a worker holds the log."""

    def setUp(self):
        super().setUp()
        self.worker = self.start_worker("-t", "word-count")

    def test_commands_are_answered_by_the_worker(self):
        self.create("extra", partitions=2)
        self.assertIn("extra", self.run_millrace("topic", "list").stdout)
        tasks = self.run_millrace("tasks", "--json").stdout.splitlines()
        self.assertEqual({json.loads(line)["state"] for line in tasks}, {"running"})
        self.fails("topic", "create", "extra", says="'extra' exists")
        self.fails("topic", "describe", "nope", says="'nope'")
        self.fails("topic", "consume", "extra", "-f", "%q", says="'%q'")
        self.produce(*self.lines("a b", "a"))
        self.until(lambda: self.state("a") == [2])
        self.assertEqual(self.counts(), {"a": [1, 2], "b": [1]})
        self.fails("state", "scan", "nope", says="no store 'nope'")
        self.assertEqual(self.run_millrace("topic", "describe", "extra", "--json").returncode, 0)

    def test_a_bad_line_is_named_and_what_came_before_is_counted(self):
        lines = "".join(json.dumps(line) + "\n" for line in self.lines(*["w"] * 1000))
        self.fails("topic", "produce", stdin=lines + "{bad\n" + lines,
                   says=["line 1001: not JSON", "1000 records are written, up to line 1000"])
        self.until(lambda: self.state("w") == [1000])

    def test_a_pipe_is_counted_while_it_is_open(self):
        with self.start("topic", "consume", "word-counts") as consumer, \
                self.start("topic", "produce", "-t", "lines", stdin=subprocess.PIPE) as producer:
            for i in range(1, 4):
                producer.process.stdin.write('{"value":"pipe"}\n')
                producer.process.stdin.flush()
                consumer.wait_for(lambda n=i: len(consumer.output) == n)
            producer.process.stdin.close()
            self.assertEqual(producer.wait(), 0)
            self.assertEqual(consumer.stop(signal.SIGINT)[0], 0)

    def test_a_large_file_goes_through(self):
        file = self.directory / "lines.jsonl"
        file.write_text("".join(f'{{"key":"{i}","value":"{"x" * 200}"}}\n' for i in range(50_000)),
                        encoding="utf-8")
        self.create("big")
        done = self.run_millrace("topic", "produce", file, "-t", "big")
        self.assertEqual(done.stderr, "produced 50000 records\n")
        self.assertEqual([record["key"] for record in self.consume("big")],
                         [str(i) for i in range(50_000)])

    def test_a_second_worker_is_refused_with_the_pid_of_the_first(self):
        self.fails("run", "-t", "word-count", "--until-idle",
                   says=[f"held by process {self.worker.process.pid}", "stop that one"])

    def test_the_configuration_file_is_the_clients(self):
        (self.directory / "here.toml").write_text(f'log = "local:{self.log}"\n', encoding="utf-8")
        del self.env["MILLRACE_LOG"]
        self.run_millrace("topic", "list", "--config", "here.toml", cwd=self.directory)

    def test_clients_are_told_when_the_worker_stops(self):
        with self.start("topic", "consume", "word-counts") as consumer, \
                self.start("topic", "produce", "-t", "lines", stdin=subprocess.PIPE) as producer:
            producer.process.stdin.write('{"value":"last"}\n')
            producer.process.stdin.flush()
            consumer.wait_for(lambda: consumer.output)
            code, seconds = self.worker.stop()
            self.assertEqual(code, 0)
            self.assertLess(seconds, 5)
            self.assertEqual(consumer.wait(), 1)
            self.assertEqual(producer.wait(), 1)
        self.assertIn("the process that holds the log stops", "".join(consumer.errors))
        self.assertIn("1 record is written, up to line 1; go on from line 2", producer.errors)
        self.assert_counted("last", 1)


class Stopping(WordCount):
    def produced(self, worker, word, times):
        """Sends lines of one word each and returns before they are counted."""
        self.produce(*self.lines(*[word] * times))
        self.assertIsNone(worker.process.poll())

    def test_a_signal_stops_within_five_seconds_with_everything_committed(self):
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            worker = self.start_worker("-t", "word-count")
            word = signal_number.name.lower()
            self.produced(worker, word, 20_000)
            code, seconds = worker.stop(signal_number)
            self.assertEqual(code, 0, worker.errors)
            self.assertLess(seconds, 5)
            # What it had counted is committed, in order, and the next run goes on behind it.
            before = self.counts().get(word, [])
            self.assertEqual(before, list(range(1, len(before) + 1)))
            self.run_until_idle()
            self.assert_counted(word, 20_000)

    def test_a_killed_worker_loses_and_doubles_nothing(self):
        total = 0
        for _ in range(3):
            worker = self.start_worker("-t", "word-count", "--commit-interval", "10ms")
            self.produced(worker, "w", 5_000)
            total += 5_000
            self.until(lambda: self.state("w"))  # it is at work
            self.assertEqual(worker.stop(signal.SIGKILL)[0], -signal.SIGKILL)
        self.run_until_idle()
        self.assert_counted("w", total)

    def test_a_client_of_a_killed_worker_says_so(self):
        worker = self.start_worker("-t", "word-count")
        with self.start("topic", "produce", "-t", "lines", stdin=subprocess.PIPE) as producer:
            producer.process.stdin.write('{"value":"a"}\n')
            producer.process.stdin.flush()
            self.until(lambda: len(self.consume("lines")) == 1)
            worker.stop(signal.SIGKILL)
            self.assertEqual(producer.wait(), 1)
        self.assertIn("was killed", "".join(producer.errors))
        self.run_until_idle()
        self.assert_counted("a", 1)


class DeadLetters(CliTest):
    def test_malformed_changes_are_kept_with_their_bytes_and_headers(self):
        follow = {"follower_id": 2, "followee_id": 1, "created_at": "2024-01-01T00:00:00Z"}
        post = {"id": 8, "author_id": 1, "body": "hi", "visibility": "public",
                "created_at": "2024-01-01T00:00:01Z"}
        key = {"follower_id": 2, "followee_id": 1}
        broken = '{"before":null,"after":{"id":7,'
        change = lambda table, row: {"before": None, "after": row, "op": "c",
                                     "ts_ms": 1704067200000,
                                     "source": {"table": table, "ts_ms": 1704067200000}}
        self.run_millrace("topic", "create", "cdc.posts", "cdc.follows", "-p", 2)
        self.produce({"topic": "cdc.follows", "key": key, "value": change("follows", follow)},
                     {"topic": "cdc.posts", "key": {"id": 7}, "value": broken, "timestamp": 5,
                      "headers": [["trace", "abc"], ["empty", None]]},
                     {"topic": "cdc.posts", "key": {"id": 8}, "value": change("posts", post)})
        self.run_millrace("run", "-t", "feed-fan-out", "--until-idle")
        letters = self.consume("cdc.posts-dlq")
        self.assertEqual([(letter["key"], letter["value"], letter["timestamp"])
                          for letter in letters], [('{"id":7}', broken, 5)])
        headers = letters[0]["headers"]
        self.assertEqual(headers[:2], [["trace", "abc"], ["empty", None]])
        why = dict(headers[2:])
        self.assertTrue(any(value == "cdc.posts" for value in why.values()), why)
        self.assertGreaterEqual(len(why), 6)
        self.assertEqual(len(self.consume("feed.entries.v1")), 1)  # the good ones went on


class FullDisk(WordCount):
    SIZE_MB = 400
    RESERVE_MB = 128  # what the log keeps free, to flush its buffers

    def setUp(self):
        super().setUp()
        self.disk = self.directory / "disk"
        self.disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.SIZE_MB}m", "tmpfs",
                                  self.disk], stderr=subprocess.PIPE, text=True, check=False)
        if mounted.returncode != 0:
            self.skipTest(f"NOT RUN: a small file system needs the right to mount: {mounted.stderr}")
        self.addCleanup(lambda: subprocess.run(["umount", "-l", self.disk], check=True))
        self.log = self.disk / "log"
        self.env["MILLRACE_LOG"] = f"local:{self.log}"

    def fill(self, but_mb):
        """Takes all space but so much; returns the file that has it."""
        filler = self.disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            while os.statvfs(self.disk).f_bavail * os.statvfs(self.disk).f_bsize > but_mb << 20:
                file.write(bytes(1 << 16))
        return filler

    def test_the_worker_stops_with_a_message_and_goes_on_once_there_is_space(self):
        worker = self.start_worker("-t", "word-count")
        self.produce(*self.lines(*["before"] * 100))
        self.until(lambda: self.state("before") == [100])
        filler = self.fill(but_mb=self.RESERVE_MB + 8)
        with self.start("topic", "produce", "-t", "lines", stdin=subprocess.PIPE) as producer:
            feeder = threading.Thread(target=self.feed, args=(producer.process.stdin,))
            feeder.start()
            self.assertEqual(worker.wait(), 1)
            self.assertEqual(producer.wait(), 1)
            feeder.join()
        self.assertRegex("\n".join(worker.errors), "(?i)no space")
        durable = self.durable_lines("\n".join(producer.errors))
        filler.unlink()
        self.run_until_idle()
        self.assert_counted("before", 100)
        self.assertEqual(self.counts().get("during", []), list(range(1, durable + 1)))

    def feed(self, pipe):
        line = json.dumps({"value": "during " + "." * 1000}) + "\n"
        with contextlib.suppress(BrokenPipeError):
            while True:
                pipe.write(line * 100)

    def durable_lines(self, said):
        match = re.search(r"up to line (\d+); go on", said)
        self.assertTrue(match or "nothing is written" in said, said)
        return int(match[1]) if match else 0


if __name__ == "__main__":
    main()
