"""A script that makes a cpuset cgroup for the process and moves processes into it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from codegen import cxx
from codegen.cores import format_cpus
from codegen.deploying.facts import Facts
from codegen.deploying.isolation import Isolation
from codegen.deploying.piece import Piece, Setting, because, comments

ROOT = "/sys/fs/cgroup"


def piece(facts: Facts, isolation: Isolation) -> Piece:
    settings = tuple(_settings(facts, isolation))
    notes = isolation.notes if isolation.method == "partition" else (
        "The group is no partition (\"member\"): it keeps the process on its CPUs, and others may run there too.",)
    return Piece("cgroup", "cgroup v2 cpuset", "cpuset.sh", settings, notes,
                 _script(facts, settings, notes) if settings else "")


def group(facts: Facts) -> str:
    """Below the root cgroup, whose children alone may be partitions on every kernel."""
    return f"pinfold-{facts.topology.name}"


def _settings(facts: Facts, isolation: Isolation) -> Iterable[Setting]:
    if facts.process:
        yield Setting("cpuset.cpus", format_cpus(facts.process), facts.process_why)
        yield Setting("cpuset.cpus.partition", isolation.partition, facts.partition_why if isolation.method else ())


def _script(facts: Facts, settings: Iterable[Setting], notes: Iterable[str]) -> str:
    values = {setting.name: setting.value for setting in settings}
    topology = facts.topology
    head = comments([
        f"The cpuset of the topology '{topology.name}' ({cxx.shown(topology.file)}). Run as root: cpuset.sh makes it,"
        " cpuset.sh PID... makes it and moves processes into it, cpuset.sh --remove takes it away. A program that is"
        " already running has set its threads' CPUs: move a shell, and start it there. A service needs none of this:"
        " its drop-in does the same.",
        *(f"{setting.name}: {because(setting.why)}" for setting in settings if setting.why),
        *notes,
    ])
    return "\n".join([
        "#!/bin/sh", *head, "set -eu",
        f"root=${{CGROUP_ROOT:-{ROOT}}}",
        f"group=$root/{shlex.quote(group(facts))}",
        f"cpus={shlex.quote(values['cpuset.cpus'])}",
        f"partition={shlex.quote(values['cpuset.cpus.partition'])}",
    ]) + "\n" + _BODY


_BODY = """
fail() {
  echo "cpuset.sh: $*" >&2
  exit 1
}

# value file: written only where the file says something else
put() {
  [ -e "$2" ] || fail "$2 is missing: the kernel has no such setting"
  if [ "$(cat "$2")" != "$1" ]; then
    (echo "$1" >"$2") 2>/dev/null || fail "$2 refuses '$1': run as root, and compare with the groups beside it"
  fi
}

if [ "${1-}" = --remove ]; then
  if [ -d "$group" ]; then
    rmdir "$group" 2>/dev/null || fail "$group cannot be removed: stop its processes, or move them out"
  fi
  exit 0
fi

[ -f "$root/cgroup.controllers" ] || fail "$root is no cgroup v2 hierarchy (systemd.unified_cgroup_hierarchy=1)"
case " $(cat "$root/cgroup.controllers") " in
  *" cpuset "*) ;;
  *) fail "$root/cgroup.controllers has no cpuset: a cgroup v1 hierarchy holds it, or no kernel support" ;;
esac
case " $(cat "$root/cgroup.subtree_control") " in
  *" cpuset "*) ;;
  *) (echo +cpuset >"$root/cgroup.subtree_control") 2>/dev/null || fail "cannot enable cpuset in $root: run as root" ;;
esac
[ -d "$group" ] || mkdir "$group" || fail "cannot make $group: run as root"
put "$cpus" "$group/cpuset.cpus"
put "$partition" "$group/cpuset.cpus.partition"
state=$(cat "$group/cpuset.cpus.partition")
[ "$state" = "$partition" ] || fail "$group wants to be '$partition' and is '$state'"
for pid in "$@"; do
  (echo "$pid" >"$group/cgroup.procs") 2>/dev/null || fail "cannot move process $pid: does it exist, and are you root?"
done
echo "$group: cpuset.cpus $cpus, partition $state"
"""
