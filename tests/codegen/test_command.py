"""The command line as people run it: exit codes, streams, paths, and the wrapper that finds a Python."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import faults
from codegen import catalogue
from codegen.start_problems import START_PROBLEMS
from topologies import HEAD

ROOT = Path(__file__).resolve().parents[2]
WRAPPER = ROOT / "codegen/pinfold"
GOOD = HEAD + "[asio.a]\nthreads = 1\n"
BAD = GOOD + "thread = 1\n"


def pinfold(
    arguments: Sequence[str | Path], folder: Path, *, environment: Mapping[str, str] | None = None,
    command: Path = WRAPPER,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run([command, *arguments], cwd=folder, env={**os.environ, **(environment or {})}, text=True,
                          capture_output=True, timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.toml").write_text(BAD, encoding="utf-8")
    return tmp_path


def test_diagnostics_go_to_stderr_and_approval_to_stdout(folder: Path) -> None:
    good, bad = faults.run(["check", "good.toml"], folder=folder), faults.run(["check", "bad.toml"], folder=folder)
    assert (good.status, good.out, good.err) == (0, "good.toml: ok, 1 pool\n", "")
    assert (bad.status, bad.out) == (1, "")
    assert bad.err.startswith("bad.toml:5:1: error[PF006]: ")
    assert bad.err.endswith("\n1 error, 0 warnings in bad.toml\n")


def test_the_reference_topology_is_fine() -> None:
    outcome = faults.run(["check", "topology/topology.toml"], folder=ROOT)
    assert (outcome.status, outcome.out, outcome.err) == (0, "topology/topology.toml: ok, 4 pools\n", "")


def test_the_environment_is_a_layer_that_can_be_left_out(folder: Path) -> None:
    assert faults.run(["check", "good.toml"], folder=folder, environment="asio.a.x=1").status == 1
    assert faults.run(["check", "good.toml", "--no-environment"], folder=folder, environment="asio.a.x=1").status == 0


def test_paths_are_named_as_given_or_relative_to_a_folder(folder: Path) -> None:
    inner = folder / "build"
    inner.mkdir()
    assert faults.run(["check", "../bad.toml"], folder=inner).err.startswith("../bad.toml:5:1:")
    assert faults.run(["check", str(folder / "bad.toml")], folder=inner).err.startswith(f"{folder}/bad.toml:5:1:")
    outcome = faults.run(["check", str(folder / "bad.toml"), "--relative-to", str(folder)], folder=inner)
    assert outcome.err.startswith("bad.toml:5:1:") and str(folder) not in outcome.err


@pytest.mark.parametrize("relative_to", [[], ["--relative-to", "."]])
def test_generated_text_holds_no_absolute_path(folder: Path, relative_to: list[str]) -> None:
    (folder / "over.toml").write_text("[asio.a]\nstack_kib = 64\n", encoding="utf-8")
    arguments = ["generate", str(folder / "good.toml"), "--overlay", str(folder / "over.toml"), "--out", "out"]
    outcome = faults.run([*arguments, *relative_to], folder=folder)
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")
    written = [path for path in (folder / "out").rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert str(folder) not in path.read_text(encoding="utf-8"), path
    assert any("overlay over.toml" in path.read_text(encoding="utf-8") for path in written)


def test_a_faulty_topology_generates_nothing(folder: Path) -> None:
    outcome = faults.run(["generate", "bad.toml", "--out", "out"], folder=folder)
    assert outcome.status == 1 and "PF006" in outcome.err
    assert not (folder / "out").exists()


def test_where_nothing_can_be_written_generate_says_so(folder: Path) -> None:
    outcome = faults.run(["generate", "good.toml", "--out", "good.toml"], folder=folder)
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)
    assert outcome.err.startswith("pinfold: cannot write good.toml")


@pytest.mark.parametrize("arguments", [[], ["chekc"], ["check"], ["generate", "x.toml"], ["check", "x", "--set"]])
def test_wrong_usage_exits_with_2(folder: Path, arguments: list[str]) -> None:
    outcome = pinfold(arguments, folder)
    assert outcome.returncode == 2 and outcome.stderr.startswith("usage: pinfold")


def test_explain_knows_every_diagnostic(folder: Path) -> None:
    for entry in catalogue.ENTRIES.values():
        outcome = faults.run(["explain", entry.id.lower()], folder=folder)
        assert outcome.out.startswith(f"{entry.severity}[{entry.id}]: {entry.title}\n")
        assert re.search(rf"^    \S+:\d+:\d+: {entry.severity}\[{entry.id}\]: ", outcome.out, re.MULTILINE)
        assert re.search(r"^       help: \S.*\n\Z", outcome.out, re.MULTILINE)
    outcome = faults.run(["explain", "PF999"], folder=folder)
    assert outcome.status == 2
    assert outcome.err == "pinfold: there is no diagnostic PF999; pinfold explain lists them all\n"


def test_explain_knows_every_problem_that_the_library_reports(folder: Path) -> None:
    reported = set()
    for file in (ROOT / "src").rglob("*.cpp"):
        reported |= set(re.findall(r'"(PF\d{3})"', file.read_text(encoding="utf-8")))
    assert reported == set(START_PROBLEMS)
    page = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    for problem in START_PROBLEMS.values():
        outcome = faults.run(["explain", problem.id], folder=folder)
        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out.startswith(f"start problem[{problem.id}]: {problem.title}\n\n")
        assert re.search(r"^Remedy: .{20,}", outcome.out, re.MULTILINE)
        severity = "Warning. " if problem.warns else ""
        assert f"### {problem.id}: {problem.title}\n\n{severity}{problem.meaning}\n\nRemedy: {problem.remedy}\n" in page


def test_explain_without_an_id_lists_them_all(folder: Path) -> None:
    listed = faults.run(["explain"], folder=folder).out.splitlines()
    assert [line.split()[0] for line in listed] == sorted([*catalogue.ENTRIES, *START_PROBLEMS])
    assert {"PF050 warning pools overlap", "PF201 start   core not online"} <= set(listed)


def test_the_wrapper_works_from_any_folder_and_through_a_link(folder: Path) -> None:
    (folder / "codegen").mkdir()  # a package of this name in the working directory must not be taken for the generator
    (folder / "codegen/__init__.py").write_text("raise SystemExit('the wrong package')\n", encoding="utf-8")
    link = folder / "link to pinfold"
    link.symlink_to(WRAPPER)
    for command in (WRAPPER, link):
        outcome = pinfold(["check", "good.toml"], folder, command=command)
        assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "good.toml: ok, 1 pool\n", "")


def fake_python(folder: Path, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    python = folder / "python3"
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    python.chmod(0o755)
    return python


OLD = "sys.version_info = (3, 8, 0)"
NO_JINJA = "u.find_spec = lambda name, found=u.find_spec: None if name == 'jinja2' else found(name)"


def lesser_python(folder: Path, lack: str) -> Path:
    """The Python of the tests, but that it lacks something. It writes each start of it to a file."""
    script = (f"import importlib.util as u, runpy, sys; {lack}; sys.argv.pop(0);"
              " runpy.run_path(sys.argv[0], run_name='__main__')")
    return fake_python(folder, f'echo "$@" >>"{folder}/calls"; exec {sys.executable} -c "{script}" "$@"')


def installed(folder: Path) -> Path:
    """A pinfold for which there is no Python but in `folder / "tools"`, which is to be its PATH."""
    package = folder / "package"
    shutil.copytree(ROOT / "codegen", package / "codegen", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "include/pinfold/version.hpp", package / "codegen")
    wrapper = package / "codegen/pinfold"
    wrapper.write_text(wrapper.read_text(encoding="utf-8").replace("/usr/bin/python3", "/none/python3"))
    (folder / "tools").mkdir(exist_ok=True)
    for tool in ("sh", "dirname", "readlink"):
        (folder / "tools" / tool).symlink_to(shutil.which(tool) or tool)
    return wrapper


@pytest.mark.parametrize("lack", [OLD, NO_JINJA])
def test_the_wrapper_passes_over_a_python_that_cannot(folder: Path, lack: str) -> None:
    lesser_python(folder / "bin", lack)
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    outcome = pinfold(["generate", "good.toml", "--out", "out"], folder, environment={"PATH": path})
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert (folder / "bin/calls").read_text(encoding="utf-8").count("\n") == 1


def test_the_wrapper_starts_the_python_that_it_is_told_and_once(folder: Path) -> None:
    told = fake_python(folder / "bin", f'echo "$@" >>{folder}/calls; exec {sys.executable} "$@"')
    assert pinfold(["check", "good.toml"], folder, environment={"PINFOLD_PYTHON": str(told)}).returncode == 0
    calls = (folder / "calls").read_text(encoding="utf-8").splitlines()
    assert len(calls) == 1 and calls[0].endswith(" -- check good.toml")


def test_the_wrapper_says_that_it_cannot_take_the_python_that_it_is_told(folder: Path) -> None:
    for told in ("/none", lesser_python(folder / "bin", OLD)):
        outcome = pinfold(["check", "good.toml"], folder, environment={"PINFOLD_PYTHON": str(told)})
        assert outcome.returncode == 0
        assert re.fullmatch(rf"pinfold: PINFOLD_PYTHON={told} is not Python 3\.11 or newer with jinja2; \S+ is taken"
                            r" instead\n", outcome.stderr)


def test_the_wrapper_asks_a_shim_last(folder: Path) -> None:
    fake_python(folder / "shims", f"touch {folder}/asked; exit 127")
    fake_python(folder / "bin", f'exec {sys.executable} "$@"')
    path = f"{folder / 'shims'}:{folder / 'bin'}:{os.environ['PATH']}"
    assert pinfold(["check", "good.toml"], folder, environment={"PATH": path}).returncode == 0
    assert not (folder / "asked").exists()


def test_the_wrapper_does_with_a_python_without_jinja2_what_needs_none(folder: Path) -> None:
    wrapper = installed(folder)
    lesser_python(folder / "tools", NO_JINJA)
    environment = {"PATH": str(folder / "tools"), "PINFOLD_PYTHON": ""}
    outcome = pinfold(["check", "good.toml"], folder, environment=environment, command=wrapper)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "good.toml: ok, 1 pool\n", "")


def test_without_any_python_the_wrapper_says_what_to_install(folder: Path) -> None:
    wrapper = installed(folder)
    environment = {"PATH": str(folder / "tools"), "PINFOLD_PYTHON": ""}
    outcome = pinfold(["check", "good.toml"], folder, environment=environment, command=wrapper)
    assert (outcome.returncode, outcome.stderr) == (
        2, "pinfold: there is no Python 3.11 or newer; install one: sudo apt-get install python3 python3-jinja2\n")
    lesser_python(folder / "tools", OLD)
    outcome = pinfold(["check", "good.toml"], folder, environment=environment, command=wrapper)
    assert (outcome.returncode, outcome.stderr) == (
        2, "pinfold: Python 3.8 is too old, and there is no 3.11 or newer; install one: sudo apt-get install python3"
        " python3-jinja2\n")


def test_a_picture_needs_nothing_that_writes_c_plus_plus() -> None:
    script = "import sys; from codegen.picture import page, terminal; print('codegen.header_view' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, text=True) == "False\n"


def test_a_command_imports_nothing_of_the_others(folder: Path) -> None:
    script = ("import sys; from codegen import cli; cli.main(['check', 'good.toml']);"
              "print(*(name for name in sys.modules if name.startswith('codegen.')))")
    outcome = subprocess.run([sys.executable, "-c", script], cwd=folder, text=True, capture_output=True,
                             env={**os.environ, "PYTHONPATH": str(ROOT)})
    imported = outcome.stdout.split()
    assert "codegen.commands.check" in imported
    assert {name for name in imported if name.startswith("codegen.commands.")} == {
        f"codegen.commands.{name}" for name in ("check", "exit_codes", "inputs", "output")}


def test_check_needs_no_jinja2_and_generate_says_that_it_does(folder: Path) -> None:
    (folder / "hide/jinja2").mkdir(parents=True)
    (folder / "hide/jinja2/__init__.py").write_text("raise ModuleNotFoundError(name='jinja2')\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{folder / 'hide'}:{ROOT}"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-P", "-m", "codegen", *arguments], cwd=folder, env=environment,
                              text=True, capture_output=True)

    assert run("check", "good.toml").returncode == 0
    outcome = run("generate", "good.toml", "--out", "out")
    assert outcome.returncode == 2
    assert re.fullmatch(r"pinfold: generate needs the Python module jinja2, .* sudo apt-get install python3-jinja2\n",
                        outcome.stderr)


def test_a_reader_that_leaves_early_is_no_crash(folder: Path) -> None:
    for stream in ("stdout", "stderr"):
        reading, writing = os.pipe()
        os.close(reading)
        file = "good.toml" if stream == "stdout" else "bad.toml"
        with os.fdopen(writing, "w") as pipe:
            process = subprocess.run([sys.executable, "-m", "codegen", "check", folder / file], cwd=ROOT, text=True,
                                     stdout=pipe if stream == "stdout" else subprocess.PIPE,
                                     stderr=pipe if stream == "stderr" else subprocess.PIPE)
        assert process.returncode == 128 + signal.SIGPIPE
        assert not process.stdout and not process.stderr


def test_an_interrupt_is_no_crash(folder: Path) -> None:
    os.mkfifo(folder / "fifo.toml")
    # A test run in a shell's background has interrupts ignored, and so would the command.
    process = subprocess.Popen([sys.executable, "-m", "codegen", "check", folder / "fifo.toml"], cwd=ROOT, text=True,
                               stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    with open(folder / "fifo.toml", "w"):  # opens when the command does
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (128 + signal.SIGINT, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_take_nothing_and_harm_nothing(folder: Path, closed: str) -> None:
    for file, status in (("good.toml", 0), ("bad.toml", 1)):
        outcome = subprocess.run(["sh", "-c", f'"$0" check {file} {closed}', WRAPPER], cwd=folder, text=True,
                                 capture_output=True, timeout=60)
        assert outcome.returncode == status, outcome.stderr
        assert "Traceback" not in outcome.stderr


def test_a_working_directory_that_is_gone_is_named(folder: Path) -> None:
    gone = folder / "gone"
    gone.mkdir()
    outcome = subprocess.run(["sh", "-c", 'rmdir "$PWD"; "$0" check --absolute x.toml', WRAPPER], cwd=gone, text=True,
                             capture_output=True, timeout=60)
    assert outcome.returncode == 2
    assert outcome.stderr.splitlines()[-1] == "pinfold: the working directory is gone: change to one that exists"


@pytest.mark.parametrize("form", ["text", "gcc", "msvc"])
def test_a_files_name_neither_breaks_lines_nor_steers_the_terminal(folder: Path, form: str) -> None:
    name = "b\n\x1b[2J\u2028\x85\u202ed\u00e9.toml"
    (folder / name).write_text(BAD, encoding="utf-8")
    outcome = faults.run(["check", "--format", form, name], folder=folder)
    assert outcome.status == 1
    assert outcome.err.startswith("b\ufffd\ufffd[2J\ufffd\ufffd\ufffdd\u00e9.toml")
    assert "\x1b" not in outcome.err and "\n\n" not in outcome.err


def test_the_version_is_printed(tmp_path: Path) -> None:
    assert re.fullmatch(r"pinfold \d+\.\d+\.\d+\n", pinfold(["--version"], tmp_path).stdout)


@pytest.mark.parametrize(("line", "help"), [
    ("cores = 4-7", 'cores and all else that is no plain number stand in quotes: "4-7,9"'),
    ("cores = 4,7", 'cores and all else that is no plain number stand in quotes: "4-7,9"'),
    ('cores = "4",', "one statement a line; a comment begins with #"),
    ('idle = "rt"', 'the default is "park"'),
    ('policy = "realtime"', 'the real-time policies are "fifo" and "rr"'),
])
def test_what_beginners_write_is_answered_with_what_they_mean(tmp_path: Path, line: str, help: str) -> None:
    (tmp_path / "md.toml").write_text(f"{HEAD}[asio.a]\nthreads = 1\n{line}\n", encoding="utf-8")
    assert f"   help: {help}\n" in pinfold(["check", "md.toml"], tmp_path).stderr
