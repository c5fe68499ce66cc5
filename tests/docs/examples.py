#!/usr/bin/env python3
"""The examples of the documentation as one C++ source, so that they compile and build.

usage: examples.py OUTPUT PAGE.md…

Every ```cpp block goes, in order, into a namespace of its page; #line leads errors back to the page.
What is no program of its own is fenced as ```c++ and left alone. Each `void F(TopologyBuilder&)` of
a page becomes a test that Build() takes it, each `TEST` of a page runs as it stands.
"""

import pathlib
import re
import sys

_TOPOLOGY = re.compile(r"^void (\w+)\(TopologyBuilder& \w+\) \{", re.MULTILINE)
_INCLUDE = re.compile(r'^#include (["<][^">]+[">])', re.MULTILINE)
_HEAD = """// Made by tests/docs/examples.py from the pages; do not edit.
#include "docs/preamble.h"
"""
_BUILDS = """
TEST({suite}, {name}Builds) {{
  TopologyBuilder flow("docs");
  {namespace}::{name}(flow);
  const absl::StatusOr<Topology> built = std::move(flow).Build();
  EXPECT_TRUE(built.ok()) << built.status();
}}
"""


def blocks(text):
    """Yields (number of the first line, text) of each ```cpp block."""
    start, lines = None, []
    for number, line in enumerate(text.split("\n"), 1):
        if start is None and line.strip() == "```cpp":
            start, lines = number + 1, []
        elif start is not None and line.strip() == "```":
            yield start, "\n".join(lines)
            start = None
        elif start is not None:
            lines.append(line)


def names_of(page):
    """("docs_late_records", "DocsLateRecords") of docs/late-records.md."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", page.stem) if word]
    return "_".join(["docs", *words]).lower(), "Docs" + "".join(w.capitalize() for w in words)


def page_source(page):
    """(the includes, the namespace) of a page; both empty without examples."""
    namespace, suite = names_of(page)
    includes, parts, tests = set(), [], []
    for line, text in blocks(page.read_text(encoding="utf-8")):
        includes.update(_INCLUDE.findall(text))
        # Stays a line, so that those behind it keep their numbers.
        body = _INCLUDE.sub("", text)
        parts.append(f'#line {line} "{page}"\n{body}\n')
        tests += [_BUILDS.format(suite=suite, name=name, namespace=namespace)
                  for name in _TOPOLOGY.findall(body)]
    if not parts:
        return set(), ""
    return includes, f"\nnamespace {namespace} {{\n{''.join(parts)}}}\n{''.join(tests)}"


def source(pages):
    includes, bodies = set(), []
    for page in pages:
        more, body = page_source(page)
        includes |= more
        bodies.append(body)
    return _HEAD + "".join(f"#include {name}\n" for name in sorted(includes)) + "".join(bodies)


def main(arguments):
    output, *pages = map(pathlib.Path, arguments)
    output.write_text(source(pages), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
