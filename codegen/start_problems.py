"""Every problem that start() of a program can report, and verify() while it runs: its ID, title, meaning and remedy.
The texts with all details are the library's (src/); the generator only explains them.

An ID never changes its meaning and is never used again.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StartProblem:
    id: str
    title: str
    meaning: str
    remedy: str
    warns: bool = False  # the topology runs as declared; else the start fails, or degrades


_PROBLEMS = (
    StartProblem(
        "PF201", "core not online",
        "The topology names a CPU that this host does not have, or that is offline.",
        "Name cores that the host has, or give the program another map of them: PINFOLD_CPU_MAP=2-7:0-1 runs on 0-1"
        " what the topology places on 2-7. [topology] machine lets the build find it out: then it is PF018."),
    StartProblem(
        "PF202", "core not allowed to the process",
        "The CPU is online, but the process may not use it: its affinity mask (taskset, CPUAffinity=) or its cgroup"
        " (AllowedCPUs=, docker --cpuset-cpus, Kubernetes) leaves it out. Or that mask cannot be read.",
        "Widen that, or place the pools on what is allowed, in the topology or by PINFOLD_CPU_MAP. `pinfold deploy`"
        " writes the settings that a topology needs."),
    StartProblem(
        "PF203", "thread cannot be created",
        "The kernel refuses another thread, the memory for its stack, or what its setup needs.",
        "Lower threads or stack_kib, or raise the limits: ulimit -u and -v, TasksMax= of the unit, pids.max of the"
        " cgroup."),
    StartProblem(
        "PF204", "affinity refused",
        "The kernel does not let the thread run on the cores of its pool, although they were there a moment before.",
        "See what changes the process's cpuset while it starts, and give it these CPUs (taskset, cpuset cgroup)."),
    StartProblem(
        "PF205", "scheduling policy refused",
        "The process has no right to the policy, priority or nice value of the pool. fifo, rr and deadline, and"
        " nice values below the process's, need the capability CAP_SYS_NICE or a limit that allows them.",
        "Grant it: setcap cap_sys_nice+ep PROGRAM, LimitRTPRIO= or LimitNICE= of the unit. Where real time is"
        " refused even then, the cgroup has no real-time budget (cpu.rt_runtime_us of cgroup v1)."),
    StartProblem(
        "PF207", "thread name refused",
        "The kernel does not take the name of the thread.",
        "Set another thread_name in the pool. Where every name is refused, a sandbox forbids prctl(PR_SET_NAME)."),
    StartProblem(
        "PF208", "setting does not stay",
        "A name, affinity, policy or timer slack was accepted, but reads back as another, or cannot be read back."
        " Something else sets it, too.",
        "Look for what changes threads from outside: a cpuset cgroup, an agent that balances interrupts and"
        " threads, a preloaded library, a sandbox without sched_getattr."),
    StartProblem(
        "PF209", "memory cannot be locked",
        "[process] lock_memory = true locks all memory of the process, and the kernel refuses it.",
        "Raise RLIMIT_MEMLOCK (ulimit -l, LimitMEMLOCK=infinity), grant CAP_IPC_LOCK, or remove the key."),
    StartProblem(
        "PF210", "timer slack refused",
        "The kernel does not take [process] timer_slack_ns for the thread.",
        "Remove the key or set another value. Where every value is refused, a sandbox forbids"
        " prctl(PR_SET_TIMERSLACK)."),
    StartProblem(
        "PF211", "CPU wake-up latency cannot be bounded",
        "[process] cpu_dma_latency_us needs /dev/cpu_dma_latency, which is held open while the program runs.",
        "Give the process write access to the file (a udev rule; a device of the container), or remove the key."),
    StartProblem(
        "PF212", "malformed CPU map",
        "PINFOLD_CPU_MAP, or the map that the program was given, has an entry that is none, or maps a core twice.",
        "Write FROM:TO with lists of CPUs, entries separated by semicolons: 9-16:0-7;5:0. Each core stands once on"
        " the left sides."),
    StartProblem(
        "PF213", "already running",
        "start() was called of a topology that runs in this process.",
        "Start it once, and again only after its running_topology was stopped or destroyed."),
    StartProblem(
        "PF215", "thread cannot be moved to [process] cores",
        "[process] cores moves every thread that no pool owns, and one of them could not be moved, or did not stay.",
        "Name cores that the process may use, or look for what sets the affinity of that thread, such as a library"
        " that pins its own."),
    StartProblem(
        "PF216", "pool cannot be set up",
        "What a pool needs before its threads start was refused: memory, an eventfd or epoll, TBB's arena.",
        "Look at the process's limits (ulimit -n, -u, -v, -l) and those of its cgroup."),
    StartProblem(
        "PF217", "thread no longer as it was started",
        "running_topology::verify() has found a thread with another affinity, policy, priority, nice value or name than"
        " the start gave it. The kernel gives the threads of a cpuset cgroup all its CPUs when these change, also when"
        " a CPU goes offline; taskset, chrt and agents change any; what a pool's thread starts inherits its core.",
        "Put it back as the message says, and keep off what changed it. `pinfold verify PID` shows all threads of a"
        " process beside what is declared."),
    StartProblem(
        "PF218", "too few threads allowed",
        "Before the first thread starts, the pools' threads are more than a limit leaves: pids.max of the process's"
        " cgroup or one above it, RLIMIT_NPROC (of all processes of the user; not root's), kernel.threads-max,"
        " kernel.pid_max. What processes that cannot be seen have taken shows later, as PF203.",
        "Raise the limit that the message names: TasksMax= or LimitNPROC= of the unit, docker --pids-limit, ulimit -u,"
        " sysctl. Or lower the pools' threads."),
    StartProblem(
        "PF219", "CPU quota below the pools' CPUs",
        "A quota of the process's cgroup (cpu.max, in cgroup v1 cpu.cfs_quota_us) gives less time than the CPUs that"
        " the pools' threads are pinned to have. When it is used up in the midst of a period, the kernel stops all of"
        " them, realtime ones excepted, until the next: tens of milliseconds at a time, however idle the CPUs are.",
        "Remove the quota (CPUQuota= of the unit, docker --cpus, limits.cpu of the pod) and bound the process by its"
        " CPUs instead (AllowedCPUs=, docker --cpuset-cpus, the kubelet's static CPU manager), or lower the pools'"
        " threads.",
        warns=True),
    StartProblem(
        "PF220", "realtime threads that never sleep are stopped",
        "A pool has policy fifo or rr and idle = \"busy\". Kernels before 6.12 stop realtime threads for the rest of a"
        " period (50 ms of each second) once they have used up sched_rt_runtime_us of it, whether or not others wait."
        " Later ones do so only where other threads wait for the CPU; their fair_server can be seen by root alone, and"
        " others are not warned.",
        "sysctl kernel.sched_rt_runtime_us=-1, or keep other threads off the CPU and write 0 to its fair_server/runtime"
        " below /sys/kernel/debug/sched: then nothing else runs there any more, kernel threads included. Or take"
        " another idle: \"spin\" sleeps when nothing is to do.",
        warns=True),
    StartProblem(
        "PF221", "threads share isolated CPUs",
        "The kernel does not balance load over isolated CPUs (isolcpus=, a cpuset partition of type isolated): threads"
        " that may run on several of them stay on the one where they wake, beside each other, and the others idle.",
        "Give each thread its core (pin = \"thread\"), take cores that are not isolated, or make the partition's type"
        " root. PF055 is the same, where the build knows the machine.",
        warns=True),
    StartProblem(
        "PF222", "several threads on a nohz_full CPU",
        "A CPU of nohz_full= has no scheduler's tick while one thread is alone there. Several pinned threads bring it"
        " back whenever two of them run; threads of policy fifo do without it.",
        "Give each thread a nohz_full CPU of its own, or leave the CPU out of nohz_full=. `pinfold deploy` writes a"
        " kernel command line that fits.",
        warns=True),
    StartProblem(
        "PF223", "stack cannot be prefaulted",
        "prefault_stack = true of a pool needs to know where its threads' stacks are, and that could not be found out.",
        "Free memory, or remove the key. Where nothing is short, a sandbox forbids sched_getaffinity, by which the C"
        " library looks at a thread."),
    StartProblem(
        "PF224", "topology of the parent process",
        "The topology ran when this process was forked. A child has only the thread that forked, and so none of the"
        " pools' threads; what their runtimes keep cannot be started anew there.",
        "Start it after the fork only, or run a program in the child (exec, posix_spawn). Topologies that did not run"
        " at the fork can be started in the child."),
    StartProblem(
        "PF225", "realtime threads end the process when they run for long",
        "RLIMIT_RTTIME is set: the kernel sends SIGXCPU, and then SIGKILL, to a process one of whose threads of policy"
        " fifo or rr has used so much processor time without a system call that sleeps.",
        "Remove the limit: ulimit -R unlimited, LimitRTTIME=infinity of the unit. Some desktops set it for all"
        " processes that were given realtime rights by rtkit.",
        warns=True),
)

START_PROBLEMS = {problem.id: problem for problem in _PROBLEMS}
