#!/usr/bin/env python3
"""Tests of examples.py and pages.py."""

import pathlib
import tempfile
import unittest

import examples
import pages

PAGE = """# Words

```cpp
#include <map>
void CountWords(TopologyBuilder& flow) {
}
```

```c++
not.compiled()
```
"""


class Examples(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.page = pathlib.Path(folder.name) / "some-words.md"
        self.page.write_text(PAGE, encoding="utf-8")

    def test_a_block_keeps_the_line_of_its_page(self):
        self.assertIn(f'#line 4 "{self.page}"\n\nvoid CountWords', examples.source([self.page]))

    def test_includes_go_in_front_of_all_namespaces(self):
        text = examples.source([self.page])
        self.assertLess(text.index("#include <map>"), text.index("namespace docs_some_words"))

    def test_a_topology_is_built(self):
        self.assertIn("TEST(DocsSomeWords, CountWordsBuilds)", examples.source([self.page]))

    def test_fragments_are_left_alone(self):
        self.assertNotIn("not.compiled", examples.source([self.page]))


class Pages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "docs").mkdir()
        (self.root / "README.md").write_text("# Top\n", encoding="utf-8")
        self.write("README.md", "[a](a.md) [b](coming-from-kafka-streams.md)\n")
        self.write("a.md", "# A page: `x`\n")
        self.write("coming-from-kafka-streams.md", "")

    def write(self, name, text):
        (self.root / "docs" / name).write_text(text, encoding="utf-8")

    def messages(self):
        return [message for _, _, message in pages.problems(self.root)]

    def porting_row(self, row):
        head = "| theirs | ours | shown by |\n|---|---|---|\n"
        self.write("coming-from-kafka-streams.md", head + row + "\n")
        return self.messages()

    def test_a_complete_set_has_no_problems(self):
        self.assertEqual(self.porting_row("| `map` | `Map` | [map](../tests/map) |"), [])

    def test_a_page_outside_of_the_index_is_found(self):
        self.write("b.md", "")
        self.assertEqual(self.messages(), ["b.md is not in the index"])

    def test_a_link_to_a_missing_heading_is_found(self):
        self.write("a.md", "# A page: `x`\n[here](#a-page-x) [there](#nowhere)\n")
        self.assertEqual(self.messages(), ["#nowhere: no such heading"])

    def test_a_row_needs_a_test_or_a_way_out(self):
        self.assertIn("no link to a test", self.porting_row("| `map` | `Map` | later |")[0])
        self.assertIn("an empty cell", self.porting_row("| `map` | | [x](../tests/x) |")[0])
        self.assertIn("say what to do", self.porting_row("| `map` | not yet: | – |")[0])
        self.assertEqual(self.porting_row("| `map` | not yet: use `FlatMap` | – |"), [])


if __name__ == "__main__":
    unittest.main()
