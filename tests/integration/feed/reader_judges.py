"""What readers are shown, against what they had to be: engagement, order, suggestions, who is active.

All of it is compared as of the last closing scene (closing.py), when nothing waits for time any more.
Watchers are left out where what they did in that scene may still wait.
"""

import collections
import json

import page_judges
import reader_rules
from closing import is_watcher
from topics import as_text, millis, numbers_of

E_QUANTUM = 0.05  # of topologies/post-metrics
RELEVANCE_STEP = 0.01  # of topologies/feed-rank
MINUTE_MS = reader_rules.MINUTE_MS


def judge_engagement(millrace, world, verdict):
    """E as it was told is that of its own counts, and less than a quantum from that of the end."""
    totals = world.reactions.totals()
    told = {}
    for value in millrace.table("post.e.v1").values():
        row = json.loads(value)
        post = told[row["post_id"]] = row
        counts = [post[name] for name in ("likes", "comments", "shares", "impressions")]
        if abs(post["e"] - reader_rules.engagement_of(*counts)) > 1e-9:
            verdict.complain(f"engagement: {post} is not that of its counts")
    far = [(post, told.get(post), totals[post])
           for post, (author, _) in world.tables.posts.items()
           if not is_watcher(author) and post not in world.reactions.unsure and
           abs(told.get(post, {"e": 0})["e"] - reader_rules.engagement_of(*totals[post])) >= E_QUANTUM]
    verdict.say("engagement", len(told), far)
    return {post: row["e"] for post, row in told.items()}


def judge_ranks(millrace, oracle, engagement, pulled, closed_at, verdict):
    """Of the entries that are written, as judges.judge_feeds has them."""
    world, feeds, got = oracle.world, collections.defaultdict(list), set()

    def rows_of(entries):
        return {as_text(user, post, world.tables.posts[post][1], (user, post) in world.reads,
                        world.reads.get((user, post)))
                for user, post in entries if world.author_and_time(post)[0] not in pulled}

    for key, value in millrace.table("user.feeds.v1", oracle.compares_key).items():
        user, post = numbers_of(key)
        row = json.loads(value)
        feeds[user].append((post, row))
        read_at = row["read_at"] and millis(row["read_at"])
        if world.author_and_time(post)[0] not in pulled:
            got.add(as_text(user, post, millis(row["created_at"]), row["is_read"], read_at))
    must = rows_of(world.tables.feeds(oracle.compares))
    beyond = (got & rows_of(world.tables.feeds(oracle.compares, pulled))) - must
    verdict.compare("ranked entries", got - beyond, must)
    affinities = world.reactions.affinities(world.now)
    wrong, placed = [], 0
    for user, rows in feeds.items():
        if not is_watcher(user):
            feed = Feed(user, rows, engagement, affinities, world, closed_at)
            wrong += feed.complaints()
            placed += feed.placed
    verdict.say("ranks", placed, wrong)


class Feed:
    """A feed as it was published, and what its scores are made of."""

    def __init__(self, user, rows, engagement, affinities, world, closed_at):
        self.user = user
        # While a task has nothing to do its time goes on a little.
        self.now = max([closed_at] + [millis(row["score_updated_at"]) for _, row in rows])
        self.rows = []  # (place or a great number, what the score is of, row)
        for post, row in rows:
            author, created = world.author_and_time(post)
            facts = reader_rules.Row(post, created, engagement.get(post, 0),
                                     affinities.get((user, author), 0))
            self.rows.append((row["rank_position"] or 10**6, facts, row))
        self.rows.sort(key=lambda entry: (entry[0], -entry[1].created, entry[1].post))
        self.placed = min(len(self.rows), reader_rules.RANKED)

    def complaints(self):
        places = [place for place, _, _ in self.rows if place < 10**6]
        if places != list(range(1, self.placed + 1)):
            yield f"{self.user} has the places {places}"
        for (_, upper, _), (place, lower, _) in zip(self.rows, self.rows[1:self.placed]):
            if not reader_rules.may_stand_above(upper, lower, self.now):
                yield f"{self.user}: {lower} on place {place} is above {upper}"
        for _, lower, _ in self.rows[self.placed:]:
            last = self.rows[self.placed - 1][1]
            if not reader_rules.may_stand_above(last, lower, self.now):
                yield f"{self.user}: {lower} without a place is above {last}"
        for _, facts, row in self.rows:
            relevance = reader_rules.relevance(facts, self.now)
            if abs(row["relevance_score"] - relevance) > RELEVANCE_STEP + 1e-6:
                yield f"{self.user}: {facts} has {row['relevance_score']}, not {relevance}"


def judge_suggestions(millrace, world, verdict):
    got, wrong = set(), []
    for user, value in millrace.table("suggested.users.v1").items():
        user, listed = int(user), json.loads(value)["users"]
        if is_watcher(user):
            continue
        sources = [entry["source"] for entry in listed]
        authors = [entry["user_id"] for entry in listed]
        if sources != sorted(sources, key=["affinity", "similar", "popular"].index):
            wrong.append(f"{user}: sources in the order {sources}")
        if len(set(authors)) != len(authors) or len(authors) > reader_rules.SUGGESTED:
            wrong.append(f"{user}: {authors}")
        if user in authors or any((user, author) in world.tables.follows for author in authors):
            wrong.append(f"{user} has, or is, one of {authors}")
        got |= {as_text(user, rank, entry["user_id"], entry["count"])
                for rank, entry in enumerate(listed) if entry["source"] == "affinity"}
    verdict.compare("suggestions by affinity", got, {
        as_text(user, rank, *entry) for user, authors in world.suggested().items()
        if not is_watcher(user) for rank, entry in enumerate(authors)})
    verdict.say("suggestions", len(got), wrong)


def judge_active(millrace, world, scenes, verdict):
    """The list that each scene has left."""
    lists = [json.loads(line) for line in millrace.lines("active.users.v1", "%s\\n")]
    minutes = [scene // MINUTE_MS * MINUTE_MS for scene in scenes]
    got, want = set(), set()
    for minute, end in zip(minutes, minutes[1:] + [float("inf")]):
        told = [told for told in lists if millis(told["at"]) < end][-1]
        # A list that would be the same as the last one is not told again.
        time = max(millis(told["at"]), minute)
        got |= {as_text(time, rank, entry["user_id"], entry["count"])
                for rank, entry in enumerate(told["users"])}
        want |= {as_text(time, rank, *entry) for rank, entry in enumerate(world.active(time))}
    verdict.compare("active users", got, want)


def active_users(millrace):
    """Whom the last list has."""
    told = json.loads(millrace.table("active.users.v1")["1h"])
    return [entry["user_id"] for entry in told["users"]]


def board_of_day(millrace):
    """Posts of the last one, best first."""
    boards = map(json.loads, millrace.table("hot.posts.24h.v1").values())
    last = max(boards, key=lambda board: millis(board["board_time"]))
    return [post["post_id"] for post in last["posts"]]


def judge(millrace, oracle, pulled, run, verdict):
    engagement, world = {}, oracle.world
    if "post-metrics" in run.topologies:
        engagement = judge_engagement(millrace, world, verdict)
    if "active-users" in run.topologies:
        judge_active(millrace, world, run.scenes, verdict)
    if "suggestions" in run.topologies:
        judge_suggestions(millrace, world, verdict)
    if "feed-rank" in run.topologies:
        judge_ranks(millrace, oracle, engagement, pulled, run.scenes[-1], verdict)
    if "feed-fan-out" in run.topologies:
        page_judges.judge_feeds_of_readers(world, run.readers, run.feeds, verdict)
    if "feed-cache" in run.topologies:
        active = active_users(millrace)
        rules = page_judges.PageRules(world, engagement, board_of_day(millrace), active)
        page_judges.judge_turned_pages(rules, run.pages, verdict)
        page_judges.judge_cached_pages(millrace, rules, active, verdict)
