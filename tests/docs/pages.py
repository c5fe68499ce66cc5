#!/usr/bin/env python3
"""The rules of the pages in docs/: the index names each page, a heading that a link names exists, and
no row of docs/coming-from-kafka-streams.md is left empty or without a test that shows it.

usage: pages.py ROOT     prints path:line: message, and fails if there is any
"""

import pathlib
import re
import sys

INDEX = "docs/README.md"
PORTING = "docs/coming-from-kafka-streams.md"
# What a row may say in place of a test.
NOT_YET = ("not yet:", "no:")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$")


def prose(text):
    """(number, line) of every line outside of fences."""
    fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors(text):
    """The names under which headings can be linked, as the usual viewers make them."""
    found = set()
    for _, line in prose(text):
        heading = _HEADING.match(line)
        if heading:
            plain = re.sub(r"[^\w\- ]", "", heading.group(1).lower())
            found.add(plain.replace(" ", "-"))
    return found


def index_problems(root):
    text = (root / INDEX).read_text(encoding="utf-8")
    for page in sorted((root / "docs").glob("*.md")):
        if page.name != "README.md" and f"({page.name})" not in text:
            yield INDEX, 1, f"{page.name} is not in the index"


def anchor_problems(root):
    for page in [*sorted((root / "docs").glob("*.md")), root / "README.md"]:
        for number, line in prose(page.read_text(encoding="utf-8")):
            for target in _LINK.findall(line):
                file, _, anchor = target.partition("#")
                if not anchor or ":" in file:
                    continue
                other = page.parent / file if file else page
                if other.exists() and anchor not in anchors(other.read_text(encoding="utf-8")):
                    yield page.relative_to(root).as_posix(), number, f"{target}: no such heading"


def shows(root, target):
    """Whether a link leads to a test, or to a page with examples that run."""
    page = root / "docs" / target.partition("#")[0]
    return "tests/" in target or (page.suffix == ".md" and "TEST(" in page.read_text("utf-8"))


def row_problem(root, cells):
    """What is wrong with a row (theirs, ours, shown by), or None."""
    if len(cells) != 3:
        return f"{len(cells)} cells, a row has 3"
    if not all(cells):
        return "an empty cell"
    if cells[1].startswith(NOT_YET):
        return None if len(cells[1]) > len("not yet: ") else "say what to do instead"
    shown = any(shows(root, target) for target in _LINK.findall(cells[2]))
    return None if shown else "no link to a test"


def porting_problems(root):
    previous = ""
    for number, line in prose((root / PORTING).read_text(encoding="utf-8")):
        is_row = line.startswith("|") and previous.startswith("|")
        if is_row and not set(line) <= set("|- :"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            problem = row_problem(root, cells)
            if problem:
                yield PORTING, number, f"{problem}: {line[:60]}"
        previous = line


def problems(root):
    for check in (index_problems, anchor_problems, porting_problems):
        yield from check(root)


def main(arguments):
    found = list(problems(pathlib.Path(arguments[0])))
    for path, line, message in found:
        print(f"{path}:{line}: {message}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
