#!/usr/bin/env python3
"""The rules by example, and the two oracles against each other through `millrace generate`.

usage: oracle_test.py [MILLRACE]   without the binary, only the rules
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import changes_oracle
import ideal_oracle
import ldbc_oracle
import reader_rules
import similar_rules
import social_rules
from social_rules import Event

GENERATOR = sys.argv.pop(1) if len(sys.argv) > 1 and pathlib.Path(sys.argv[1]).is_file() else None
FIXTURE = pathlib.Path(__file__).resolve().parent / "tiny-ldbc"

MINUTE = social_rules.MINUTE_MS
NOON = 1_000_000 * MINUTE


def post(time, id, author=1):
    return Event(time, "posts", id, (author, time))


def like(time, post_id, user):
    return Event(time, "likes", (post_id, user), time)


def unlike(time, post_id, user):
    return Event(time, "likes", (post_id, user), None)


def comment(time, post_id, id):
    return Event(time, "comments", id, (post_id, time))


def follow(time, follower, followee):
    return Event(time, "follows", (follower, followee), time)


def board(*events, at=NOON):
    made = dict(social_rules.boards([*events, post(at, 0)], at))
    return [(entry.post, entry.likes, entry.comments) for entry in made[at]]


class Feeds(unittest.TestCase):
    def test_hold_posts_from_before_and_after_the_follow(self):
        events = [post(1, 10), follow(2, 5, 1), post(3, 11)]
        self.assertEqual(social_rules.feeds(events), [(5, 10), (5, 11)])

    def test_hold_the_hundred_newest_of_three_days_before_the_follow(self):
        hour = social_rules.HOUR_MS
        self.assertEqual(
            social_rules.feeds([post(hour - 1, 10), post(hour, 11), follow(73 * hour, 5, 1)]),
            [(5, 11)],
        )
        events = [post(n, n) for n in range(1, 103)] + [follow(103, 5, 1), post(103, 103)]
        self.assertEqual([post for _, post in social_rules.feeds(events)], list(range(3, 104)))

    def test_end_with_the_eight_hundredth_post(self):
        events = [follow(1, 5, 1)] + [post(2, n) for n in range(1, 1001)]
        self.assertEqual([post for _, post in social_rules.feeds(events)], list(range(201, 1001)))

    def test_lose_what_was_unfollowed_or_deleted(self):
        events = [post(1, 10, author=1), post(1, 20, author=2), post(1, 21, author=2)]
        events += [follow(2, 5, 1), follow(2, 5, 2)]
        events += [Event(3, "follows", (5, 1), None), Event(3, "posts", 20, None)]
        self.assertEqual(social_rules.feeds(events), [(5, 21)])


class HotBoard(unittest.TestCase):
    def test_window_holds_its_first_instant_and_not_its_last(self):
        first = NOON - 60 * MINUTE
        start = post(first - MINUTE, 7)
        self.assertEqual(board(start, like(first - 1, 7, 1)), [])
        self.assertEqual(board(start, like(first, 7, 1)), [(7, 1, 0)])
        self.assertEqual(board(start, like(NOON - 1, 7, 1)), [(7, 1, 0)])
        self.assertEqual(board(start, like(NOON, 7, 1)), [])

    def test_like_counts_once_until_it_is_taken_back(self):
        start = post(NOON - 50 * MINUTE, 7)
        twice = [like(NOON - 40, 7, 1), like(NOON - 30, 7, 1)]
        self.assertEqual(board(start, *twice), [(7, 1, 0)])
        self.assertEqual(board(start, *twice, unlike(NOON - 20, 7, 1)), [])
        self.assertEqual(
            board(start, *twice, unlike(NOON - 20, 7, 1), like(NOON - 10, 7, 1)), [(7, 1, 0)]
        )

    def test_unlike_at_the_time_of_the_board_comes_too_late_for_it(self):
        start = [post(NOON - 50 * MINUTE, 7), like(NOON - 10, 7, 1)]
        self.assertEqual(board(*start, unlike(NOON, 7, 1)), [(7, 1, 0)])

    def test_unlike_leaves_the_bucket_of_its_like(self):
        start = [post(NOON - 99 * MINUTE, 7), like(NOON - 98 * MINUTE, 7, 1)]
        start += [like(NOON - MINUTE, 7, 2), unlike(NOON - MINUTE, 7, 1)]
        self.assertEqual(board(*start), [(7, 1, 0)])

    def test_deleted_post_leaves_and_unknown_post_waits(self):
        likes = [like(NOON - 9 * MINUTE, 7, 1), like(NOON - 9 * MINUTE, 8, 1)]
        posts = [post(NOON - 10 * MINUTE, 7), post(NOON - 8 * MINUTE, 8)]
        self.assertEqual(len(board(*likes, *posts)), 2)
        self.assertEqual(len(board(*likes, *posts[:1])), 1)
        self.assertEqual(board(*likes, *posts, Event(NOON - 1, "posts", 7, None)), [(8, 1, 0)])

    def test_order_is_by_score_then_by_id(self):
        created = NOON - 10 * MINUTE
        events = [post(created, id) for id in (9, 8, 7)]
        events += [like(NOON - 5, 9, 1), like(NOON - 5, 8, 1), comment(NOON - 5, 7, "c")]
        self.assertEqual(board(*events), [(7, 0, 1), (8, 1, 0), (9, 1, 0)])

    def test_score_is_the_formula(self):
        # 0.4 * log1p(75) + 0.3 * exp(-0.05)
        self.assertEqual(social_rules.nano_score(55, 10, 0, 0, 30 * MINUTE), 2_017_662_163)
        self.assertEqual(social_rules.nano_score(40, 10, 5, 500, 30 * MINUTE), 341_273_604)


class Readers(unittest.TestCase):
    def test_score_is_the_formula(self):
        engagement = reader_rules.engagement_of(10, 5, 2, 1000)
        row = reader_rules.Row(post=1, created=0, engagement=engagement, interactions=7)
        self.assertAlmostEqual(reader_rules.raw_score(row, 120 * MINUTE), 0.8797187871, places=9)
        self.assertAlmostEqual(reader_rules.relevance(row, 120 * MINUTE), 0.4680055300, places=9)
        # What is still to come is as fresh as what is new.
        self.assertEqual(reader_rules.raw_score(row, -MINUTE), reader_rules.raw_score(row, 0))

    def test_older_post_is_overtaken_in_the_end(self):
        # 0.10 and 0.25 behind the freshness: they change places after 2.34472 hours.
        new = reader_rules.Row(1, 600 * MINUTE, 0.25, 0)
        old = reader_rules.Row(2, 0, 0.625, 0)
        crossing = 600 * MINUTE + round(2.34472 * 60 * MINUTE)
        self.assertTrue(reader_rules.may_stand_above(new, old, crossing - MINUTE))
        self.assertFalse(reader_rules.may_stand_above(new, old, crossing + MINUTE))
        self.assertTrue(reader_rules.may_stand_above(old, new, crossing + MINUTE))

    def test_of_equal_posts_the_younger_is_first_then_the_smaller_id(self):
        rows = [reader_rules.Row(post, created, 0, 0) for post, created in ((3, 2), (1, 1), (2, 1))]
        for upper, lower in zip(rows, rows[1:]):
            self.assertTrue(reader_rules.may_stand_above(upper, lower, NOON * 1000))
            self.assertFalse(reader_rules.may_stand_above(lower, upper, NOON * 1000))

    def test_suggested_is_who_is_liked_and_not_followed(self):
        liked = {1: 9, 2: 5, 3: 5, 4: 7, 5: 1}
        self.assertEqual(reader_rules.suggested(1, liked, {4}), [(2, 5), (3, 5), (5, 1)])
        many = {author: 1 for author in range(2, 99)}
        self.assertEqual(len(reader_rules.suggested(1, many, set())), 20)

    def test_deeds_of_the_hour_before_count(self):
        deeds = reader_rules.Deeds()
        for time in (NOON - 61 * MINUTE, NOON - 60 * MINUTE, NOON - 1, NOON):
            deeds.event(time, 7)
        for time in (NOON - 3, NOON - 2, NOON - MINUTE - 1):  # twice in a minute is once
            deeds.read(time, 6, 100)
        deeds.event(NOON - 1, 8)
        self.assertEqual(deeds.most_active(NOON, erased={8}), [(6, 2), (7, 2)])


class SimilarUsers(unittest.TestCase):
    def test_cosine_is_in_units_of_two_to_the_minus_28(self):
        self.assertEqual(similar_rules.cosine(24, 25, 25), 257_698_037)  # 0.96
        self.assertEqual(similar_rules.cosine(7, 25, 2), 265_737_543)  # 7 / (5 sqrt 2)
        self.assertEqual(similar_rules.cosine(9, 9, 9), 1 << 28)

    def test_authors_weigh_as_much_as_who_follows_them(self):
        ann, bob, cid, dan = 1, 2, 3, 4
        liked = {ann: {100: 3, 101: 4}, bob: {100: 4, 101: 3}, cid: {100: 1, 101: 1}, dan: {100: 9}}
        follows = [(bob, 200), (bob, 201), (bob, 100), (cid, 201), (cid, 202), (cid, 204),
                   (cid, ann), (dan, 203), (ann, 202)]
        similar = similar_rules.Similar(liked, follows)
        self.assertEqual(similar.neighbours(ann), {cid: 265_737_543, bob: 257_698_037})
        self.assertEqual(similar.suggested(ann), [
            (101, 4, "affinity"), (100, 3, "affinity"),
            (201, 2, "similar"), (204, 1, "similar"), (200, 1, "similar")])
        self.assertEqual(similar.suggested(dan), [(100, 9, "affinity")])


class Pages(unittest.TestCase):
    def candidates(self, posts, public=()):
        """Of user 9 at noon; posts are {id: (author, minutes ago)}."""
        posts = {id: (author, NOON - ago * MINUTE) for id, (author, ago) in posts.items()}
        posts_of = {}
        for id in sorted(posts, key=lambda post: (-posts[post][1], post)):
            posts_of.setdefault(posts[id][0], []).append(id)
        return reader_rules.Candidates(9, NOON, posts, posts_of, lambda post: post in public)

    def test_label_is_the_first_source(self):
        found = self.candidates({1: (7, 1), 2: (7, 2), 3: (8, 3)}, public=(1, 2, 3))
        found.add_followed([1])
        found.add_trending([1, 2])
        found.add_affinity([(7, 5), (8, 4)])
        self.assertEqual(found.sources, {1: "followed", 2: "trending", 3: "affinity"})

    def test_show_what_is_fresh_public_and_of_others(self):
        day = 24 * 60
        found = self.candidates({1: (7, 3 * day), 2: (7, 3 * day + 1), 3: (9, 1), 4: (7, -1), 5: (7, 1)},
                                public=(1, 2, 3, 4))
        found.add_affinity([(7, 5), (9, 4)])
        self.assertEqual(found.sources, {1: "affinity"})
        found.add_followed([1, 2, 3, 4, 5])
        self.assertEqual(found.sources, {1: "affinity", 5: "followed"})
        found.add_trending([2, 3, 4, 5])
        self.assertEqual(found.sources, {1: "affinity", 5: "followed", 2: "trending"})


class Tiers(unittest.TestCase):
    def test_have_hysteresis(self):
        tiers = ideal_oracle.Tiers(above=3, below=2)
        seen = []
        for by in (1, 1, 1, 1, -1, -1, -1, 1, 1):
            tiers.count(7, by)
            seen.append(7 in tiers.pulled)
        self.assertEqual(seen, [False] * 3 + [True] * 3 + [False] * 3)
        self.assertEqual((tiers.promoted, tiers.demoted, tiers.most[7]), (1, 1, 4))


def board_by_definition(events, at):
    """The same without buckets: from the rows that are there, one by one."""
    rows = {"posts": {}, "follows": {}, "likes": {}, "comments": {}}
    for event in social_rules.in_order(events):
        if event.time >= at:
            continue
        if event.value is None:
            rows[event.table].pop(event.key, None)
        else:
            rows[event.table].setdefault(event.key, event.value)
    entries = []
    for id, (_, created_at) in rows["posts"].items():
        recent = range(at - 60 * MINUTE, at)
        likes = sum(key[0] == id and time in recent for key, time in rows["likes"].items())
        comments = sum(value[0] == id and value[1] in recent for value in rows["comments"].values())
        if likes + comments > 0:
            score = social_rules.nano_score(likes, comments, 0, 0, at - created_at)
            entries.append((-score, id, likes, comments))
    return [
        social_rules.Entry(rank, id, -score, likes, comments, 0, 0)
        for rank, (score, id, likes, comments) in enumerate(sorted(entries)[:200], 1)
    ]


@unittest.skipIf(GENERATOR is None, "needs the millrace binary")
class Oracles(unittest.TestCase):
    def replay(self, *arguments):
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
            subprocess.run(
                [GENERATOR, "generate", *arguments], stdout=file, stderr=subprocess.DEVNULL, check=True
            )
            return changes_oracle.read_events(file.name)

    def test_agree_on_ldbc_files_and_their_replay(self):
        files = ldbc_oracle.read_events(FIXTURE)
        replay = self.replay(f"--ldbc={FIXTURE}")
        self.assertEqual(social_rules.feeds(files), social_rules.feeds(replay))
        self.assertGreater(len(social_rules.feeds(files)), 0)
        since = social_rules.last_board_time(files) - 3 * 60 * MINUTE
        self.assertEqual(
            list(social_rules.boards(files, since)), list(social_rules.boards(replay, since))
        )

    def test_ideal_stream_of_ldbc_leads_to_the_same_feeds(self):
        world = ideal_oracle.World()
        world.read(ldbc_oracle.ideal_stream(FIXTURE))
        self.assertEqual(world.tables.feeds(), social_rules.feeds(ldbc_oracle.read_events(FIXTURE)))

    def test_see_takebacks_in_a_generated_network(self):
        events = self.replay("--tables", "--users=50", "--posts=20", "--events=5000", "--hours=2")
        for table in ("posts", "follows", "likes", "comments"):
            self.assertTrue(any(event.table == table and event.value is None for event in events))
        at = social_rules.last_board_time(events)
        self.assertEqual(dict(social_rules.boards(events, at))[at], board_by_definition(events, at))


if __name__ == "__main__":
    unittest.main()
