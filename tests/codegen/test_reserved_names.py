"""Names that the C library has taken already are refused by check, not by the compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

import faults
import reserved_names
from codegen import names
from test_machine import MACHINES


def listed(file: str) -> set[str]:
    return set((names.RESERVED / f"{file}.txt").read_text(encoding="utf-8").split())


def test_the_lists_have_what_the_compiler_knows() -> None:
    missing = {"macros": reserved_names.macros() - listed("macros"),
               "globals": reserved_names.globals() - listed("globals")}
    assert not any(missing.values()), f"stale: PYTHONPATH=. python3 tests/codegen/reserved_names.py\n{missing}"


@pytest.mark.parametrize("name", ["si_pid", "h_errno", "sa_handler", "st_atime", "EBADF", "NSIG", "BOOST_VERSION"])
def test_a_macro_names_nothing(name: str) -> None:
    for why in (names.why_unusable(name), names.why_no_namespace(name)):
        assert why is not None and "macro" in why


@pytest.mark.parametrize("name", ["strlen", "usleep", "lseek64", "stack_t"])
def test_a_function_or_type_of_the_c_library_names_a_pool_but_no_topology(name: str) -> None:
    assert names.why_unusable(name) is None
    assert names.why_no_namespace(name) == "the C library uses it"


KEYWORDS = """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class co_await
    co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do
    double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast
    requires return short signed sizeof static static_assert static_cast struct switch template this thread_local throw
    true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq
""".split()  # of C++20: tables 5 and 6 of its chapter on lexical conventions


@pytest.mark.parametrize("name", KEYWORDS)
def test_a_keyword_names_no_topology_and_only_default_names_a_pool(name: str) -> None:
    assert names.why_no_namespace(name) == "it is a C++ keyword"
    assert names.why_unusable(name) == (None if name == "default" else "it is a C++ keyword")
    assert name in names.reserved_namespaces() and (name in names.reserved()) == (name != "default")


def test_no_command_makes_a_topology_that_is_named_by_a_keyword(tmp_path: Path) -> None:
    topology = '[topology]\nname = "default"\n[native.net]\nthreads = 1\n'
    (tmp_path / "md.toml").write_text(topology, encoding="utf-8")
    (tmp_path / "default.toml").write_text('cpuset = "0-3"\nprefix = "default"\n', encoding="utf-8")
    checked = faults.run(["check", "md.toml"], folder=tmp_path)
    assert checked.status == 1 and "error[PF012]: 'default' cannot name a topology" in checked.err
    assert "help: rename it, for example to 'default_topology'" in checked.err
    machine = str(MACHINES / "hybrid.xml")
    assert faults.run(["discover", "--machine", machine, "--name", "default"], folder=tmp_path).status == 2
    assert faults.run(["import", "loom", "default.toml", "--name", "default"], folder=tmp_path).status == 2
    imported = faults.run(["import", "loom", "default.toml"], folder=tmp_path)
    assert imported.status == 0 and 'name = "default_threads"' in imported.out


def test_plain_words_stay_free() -> None:
    words = ("net", "risk", "feed", "io", "disk", "compute", "general", "md", "app", "server", "engine", "pricing", "x")
    assert [word for word in words if names.why_no_namespace(word)] == []
