#!/usr/bin/env python3
"""Compiles one program of this folder, and demands the outcome that its comments name.

usage: compile_fail.py FILE COMPILER [FLAG…]

A wrong program opens with `// EXPECT: text`: it must not compile, every text must be in what the
compiler says, and it must be said in one error: what is explained on the first line and buried
under forty that follow from it is not explained. A right program opens with `// COMPILES`: it is
the control, without which a broken include path would let every wrong program pass.
"""

import os
import pathlib
import subprocess
import sys


def expectations(text):
    """The texts of the EXPECT comments at the head of a program; each may run over several lines."""
    found = []
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        if line.startswith("// EXPECT: "):
            found.append(line.removeprefix("// EXPECT: "))
        elif found:
            found[-1] += line.removeprefix("//")
    return found


def verdict(file, compile_command):
    """None if the outcome is the demanded one, else what is wrong."""
    text = file.read_text(encoding="utf-8")
    expected = expectations(text)
    if bool(expected) == text.startswith("// COMPILES\n"):
        return "opens with either `// EXPECT: text` comments or `// COMPILES`"

    result = subprocess.run(
        [*compile_command, file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False, env={**os.environ, "LC_ALL": "C"},
    )
    if not expected:
        return None if result.returncode == 0 else f"must compile, but:\n{result.stdout}"
    if result.returncode == 0:
        return "compiles, but must not"
    missing = [text for text in expected if text not in result.stdout]
    if missing:
        wanted = "\n".join(f"  {text}" for text in missing)
        return f"fails without saying\n{wanted}\nbut with\n{result.stdout}"
    errors = result.stdout.count(" error: ")
    return None if errors == 1 else f"one mistake, but {errors} errors:\n{result.stdout}"


def main(arguments):
    file = pathlib.Path(arguments[0])
    syntax_only = ["-fsyntax-only", "-std=c++20", "-fdiagnostics-color=never"]
    wrong = verdict(file, [*arguments[1:], *syntax_only])
    if wrong:
        print(f"{file.name}: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
