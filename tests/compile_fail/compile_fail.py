#!/usr/bin/env python3
"""Compiles one program of this folder, and demands the outcome that its comments name.

usage: compile_fail.py FILE COMPILER [FLAG…]

A wrong program has lines `// EXPECT: text`: it must not compile, and every text must be in what
the compiler says. A right program has the line `// COMPILES`: it is the control, without which a
broken include path would let every wrong program pass.
"""

import pathlib
import subprocess
import sys


def verdict(file, compile_command):
    """None if the outcome is the demanded one, else what is wrong."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    expected = [line.removeprefix("// EXPECT: ") for line in lines if line.startswith("// EXPECT: ")]
    if bool(expected) == ("// COMPILES" in lines):
        return "needs either `// EXPECT: text` lines or one `// COMPILES` line"

    result = subprocess.run(
        [*compile_command, file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )
    if not expected:
        return None if result.returncode == 0 else f"must compile, but:\n{result.stdout}"
    if result.returncode == 0:
        return "compiles, but must not"
    missing = [text for text in expected if text not in result.stdout]
    if missing:
        wanted = "\n".join(f"  {text}" for text in missing)
        return f"fails without saying\n{wanted}\nbut with\n{result.stdout}"
    return None


def main(arguments):
    file = pathlib.Path(arguments[0])
    syntax_only = ["-fsyntax-only", "-std=c++20", "-fdiagnostics-color=never"]
    wrong = verdict(file, [*arguments[1:], *syntax_only])
    if wrong:
        print(f"{file.name}: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
