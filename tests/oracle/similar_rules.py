"""The authors whom similar users follow, for suggestions: behind those whom the user likes.

A row is a user's 32 strongest authors with the interactions, 10,000 at most of each; the strongest
has the most, of equal ones the smaller id. Of an author the 100 strongest users count, the asker
aside. Those of them with two of the asker's authors are neighbours, as near as the cosine of the
rows, in units of 2^-28 and rounded down; the dot product is that of the authors where they were met.
The 50 nearest count, of equal ones the smaller ids. Of whom each follows the 200 smallest ids count.
An author whom the asker does not follow, and is not, weighs the sum of the cosines of the neighbours
who follow; the 40 heaviest are found, of equal ones the smaller ids.
"""

import collections
import math

import reader_rules

ROW, MOST = 32, 10_000
TASTERS, NEIGHBOURS, FOLLOWEES, FOUND = 100, 50, 200, 40
SHARED = 2
UNIT_BITS = 28


def cosine(dot, norm, other_norm):
    return math.isqrt((dot * dot << 2 * UNIT_BITS) // (norm * other_norm))


class Similar:
    """`liked` is {user: {author: interactions}}, `follows` all (user, author)."""

    def __init__(self, liked, follows):
        self.liked = liked
        self.rows = {user: {author: min(count, MOST)
                            for author, count in reader_rules.by_count(authors)[:ROW]}
                     for user, authors in liked.items()}
        self.norms = {user: sum(count * count for count in row.values())
                      for user, row in self.rows.items()}
        tasters = collections.defaultdict(dict)
        for user, row in self.rows.items():
            for author, count in row.items():
                tasters[author][user] = count
        # One more than count, for the asker is among them.
        self.tasters = {author: reader_rules.by_count(users)[:TASTERS + 1]
                        for author, users in tasters.items()}
        self.follows = collections.defaultdict(set)
        for user, author in follows:
            self.follows[user].add(author)

    def neighbours(self, user):
        """{neighbour: cosine}"""
        dots, shared = collections.Counter(), collections.Counter()
        for author, count in self.rows[user].items():
            others = [taster for taster in self.tasters[author] if taster[0] != user][:TASTERS]
            for other, other_count in others:
                dots[other] += count * other_count
                shared[other] += 1
        near = {other: cosine(dot, self.norms[user], self.norms[other])
                for other, dot in dots.items() if shared[other] >= SHARED}
        return dict(reader_rules.by_count(near)[:NEIGHBOURS])

    def found(self, user):
        """[(author, how many neighbours follow)], the best first."""
        weights, followers = collections.Counter(), collections.Counter()
        for other, similarity in self.neighbours(user).items():
            for author in sorted(self.follows[other])[:FOLLOWEES]:
                if author != user and author not in self.follows[user]:
                    weights[author] += similarity
                    followers[author] += 1
        return [(author, followers[author])
                for author, _ in reader_rules.by_count(weights)[:FOUND]]

    def suggested(self, user):
        """[(author, count, source)]: the list but for its popular authors."""
        listed = [(author, count, "affinity") for author, count in reader_rules.suggested(
            user, self.liked[user], self.follows[user])]
        names = {author for author, _, _ in listed}
        listed += [(author, count, "similar") for author, count in self.found(user)
                   if author not in names]
        return listed[:reader_rules.SUGGESTED]
