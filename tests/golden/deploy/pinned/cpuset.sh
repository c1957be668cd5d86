#!/bin/sh
# The cpuset of the topology 'pinned' (pinned.toml). Run as root: cpuset.sh makes it, cpuset.sh PID... makes it and
# moves processes into it, cpuset.sh --remove takes it away. A program that is already running has set its threads'
# CPUs: move a shell, and start it there. A service needs none of this: its drop-in does the same.
# cpuset.cpus: native.feed cores (pinned.toml:10); process cores (pinned.toml:7)
# cpuset.cpus.partition: native.feed exclusive (pinned.toml:11), idle (pinned.toml:12), cores (pinned.toml:10)
# The partition takes 1-3 from every other process of the host, and leaves them CPU 0: name fewer in [process] cpuset
# and cores, or isolate at boot (--isolate isolcpus).
# The partition is "isolated" (no load balancing): every thread of the process has one CPU.
set -eu
root=${CGROUP_ROOT:-/sys/fs/cgroup}
group=$root/pinfold-pinned
cpus=1-3
partition=isolated

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
