"""Suggestions of the authors whom similar users follow, against what they had to be.

A list is made of rows that may be old, and made again after 24 hours at the latest. So a day passes
in which nobody does anything (but for watchers), and then all lists are made of the rows of the end.
"""

import json

import similar_rules
from closing import is_watcher
from topics import as_text


def judge(millrace, world, began, ended, verdict):
    liked = {user: row for user, row in world.liked(ended).items() if not is_watcher(user)}
    before = {user: row for user, row in world.liked(began).items() if not is_watcher(user)}
    if liked != before:
        # What has expired meanwhile may wait for another day, in the lists of others.
        print("similar users: not compared, because interactions have expired")
        return
    similar = similar_rules.Similar(liked, world.tables.follows)
    got = set()
    for user, value in millrace.table("suggested.users.v1").items():
        if not is_watcher(int(user)):
            got |= {as_text(user, rank, entry["user_id"], entry["count"], entry["source"])
                    for rank, entry in enumerate(json.loads(value)["users"])
                    if entry["source"] != "popular"}
    want = {as_text(user, rank, *entry)
            for user in liked for rank, entry in enumerate(similar.suggested(user))}
    found = sum(row[-1] == "similar" for row in want)
    print(f"similar users: {found} suggestions are of theirs")
    verdict.compare("suggestions after a day", got, want)
    if not found:
        verdict.complain("similar users: nobody was found, so nothing was shown")
