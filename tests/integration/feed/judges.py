"""What a run of the topologies left, against what it had to leave."""

import collections
import json

import ideal_oracle
import reader_judges
from topics import as_text, millis, numbers_of

SHOWN = 5
HOUR_MS = 3_600_000
HOURS_KEPT_MS = 31 * 24 * HOUR_MS  # of topologies/post-metrics


class Oracle:
    """`every`: the feeds of every so manyth user are compared, entry by entry."""

    def __init__(self, ideal, tiers, every=1):
        self.ideal, self.tiers, self.every = ideal, tiers, every
        self.world, self._rows = None, {}

    def ask(self, board_times, day_times):
        """Reads the ideal stream once; the answers are there afterwards."""
        self.world = ideal_oracle.World(board_times, day_times, *self.tiers, self.compares)
        with open(self.ideal, encoding="ascii") as lines:
            self.world.read(lines)
        self._rows = dict(self.world.answers())

    def compares(self, user):
        return user % self.every == 0

    def compares_key(self, key):
        """Of a topic of feeds: the user comes first."""
        return self.compares(numbers_of(key)[0])

    def rows(self, name):
        return {as_text(*row) for row in self._rows[name]}


class Verdict:
    def __init__(self):
        self.complaints = []

    def complain(self, about):
        self.complaints.append(about)

    def say(self, what, count, wrong):
        """So many are right, or some are wrong."""
        if wrong:
            self.complain(f"{what}: {len(wrong)} are wrong: {wrong[:SHOWN]}")
        elif count == 0:
            self.complain(f"{what}: there is nothing, so nothing was shown")
        else:
            print(f"{what}: {count} right", flush=True)

    def compare(self, what, got, want, may_be_empty=False):
        """Sets of rows."""
        if got == want:
            print(f"{what}: {len(want)} equal", flush=True)
        else:
            self.complaints.append(
                f"{what}: {len(got)} instead of {len(want)}; missing {len(want - got)}: "
                f"{sorted(want - got)[:SHOWN]}; too many {len(got - want)}: "
                f"{sorted(got - want)[:SHOWN]}")
        if not want and not may_be_empty:
            self.complaints.append(f"{what}: nothing was expected, so nothing was shown")


def boards_since(millrace, topic, settled):
    """{time: rows} of the boards behind the last late record."""
    boards = {}
    for value in millrace.table(topic).values():
        board = json.loads(value)
        time = millis(board["board_time"])
        if time >= settled:
            boards[time] = {
                as_text(time, rank, post["post_id"], f"{post['score']:.9f}", post["likes"],
                        post["comments"], post["shares"], post["impressions"])
                for rank, post in enumerate(board["posts"], 1)}
    return boards


def perhaps_pulled(tiers):
    """Authors who were pulled at some time: whether their posts are in topics depends on when that was.
    Records that come late can make it so by a few followers."""
    pulled = {author for author, most in tiers.most.items()
              if most > tiers.above - max(3, tiers.above // 5)}
    if pulled:
        print(f"feeds: posts of {len(pulled)} authors who may be pulled are not compared where they "
              f"are written; {tiers.promoted} times one became so large, {tiers.demoted} small again")
    return pulled


def judge_feeds(millrace, oracle, pulled, verdict):
    """What is written: the entries of pushed authors. Those of pulled ones take places in the feed that
    is read, so that of the oldest of a full feed more may be written than are read."""
    world = oracle.world
    author_of = world.reactions.author_of

    def pushed(rows):
        return {row for row in rows if int(row[2]) not in pulled}

    may = {as_text(user, post, author_of[post])
           for user, post in world.tables.feeds(oracle.compares, pulled)}
    entries, reads = set(), set()
    for key, value in millrace.table("feed.entries.v1", oracle.compares_key).items():
        user, post = numbers_of(key)
        entry = json.loads(value)
        row = as_text(user, post, entry["author_id"])
        entries.add(row)
        if entry.get("is_read"):
            reads.add((row, millis(entry["read_at"])))
    written, must = pushed(entries), pushed(oracle.rows("feeds"))
    beyond = (written & may) - must
    if beyond:
        print(f"feeds: {len(beyond)} entries are written behind those of pulled authors")
    verdict.compare("feeds", written - beyond, must)
    verdict.compare("reads", {(row, at) for row, at in reads if row in written},
                    {(row, world.reads[int(row[0]), int(row[1])]) for row in must | beyond
                     if (int(row[0]), int(row[1])) in world.reads})


def judge_affinity(millrace, oracle, verdict):
    got = set()
    for key, value in millrace.table("affinity.v1").items():
        got.add(as_text(*numbers_of(key), json.loads(value)["interaction_count"]))
    verdict.compare("affinity", got, oracle.rows("affinity"))


def judge_metrics(millrace, oracle, verdict, since):
    """Of the hours that are kept."""
    got = set()
    for value in millrace.table("post.metrics.1h.v1").values():
        row = json.loads(value)
        counts = [row[name] for name in ("likes", "comments", "shares", "impressions")]
        if millis(row["hour"]) >= since and any(counts):
            got.add(as_text(millis(row["hour"]), row["post_id"], *counts))
    verdict.compare("metrics", got, {row for row in oracle.rows("metrics") if int(row[0]) >= since})


def judge_follows(millrace, oracle, verdict):
    follows = set()
    for line in millrace.lines("follows.n", "%s\\n"):
        change = json.loads(line)
        row = change["after"] or change["before"]
        follow = (row["follower_id"], row["followee_id"])
        follows.discard(follow) if change["after"] is None else follows.add(follow)
    followers = collections.Counter(author for _, author in follows)
    verdict.compare("followers", {as_text(*row) for row in followers.items()},
                    oracle.rows("followers"))


def judge_outbox(millrace, manifest, verdict):
    facts = manifest["live_facts"]
    for topic, fact in (("post.created.v1", "post"), ("post.updated.v1", "edit"),
                        ("user.followed.v1", "follow")):
        got = sum(1 for _ in millrace.lines(topic, "%k\\n"))
        if got != facts.get(fact, 0):
            verdict.complaints.append(f"{topic}: {got} records instead of {facts.get(fact, 0)}")
        else:
            print(f"{topic}: {got} equal")


def judge_dead_letters(millrace, manifest, topologies, verdict):
    """Every topology has refused every damaged record that it reads, and nothing else."""
    got = collections.Counter()
    for topic in sorted(name for name in millrace.topics() if name.endswith("-dlq")):
        for record in millrace.records(topic):
            headers = dict(record["headers"])
            got[headers["dlq.application"], topic.removesuffix("-dlq"), headers["dlq.class"]] += 1
    want = collections.Counter({
        (name, topic, poison): count
        for name, reads in topologies.items()
        for topic in reads for poison, count in manifest["dead_letters"].get(topic, {}).items()})
    rows = [{as_text(*key, count) for key, count in counts.items()} for counts in (got, want)]
    verdict.compare("dead letters", *rows, may_be_empty=not manifest["dead_letters"])


def judge(millrace, manifest, oracle, run):
    """All that the run's topologies have written by the end of the closing scenes."""
    verdict, topologies = Verdict(), run.topologies
    boards, day_boards = {}, {}
    if "hot-posts" in topologies:
        boards = boards_since(millrace, "hot.posts.v1", manifest["settled_ms"])
        day_boards = boards_since(millrace, "hot.posts.24h.v1", manifest["settled_ms"])
    oracle.ask(boards, day_boards)
    pulled = perhaps_pulled(oracle.world.tiers)
    if run.has_own_tiers and oracle.world.tiers.demoted == 0:
        verdict.complain("tiers: nobody became small again, so that was not shown")
    if "hot-posts" in topologies:
        verdict.compare("boards", set().union(*boards.values()), oracle.rows("boards"))
        verdict.compare("boards of the day", set().union(*day_boards.values()),
                        oracle.rows("boards-of-day"))
    if "feed-fan-out" in topologies:
        judge_feeds(millrace, oracle, pulled, verdict)
    if "affinity" in topologies:
        judge_affinity(millrace, oracle, verdict)
    if "post-metrics" in topologies:
        since = max(manifest["start_ms"] // HOUR_MS * HOUR_MS, run.scenes[-1] - HOURS_KEPT_MS)
        judge_metrics(millrace, oracle, verdict, since)
    if "cdc-normalise" in topologies:
        judge_follows(millrace, oracle, verdict)
    if "outbox-router" in topologies:
        judge_outbox(millrace, manifest, verdict)
    reader_judges.judge(millrace, oracle, pulled, run, verdict)
    judge_dead_letters(millrace, manifest, topologies, verdict)
    return verdict
