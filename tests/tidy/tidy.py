#!/usr/bin/env python3
"""The rules of this repository that a machine can check: layers, lengths, banned calls, links.

usage: tidy.py [ROOT]     prints path:line: [rule] message, and fails if there is any

Each rule is a function `check_…(tree)` that yields problems. To allow an exception, name the file
and the reason in the rule's table; tidy_test.py plants a violation of every rule.
"""

import collections
import pathlib
import re
import sys

import layers

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED_FOLDERS = {".git", ".cache", "build", "__pycache__"}
# Where the compiler looks for what stands between quotes.
INCLUDE_FOLDERS = [
    "engine/include", "engine/src", "connectors/kafka/include", "workers/include", "", "tests",
]
FILE_LINES_MAX = 500
LINE_COLUMNS_MAX = 100

Problem = collections.namedtuple("Problem", "path line rule message")
# A rule about calls: where it holds (path prefixes), what it looks for, what to do instead, and
# the files that are excepted, each with its reason.
Ban = collections.namedtuple("Ban", "where pattern message allowed")

BANS = [
    Ban(
        ["engine/"],
        r"\bthrow\b",
        "return an absl::Status; a poison record goes through detail/poison.h",
        {"engine/src/base/poison.cc": "raises user errors into the boundary that catches them"},
    ),
    Ban(["engine/"], r"\b(?:_|quick_)?exit\s*\(", "a library never ends the process", {}),
    Ban(
        ["engine/"],
        r"\babort\s*\(",
        "use MR_CHECK",
        {"engine/src/base/status.cc": "MR_CHECK itself"},
    ),
    Ban(
        ["tests/"],
        r"\b(?:sleep_for|sleep_until|usleep|nanosleep|SleepFor|sleep)\s*\(",
        "move a ManualClock, or wait for the event itself",
        {},
    ),
    Ban(["tests/"], r"\bsystem_clock::now\s*\(", "tests have a ManualClock", {}),
]

# Comments, string and character literals, and numbers (whose ' is no quote): what is not code.
_NOT_CODE = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | R"(?P<delim>[^()\\\s]{0,16})\(.*?\)(?P=delim)"
      | "(?:\\.|[^"\\\n])*" | \b\d[\w.']* | '(?:\\.|[^'\\\n])*' """,
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
_UNOWNED_NOTE = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))")
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")


class Tree:
    """The files of the repository, read once. Paths are relative to the root, with slashes."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.text = {}
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root)
            if SKIPPED_FOLDERS.isdisjoint(name.parts) and path.is_file():
                if path.suffix in {".cc", ".h", ".py", ".md"} or name.as_posix() == "dev":
                    self.text[name.as_posix()] = path.read_text(encoding="utf-8")

    def files(self, *suffixes):
        return [path for path in self.text if path.endswith(suffixes)]

    def cpp(self):
        return self.files(".cc", ".h")

    def includes(self, path):
        """Yields (line, text between the quotes, the file of this repository or None)."""
        for match in _INCLUDE.finditer(self.text[path]):
            quote, name = match.groups()
            target = self._resolve(path, name) if quote == '"' else None
            yield self.line(path, match.start(1)), name, target

    def line(self, path, position):
        return self.text[path].count("\n", 0, position) + 1

    def _resolve(self, path, name):
        own = path.rpartition("/")[0]
        for folder in (own, *INCLUDE_FOLDERS):
            candidate = f"{folder}/{name}".lstrip("/")
            if candidate in self.text:
                return candidate
        return None


def code_only(text):
    """The text with everything that is not code blanked out; lines and columns stay."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def check_layers(tree):
    for path in tree.cpp():
        for line, name, target in tree.includes(path):
            why = layers.complaint(path, target) if target else None
            if why:
                yield Problem(path, line, "layers", f"{name}: {why}")


def check_third_party(tree):
    for path in tree.cpp():
        for line, name, target in tree.includes(path):
            if target:
                continue
            for library, places in layers.THIRD_PARTY.items():
                if name.startswith(library) and not path.startswith(tuple(places)):
                    yield Problem(path, line, "third-party", f"{name}: only in {', '.join(places)}")


def find_cycle(graph):
    """A list of nodes along a cycle, the first repeated at the end, or None."""
    done, trail = set(), []

    def visit(node):
        if node in trail:
            return trail[trail.index(node):] + [node]
        if node in done:
            return None
        trail.append(node)
        for target in sorted(graph.get(node, ())):
            cycle = visit(target)
            if cycle:
                return cycle
        done.add(trail.pop())
        return None

    return next((cycle for node in sorted(graph) if (cycle := visit(node))), None)


def check_cycles(tree):
    folders, files = collections.defaultdict(set), collections.defaultdict(set)
    for path in tree.cpp():
        # An include below all code brings the second half of a template header (the bodies behind
        # the declarations), which may include the first half.
        end = code_only(tree.text[path]).rfind("}")
        last_line = tree.line(path, end) if end >= 0 else float("inf")
        for line, _, target in tree.includes(path):
            if not target:
                continue
            if line < last_line:
                files[path].add(target)
            if layers.unit(path) != layers.unit(target):
                folders[layers.unit(path)].add(layers.unit(target))
    for kind, graph in (("folders", folders), ("files", files)):
        cycle = find_cycle(graph)
        if cycle:
            yield Problem(cycle[0], 1, "cycles", f"{kind} include each other: {' -> '.join(cycle)}")


def check_lengths(tree):
    for path in tree.files(".cc", ".h", ".py", "dev"):
        count = tree.text[path].count("\n")
        if count > FILE_LINES_MAX:
            yield Problem(path, count, "length", f"{count} lines, at most {FILE_LINES_MAX}")
    for path in tree.cpp():
        for number, line in enumerate(tree.text[path].split("\n"), 1):
            if len(line) > LINE_COLUMNS_MAX and "://" not in line:
                yield Problem(path, number, "columns", f"{len(line)}, at most {LINE_COLUMNS_MAX}")


def check_bans(tree):
    for path in tree.cpp():
        bans = [ban for ban in BANS if path.startswith(tuple(ban.where))]
        code = code_only(tree.text[path]) if bans else ""
        for ban in bans:
            if path in ban.allowed:
                continue
            for match in re.finditer(ban.pattern, code):
                line = tree.line(path, match.start())
                yield Problem(path, line, "banned", f"{match.group().strip()}: {ban.message}")


def check_headers(tree):
    for path in tree.files(".h"):
        text = tree.text[path]
        if "#pragma once" not in text:
            yield Problem(path, 1, "header", "no #pragma once")
        if path.startswith(layers.PUBLIC_ROOT) and not text.startswith("//"):
            yield Problem(path, 1, "header", "a public header opens with what it is")


def check_notes(tree):
    for path in tree.cpp():
        for number, line in enumerate(tree.text[path].split("\n"), 1):
            if _UNOWNED_NOTE.search(line):
                yield Problem(path, number, "notes", "a TODO names its issue: TODO(#123)")


def check_links(tree):
    for path in tree.files(".md"):
        fenced = False
        for number, line in enumerate(tree.text[path].split("\n"), 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            if fenced:
                continue
            for target in _LINK.findall(re.sub(r"`[^`]*`", "", line)):
                file = target.split("#")[0]
                if re.match(r"[a-z][a-z0-9+.-]*:", target) or not file:
                    continue
                base = tree.root if file.startswith("/") else (tree.root / path).parent
                if not (base / file.lstrip("/")).exists():
                    yield Problem(path, number, "links", f"{target} does not exist")


CHECKS = [
    check_layers, check_third_party, check_cycles, check_lengths, check_bans, check_headers,
    check_notes, check_links,
]


def problems(root):
    tree = Tree(root)
    return [problem for check in CHECKS for problem in check(tree)]


def main(arguments):
    found = problems(arguments[0] if arguments else ROOT)
    for path, line, rule, message in found:
        print(f"{path}:{line}: [{rule}] {message}")
    print(f"tidy: {len(found)} problems" if found else "tidy: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
