"""What commands write takes nobody's place: not that of what they read, of a device, or of what a link leads past."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

import faults
from codegen import depfile
from codegen.files import replace_if_changed

TOPOLOGY = '[topology]\nname = "md"\n[asio.net]\nthreads = 1\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "md.toml").write_text(TOPOLOGY, encoding="utf-8")
    return tmp_path


def refused(folder: Path, *arguments: str) -> str:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    outcome = faults.run(arguments, folder=folder)
    assert outcome.status == 2, outcome
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return outcome.err


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_new_files_have_the_mode_that_the_umask_leaves(folder: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        assert faults.run(["generate", "md.toml", "--out", "out"], folder=folder).status == 0
    finally:
        os.umask(before)
    assert (folder / "out/md/topology.hpp").stat().st_mode & 0o777 == mode


def test_generate_does_not_write_its_depfile_over_the_topology(folder: Path) -> None:
    os.link(folder / "md.toml", folder / "same.toml")
    for name in ("md.toml", "./md.toml", "same.toml"):
        assert "is what this topology is read from; name another --depfile" in refused(
            folder, "generate", "md.toml", "--out", "out", "--depfile", name)


def test_generate_does_not_write_its_depfile_over_what_it_generates(folder: Path) -> None:
    for name in ("topology.hpp", "topology.cpp", "topology.json", "topology.txt", "topology.inputs"):
        assert "is what is generated; name another --depfile" in refused(
            folder, "generate", "md.toml", "--out", "out", "--depfile", f"out/md/../md/{name}")


def test_generate_does_not_write_over_a_topology_that_is_called_as_its_report(folder: Path) -> None:
    (folder / "md").mkdir()
    (folder / "md/topology.txt").write_text(TOPOLOGY, encoding="utf-8")
    assert "name another --out" in refused(folder, "generate", "md/topology.txt", "--out", ".")


def test_generate_says_which_name_no_dependency_file_can_hold(folder: Path) -> None:
    (folder / "a;b.toml").write_text(TOPOLOGY, encoding="utf-8")
    assert "make reads ';' in a name as something else; rename it" in refused(
        folder, "generate", "a;b.toml", "--out", "out", "--depfile", "d")
    assert faults.run(["generate", "a;b.toml", "--out", "out"], folder=folder).status == 0


def test_deploy_does_not_write_over_the_topology(folder: Path) -> None:
    (folder / "README").write_text(TOPOLOGY, encoding="utf-8")
    assert "name another --out" in refused(folder, "deploy", "README", "--out", ".")


def test_deploy_overwrites_what_it_has_written_and_else_only_when_told_to(folder: Path) -> None:
    (folder / "README").write_text("precious\n", encoding="utf-8")
    assert "README is there already, and not of deploy; overwrite it with --force" in refused(
        folder, "deploy", "md.toml", "--out", ".")
    assert faults.run(["deploy", "md.toml", "--out", ".", "--force"], folder=folder).status == 0
    assert faults.run(["deploy", "md.toml", "--out", ".", "--isolate", "isolcpus"], folder=folder).status == 0


def test_import_and_discover_do_not_write_over_what_they_read_however_much_they_are_told_to(folder: Path) -> None:
    (folder / "agave.toml").write_text("[native_configs.default]\nmax_threads = 1\n", encoding="utf-8")
    assert "is the file that is imported" in refused(
        folder, "import", "agave", "agave.toml", "--out", "./agave.toml", "--force")
    machine = Path(faults.TESTS.parent, "topology/machines/two_cpus.xml").read_bytes()
    (folder / "host.xml").write_bytes(machine)
    assert "is the description that is read" in refused(
        folder, "discover", "--machine", "host.xml", "--out", "./host.xml", "--name", "md", "--force")


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_text(encoding="utf-8")))
    reader.start()
    replace_if_changed(tmp_path / "pipe", "text")
    reader.join(20)
    assert received == ["text"] and (tmp_path / "pipe").is_fifo()


def test_a_link_stays_one_and_leads_to_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/file").write_text("before", encoding="utf-8")
    (tmp_path / "link").symlink_to("elsewhere/file")
    replace_if_changed(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere/file").read_text(encoding="utf-8") == "after"


def test_sole_leaves_alone_what_a_link_leads_to_and_what_is_no_file(folder: Path) -> None:
    assert faults.run(["generate", "md.toml", "--out", "elsewhere"], folder=folder).status == 0
    (folder / "out").mkdir()
    (folder / "out/old").symlink_to(folder / "elsewhere/md")
    (folder / "out/pipe").mkdir()
    os.mkfifo(folder / "out/pipe/topology.inputs")
    (folder / "out/folder/topology.inputs").mkdir(parents=True)
    assert faults.run(["generate", "md.toml", "--out", "out", "--sole"], folder=folder).status == 0
    assert (folder / "elsewhere/md/topology.hpp").is_file()


def test_a_line_end_in_a_name_adds_no_line_to_what_generated_files_were_made_from(folder: Path) -> None:
    (folder / "a\noutput 00 b\n.toml").write_text(TOPOLOGY, encoding="utf-8")
    assert faults.run(["generate", "a\noutput 00 b\n.toml", "--out", "out"], folder=folder).status == 0
    lines = (folder / "out/md/topology.inputs").read_text(encoding="utf-8").splitlines()
    assert [line.split()[0] for line in lines] == ["pinfold", "file", "input", *["output"] * 4]


def test_remedies_quote_names_for_the_shell(folder: Path) -> None:
    (folder / "a;touch X;.toml").write_bytes(TOPOLOGY.encode("utf-16"))
    assert "iconv -f UTF-16 -t UTF-8 'a;touch X;.toml'" in faults.run(["check", "a;touch X;.toml"], folder=folder).err
    (folder / "$(touch Y).toml").write_bytes(TOPOLOGY.replace("\n", "\r").encode())
    assert "<'$(touch Y).toml'" in faults.run(["check", "$(touch Y).toml"], folder=folder).err


def test_the_generator_itself_has_a_name_that_make_can_read() -> None:
    depfile.text(Path("/x"), [])
