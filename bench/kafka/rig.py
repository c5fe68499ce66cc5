"""What `./dev bench kafka` runs: a broker of its own and the two sides, each with its programs."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from meter import Failed, Worker

ROOT = pathlib.Path(__file__).resolve().parents[2]
BROKER_SCRIPT = ROOT / "tests/integration/kafka/servers/kafka.sh"
JAVA_MEMORY = "-Xmx1g"


def output_of(*command, **options):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode != 0:
        words = " ".join(map(str, command))
        raise Failed(f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Broker:
    """One node on loopback with nothing in it; gone with the `with` block."""

    def __init__(self, heap="512m"):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="millrace-bench-broker-"))
        self.env = {**os.environ, "KAFKA_RUN": str(self.directory / "run"), "KAFKA_HEAP": heap}
        self.bootstrap = None

    def __enter__(self):
        out = output_of(BROKER_SCRIPT, "start", env=self.env)
        self.bootstrap = out.strip().rpartition("BOOTSTRAP=")[2].split()[0]
        return self

    def __exit__(self, *_):
        output_of(BROKER_SCRIPT, "clean", env=self.env)
        shutil.rmtree(self.directory, ignore_errors=True)


class Variant:
    """How a topology is run, by both sides."""

    def __init__(self, name, commit_ms=100, exactly_once=True, coalesce=False):
        self.name = name
        self.commit_ms = commit_ms
        self.exactly_once = exactly_once
        # One update per key and commit (Kafka Streams: its 10 MiB cache) instead of every one.
        self.coalesce = coalesce


class Rig:
    """A broker with the input, and everything that works on it."""

    def __init__(self, broker, binaries, scratch, partitions=6, threads=2):
        self.broker = broker
        self.program = pathlib.Path(binaries) / "millrace-bench-kafka"
        self.scratch = pathlib.Path(scratch)
        self.partitions = partitions
        self.threads = threads

    def ours(self, *arguments):
        return [self.program, "--log", f"kafka://{self.broker.bootstrap}", *map(str, arguments)]

    def peer(self, command, **options):
        classpath = ROOT / "build/peer/lib/*"
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        return ["java", JAVA_MEMORY, "-cp", str(classpath), "millrace.peer.Peer", command,
                f"--bootstrap={self.broker.bootstrap}", *arguments]

    def fill(self, orders, customers, start_ms):
        output_of(*self.ours("produce", "--orders", orders, "--customers", customers,
                             "--partitions", self.partitions, "--start-ms", start_ms))

    def create(self, topic):
        output_of(*self.ours("create", topic, "--partitions", self.partitions))

    def digest(self, topic):
        return json.loads(output_of(*self.ours("digest", topic)))

    def background(self, command, name):
        return Worker(command, self.scratch / f"{name}.log")


class Millrace:
    name = "millrace"

    @staticmethod
    def worker(rig, topology, variant, output, app, instance="a", standbys=0):
        command = rig.ours("run", "--topology", topology, "--output", output, "--app", app,
                           "--state", rig.scratch / f"{app}-{instance}", "--threads", rig.threads,
                           "--commit-ms", variant.commit_ms, "--instance", instance, "--standbys",
                           standbys)
        if variant.coalesce:
            command.append("--emit-on-commit")
        return rig.background(command, f"{app}-{instance}")


class Streams:
    """With its defaults, but for what the variant says, and static members, which restart faster."""

    name = "streams"

    @staticmethod
    def worker(rig, topology, variant, output, app, instance="a", standbys=0):
        guarantee = "exactly_once_v2" if variant.exactly_once else "at_least_once"
        command = rig.peer("run", topology=topology, output=output, app=app,
                           state=rig.scratch / f"{app}-{instance}", threads=rig.threads,
                           guarantee=guarantee, commit_ms=variant.commit_ms,
                           cache_bytes=(10 << 20) if variant.coalesce else 0, standbys=standbys,
                           instance=f"{app}-{instance}")
        return rig.background(command, f"{app}-{instance}")


def state_directory(rig, app, instance="a"):
    return rig.scratch / f"{app}-{instance}"


def versions(rig):
    java = subprocess.run(["java", "-version"], stderr=subprocess.PIPE, text=True, check=True)
    streams = output_of("java", "-cp", str(ROOT / "build/peer/lib/*"), "millrace.peer.Peer",
                        "version").strip()
    commit = output_of("git", "-C", ROOT, "rev-parse", "--short", "HEAD").strip()
    return {"millrace": commit, "librdkafka": library_version(rig.program), "streams": streams,
            "java": java.stderr.splitlines()[0].split('"')[1], "processors": os.cpu_count()}


def library_version(program):
    """What the program is linked to, by the library's file name."""
    for line in output_of("ldd", program).splitlines():
        if "librdkafka.so" in line:
            file = pathlib.Path(line.split("=>")[1].split()[0]).resolve()
            owner = subprocess.run(["dpkg-query", "-S", str(file)], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, check=False).stdout
            package = owner.split(":")[0]
            if package:
                return output_of("dpkg-query", "-W", "-f", "${Version}", package).strip()
            return file.name
    return "none"
