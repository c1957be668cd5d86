"""Defaults, file, overlays, PINFOLD_SET and --set: who wins, and what each value says about where it came from."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from unittest import mock

import pytest

from codegen import assignments, emit, read_document, setting_parts
from codegen.diagnostics import Problems
from codegen.layers import Request
from codegen.load import load
from codegen.model import CoreSet, Origin
from topologies import HEAD, attempt, faults, pool, topology

NET = f'{HEAD}\n[asio.net]\ncores = "1-4"\nthreads = 1\nidle = "spin"\n'


def test_later_layers_win(tmp_path: Path) -> None:
    layers = {
        "overlays": ["[asio.net]\nthreads = 2\nspin_us = 2\nstack_kib = 102\ndescription = 'two'\n",
                     "[asio.net]\nspin_us = 3\nstack_kib = 103\ndescription = 'three'\n"],
        "environment": "asio.net.stack_kib=104;asio.net.description=four",
        "settings": ["asio.net.description=five"],
    }
    net = pool(topology(tmp_path, NET, **layers), "asio.net")  # type: ignore[arg-type]
    assert (net.threads, net.spin_us, net.stack_kib, net.description) == (2, 3, 104, "five")
    assert net.origins["cores"] == Origin("file", "md.toml", 5)
    assert net.origins["threads"] == Origin("overlay overlay0.toml", "overlay0.toml", 2)
    assert net.origins["spin_us"] == Origin("overlay overlay1.toml", "overlay1.toml", 2)
    assert net.origins["stack_kib"] == Origin("environment")
    assert net.origins["description"] == Origin("set")
    assert net.origins["policy"] == Origin("default")


def test_computed_defaults_say_why(tmp_path: Path) -> None:
    found = topology(tmp_path, f'{HEAD}\n[asio.a]\ncores = "1-3"\n[native.b]\nmax_threads = 2\n')
    a, b = found.pools
    assert (a.threads, a.origins["threads"]) == (3, Origin("default", note="number of cores"))
    assert (a.thread_name, a.origins["thread_name"]) == ("a", Origin("default", note="pool name"))
    assert (b.threads, b.pin, b.origins["pin"]) == (0, "none", Origin("default", note="no cores"))


def test_overlays_merge_tables_and_replace_values(tmp_path: Path) -> None:
    text = f"{NET}[process]\nlock_memory = true\n[cores]\na = 1\nb = 2\n"
    found = topology(tmp_path, text, overlays=["[process]\ntimer_slack_ns = 1\n[cores]\nb = [3, 4]\nc = 'a'\n"])
    assert (found.process.lock_memory, found.process.timer_slack_ns) == (True, 1)
    assert found.core_sets == {"a": (1,), "b": (3, 4), "c": (1,)}


def test_pools_keep_the_order_of_their_first_mention(tmp_path: Path) -> None:
    text = HEAD + "".join(f"[{title}]\nthreads = 1\n" for title in ("tbb.x", "asio.z", "native.y", "asio.a"))
    overlay = "[native.late]\nthreads = 1\n[asio.a]\nthreads = 2\n[tbb.x]\nthreads = 2\n"
    found = topology(tmp_path, text, overlays=[overlay], environment="tbb.env.threads=1",
                     settings=["asio.last.threads=1"])
    assert [entry.name for entry in found.pools] == ["x", "z", "y", "a", "late", "env", "last"]


@pytest.mark.parametrize(("text", "cores"), [
    ("asio.net.cores=4-7", (4, 5, 6, 7)), ("asio.net.cores = 4,6 ", (4, 6)), ("asio.net.cores=[4, 6]", (4, 6)),
    ('asio.net.cores="4,6"', (4, 6)), ("asio.net.cores='4,6'", (4, 6)), ("asio.net.cores=5", (5,)),
    ('asio."net".cores=5', (5,)), ("asio.net = {cores = 5}", (5,)),
])
def test_settings_are_toml_values_or_else_strings(tmp_path: Path, text: str, cores: tuple[int, ...]) -> None:
    assert pool(topology(tmp_path, NET, settings=[text]), "asio.net").cores == cores
    assert pool(topology(tmp_path, NET, environment=text), "asio.net").cores == cores


def test_semicolons_in_quotes_and_brackets_do_not_separate(tmp_path: Path) -> None:
    environment = " asio.net.description=\"a;b\" ;asio.net.thread_name='c;d';; asio.net.stack_kib=64;"
    net = pool(topology(tmp_path, NET, environment=environment), "asio.net")
    assert (net.description, net.thread_name, net.stack_kib) == ("a;b", "c;d", 64)


@pytest.mark.parametrize(("environment", "descriptions"), [
    ("asio.net.description='''a;'b;''';tbb.x.description=\"\"\"c;\"\\\\;\"\"\"", ("a;'b;", 'c;"\\;')),
    ('asio.net.description="\\";";tbb.x.description=\'";\'', ('";', '";')),
    ("asio.\"net\".description=o'clock;tbb.'x'.description=\"=\"", ("o'clock", "=")),
    ("tbb.x={threads=1,description='};'};asio.net.description=a[;", ("a[", "};")),
    ("asio.net = {cores = [1, # ;]\n2], description = 'd'};tbb.x.description=#e", ("d", "#e")),
])
def test_what_stands_in_quotes_and_brackets_belongs_together(
    tmp_path: Path, environment: str, descriptions: tuple[str, str],
) -> None:
    found = topology(tmp_path, NET + "[tbb.x]\nthreads = 1\n", environment=environment)
    assert tuple(entry.description for entry in found.pools) == descriptions


@pytest.mark.parametrize(("environment", "found"), [
    ('asio.net.description="abc;asio.net.threads=9', ["PF005 1:22"]),
    ("asio.net.cores=[4;asio.net.threads=9", ["PF005 1:16"]),
    ("asio.net.description=a'b;asio.net.threads=9", ["PF030 1:43"]),
    ("a'=1;b'=2;asio.net.threads=9", ["PF005 1:1", "PF030 1:28"]),
])
def test_a_quote_that_is_not_closed_reaches_to_the_end(tmp_path: Path, environment: str, found: list[str]) -> None:
    assert faults(tmp_path, NET, environment=environment) == found


def test_the_remedy_of_a_string_that_does_not_end_is_to_mend_it_or_to_quote_it(tmp_path: Path) -> None:
    _, problems = attempt(tmp_path, NET, settings=['asio.net.description="abc', "asio.net.cores=[1,,2]"])
    assert [problem.text for problem in problems] == [
        "the string does not end", "the value begins like a TOML array and is none"]
    assert {problem.help for problem in problems} == {"mend it, or put the whole text in quotes of the other kind"}


@pytest.mark.parametrize("text", [
    "a=[;" * 400, 'a="' + ";" * 1000, "a={b=[';" * 200, "a='''" + "';" * 500, '"' + "=" * 1000, 'a="x";' * 200,
    "a.b=[1];" * 200,
])
def test_no_setting_is_parsed_again_for_each_semicolon_or_equals_sign_in_it(tmp_path: Path, text: str) -> None:
    with mock.patch.object(assignments, "tomllib") as parser:
        parser.loads.side_effect = tomllib.loads
        attempt(tmp_path, NET, environment=text)
    assert 0 < sum(len(call.args[0]) for call in parser.loads.call_args_list) <= 20 * len(text)


@pytest.mark.parametrize("text", [
    '"' + '\\"' * 9, '"' + '\\";' * 9, '"""\n' + '\\"""\n' * 9, 'a="""x" ' + '\\"""x" ' * 9])
def test_the_first_quote_that_is_not_closed_ends_the_search_for_others(text: str) -> None:
    """Each of the others would be looked for to the end, too."""
    found = setting_parts.parts(text, 0, several=True)
    assert found.end == len(text) and found.unclosed


def test_a_bare_setting_keeps_its_hash_and_spaces(tmp_path: Path) -> None:
    net = pool(topology(tmp_path, NET, settings=["asio.net.description=C# at 3 # o'clock"]), "asio.net")
    assert net.description == "C# at 3 # o'clock"


@pytest.mark.parametrize(("text", "problem"), [
    ("", "PF005 1:1"), ("asio.net.threads", "PF005 1:1"), ("=3", "PF005 1:1"), ("asio..net=3", "PF005 1:1"),
    ("asio.net.threads=", "PF005 1:1"), ("[asio.net]\nthreads=3", "PF005 1:1"), ("# = 3", "PF005 1:1"),
    ("asio.net.thread=3", "PF006 1:10"), ("asio.net.threads=two", "PF008 1:18"), ("asio.net.threads=0", "PF009 1:18"),
    ("asio.net.cores=9-8", "PF020 1:16"), ('asio.net.cores="1,9-8"', "PF020 1:19"), ("asio=3", "PF008 1:6"),
    ("asio.net.threads=" + "[" * 5000, "PF004 1:1"), (".".join("a" * 5000) + "=1", "PF004 1:65"),
    ('asio.net.description="abc', "PF005 1:22"), ("asio.net.description='tis", "PF005 1:22"),
    ('asio.net.description="a" b', "PF005 1:22"), ('asio.net.description="a" # b', "PF005 1:22"),
    ("asio.net.cores=[4, 6", "PF005 1:16"), ("asio.net = {threads = 1", "PF005 1:12"),
    ("asio.net.cores=[1,,2]", "PF005 1:16"), ('asio."net.threads=2', "PF005 1:1"), ("asio.net.threads=2\n", None),
    ("asio.net.thread_name=a\udcff", "PF002 1:23"),
])
def test_faults_in_settings_are_located(tmp_path: Path, text: str, problem: str | None) -> None:
    _, problems = attempt(tmp_path, NET, settings=[text])
    found = [f"{entry.id} {entry.place.line}:{entry.place.column}" for entry in problems
             if entry.place.source.name == "--set"]
    assert found == ([problem] if problem else [])


def test_an_overlay_deletes_a_pool_and_its_names_lead_to_the_fallback(tmp_path: Path) -> None:
    text = NET + "[asio.file]\nthreads = 1\n[asio.late]\nthreads = 1\n[aliases.asio]\ndisk = 'file'\n"
    overlay = "[asio.file]\nenabled = false\nfallback = 'net'\n"
    found = topology(tmp_path, text, overlays=[overlay])
    assert [entry.name for entry in found.pools] == ["net", "late"]
    assert [(entry.name, entry.reason, entry.fallback) for entry in found.absent] == [("file", "disabled", "net")]
    leads = {name.name: (found.pools[name.pool].name, name.how, name.origin.layer) for name in found.names}
    assert leads["file"] == ("net", "fallback", "overlay overlay0.toml")
    assert leads["disk"] == ("net", "alias", "file")
    assert [entry.name for entry in topology(tmp_path, text).pools] == ["net", "file", "late"]


def test_without_a_fallback_a_deleted_pool_has_no_name_and_its_aliases_are_warned_of(tmp_path: Path) -> None:
    text = NET + "[asio.file]\nthreads = 1\n[aliases.asio]\ndisk = 'file'\n"
    found, problems = attempt(tmp_path, text, overlays=["[asio.file]\nenabled = false\n"])
    assert found is not None and [problem.id for problem in problems] == ["PF052"]
    assert [name.name for name in found.names] == ["net"]


def test_header_json_and_report_say_of_every_value_who_set_it(tmp_path: Path) -> None:
    text = NET + "[process]\nlock_memory = true\n"
    layers = {"overlays": ["[asio.net]\nspin_us = 2\n[process]\ntimer_slack_ns = 5\n"],
              "environment": "asio.net.stack_kib=104", "settings": ["topology.on_failure=degrade"]}
    texts = emit.texts(topology(tmp_path, text, **layers))  # type: ignore[arg-type]
    header = " ".join(texts["topology.hpp"].replace("//", " ").split())
    assert 'cores "1-4", threads, idle (file); spin_us (overlay overlay0.toml); stack_kib (PINFOLD_SET)' in header
    data = json.loads(texts["topology.json"])
    origins = data["pools"][0]["origins"]
    assert origins["threads"] == {"layer": "file", "file": "md.toml", "line": 6}
    assert origins["spin_us"] == {"layer": "overlay overlay0.toml", "file": "overlay0.toml", "line": 2}
    assert origins["stack_kib"] == {"layer": "environment"}
    assert origins["thread_name"] == {"layer": "default", "note": "pool name"}
    assert "policy" not in origins  # a plain default
    assert data["origins"]["on_failure"] == {"layer": "set"}
    assert data["process"]["origins"]["timer_slack_ns"]["line"] == 4
    report = texts["topology.txt"]
    for clause in ('cores "1-4" (md.toml:5)', "threads (md.toml:6)", "spin_us (overlay0.toml:2)",
                   "stack_kib (PINFOLD_SET)", "on_failure (--set)", "lock_memory (md.toml:9)",
                   "timer_slack_ns (overlay0.toml:4)"):
        assert clause in report, report


def test_cores_say_who_set_the_core_sets_in_them(tmp_path: Path) -> None:
    text = f'{HEAD}[cores]\nall = "network,9"\nnetwork = "1-2"\n[asio.net]\ncores = "all"\n[asio.own]\ncores = 0\n'
    found = topology(tmp_path, text, overlays=['[cores]\nnetwork = "3-4"\n'])
    assert found.core_sets["all"] == (3, 4, 9)
    assert found.written_sets == {"all": CoreSet("network,9", Origin("file", "md.toml", 4)),
                                  "network": CoreSet("3-4", Origin("overlay overlay0.toml", "overlay0.toml", 2))}
    texts = emit.texts(found)
    assert 'asio.net: cores "all" (file; network: overlay overlay0.toml);' in texts["topology.hpp"]
    assert 'asio.own: cores "0" (file);' in texts["topology.hpp"]
    assert ' all "network,9" (md.toml:4); network "3-4" (overlay0.toml:2)' in texts["topology.txt"]
    assert 'cores "all" (md.toml:7; network: overlay0.toml:2)' in texts["topology.txt"]
    assert '"text": "3-4"' in texts["topology.json"]
    assert found.written_sets == read_document.read(texts["topology.json"]).topology.written_sets


def test_problems_come_in_the_order_of_the_layers(tmp_path: Path) -> None:
    _, problems = attempt(tmp_path, NET + "x = 1\n", overlays=["y = 1\n", "[asio.net]\nz = 1\n"], environment="v=1",
                          settings=["w=1"])
    assert [problem.place.source.name for problem in problems] == [
        "md.toml", "overlay0.toml", "overlay1.toml", "PINFOLD_SET", "--set"]


def test_an_unreadable_overlay_hides_no_other_problem(tmp_path: Path) -> None:
    file = tmp_path / "md.toml"
    assert faults(tmp_path, NET + "x = 1\n") == ["PF006 8:1"]
    problems = Problems()
    assert load(Request(str(file), [str(tmp_path / "none.toml")]), problems) is None
    assert [problem.id for problem in problems] == ["PF006", "PF001"]
