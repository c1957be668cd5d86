#!/bin/busybox sh
# The first process of the guest: mounts what programs expect, runs the scenario that the kernel's command line names,
# says how it ended, and switches the machine off.
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /sys/fs/cgroup && mount -t cgroup2 cgroup /sys/fs/cgroup
hostname guest
stty -F /dev/ttyS0 -opost 2>/dev/null

scenario=$(sed -n 's/.*pinfold\.scenario=\([a-z_]*\).*/\1/p' /proc/cmdline)
echo "pinfold-vm: begin $scenario"
sh "/$scenario.sh"
echo "pinfold-vm: end $?"
poweroff -f
