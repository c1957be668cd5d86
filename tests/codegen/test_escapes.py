"""Text of a topology that would be code, if it got out of its literal or comment, in every place that takes text."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

import faults
from codegen import schema
from codegen.model import KINDS
from test_emit_compiles import COMPILERS, INCLUDE

TEXTS = (
    "*/ #error /*", "/* //", '"; #error "', ')"; #error R"(', ')pinfold"', "??/", "??/\n#error", "end ??/", "back\\",
    "back\\\n#error", "\n#error\n", "\r#error\r\n", "\x00#error", "\x07\x1b[2J\x7f", "\t\t", "\\n \\x41 \\u00e9",
    "Gr\u00f6\u00dfe \u4e16\u754c \U0001f980", "\u202e\u2066 reversed \u2069", "\u2028#error\u2029\x85",
    "e\u0301\u200b\ufeff", "%s %n 100%", "{{ 7 * 1234567 }} {% raw %} {# #}", "${HOME} $(id) `id` $<1:x>",
    "<% %> <: :> %:error", "_Pragma(\"x\") __FILE__", "#line 1 \"x\"", "' '; u8\"\" L'", "x" * 5000, "word " * 400,
)
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wtrigraphs", "-Wcomment", "-Werror"]


@dataclass(frozen=True)
class Generated:
    folder: Path
    descriptions: list[str]
    thread_names: list[str]

    @property
    def files(self) -> list[Path]:
        return sorted((self.folder / "out/md").iterdir())


def usable(text: str) -> str:
    """What of it may stand in a name of a thread or a file."""
    return "".join(char for char in text if ord(char) >= 32 and ord(char) != 127)


def toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """A pool for each text, in files whose names hold most of them."""
    folder = tmp_path_factory.mktemp("escapes")
    names = [f"{index:x}{usable(text)[:3]}" for index, text in enumerate(TEXTS)]
    lines = ["[topology]", 'name = "md"']
    for index, (text, name) in enumerate(zip(TEXTS, names)):
        lines += [f"[{KINDS[index % 3]}.pool_{index}]", "threads = 1", f"description = {toml(text)}",
                  f"thread_name = {toml(name)}"]
    topology, overlay = ('we"ird ??/ \\ */ %s {{ 1 }} é.toml', "o'ver ??' \\\\ // $(id) \u202e.toml")
    for name, content in ((topology, "\n".join(lines)), (overlay, "[asio.pool_0]\nstack_kib = 64\n")):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(content, encoding="utf-8")
    last = "set: */ ??/ \\ \" \u4e16"
    outcome = faults.run(["generate", topology, "--overlay", overlay, "--out", "out", "--set",
                          f"tbb.pool_1.description={toml(last)}"], folder=folder)
    assert (outcome.status, outcome.err) == (0, ""), outcome.err
    return Generated(folder, [TEXTS[0], last, *TEXTS[2:]], names)


def spelled(text: str) -> str:
    """As a string_view, without any literal."""
    codes = ", ".join(str(byte if byte < 128 else byte - 256) for byte in text.encode("utf-8"))
    return f"same<{codes}>"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_compilers_read_every_text_as_it_was_written_and_nothing_else(generated: Generated, compiler: str) -> None:
    """Also under -trigraphs, which revives what C++17 removed."""
    checks = []
    for index, (description, name) in enumerate(zip(generated.descriptions, generated.thread_names)):
        checks += [f"static_assert({spelled(description)}(md::tables::pools[{index}].description));",
                   f"static_assert({spelled(name)}(md::tables::pools[{index}].thread_name));"]
    main = generated.folder / "main.cpp"
    main.write_text("\n".join([
        '#include "md/topology.cpp"',
        "template <char... Bytes>",
        "constexpr bool same(std::string_view text) {",
        "  constexpr char bytes[] = {Bytes..., 0};",
        "  return text == std::string_view(bytes, sizeof...(Bytes));",
        "}", *checks, ""]), encoding="utf-8")
    warnings = [*WARNINGS, *(["-Wbidi-chars=any"] if compiler == "g++" else [])]
    done = subprocess.run(
        [compiler, "-std=c++20", "-trigraphs", *warnings, "-DBOOST_HANA_CONFIG_ENABLE_STRING_UDL",
         f"-I{generated.folder / 'out'}", f"-isystem{INCLUDE}", "-fsyntax-only", main], text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_line_of_the_generated_files_is_a_text_that_got_out(generated: Generated) -> None:
    for file in generated.files:
        text = file.read_text(encoding="utf-8")
        assert not [line for line in text.splitlines() if line.lstrip().startswith("#error")], file
        assert "8641969" not in text, f"{file}: a template of Jinja's was executed"


def test_the_report_for_programs_has_the_texts_as_they_were_written(generated: Generated) -> None:
    pools = json.loads((generated.folder / "out/md/topology.json").read_text(encoding="utf-8"))["pools"]
    assert [pool["description"] for pool in pools] == generated.descriptions
    assert [pool["thread_name"] for pool in pools] == generated.thread_names


def test_every_key_that_takes_free_text_is_among_them() -> None:
    """Another one needs a place above; names of pools, files and core sets are checked for what they may hold."""
    tables = [schema.TOPOLOGY, schema.PROCESS, *schema.POOLS.values()]
    free = {key.name for keys in tables for key in keys.values() if isinstance(key.type, schema.Text)
            and not key.type.names}
    assert free == {"machine", "thread_name", "description"}
