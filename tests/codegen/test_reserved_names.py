"""Names that the C library has taken already are refused by check, not by the compiler."""

from __future__ import annotations

import pytest

import reserved_names
from codegen import names


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


def test_plain_words_stay_free() -> None:
    words = ("net", "risk", "feed", "io", "disk", "compute", "general", "md", "app", "server", "engine", "pricing", "x")
    assert [word for word in words if names.why_no_namespace(word)] == []
