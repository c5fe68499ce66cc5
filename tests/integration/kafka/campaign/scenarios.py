"""The scenarios of the campaign. Each is a function (rig, draw, options) that does its damage while
input is written, and returns what must have happened at least, so that it was no idle run."""

import time

import faults
from endtxn_proxy import EndTxnProxy
from rig import Failed, free_ports, wait_until

RATE = 1500  # input records per second


class Demand:
    """A count that must not stay below its minimum."""

    def __init__(self, what, minimum, count):
        self.what = what
        self.minimum = minimum
        self.count = count  # a function of (rig, verdict)

    def unmet(self, rig, verdict):
        return self.count(rig, verdict) < self.minimum


def kills_in_transaction(rig, _):
    return sum(f["what"] == "kill" and f["in_transaction"] for f in rig.faults)


def aborted(_, verdict):
    return verdict["aborted"]


def writer_changes(_, verdict):
    return sum(verdict["writer_changes"].values())


def names_of_workers(options):
    return [chr(ord("a") + i) for i in range(options.workers)]


def begin(rig, **input_options):
    rig.start_input(RATE, **input_options)
    rig.start_follower()


def start_workers(rig, names, **options):
    for name in names:
        rig.add_worker(name, **options)
    for worker in rig.workers.values():
        wait_until(lambda w=worker: w.page.processing() or not w.alive(), f"worker {worker.name}")
        if not worker.alive():
            raise Failed(f"worker {worker.name} does not start: {worker.child.error_file}")


def k1(rig, draw, options):
    """kill -9 at random times and at the crash points of the commit protocol."""
    rig.start_brokers()
    begin(rig)
    faults.kill_at_random(rig, draw, names_of_workers(options), options.kills)
    return [Demand("kills", options.kills, lambda r, _: r.count("kill")),
            Demand("kills in a transaction", options.kills * 0.6, kills_in_transaction),
            Demand("aborted records", options.kills, aborted),
            Demand("lives that wrote", options.kills // 2, writer_changes)]


def zombies(rig, draw, options):
    """Workers that are frozen for shorter and longer than every timeout, then go on."""
    rig.start_brokers()
    begin(rig)
    start_workers(rig, names_of_workers(options))
    for i in range(options.kills):
        # Shorter than all of them; longer than the session (6 s); than the transaction (10 s), too.
        seconds = [draw.uniform(0.5, 3), draw.uniform(7, 9), draw.uniform(12, 15)][i % 3]
        worker = rig.workers[draw.choice(names_of_workers(options))]
        time.sleep(draw.uniform(0.2, 1))
        faults.freeze(rig, worker, seconds)
        if not worker.alive():
            raise Failed(f"worker {worker.name} died of its sleep: {worker.child.error_file}")
        faults.await_progress(rig, RATE, 60)
    return [Demand("freezes", options.kills, lambda r, _: r.count("freeze")),
            Demand("takeovers", options.kills // 3, writer_changes)]


def late_endtxn(rig, draw, options):
    """One commit request is late and meets the producer's next transaction."""
    client, proxied, controller = free_ports(3)
    proxy = EndTxnProxy(proxied)
    proxy.start()
    rig.proxies.append(proxy)
    rig.start_brokers(properties={
        "listeners": f"CLIENT://127.0.0.1:{client},PROXIED://127.0.0.1:{proxied},"
                     f"CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"CLIENT://127.0.0.1:{client},PROXIED://127.0.0.1:{proxy.port}",
        "listener.security.protocol.map":
            "CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT,PROXIED:PLAINTEXT",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
    })
    rig.url = f"kafka://127.0.0.1:{client}"
    rig.worker_url = f"kafka://127.0.0.1:{proxy.port}"
    begin(rig)
    start_workers(rig, names_of_workers(options), guard=0 if options.no_guard else 1)
    for _ in range(options.kills):
        held, released = proxy.held, proxy.released
        proxy.hold_next_commit()
        wait_until(lambda: proxy.held > held, "a commit to hold")
        wait_until(lambda: proxy.released > released, "a later transaction")
        rig.fault("late commit")
        faults.await_progress(rig, RATE // 2, 60)
        time.sleep(draw.uniform(0.1, 0.5))
    return [Demand("late commits", options.kills, lambda *_: proxy.released)]


def brokers(rig, draw, options):
    """Three brokers of which one after the other is killed and comes back, once after 70 s."""
    rig.start_brokers(nodes=3)
    begin(rig)
    start_workers(rig, names_of_workers(options))
    slowest = 0
    for i in range(options.kills):
        node = draw.randrange(3) + 1
        away = options.long_outage if i == options.kills // 2 else draw.uniform(1, 8)
        rig.brokers.kill(node)
        rig.fault("broker killed", node=node, away=round(away, 1))
        time.sleep(away)
        rig.brokers.up(node)
        rig.fault("broker back", node=node)
        slowest = max(slowest, faults.await_progress(rig, RATE // 2, 30))
    rig.fault("slowest recovery", seconds=round(slowest, 1))
    return [Demand("broker kills", options.kills, lambda r, _: r.count("broker killed"))]


def membership(rig, draw, options):
    """A process joins or leaves every few seconds; some are back before they are missed."""
    rig.start_brokers()
    begin(rig)
    start_workers(rig, names_of_workers(options))
    for i in range(options.kills):
        time.sleep(draw.uniform(1, 4))
        what = draw.choice(["join", "leave", "bounce"])
        if what == "join" or len(rig.workers) < 3:
            rig.add_worker(f"m{i}")
            rig.fault("join", worker=f"m{i}")
        elif what == "leave":
            name = draw.choice(sorted(rig.workers))
            end(rig, rig.workers.pop(name), faults.signal.SIGUSR2)
            rig.fault("leave", worker=name)
        else:
            worker = rig.workers[draw.choice(sorted(rig.workers))]
            end(rig, worker, faults.signal.SIGTERM)
            worker.start()
            rig.fault("bounce", worker=worker.name)
        faults.await_progress(rig, RATE // 4, 60)
    return [Demand("changes", options.kills, lambda r, _: len(r.faults)),
            Demand("takeovers", options.kills, writer_changes)]


def end(rig, worker, signal):
    worker.signal(signal)
    code = worker.child.wait()
    if code != 0:
        raise Failed(f"worker {worker.name} ended with {code}: {worker.child.error_file}")


def bounce(rig, draw, options):
    """Static members are restarted one after the other; the group must not notice."""
    rig.start_brokers()
    begin(rig)
    start_workers(rig, names_of_workers(options))
    faults.await_stable_generation(rig)
    before = faults.generations(rig)
    for i in range(options.kills):
        worker = rig.workers[names_of_workers(options)[i % options.workers]]
        end(rig, worker, faults.signal.SIGTERM)
        worker.start()
        rig.fault("bounce", worker=worker.name)
        wait_until(worker.page.processing, f"worker {worker.name}")
        faults.await_progress(rig, RATE // 2, 60)
    after = faults.generations(rig)
    rig.fault("generations", before=before, after=after)
    return [Demand("bounces", options.kills, lambda r, _: r.count("bounce")),
            Demand("generations that stayed", 1, lambda *_: int(max(before) == max(after)))]


def at_least_once(rig, draw, options):
    """The interval of at-least-once processing, 5 s: the same protocol, so that the same holds."""
    rig.worker_options = {"commit_ms": 5_000, "transaction_timeout_ms": 40_000}
    return k1(rig, draw, options)


ALL = {"k1": k1, "zombies": zombies, "late-endtxn": late_endtxn, "brokers": brokers,
       "membership": membership, "bounce": bounce, "at-least-once": at_least_once}
