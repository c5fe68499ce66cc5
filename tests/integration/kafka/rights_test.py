#!/usr/bin/env python3
"""The table of rights in docs/kafka.md: with all of it a worker works, and without any one of its
lines it stops and names what it lacks.

usage: rights_test.py MILLRACE SOURCE_DIRECTORY [unittest arguments], with MILLRACE_KAFKA and
MILLRACE_KAFKA_CA set, as with_secure_broker.py does.
"""

import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from cli_process import CliTest, main  # pylint: disable=wrong-import-position
from with_secure_broker import PASSWORDS, WITHOUT  # pylint: disable=wrong-import-position

SOURCE = pathlib.Path(__file__).resolve().parents[3]
APP = "rights"
# What the table says -> kind, pattern and name for this application.
RESOURCES = {
    "topics: its inputs": [("topic", "literal", "lines")],
    "topics: its outputs": [("topic", "literal", "word-counts")],
    "topics: prefix `APP-`": [("topic", "prefixed", f"{APP}-")],
    "topic: `__millrace-deployments`": [("topic", "literal", "__millrace-deployments")],
    "topics: `<input>-dlq`": [("topic", "literal", "lines-dlq")],
    "group: `APP`": [("group", "literal", APP)],
    "transactional ids: prefixes `APP-` and `millrace-`": [
        ("transactional-id", "prefixed", f"{APP}-"), ("transactional-id", "prefixed", "millrace-")],
}


def table():
    """(resource, operations) of each line."""
    text = (SOURCE / "docs/kafka.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text.split("## Rights")[1].split("\n## ")[0], re.M)
    return [(resource, re.findall(r"\b[A-Z][A-Za-z]+\b", re.sub(r"\(.*\)", "", operations)))
            for resource, operations in rows if resource in RESOURCES]


def tool(name, *arguments):
    folder = pathlib.Path(os.environ["MILLRACE_KAFKA_CA"]).parent
    script = SOURCE / "tests/integration/kafka/servers/kafka.sh"
    subprocess.run([str(part) for part in (
        script, "tool", name, "--bootstrap-server", os.environ["MILLRACE_KAFKA"],
        "--command-config", folder / "admin.properties", *arguments)],
        check=True, stdout=subprocess.DEVNULL, timeout=60)


def grant(resource, operations, principals):
    for kind, pattern, name in RESOURCES[resource]:
        tool("org.apache.kafka.tools.AclCommand", "--add", f"--{kind}", name,
             "--resource-pattern-type", pattern,
             *(word for operation in operations for word in ("--operation", operation)),
             *(word for principal in principals
               for word in ("--allow-principal", f"User:{principal}")))


class Rights(CliTest):
    def setUp(self):
        super().setUp()
        del self.env["MILLRACE_LOG"]
        self.config = self.directory / "mill.toml"
        self.be("broker")

    def be(self, user):
        self.config.write_text(f'''log = "kafka://{os.environ["MILLRACE_KAFKA"]}"
[kafka]
security.protocol = "SASL_SSL"
sasl.mechanism = "PLAIN"
sasl.username = "{user}"
sasl.password_env = "PASSWORD"
ssl.ca.location = "{os.environ["MILLRACE_KAFKA_CA"]}"
''', encoding="utf-8")
        self.env["PASSWORD"] = PASSWORDS[user]

    def work(self):
        return ("run", "--config", self.config, "--app", APP, "-t", "word-count", "--state",
                self.directory / "state", "--until-idle")

    def produce_lines(self, *times):
        self.be("broker")
        records = "".join(f'{{"topic":"lines","key":"k","value":"word","timestamp":{time}}}\n'
                          for time in times)
        self.run_millrace("topic", "produce", "--config", self.config, stdin=records)

    def test_the_table_is_enough_and_none_of_its_lines_is_too_much(self):
        rows = table()
        self.assertEqual(len(rows), len(RESOURCES), "docs/kafka.md has another table")
        for topic in ("lines", "word-counts"):
            self.run_millrace("topic", "create", topic, "-p", 2, "--config", self.config)
        for lacking, (resource, operations) in enumerate(rows):
            others = [name for number, name in enumerate(WITHOUT) if number != lacking]
            grant(resource, operations, ["worker", *others])
            grant(resource, [name for name in operations if name != "Create"], ["maker_of_none"])

        # A record from the far future is refused, so that the dead letters are needed, too.
        self.produce_lines(1_000, 4_000_000_000_000)
        for lacking, (resource, _) in enumerate(rows):
            name = RESOURCES[resource][0][2]
            with self.subTest(lacking=resource):
                self.be(WITHOUT[lacking])
                self.fails(*self.work(), says=f"'{name}")
        self.be("worker")
        self.run_millrace(*self.work())
        self.produce_lines(2_000)
        self.be("maker_of_none")  # all topics are there now
        self.run_millrace(*self.work())
        self.be("broker")
        counts = [record["value"] for record in self.consume("word-counts", "--config", self.config)]
        self.assertEqual(counts, [1, 2])


if __name__ == "__main__":
    main()
