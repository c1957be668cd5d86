"""Spelling of user text in C++: nothing gets out of its literal, comment or line."""

from __future__ import annotations

import subprocess
from pathlib import Path

from codegen import cxx

NASTY = 'a"b\\c\n\t\x01\x7f??/ */ /* // )" )raw" \u00e9\u4e16\u202e\ud800\U0001f980 100% \\'


def run_cpp(folder: Path, program: str) -> str:
    source = folder / "main.cpp"
    source.write_text(program, encoding="utf-8", errors="surrogateescape")
    flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wtrigraphs"]
    subprocess.run(["g++", *flags, source, "-o", folder / "main"], check=True)
    return subprocess.run([folder / "main"], check=True, capture_output=True).stdout.decode("utf-8", "surrogateescape")


def test_a_string_literal_holds_the_bytes_of_the_text(tmp_path: Path) -> None:
    text = NASTY.replace("\ud800", "\udcff") + "7"
    program = f"#include <cstdio>\nint main() {{ std::fputs({cxx.string(text)}, stdout); }}\n"
    assert run_cpp(tmp_path, program) == text


def test_a_message_survives_where_numeric_escapes_are_forbidden(tmp_path: Path) -> None:
    program = f"static_assert(true, {cxx.message(NASTY)});\n#line 7 {cxx.message(NASTY)}\nint main() {{}}\n"
    run_cpp(tmp_path, program)
    assert "\n" not in cxx.message(NASTY)


def test_comments_end_where_they_should(tmp_path: Path) -> None:
    lines = [*cxx.comment(NASTY * 9), f"// {cxx.comment_line(NASTY.replace(chr(10), ''))}"]
    run_cpp(tmp_path, "\n".join([*lines, "#define REACHED", "#ifndef REACHED", "#error", "#endif", "int main() {}\n"]))
    assert all(len(line) <= cxx.COLUMNS for line in cxx.comment("word " * 100))


def test_asm_text_survives_assembler_and_raw_string(tmp_path: Path) -> None:
    text = NASTY.replace("\ud800", "") * 4
    directives = "\n".join(f".ascii {operand}" for operand in cxx.asm_ascii(text))
    program = (
        f'#include <cstdio>\nasm(R"(\n.data\n.globl text\ntext:\n{directives}\n.byte 0\n.text\n)");\n'
        'extern "C" const char text[];\nint main() { std::fputs(text, stdout); }\n'
    )
    assert run_cpp(tmp_path, program) == text


def test_members_stand_in_columns_and_unused_ones_take_no_room() -> None:
    rows = cxx.initialisers([[("a", "1"), None, None, ("d", "4")], [("a", "100"), ("b", "2"), None, None]])
    assert rows == ["{.a = 1,           .d = 4}", "{.a = 100, .b = 2}"]


def test_long_lists_wrap_at_the_page() -> None:
    text = cxx.wrapped([str(n) for n in range(100)], indent=6, first=40)
    lines = text.split("\n")
    assert len(lines) > 1 and all(len(line) <= cxx.COLUMNS for line in lines) and 40 + len(lines[0]) <= cxx.COLUMNS
    assert [int(n) for n in text.replace("\n", " ").split(",")] == list(range(100))
