"""The manual page and the reference page of the command line hold all that the parser takes, and are well formed."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import faults
from codegen import cli
from codegen.manual import man_page, surface, words

ROOT = Path(__file__).resolve().parents[2]


def parsers() -> dict[str, argparse.ArgumentParser]:
    found = next(action for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


def printed(source: str) -> str:
    """As people read it, in lines as long as they come."""
    if not shutil.which("groff"):
        pytest.skip("groff is missing")
    return subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-P-bcou", "-rLL=2000n", "-rHY=0"], check=True,
                          input=source, encoding="utf-8", stdout=subprocess.PIPE).stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("manual") / "pinfold.1"
    file.write_text(faults.run(["manual"]).out, encoding="ascii")  # the one encoding that every roff reads
    return file


@pytest.fixture(scope="module")
def page(source: Path) -> str:
    return printed(source.read_text(encoding="ascii"))


def sections(page: str) -> dict[str, str]:
    """By heading."""
    parts = re.split(r"^(\S.*)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def flowing(text: str | None) -> str:
    return " ".join((text or "").split())


def helps(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield flowing(action.help)


def test_the_manual_page_tells_of_every_command_with_all_its_arguments(page: str) -> None:
    found = sections(page)
    assert {"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"} <= set(found)
    for name, parser in parsers().items():
        assert f"pinfold {name}\n" in found["COMMANDS"]
        section = flowing(found[name.upper()])
        assert flowing(parser.description).replace("`", "") in section
        for action in parser._actions:
            for flag in action.option_strings:
                assert re.search(rf"(?<![\w-]){flag}(?![\w-])", section), (name, flag)
            for choice in map(str, action.choices or ()):
                assert choice in section, (name, choice)
            assert flowing(action.help)[1:] in section, (name, action.dest)


def test_the_reference_page_tells_of_every_command_with_all_its_arguments() -> None:
    parts = re.split(r"^### (.*)\n", faults.run(["manual", "--markdown"]).out, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2]))
    assert list(found) == list(parsers())
    for name, parser in parsers().items():
        for help in helps(parser):
            assert f"| {help.replace('|', chr(92) + '|')} |" in found[name]
        for action in parser._actions:
            for flag in action.option_strings:
                assert re.search(rf"^\| `[^`]*{flag}\b", found[name], re.MULTILINE), (name, flag)


def test_every_argument_says_what_it_is_for() -> None:
    for name, parser in parsers().items():
        assert all(helps(parser)), name


@pytest.mark.parametrize("text", [
    ".TH X", "'br", "\\fB \\n(.x \\\\", "--long-option", "A\n.so /etc/passwd", "\"q\" `c`"])
def test_whatever_a_help_text_holds_is_printed_as_it_stands(text: str) -> None:
    parser = argparse.ArgumentParser("pinfold", description=text)
    command = parser.add_subparsers().add_parser("check", help=text, description=text, epilog=text)
    command.add_argument("--option", help=text)
    page = printed(man_page.text(surface.of(parser)))
    assert flowing(page).count(flowing(text).replace("`", "")) >= 4


def test_the_manual_names_every_variable_of_the_environment_that_the_code_reads() -> None:
    used = set()
    for file in (ROOT / "codegen").rglob("*.py"):
        used |= set(re.findall(r'environ(?:\.get\(|\[)"(\w+)"', file.read_text(encoding="utf-8")))
    assert {"PINFOLD_SET", "NO_COLOR", "PINFOLD_PYTHON"} <= used <= {name for name, _ in words.ENVIRONMENT} | {
        "GITHUB_ACTIONS"}


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is missing")
def test_groff_has_no_complaint_of_the_manual_page(source: Path) -> None:
    outcome = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-z", source], text=True, capture_output=True)
    assert (outcome.returncode, outcome.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is missing")
def test_mandoc_misses_nothing_but_the_date_which_would_change_the_page_with_every_build(source: Path) -> None:
    found = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", source], text=True, capture_output=True)
    assert [line.partition(" ")[2] for line in (found.stdout + found.stderr).splitlines()] == [
        f'{source}:2:15: WARNING: missing date, using "": TH']


def test_the_manual_is_the_same_in_every_terminal() -> None:
    outputs = {subprocess.run([ROOT / "codegen/pinfold", "manual"], check=True, capture_output=True,
                              env={"PATH": "/usr/bin:/bin", "COLUMNS": columns, "LC_ALL": locale}).stdout
               for columns, locale in (("40", "C"), ("200", "C.UTF-8"))}
    assert len(outputs) == 1
