"""What compilers say about the generated source: nothing, unless the topology breaks a limit of the library."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import emit_cases
import pytest

from codegen import document, emit, schema
from codegen.model import Topology

INCLUDE = Path(__file__).resolve().parents[2] / "include"
COMPILERS = [compiler for compiler in ("g++", "clang++-19") if shutil.which(compiler)]


def compile_source(topology: Topology, folder: Path, compiler: str, *flags: str) -> subprocess.CompletedProcess[str]:
    emit.write(topology, folder, depfile=None, inputs=[])
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wmissing-field-initializers", "-Werror"]
    source = folder / topology.name / "topology.cpp"
    return subprocess.run(
        [compiler, "-std=c++20", *warnings, "-DBOOST_HANA_CONFIG_ENABLE_STRING_UDL", f"-I{folder}", f"-I{INCLUDE}"]
        + [*flags, str(source)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("case", emit_cases.GOLDEN)
def test_no_compiler_warns(case: str, compiler: str, tmp_path: Path) -> None:
    done = compile_source(emit_cases.GOLDEN[case](), tmp_path, compiler, "-fsyntax-only")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_library_has_the_defaults_and_limits_of_the_schema(tmp_path: Path) -> None:
    keys = {key.name: key for keys in schema.POOLS.values() for key in keys.values()}
    facts = [fact("pool_spec", key) for name, key in keys.items() if name not in ("enabled", "optional")]
    facts += [fact("process_spec", key) for key in schema.PROCESS.values()]
    stack = keys["stack_kib"].type
    assert isinstance(stack, schema.Integer)
    facts += [f"pinfold::min_stack_kib == {stack.low}", f"pinfold::max_pool_threads == {schema.MAX_THREADS}",
              f"pinfold::max_thread_name == {schema.MAX_THREAD_NAME}"]
    source = tmp_path / "defaults.cpp"
    source.write_text("#include <pinfold/pool_spec.hpp>\n" + "".join(
        f"static_assert({condition});\n" for condition in facts if condition))
    assert "pool_spec{}.spin_us == " in source.read_text()
    done = subprocess.run([COMPILERS[0], "-std=c++20", f"-I{INCLUDE}", "-fsyntax-only", source], capture_output=True,
                          text=True)
    assert (done.returncode, done.stderr) == (0, "")


def fact(spec: str, key: schema.Key) -> str:
    """That the member of the key's name has its default; nothing where there is none to have."""
    if key.default is None:
        return ""
    member = f"pinfold::{spec}{{}}.{key.name}"
    value = schema.toml(key.default)
    return f"{member} == {f'decltype({member})::{key.default}' if isinstance(key.type, schema.Choice) else value}"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_broken_limits_are_reported_at_the_line_of_their_key(compiler: str, tmp_path: Path) -> None:
    pool = emit_cases.pool("asio", "net", line=20, threads=5000, stack_kib=1, thread_name="much_too_long")
    done = compile_source(emit_cases.topology(pool), tmp_path, compiler, "-fsyntax-only")
    assert done.returncode != 0
    for line, text in (
        (21, "PF009: asio.net: more threads than the library's pinfold::max_pool_threads; lower threads"),
        (22, "PF009: asio.net: a stack of 1 KiB is below the library's pinfold::min_stack_kib; raise stack_kib"),
        (23, "PF034: asio.net: thread name 'much_too_long-4999' is longer than the library's"),
    ):
        assert any(said.startswith(f"md.toml:{line}:") and text in said for said in done.stderr.splitlines()), text


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_limit_broken_by_a_default_is_reported_at_the_table(compiler: str, tmp_path: Path) -> None:
    pool = replace(emit_cases.pool("native", "work", (0,), line=20), stack_kib=1)
    done = compile_source(emit_cases.topology(pool), tmp_path, compiler, "-fsyntax-only")
    assert any(said.startswith("md.toml:20:") and "stack_kib" in said for said in done.stderr.splitlines())


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_object_file_carries_the_layout_as_an_elf_note(compiler: str, tmp_path: Path) -> None:
    topology = emit_cases.hostile()
    built = compile_source(topology, tmp_path, compiler, "-c", "-o", str(tmp_path / "o"))
    assert built.returncode == 0, built.stderr
    section = tmp_path / "section"
    command = ["objcopy", "-O", "binary", "--only-section=.note.pinfold", "--set-section-flags", ".note.pinfold=alloc"]
    subprocess.run([*command, tmp_path / "o", section], check=True)
    note = section.read_bytes()
    name_size, size, kind = struct.unpack_from("<III", note)
    assert (note[12 : 12 + name_size], kind, len(note) % 4) == (b"pinfold\0", 1, 0)
    assert json.loads(note[20 : 20 + size]) == json.loads(json.dumps(document.of(topology)))
