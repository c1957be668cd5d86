"""Starter topologies: sensible for a reader, and without a warning for `check`, whatever the machine."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

import faults
import golden
import topologies
from codegen import cores
from codegen.machine import describe
from codegen.model import Topology

ROOT = Path(__file__).resolve().parents[2]
MACHINES = ROOT / "topology/machines"
NAMES = sorted(file.stem for file in MACHINES.glob("*.xml"))


def discover(folder: Path, *arguments: str | Path) -> str:
    """The text of md.toml, for which check has nothing to say and from which generate makes C++."""
    outcome = faults.run(["discover", "--out", "md.toml", "--force", *map(str, arguments)], folder=folder)
    assert outcome.status == 0, outcome.err
    checked = faults.run(["check", "md.toml"], folder=folder)
    assert (checked.status, checked.err) == (0, ""), (folder / "md.toml").read_text(encoding="utf-8") + checked.err
    return (folder / "md.toml").read_text(encoding="utf-8")


def flat(text: str) -> str:
    """Facts in one line each."""
    return re.sub(r"\n# {15}", " ", text)


def resolved(folder: Path, text: str) -> Topology:
    return topologies.topology(folder, text)


def pool_cores(topology: Topology) -> dict[str, str]:
    return {f"{pool.kind}.{pool.name}": cores.format_cpus(sorted(pool.cores)) for pool in topology.pools}


def synthetic(folder: Path, description: str) -> Path:
    file = folder / "machine.xml"
    file.unlink(missing_ok=True)
    subprocess.run(["lstopo-no-graphics", "--input", description, "--output-format", "xml", str(file)], check=True,
                   capture_output=True)
    return file


def annotated(folder: Path, file: Path, isolated: str) -> Path:
    subprocess.run(["hwloc-annotate", file, folder / "annotated.xml", "root", "info", "IsolatedCPUs", isolated],
                   check=True)
    return folder / "annotated.xml"


def laid_out(folder: Path, description: str, *arguments: str, isolated: str = "") -> dict[str, str]:
    """By pool its cores, "" where it has none; and those of the process."""
    file = synthetic(folder, description)
    if isolated:
        file = annotated(folder, file, isolated)
    found = resolved(folder, discover(folder, "--machine", file, *arguments))
    return {"process": cores.format_cpus(found.process.cores or ()), **pool_cores(found)}


@pytest.mark.parametrize("name", NAMES)
def test_a_starter_topology_reads_as_the_golden_one(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.xml").write_bytes((MACHINES / f"{name}.xml").read_bytes())
    text = discover(tmp_path, "--machine", f"{name}.xml")
    golden.assert_same(text, golden.FOLDER / "discover" / f"{name}.toml")
    assert max(len(line) for line in text.splitlines()) <= 120


@pytest.mark.parametrize("smt", ["use", "avoid"])
@pytest.mark.parametrize("kinds", ["asio", "tbb", "native", "asio,tbb", "asio,native", "tbb,native"])
@pytest.mark.parametrize("name", NAMES)
def test_every_machine_file_gets_a_topology_without_warnings(name: str, kinds: str, smt: str, tmp_path: Path) -> None:
    found = resolved(tmp_path, discover(tmp_path, "--machine", MACHINES / f"{name}.xml", "--kinds", kinds,
                                        "--smt", smt))
    assert {pool.kind for pool in found.pools} == set(kinds.split(","))


@pytest.mark.parametrize("name", NAMES)
def test_a_starter_topology_generates(name: str, tmp_path: Path) -> None:
    discover(tmp_path, "--machine", MACHINES / f"{name}.xml")
    generated = faults.run(["generate", "md.toml", "--out", "out"], folder=tmp_path)
    assert (generated.status, generated.err) == (0, "")
    assert (tmp_path / "out/md/topology.hpp").is_file()


@strategies.composite
def machines(draw: strategies.DrawFn) -> tuple[str, str]:
    """A synthetic description of hwloc, and the CPUs that are isolated there."""
    packages, nodes, caches = (draw(strategies.integers(1, high)) for high in (4, 2, 2))
    count, pus = draw(strategies.integers(1, 16)), draw(strategies.integers(1, 2))
    total = packages * nodes * caches * count
    numa = draw(strategies.sampled_from(["", "[numa] "]))
    group = f"group:{nodes}" if nodes > 1 else ""
    spread = f"(indexes={pus}*{total}:{total}*1)" if pus > 1 and draw(strategies.booleans()) else ""
    levels = f"pack:{packages} {group} {numa}l3:{caches} core:{count} pu:{pus}{spread}"
    cpus = draw(strategies.sets(strategies.integers(0, total * pus - 1), max_size=total * pus))
    isolated = draw(strategies.sampled_from(["", cores.format_cpus(sorted(cpus))]))
    return " ".join(levels.split()), isolated


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(machines(), strategies.sets(strategies.sampled_from(("asio", "tbb", "native")), min_size=1),
       strategies.sampled_from(("use", "avoid")))
def test_any_machine_gets_a_topology_without_warnings(
    machine: tuple[str, str], kinds: set[str], smt: str,
) -> None:
    description, isolated = machine
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = synthetic(folder, description)
        if isolated:
            file = annotated(folder, file, isolated)
        arguments = ["--machine", str(file), "--kinds", ",".join(sorted(kinds)), "--smt", smt]
        text = discover(folder, *arguments)
        assert text == discover(folder, *arguments)
        found = resolved(folder, text)
        assert {pool.kind for pool in found.pools} == kinds
        assert found.process.cores
        whole = describe.machine(file.read_text(encoding="utf-8"), "")
        owners: dict[int, str] = dict.fromkeys((whole.by_index[cpu].core for cpu in found.process.cores), "process")
        for pool in found.pools:
            for core in {whole.by_index[cpu].core for cpu in pool.cores}:
                assert owners.setdefault(core, pool.name) == pool.name
            assert smt == "use" or len({whole.by_index[cpu].core for cpu in pool.cores}) == len(pool.cores)


@pytest.mark.parametrize(("description", "expected"), [
    ("core:1 pu:1", {"process": "0", "asio.net": "", "native.default": "", "tbb.compute": ""}),
    ("core:1 pu:2", {"process": "0-1", "asio.net": "", "native.default": "", "tbb.compute": ""}),
    ("core:2 pu:1", {"process": "0", "asio.net": "1", "native.default": "", "tbb.compute": ""}),
    ("core:2 pu:2", {"process": "0-1", "asio.net": "2-3", "native.default": "", "tbb.compute": ""}),
    ("core:3 pu:1", {"process": "0", "asio.net": "1", "native.default": "", "tbb.compute": "2"}),
    ("core:4 pu:1", {"process": "0", "asio.net": "1", "native.default": "", "tbb.compute": "2-3"}),
    ("core:8 pu:1", {"process": "0", "asio.net": "1-2", "native.default": "3", "tbb.compute": "4-7"}),
])
def test_small_machines_are_shared_out_as_far_as_they_go(
    description: str, expected: dict[str, str], tmp_path: Path,
) -> None:
    assert laid_out(tmp_path, description) == expected


def test_pools_without_cores_of_their_own_have_a_thread_for_each_cpu_they_run_on_or_one(tmp_path: Path) -> None:
    file = synthetic(tmp_path, "core:1 pu:2")
    found = resolved(tmp_path, discover(tmp_path, "--machine", file))
    assert {pool.name: (pool.threads, pool.pin) for pool in found.pools} == {
        "net": (1, "none"), "default": (1, "none"), "compute": (2, "none")}


def test_siblings_are_used_or_left_empty_as_asked(tmp_path: Path) -> None:
    spread = "pack:1 core:4 pu:2(indexes=2*4:4*1)"
    assert laid_out(tmp_path, spread) == {
        "process": "0,4", "asio.net": "1,5", "native.default": "", "tbb.compute": "2-3,6-7"}
    assert laid_out(tmp_path, spread, "--smt", "avoid") == {
        "process": "0,4", "asio.net": "1", "native.default": "", "tbb.compute": "2-3"}
    text = (tmp_path / "md.toml").read_text(encoding="utf-8")
    assert "left out    CPUs 5-7: SMT siblings of used CPUs" in text
    assert 'network      = "hw:core:1.pu:0"' in text


def test_isolated_cpus_go_to_dedicated_threads_or_to_nobody(tmp_path: Path) -> None:
    machine = MACHINES / "isolated.xml"
    text = discover(tmp_path, "--machine", machine)
    found = topologies.pool(resolved(tmp_path, text), "native.dedicated")
    assert (found.cores, found.pin, found.idle) == ((4, 5, 6, 7), "thread", "busy")
    text = discover(tmp_path, "--machine", machine, "--kinds", "asio,tbb")
    assert "left out    CPUs 4-7: isolated, and only a native pool would use them (--kinds)" in text
    assert "4-7" not in pool_cores(resolved(tmp_path, text)).values()


def test_where_most_cpus_are_isolated_latency_and_compute_go_there(tmp_path: Path) -> None:
    assert laid_out(tmp_path, "core:16 pu:1", isolated="2-15") == {
        "process": "0", "asio.net": "2-4", "native.default": "1", "native.dedicated": "5", "tbb.compute": "6-15"}
    assert laid_out(tmp_path, "core:2 pu:1", isolated="0-1") == {
        "process": "0", "asio.net": "1", "native.default": "", "tbb.compute": ""}


def test_where_all_cpus_are_isolated_no_pool_shares_a_mask_of_them(tmp_path: Path) -> None:
    text = discover(tmp_path, "--machine", annotated(tmp_path, MACHINES / "devices.xml", "0-31"))
    assert {pool.pin for pool in resolved(tmp_path, text).pools} == {"thread"}


def test_of_a_core_that_is_isolated_by_half_only_one_half_is_used(tmp_path: Path) -> None:
    assert laid_out(tmp_path, "core:4 pu:2", isolated="6") == {
        "process": "0-1", "asio.net": "2-3", "native.default": "", "native.dedicated": "6", "tbb.compute": "4-5"}
    assert "left out    CPU 7: an SMT sibling is isolated" in (tmp_path / "md.toml").read_text(encoding="utf-8")
    assert laid_out(tmp_path, "core:4 pu:2", isolated="1,3,5,7") == {
        "process": "0", "asio.net": "2", "native.default": "", "tbb.compute": "4,6"}


def test_compute_has_one_pool_for_each_node_and_a_name_for_those_who_do_not_care(tmp_path: Path) -> None:
    text = discover(tmp_path, "--machine", MACHINES / "two_packages.xml")
    found = pool_cores(resolved(tmp_path, text))
    assert (found["tbb.compute_0"], found["tbb.compute_1"]) == ("9-31,73-95", "32-63,96-127")
    assert text.endswith('[aliases.tbb]\ncompute = "compute_0"\n')


def test_small_cores_do_the_background_work_and_powerful_ones_what_counts(tmp_path: Path) -> None:
    text = discover(tmp_path, "--machine", MACHINES / "hybrid.xml")
    assert pool_cores(resolved(tmp_path, text)) == {
        "asio.net": "0-1", "native.default": "9-15", "tbb.compute": "2-7"}


def test_networking_is_near_the_card_that_was_asked_for(tmp_path: Path) -> None:
    text = discover(tmp_path, "--machine", MACHINES / "devices.xml")
    assert "MT27800 Family [ConnectX-5], near CPUs 0-7,16-23 (the first network card by name" in flat(text)
    text = discover(tmp_path, "--machine", MACHINES / "devices.xml", "--nic", "eth1")
    assert "(--nic says so; --nic chooses another: eth0, mlx5_0, mlx5_1)" in flat(text)
    outcome = faults.run(["discover", "--machine", str(MACHINES / "devices.xml"), "--nic", "eht1"], folder=tmp_path)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == "pinfold: the machine has no network device 'eht1'; did you mean 'eth1'?\n"


def with_a_card_at_the_second_package(folder: Path) -> Path:
    text = (MACHINES / "devices.xml").read_text(encoding="utf-8")
    text = text.replace('name="cuda0" subtype="CUDA" osdev_type="5"', 'name="eth9" osdev_type="2"')
    (folder / "eth9.xml").write_text(text, encoding="utf-8")
    return folder / "eth9.xml"


def test_a_card_at_the_other_package_takes_networking_there(tmp_path: Path) -> None:
    text = discover(tmp_path, "--machine", with_a_card_at_the_second_package(tmp_path), "--nic", "eth9")
    assert pool_cores(resolved(tmp_path, text))["asio.net"] == "8-11,24-27"
    assert "near eth9" in text


def test_names_in_a_description_stay_inside_their_comments(tmp_path: Path) -> None:
    text = (MACHINES / "devices.xml").read_text(encoding="utf-8")
    for name in ("eth0", "nvme0n1", "Mellanox Technologies"):
        text = text.replace(f'"{name}"', f'"{name}&#10;[asio.evil]"')
    (tmp_path / "evil.xml").write_text(text, encoding="utf-8")
    text = discover(tmp_path, "--machine", "evil.xml")
    assert "near eth0\ufffd[asio.evil]\n" in text and "near nvme0n1\ufffd[asio.evil]\n" in text
    assert "asio.evil" not in pool_cores(resolved(tmp_path, text))
    outcome = faults.run(["discover", "--machine", "evil.xml", "--nic", "eht7"], folder=tmp_path)
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)


TABLE = """\
            CPU0       CPU1       CPU2       CPU3
  40:          0          0          0          0 PCI-MSIX-0000:3b:00.0   0-edge      mlx5_async0@pci:0000:3b:00.0
  41:          0       7000          0          0 PCI-MSI 30932993-edge      mlx5_comp0
  42:          0          0        900          0 PCI-MSIX-0000:3b:00.0   2-edge      eth0-TxRx-1
  43:          9          9          9          9 PCI-MSIX-0000:3b:00.1   1-edge      eth1-TxRx-0
 LOC:         10         10         10         10 Local timer interrupts
"""


def system(folder: Path, affinities: dict[int, tuple[str, str]], *, table: str = TABLE) -> Path:
    """A /proc and /sys of a host; by interrupt the allowed and the effective CPUs."""
    root = folder / "root"
    for number, (allowed, effective) in affinities.items():
        irq = root / "proc/irq" / str(number)
        irq.mkdir(parents=True)
        (irq / "smp_affinity_list").write_text(f"{allowed}\n", encoding="utf-8")
        (irq / "effective_affinity_list").write_text(f"{effective}\n", encoding="utf-8")
    (root / "proc").mkdir(exist_ok=True, parents=True)
    (root / "proc/interrupts").write_text(table, encoding="utf-8")
    return root


def test_networking_stays_away_from_the_cores_that_take_the_cards_interrupts(tmp_path: Path) -> None:
    root = system(tmp_path, {41: ("0-31", "1"), 42: ("0-31", "2"), 43: ("3", "3")})
    (root / "sys/bus/pci/devices/0000:3b:00.0/msi_irqs/41").mkdir(parents=True)  # its name does not say whose it is
    text = discover(tmp_path, "--machine", MACHINES / "devices.xml", "--root", root)
    found = pool_cores(resolved(tmp_path, text))
    assert found["asio.net"] == "3-6,19-22"
    assert (found["asio.file"], found["native.default"]) == ("1,17", "2,7,18,23"), "their work can stand interrupts"
    assert "eth0's (41-42) go to CPUs 1-2, in disk and general, and may move within 0-31: stop irqbalance" in flat(text)
    assert "near eth0, and away from its interrupts" in text


def test_interrupts_on_every_near_core_are_said_and_do_not_push_networking_away(tmp_path: Path) -> None:
    rows = [f"{number}: " + " ".join("1" if cpu == number - 42 else "0" for cpu in range(32)) + f" MSI eth9-{number}"
            for number in range(50, 58)]
    table = "\n".join([" ".join(f"CPU{cpu}" for cpu in range(32)), *rows])
    root = system(tmp_path, {}, table=table)  # the counters alone say where they go
    machine = with_a_card_at_the_second_package(tmp_path)
    text = discover(tmp_path, "--machine", machine, "--root", root, "--nic", "eth9")
    assert pool_cores(resolved(tmp_path, text))["asio.net"] == "8-11,24-27"
    assert "near eth9, but on its interrupts" in text


def test_the_card_is_that_of_the_default_route_also_below_a_bond(tmp_path: Path) -> None:
    root = system(tmp_path, {})
    (root / "proc/net").mkdir()
    (root / "sys/class/net/bond0/lower_eth1").mkdir(parents=True)
    (root / "proc/net/route").write_text(
        "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
        "eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\nbond0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n",
        encoding="utf-8")
    text = discover(tmp_path, "--machine", MACHINES / "devices.xml", "--root", root)
    assert "eth1, Mellanox" in text and "it carries the default route" in flat(text)
    (root / "proc/net/route").unlink()
    (root / "sys/class/net/eth1").mkdir()
    (root / "sys/class/net/eth1/operstate").write_text("up\n", encoding="utf-8")
    text = discover(tmp_path, "--machine", MACHINES / "devices.xml", "--root", root)
    assert "eth1, Mellanox" in text and "the first network card that is up" in flat(text)


def test_this_host_is_kept_beside_the_topology_with_its_isolated_cpus(tmp_path: Path) -> None:
    host = describe.machine(subprocess.run(["lstopo-no-graphics", "--output-format", "xml", "-"], check=True,
                                           capture_output=True, text=True).stdout, "")
    root = system(tmp_path, {})
    last = host.usable[-1]
    (root / "sys/devices/system/cpu").mkdir(parents=True)
    (root / "sys/devices/system/cpu/isolated").write_text(f"{last}\n", encoding="utf-8")
    text = discover(tmp_path, "--root", root)
    assert 'machine = "md.xml"' in text
    kept = describe.machine((tmp_path / "md.xml").read_text(encoding="utf-8"), "")
    assert (kept.usable, kept.isolated) == (host.usable, (last,))
    annotation = subprocess.run(["hwloc-info", "--input", tmp_path / "md.xml", "machine:0"], capture_output=True,
                                text=True, check=True)
    assert f"info IsolatedCPUs = {last}" in annotation.stdout and annotation.stderr == ""


def test_this_host_gets_a_topology_and_generates(tmp_path: Path) -> None:
    text = discover(tmp_path)
    assert str(tmp_path) not in text
    assert faults.run(["generate", "md.toml", "--out", "out"], folder=tmp_path).status == 0
    outcome = faults.run(["discover", "--name", "md"], folder=tmp_path)
    assert outcome.status == 0 and 'machine = "host"' in outcome.out
    topologies.topology(tmp_path, outcome.out)


def test_the_description_of_this_host_goes_where_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    outcome = faults.run(["discover", "--save-machine", "prod/this.xml", "--name", "md"], folder=tmp_path)
    assert (outcome.status, outcome.err) == (0, "wrote prod/this.xml: the description of this host\n")
    (tmp_path / "md.toml").write_text(outcome.out, encoding="utf-8")
    assert 'machine = "prod/this.xml"' in outcome.out
    assert faults.run(["check", "md.toml"], folder=tmp_path).err == ""


def test_a_quota_of_the_control_group_is_said(tmp_path: Path) -> None:
    root = system(tmp_path, {})
    (root / "sys/fs/cgroup").mkdir(parents=True)
    (root / "sys/fs/cgroup/cpu.max").write_text("150000 100000\n", encoding="utf-8")
    assert "quota       the control group gets 1.5 CPUs' worth" in discover(tmp_path, "--root", root)
    (root / "sys/fs/cgroup/cpu.max").write_text("max 100000\n", encoding="utf-8")
    assert "quota" not in discover(tmp_path, "--root", root)


def refusals(folder: Path, *arguments: str) -> Sequence[str]:
    outcome = faults.run(["discover", *arguments], folder=folder)
    assert (outcome.status, outcome.out) == (2, "")
    return outcome.err.splitlines()


def test_no_file_is_overwritten_without_force(tmp_path: Path) -> None:
    (tmp_path / "md.toml").write_text("mine", encoding="utf-8")
    (tmp_path / "md.xml").write_text("mine", encoding="utf-8")
    assert refusals(tmp_path, "--out", "md.toml") == [
        "pinfold: md.toml exists; say --force to overwrite it, or another name",
        "pinfold: md.xml exists; say --force to overwrite it, or another name"]
    assert (tmp_path / "md.toml").read_text(encoding="utf-8") == "mine"
    discover(tmp_path)
    assert (tmp_path / "md.xml").read_text(encoding="utf-8") != "mine"


def test_what_cannot_be_done_is_refused_with_a_remedy(tmp_path: Path) -> None:
    machine = str(MACHINES / "two_cpus.xml")
    assert refusals(tmp_path, "--machine", machine, "--out", "prod-1.toml", "--root", "none") == [
        "pinfold: 'prod-1' cannot name a topology: a C++ identifier has only letters, digits and underscores, and does"
        " not start with a digit; say another with --name",
        "pinfold: none is no folder with a copy of /proc and /sys"]
    assert refusals(tmp_path, "--machine", "none.xml") == [
        "pinfold: the machine 'none.xml' cannot be read: no such file or directory"]
    (tmp_path / "text.xml").write_text("text", encoding="utf-8")
    assert refusals(tmp_path, "--machine", "text.xml")[0].startswith(
        "pinfold: the machine 'text.xml' cannot be read: hwloc does not understand it (it says: ")
    assert refusals(tmp_path, "--out", "md.xml")[0].startswith("pinfold: md.xml cannot be both the topology and")
    assert refusals(tmp_path, "--machine", machine, "--out", "none/md.toml") == [
        "pinfold: cannot write none/md.toml: No such file or directory"]
    assert list(tmp_path.iterdir()) == [tmp_path / "text.xml"]


def test_an_unknown_kind_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        faults.run(["discover", "--kinds", "tbb,tokio"], folder=tmp_path)
    assert exit.value.code == 2


def test_the_machine_is_named_from_where_the_topology_will_be(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    (tmp_path / "a \"b\".xml").write_bytes((MACHINES / "two_cpus.xml").read_bytes())
    outcome = faults.run(["discover", "--machine", "a \"b\".xml", "--out", "prod/md.toml"], folder=tmp_path)
    assert (outcome.status, outcome.err) == (0, "wrote prod/md.toml: a starter topology\n")
    assert 'machine = "../a \\"b\\".xml"' in (tmp_path / "prod/md.toml").read_text(encoding="utf-8")
    assert faults.run(["check", "prod/md.toml"], folder=tmp_path).status == 0
