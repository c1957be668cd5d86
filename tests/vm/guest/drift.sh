# A process in a cpuset of its own. What the machine does to it, `pinfold verify` must tell, and nothing else.
status=0
verify() {  # WANTED-STATUS WORD...: its status, and words that its output holds
  wanted=$1
  shift
  /pinfold/codegen/pinfold verify --color never "$process" >/tmp/verify 2>&1
  code=$?
  cat /tmp/verify
  if [ "$code" != "$wanted" ]; then
    echo "FAILED: status $code, wanted $wanted"
    status=1
  fi
  for word; do
    if ! grep -q -- "$word" /tmp/verify; then
      echo "FAILED: nothing is said of '$word'"
      status=1
    fi
  done
}
thread_named() {
  grep -lx "$1" /proc/"$process"/task/*/comm | cut -d/ -f5
}

start() {  # the process, in its cpuset
  : >/tmp/out  # here, not by the shell below: what the last process said may be found before that shell has begun
  sh -c 'echo $$ >/sys/fs/cgroup/service/cgroup.procs && exec vm_drift hold' >>/tmp/out 2>&1 &
  process=$!
  until grep -q ready /tmp/out; do
    sleep 0.1
    if ! kill -0 "$process" 2>/dev/null; then
      cat /tmp/out
      exit 1
    fi
  done
}

echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control
mkdir /sys/fs/cgroup/service
echo 0-7 >/sys/fs/cgroup/service/cpuset.cpus

start
echo "== as declared"
verify 0
echo "== a thread moved by taskset"
taskset -p 8 "$(thread_named net-0)" >/dev/null
verify 1 "net-0 .* may run on 3"
taskset -p 10 "$(thread_named net-0)" >/dev/null
verify 0
# When the CPUs of a cpuset change, the kernel gives each of its threads all that are left.
echo "== CPU 5 offline"
echo 0 >/sys/devices/system/cpu/cpu5/online
verify 1 "CPU 5 is offline" "^! *net-1"
echo 1 >/sys/devices/system/cpu/cpu5/online
kill "$process"
wait "$process"

start
echo "== the cpuset shrunk to 0-4 and 6"
echo 0-4,6 >/sys/fs/cgroup/service/cpuset.cpus
verify 1 "CPU 5 is outside of the process's cpuset" "CPU 7 is outside" "^! *net-1" "^! *tasks-0"
kill "$process"
exit $status
