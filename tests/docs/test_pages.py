"""A page that says what is not so is found out."""

from __future__ import annotations

from pathlib import Path

import pages
import play
import pytest


def found(folder: Path, text: str) -> list[str]:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return play.play(page, folder, None)


def test_a_page_whose_commands_print_what_it_shows_has_no_faults(tmp_path: Path) -> None:
    assert found(tmp_path, "<!-- sub/a.txt -->\n```text\none\ntwo  2\nthree\n```\n\n"
                           "```console\n$ cat sub/a.txt\none\n...\n$ wc -l \\\n  <sub/a.txt; cd sub\n3\n```\n"
                           "```console\n$ cat a.txt\none\nt... 2\nthree\n```\n") == []


@pytest.mark.parametrize("shown", ["another\n", "", "one\ntwo\nthree\n", "one\n"])
def test_output_that_differs_is_shown_with_its_place(tmp_path: Path, shown: str) -> None:
    fault, = found(tmp_path, f"```console\n$ echo one; echo two\n{shown}```\n")
    assert "page.md:1: $ echo one; echo two\nprints something else:" in fault


def test_a_status_other_than_the_page_says_is_a_fault(tmp_path: Path) -> None:
    assert "ends with 1, not 0" in found(tmp_path, "```sh\nfalse\n```\n")[0]
    assert "ends with 0, not 2" in found(tmp_path, "<!-- exit 2 -->\n```console\n$ true\n```\n")[0]
    assert found(tmp_path, "<!-- exit 1 -->\n```console\n$ true\n$ false\n```\n") == []


def test_commands_after_one_that_ends_the_shell_are_said_not_to_have_been_reached(tmp_path: Path) -> None:
    faults = found(tmp_path, "```sh\nexit 3\n```\n\n```sh\ntrue\n```\n")
    assert [fault.splitlines()[-1] for fault in faults] == ["not reached"]


def test_process_ids_are_alike_in_what_verify_prints_and_nowhere_else(tmp_path: Path) -> None:
    verify = "pinfold verify $!"
    assert play.alike("process 47 of 12345", verify) == play.alike("process 9999 of 77", verify)
    assert play.alike("stack_kib = 2048", "pinfold show") != play.alike("stack_kib = 1024", "pinfold show")


def test_a_block_of_code_that_names_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(pages.PageError, match="page.md:2: a block of toml that is neither a file nor marked as text"):
        found(tmp_path, "text\n```toml\na = 1\n```\n")


def test_the_build_of_pinfold_is_replaced_by_an_installation_of_what_is_built(tmp_path: Path) -> None:
    text = "cmake -S pinfold -B b \\\n  -DX=1\ncmake --build b\ncmake --install b --prefix p\n"
    assert play.without_building(text, Path("/c d")) == "cmake -S pinfold -B b -DX=1\ncmake --install '/c d' --prefix p"


def test_a_page_of_the_clone_finds_the_clone_and_what_demo_builds_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- build -->\n```sh\ncmake --preset demo && cmake --build --preset demo\n"
                    "build/demo/program >out\n```\n```console\n$ cat out; head -1 README.md\nbuilt\n# pinfold\n```\n",
                    encoding="utf-8")
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho built\n", encoding="utf-8")
    program.chmod(0o755)
    assert play.play(page, tmp_path, None, in_clone=True) == []
    assert not (play.ROOT / "out").exists()


def test_a_block_that_should_stand_in_another_page_too_is_looked_for_there(tmp_path: Path) -> None:
    fault, = found(tmp_path, "<!-- as in docs/tutorial.md -->\n```sh\nanother command\n```\n")
    assert "does not stand in docs/tutorial.md" in fault
