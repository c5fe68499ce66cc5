"""Plants a violation of every rule, and a lawful neighbour, so that the check itself can fail."""

import pathlib
import tempfile
import unittest

import tidy


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def plant(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def rules(self):
        """What tidy finds, as "path:line rule"."""
        return [f"{p.path}:{p.line} {p.rule}" for p in tidy.problems(self.root)]

    # A header that breaks no rule by itself.
    def header(self, path, text=""):
        self.plant(path, f"// A header.\n#pragma once\n{text}")


class Layers(TidyTest):
    def test_an_include_that_points_right_is_found(self):
        self.header("engine/src/store/rows.h")
        self.plant("engine/src/log/reader.cc", '#include "store/rows.h"\n')
        self.assertEqual(self.rules(), ["engine/src/log/reader.cc:1 layers"])

    def test_an_include_that_points_left_is_lawful(self):
        self.header("engine/src/log/reader.h")
        self.plant("engine/src/store/rows.cc", '\n#include "log/reader.h"\n')
        self.assertEqual(self.rules(), [])

    def test_the_two_branches_behind_topology_never_meet(self):
        self.header("engine/src/dsl/verbs.h")
        self.plant("engine/src/runtime/task.cc", '#include "dsl/verbs.h"\n')
        self.assertEqual(self.rules(), ["engine/src/runtime/task.cc:1 layers"])

    def test_source_and_sink_do_not_know_each_other(self):
        self.header("engine/src/sink/encode.h")
        self.plant("engine/src/source/decode.cc", '#include "sink/encode.h"\n')
        self.assertEqual(self.rules(), ["engine/src/source/decode.cc:1 layers"])

    def test_a_public_header_counts_as_a_header_of_its_layer(self):
        self.header("engine/include/millrace/log.h")
        self.plant("engine/src/base/clock.cc", '#include "millrace/log.h"\n')
        self.assertEqual(self.rules(), ["engine/src/base/clock.cc:1 layers"])

    def test_a_public_header_that_no_table_names_is_dsl(self):
        self.header("engine/include/millrace/stream.h")
        self.plant("engine/src/runtime/task.cc", '#include "millrace/stream.h"\n')
        self.assertEqual(self.rules(), ["engine/src/runtime/task.cc:1 layers"])

    def test_a_public_header_never_includes_an_internal_one(self):
        self.header("engine/src/base/varint.h")
        self.header("engine/include/millrace/record.h", '#include "base/varint.h"\n')
        self.assertEqual(self.rules(), ["engine/include/millrace/record.h:3 layers"])

    def test_the_engine_does_not_know_its_users(self):
        self.header("schemas/topics.h")
        self.plant("engine/src/testing/driver.cc", '#include "schemas/topics.h"\n')
        self.assertEqual(self.rules(), ["engine/src/testing/driver.cc:1 layers"])

    def test_a_topology_sees_no_internals(self):
        self.header("engine/src/base/text.h")
        self.header("engine/include/millrace/detail/codec.h")
        self.plant(
            "topologies/count/count.cc",
            '#include "base/text.h"\n#include "millrace/detail/codec.h"\n',
        )
        self.assertEqual(
            self.rules(), [f"topologies/count/count.cc:{line} layers" for line in (1, 2)]
        )

    def test_only_tests_include_tests(self):
        self.header("tests/support/rows.h")
        self.plant("workers/main.cc", '#include "tests/support/rows.h"\n')
        self.plant("tests/unit/rows_test.cc", '#include "support/rows.h"\n')
        self.assertEqual(self.rules(), ["workers/main.cc:1 layers"])


class ThirdParty(TidyTest):
    def test_a_library_outside_its_folder_is_found_with_both_kinds_of_quotes(self):
        self.plant("engine/src/runtime/task.cc", '#include "rocksdb/db.h"\n')
        self.plant("engine/src/topology/graph.cc", "#include <spdlog/spdlog.h>\n")
        self.plant("workers/main.cc", "#include <simdjson.h>\n#include <gtest/gtest.h>\n")
        self.assertEqual(
            self.rules(),
            [
                "engine/src/runtime/task.cc:1 third-party",
                "engine/src/topology/graph.cc:1 third-party",
                "workers/main.cc:1 third-party",
                "workers/main.cc:2 third-party",
            ],
        )

    def test_a_library_in_its_folder_is_lawful(self):
        self.plant("engine/src/store/db.cc", '#include "rocksdb/db.h"\n')
        self.plant("workers/main.cc", "#include <CLI/CLI.hpp>\n")
        self.assertEqual(self.rules(), [])


class Cycles(TidyTest):
    def test_folders_that_include_each_other_are_found(self):
        self.header("workers/a.h", '#include "bench/b.h"\n')
        self.header("bench/b.h", '#include "bench/c.h"\n')
        self.header("bench/c.h")
        self.plant("bench/b.cc", '#include "workers/d.h"\n')
        self.header("workers/d.h")
        self.assertEqual(self.rules(), ["bench:1 cycles"])

    def test_headers_that_include_each_other_are_found(self):
        self.header("workers/a.h", '#include "b.h"\n')
        self.header("workers/b.h", '#include "a.h"\n')
        self.assertEqual(self.rules(), ["workers/a.h:1 cycles"])

    def test_the_second_half_of_a_header_may_include_the_first(self):
        self.header("workers/a.h", 'class A {};\n#include "a_verbs.h"\n')
        self.header("workers/a_verbs.h", '#include "a.h"\nclass B {};\n')
        self.assertEqual(self.rules(), [])

    def test_a_diamond_is_no_cycle(self):
        graph = {"top": {"left", "right"}, "left": {"bottom"}, "right": {"bottom"}}
        self.assertIsNone(tidy.find_cycle(graph))


class Lengths(TidyTest):
    def test_a_file_of_more_than_500_lines_is_found(self):
        self.plant("workers/long.cc", "\n" * 501)
        self.plant("workers/fits.cc", "\n" * 500)
        self.assertEqual(self.rules(), ["workers/long.cc:501 length"])

    def test_columns_are_characters_and_not_bytes(self):
        self.plant("workers/wide.cc", "// " + "→" * 97 + "\n// " + "x" * 98 + "\n")
        self.assertEqual(self.rules(), ["workers/wide.cc:2 columns"])


class Bans(TidyTest):
    def test_the_engine_neither_throws_nor_ends_the_process(self):
        self.plant("engine/src/base/a.cc", "throw 1;\nstd::exit(1);\nstd::abort();\n")
        self.assertEqual(
            self.rules(), [f"engine/src/base/a.cc:{line} banned" for line in (1, 2, 3)]
        )

    def test_an_allowed_place_may_do_what_its_reason_says_and_no_more(self):
        self.plant("engine/src/base/status.cc", "std::abort();\nthrow 1;\n")
        self.assertEqual(self.rules(), ["engine/src/base/status.cc:2 banned"])

    def test_comments_and_literals_are_not_code(self):
        self.plant(
            "engine/src/base/a.cc",
            "// throw\n/* exit(\n1) */\nauto s = \"throw\"; auto r = R\"x(abort())x\";\n"
            "auto n = 1'000; char c = '\"'; producer.Abort(); // '\n",
        )
        self.assertEqual(self.rules(), [])

    def test_code_behind_a_digit_separator_is_still_code(self):
        self.plant("engine/src/base/a.cc", "auto n = 1'000; throw n; auto m = 2'000;\n")
        self.assertEqual(self.rules(), ["engine/src/base/a.cc:1 banned"])

    def test_tests_neither_sleep_nor_read_the_wall_clock(self):
        self.plant(
            "tests/unit/a_test.cc",
            "std::this_thread::sleep_for(1s);\nusleep(1);\nstd::chrono::system_clock::now();\n",
        )
        self.plant("bench/a.cc", "std::this_thread::sleep_for(1s);\n")
        self.assertEqual(
            self.rules(), [f"tests/unit/a_test.cc:{line} banned" for line in (1, 2, 3)]
        )


class Texts(TidyTest):
    def test_a_header_needs_its_guard_and_a_public_one_its_comment(self):
        self.plant("workers/a.h", "// No guard.\n")
        self.plant("engine/include/millrace/b.h", "#pragma once\n")
        self.assertEqual(
            self.rules(), ["engine/include/millrace/b.h:1 header", "workers/a.h:1 header"]
        )

    def test_a_note_names_its_issue(self):
        self.plant("workers/a.cc", "// TODO: later\n// TODO(#12): later\n")
        self.assertEqual(self.rules(), ["workers/a.cc:1 notes"])

    def test_a_link_that_leads_nowhere_is_found(self):
        self.plant("README.md", "")
        self.plant(
            "docs/a.md",
            "[up](../README.md) [web](https://example.org/x) [here](#part) [no](gone.md#x)\n"
            "```\n[code](gone.md)\n```\n`[code](gone.md)` ![no](gone.png)\n",
        )
        self.assertEqual(self.rules(), ["docs/a.md:1 links", "docs/a.md:5 links"])

    def test_build_folders_are_not_looked_at(self):
        self.plant("build/release/a.cc", "\n" * 501)
        self.assertEqual(self.rules(), [])


if __name__ == "__main__":
    unittest.main()
