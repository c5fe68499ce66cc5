#!/usr/bin/env python3
"""Runs a command beside a Kafka broker that wants SASL over TLS, and grants little.

usage: with_secure_broker.py COMMAND…

The command gets MILLRACE_KAFKA=127.0.0.1:PORT and MILLRACE_KAFKA_CA, the certificate of the
authority that signed the broker's; beside it lies other-ca.pem, of another authority. The broker's
certificate is for 127.0.0.1, not for localhost. Users and passwords (PLAIN, and for SCRAM "scram"):

  app      app-secret       everything on topics, groups and transactional ids named app…
  reader   reader-secret    the same, but no transactional id
  nobody   nobody-secret    nothing
  scram    scram-secret     as app
  worker, maker_of_none, without0 …   nothing; rights_test.py gives them more
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import with_brokers

# Whose rights rights_test.py grants: those of a worker, and those without one line of the table.
WITHOUT = [f"without{number}" for number in range(7)]
PASSWORDS = {name: f"{name}-secret"
             for name in ("broker", "app", "reader", "loner", "nobody", "worker", "maker_of_none",
                          *WITHOUT)}


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def authority(path):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={path.stem}",
            "-keyout", path.with_suffix(".key"), "-out", path)


def certificates(folder):
    """ca.pem, other-ca.pem, and broker.pem: the broker's key and certificate."""
    authority(folder / "ca.pem")
    authority(folder / "other-ca.pem")
    request, names = folder / "broker.csr", folder / "broker.names"
    names.write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker",
            "-keyout", folder / "broker.key", "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
            "-CAcreateserial", "-days", 2, "-extfile", names, "-out", folder / "broker.crt")
    (folder / "broker.pem").write_text(
        (folder / "broker.key").read_text(encoding="utf-8")
        + (folder / "broker.crt").read_text(encoding="utf-8"), encoding="utf-8")


def server_properties(folder):
    users = " ".join(f'user_{name}="{password}"' for name, password in PASSWORDS.items())
    package = "org.apache.kafka.common.security"
    return f"""
listener.security.protocol.map=CONTROLLER:PLAINTEXT,CLIENT:SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.client.plain.sasl.jaas.config={package}.plain.PlainLoginModule required \
username="broker" password="{PASSWORDS['broker']}" {users};
listener.name.client.scram-sha-512.sasl.jaas.config={package}.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:broker;User:ANONYMOUS
"""


def admin_properties(folder):
    return f"""
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
username="broker" password="{PASSWORDS['broker']}";
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
"""


def grant(environment, broker, folder):
    admin = folder / "admin.properties"
    admin.write_text(admin_properties(folder), encoding="utf-8")
    to_broker = ["--bootstrap-server", broker, "--command-config", str(admin)]
    acls = ["tool", "org.apache.kafka.tools.AclCommand", *to_broker, "--add", "--operation", "All",
            "--resource-pattern-type", "prefixed", "--topic", "app", "--group", "app"]
    with_brokers.kafka(environment, *acls, "--transactional-id", "app",
                       "--allow-principal", "User:app", "--allow-principal", "User:scram")
    with_brokers.kafka(environment, *acls, "--allow-principal", "User:reader")
    topics_only = acls[:acls.index("--group")]
    with_brokers.kafka(environment, *topics_only, "--allow-principal", "User:loner")
    with_brokers.kafka(environment, "tool", "kafka.admin.ConfigCommand", *to_broker, "--alter",
                       "--add-config", "SCRAM-SHA-512=[password=scram-secret]",
                       "--entity-type", "users", "--entity-name", "scram")


def main():
    with tempfile.TemporaryDirectory(prefix="millrace-kafka-secure-") as name:
        folder = pathlib.Path(name)
        certificates(folder)
        properties = folder / "server.properties"
        properties.write_text(server_properties(folder), encoding="utf-8")
        with with_brokers.running("1", str(properties)) as environment:
            grant(environment, environment["MILLRACE_KAFKA"], folder)
            environment["MILLRACE_KAFKA_CA"] = str(folder / "ca.pem")
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
