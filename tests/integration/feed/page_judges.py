"""Pages of feeds, turned by readers and cached for them, against what they had to be."""

import collections
import json

import reader_rules
from topics import as_text, millis, numbers_of

PAGE = 20
LONGEST_TTL_MS = 60_000


def judge_feeds_of_readers(world, users, lines, verdict):
    """GetFeed has the posts of pulled authors, too: it is the whole feed."""
    users = set(users)
    verdict.compare("GetFeed", {(user, post, author, read)
                                for user, post, author, _, read in map(str.split, lines)}, {
        as_text(user, post, world.author_and_time(post)[0], world.reads.get((user, post), -1))
        for user, post in world.tables.feeds(users.__contains__)})
    pulled = sum(line.split()[3] == "pull" for line in lines)
    print(f"GetFeed: {pulled} entries are pulled")
    if world.tiers.pulled and not pulled:
        verdict.complain("GetFeed: no entry is pulled")


class PageRules:
    """What the pages of some users may show, at the end of all."""

    def __init__(self, world, engagement, board, users):
        self.world, self.engagement, self.board = world, engagement, board
        self.posts, self.liked = world.tables.posts, world.liked()
        self.feeds = collections.defaultdict(list)
        for user, post in world.tables.feeds(set(users).__contains__):
            self.feeds[user].append(post)
        self.posts_of = collections.defaultdict(list)
        for post in sorted(self.posts, key=lambda post: (-self.posts[post][1], post)):
            self.posts_of[self.posts[post][0]].append(post)

    def sources(self, user, now):
        """{post: source}"""
        found = reader_rules.Candidates(
            user, now, self.posts, self.posts_of, lambda post: self.world.audience[post] == "public")
        found.add_followed(self.feeds[user])
        found.add_trending(self.board)
        found.add_affinity(reader_rules.by_count(self.liked[user]))
        return found.sources

    def row(self, user, post):
        author, created = self.posts[post]
        return reader_rules.Row(post, created, self.engagement.get(post, 0),
                                self.liked[user].get(author, 0))

    def complaints(self, user, shown, now):
        """About the first page that it is, [(post, source)]; with all, about all pages."""
        sources = self.sources(user, now)
        strange = [entry for entry in shown if entry not in sources.items()]
        if strange or len(set(shown)) != len(shown):
            return [f"{user}: {strange} of {shown} at {now}"]
        rows = [self.row(user, post) for post, _ in shown]
        wrong = [pair for pair in zip(rows, rows[1:])
                 if not reader_rules.may_stand_above(*pair, now)]
        rest = [self.row(user, post) for post in sources.keys() - dict(shown).keys()]
        wrong += [(rows[-1], row) for row in rest if not reader_rules.may_stand_above(rows[-1], row, now)]
        return [f"{user}: {upper} is above {lower} at {now}" for upper, lower in wrong]


def judge_turned_pages(rules, lines, verdict):
    pages, times = collections.defaultdict(list), {}
    for order, user, at, post, source in map(str.split, lines):
        pages[order, int(user)].append((int(post), source))
        times[order, int(user)] = int(at)
    wrong, posts = [], 0
    for (order, user), shown in pages.items():
        now = times[order, user]
        posts += len(shown)
        if dict(shown) != rules.sources(user, now):
            wrong.append(f"{user}: {len(shown)} posts instead of {len(rules.sources(user, now))}")
        followed = [entry for entry in shown if entry[1] == "followed"]
        if order == "score":
            wrong += rules.complaints(user, shown, now)
        elif shown[:len(followed)] != followed:
            wrong.append(f"{user}: what is followed is not first")
        elif shown != sorted(pages["score", user], key=lambda entry: entry[1] != "followed"):
            wrong.append(f"{user}: the two orders differ in more than what is followed")
    verdict.say("pages that are turned", posts, wrong)


def judge_cached_pages(millrace, rules, active, verdict):
    wrong, got, short_lived = [], set(), 0
    for key, value in millrace.table("cache.v1").items():
        if not key.startswith("feed:v1:"):
            continue
        _, user, offset, limit = numbers_of(key)
        entry = json.loads(value)
        page, at, ttl = entry["value"], millis(entry["written_at"]), entry["ttl_ms"]
        got.add((user, offset, limit))
        shown = [(post["post_id"], post["source"]) for post in page["posts"]]
        if millis(page["at"]) != at or not 0 < ttl <= LONGEST_TTL_MS:
            wrong.append(f"{user}: written {at} for {page['at']}, lives for {ttl} ms")
        if len(shown) != min(PAGE, len(rules.sources(user, at))):
            wrong.append(f"{user}: {len(shown)} posts")
        # As long as it lives nothing changes on it.
        wrong += rules.complaints(user, shown, at) + rules.complaints(user, shown, at + ttl - 1)
        wrong += [f"{user}: {post} at {at}" for post in page["posts"]
                  if abs(post["relevance_score"] - reader_rules.relevance(
                      rules.row(user, post["post_id"]), at)) > reader_rules.ROUNDING]
        short_lived += ttl < LONGEST_TTL_MS
    verdict.compare("cached pages", got, {(user, 0, PAGE) for user in active})
    verdict.say("posts of cached pages", len(got), wrong)
    print(f"cached pages: {short_lived} expire before their minute is over")
