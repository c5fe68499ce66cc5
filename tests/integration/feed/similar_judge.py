"""Suggestions of the authors whom similar users follow, against what they had to be.

A list is made of rows that may be old, and made again after 24 hours at the latest. So a day passes
in which nobody does anything (but for watchers), and then all lists are made of the rows of the end.
"""

import json

import similar_rules
from closing import is_watcher
from topics import as_text


def judge(millrace, world, began, ended, verdict):
    before, liked = world.liked(began), world.liked(ended)
    # What has expired meanwhile may wait for another day in the lists of whom it concerns.
    moved = {author for user in before.keys() | liked.keys()
             if before.get(user) != liked.get(user)
             for author in before.get(user, {}).keys() | liked.get(user, {}).keys()}
    users = {user for user, row in liked.items() if not is_watcher(user) and not moved & row.keys()}
    similar = similar_rules.Similar(liked, world.tables.follows)
    lists = millrace.table("suggested.users.v1")
    got = {as_text(user, rank, entry["user_id"], entry["count"], entry["source"])
           for user in users if str(user) in lists
           for rank, entry in enumerate(json.loads(lists[str(user)])["users"])
           if entry["source"] != "popular"}
    want = {as_text(user, rank, *entry)
            for user in users for rank, entry in enumerate(similar.suggested(user))}
    found = sum(row[-1] == "similar" for row in want)
    print(f"similar users: of {len(users)} of {len(liked)}; {found} suggestions are of theirs")
    verdict.compare("suggestions after a day", got, want, may_be_empty=not users)
