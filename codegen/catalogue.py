"""Every diagnostic that the generator can print: its ID, severity, title and explanation.

An ID never changes its meaning and is never used again. PF2xx are problems of start(): start_problems.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from codegen.chains import MOST_STEPS


@dataclass(frozen=True)
class Entry:
    id: str
    severity: str  # "error" | "warning" | "note"
    title: str
    explanation: str


def _error(number: int, title: str, explanation: str) -> Entry:
    return Entry(f"PF{number:03}", "error", title, explanation)


def _warning(number: int, title: str, explanation: str) -> Entry:
    return Entry(f"PF{number:03}", "warning", title, explanation)


def _note(number: int, title: str, explanation: str) -> Entry:
    return Entry(f"PF{number:03}", "note", title, explanation)


_ENTRIES = (
    _error(1, "file cannot be read",
           "The topology or an overlay is missing, is a folder, or may not be read by this user."),
    _error(2, "file is not UTF-8",
           "TOML is UTF-8 text. Convert the file, for example with iconv -t UTF-8. A UTF-8 byte-order mark is "
           "accepted."),
    _error(3, "not TOML",
           "The text breaks the rules of TOML 1.0. The usual causes are a string without quotes and a missing "
           "bracket."),
    _error(4, "nested too deeply",
           "Tables and arrays nest deeper than any topology needs, so the file is not a topology."),
    _error(5, "malformed setting",
           "PINFOLD_SET holds KEY=VALUE pairs separated by semicolons and --set holds one pair. KEY is a dotted "
           "path such as asio.net.threads; VALUE is a TOML value, or else text that is taken as a string. Text that "
           "begins with a quote or a bracket stands in quotes."),
    _error(6, "unknown key",
           "The table has no such key. Unknown keys are refused because a misspelt one would silently keep its "
           "default."),
    _error(7, "unknown table",
           "A topology consists of [topology], [process], [cores], [asio.NAME], [tbb.NAME], [native.NAME] and "
           "[aliases.KIND]; every other table is refused."),
    _error(8, "wrong type",
           "The value has another type than the key. Numbers are whole numbers: 2.0 and true are not numbers "
           "here."),
    _error(9, "value out of range",
           "The number, or the sum of several, lies outside what the key, the kernel or pinfold's static storage "
           "allows."),
    _error(10, "not one of the choices",
           "The key takes one of a fixed list of words, in lower case."),
    _error(11, "required key is missing",
           "The table cannot be understood without this key, and no default would be right for everyone."),
    _error(12, "unusable name",
           "Names become C++ identifiers and namespaces, so keywords, reserved identifiers, macros of the C "
           "library and anything that is not an identifier cannot be used. `default` is the one exception: its "
           "object is default_."),
    _error(13, "declared twice",
           "Two declarations claim one name, key or table. A lookup could mean either, so neither is chosen."),
    _error(14, "fallback to an undeclared pool",
           "The pool that should stand in does not exist. A fallback names a pool or an alias of the same kind."),
    _error(15, "alias of an undeclared pool",
           "The alias leads to a name that no pool and no alias of its kind has."),
    _error(16, "names in a cycle",
           "Following aliases and fallbacks from this name comes back to it, so it leads to no pool."),
    _error(17, "no pools",
           "A topology without a pool has nothing to start. Declare one, or enable one that is disabled."),
    _error(18, "core not on the machine",
           "The machine has no CPU of that number. Mark a pool optional to let its fallback take over where the "
           "cores are missing."),
    _error(19, "core cannot be used on the machine",
           "The CPU exists, but it is offline, or the administrator keeps it from the processes that the machine was "
           "described for."),
    _error(20, "malformed core expression",
           "Core expressions are comma-separated terms: 3, 0-7, 0-15:2, the name of a set in [cores], !term, "
           "take:N, rest and hw:LOCATION. Ranges are inclusive and ascending."),
    _error(21, "unknown core set",
           "The expression names a set that [cores] does not define."),
    _error(22, "core sets in a cycle",
           "A set in [cores] uses itself, directly or through other sets, so it has no value."),
    _error(23, "no cores",
           "The expression yields no core at all. Terms apply from left to right: !term removes only what "
           "precedes it."),
    _error(24, "core outside the cpuset",
           "[process] cpuset lists the CPUs that pools may use. Mark a pool optional to let its fallback take "
           "over where the cores are missing."),
    _error(25, "take or rest without a cpuset",
           "take:N and rest hand out the CPUs of [process] cpuset, or without it those of the machine, that nothing "
           "else has claimed, so they need one of the two. They have no meaning inside the cpuset itself, and nothing "
           "can be removed with them."),
    _error(26, "not enough unclaimed cores",
           "take:N asks for more cores than are left. Explicit cores are claimed first, then those of take, then "
           "those of rest, by required pools in declared order before optional ones."),
    _error(27, "hardware location without a machine",
           "hw:LOCATION is looked up in a description of the deployment host. Run lstopo prod.xml on that host, put "
           "the file beside the topology, and name it in [topology] machine."),
    _error(28, "machine cannot be read",
           "[topology] machine names an XML file that hwloc's lstopo wrote, relative to the file that says so, or "
           "\"host\". The file is read by hwloc's own tools (package hwloc-nox), which take files of their own "
           "version and of older ones."),
    _error(29, "no such hardware location",
           "The machine has no such object. Locations are those of hwloc-calc with logical indexes: numa:1, "
           "package:0.core:0-3.pu:0, os=eth0, pci=0000:3b:00.0; and cpukind:0 for the least powerful kind of CPUs. "
           "lstopo shows what a machine has."),
    _error(30, "more threads than cores",
           "pin = \"thread\" gives every thread a core of its own: thread i runs on the i-th core as written."),
    _error(31, "number of threads unknown",
           "A pool without cores cannot take its number of threads from them, so `threads` is required."),
    _error(32, "busy threads share cores",
           "A busy thread never sleeps, so two of them on one core halve each other and delay everything else "
           "there."),
    _error(33, "native pool without threads",
           "A native pool needs task workers (`threads`), managed threads (`max_threads`) or both."),
    _error(34, "thread name too long",
           "The kernel keeps 15 bytes of a thread's name. Longer names would be cut and could collide."),
    _error(35, "thread names collide",
           "Thread names are unique in the topology, so that a name in top, perf or a core dump says which thread "
           "it is."),
    _error(36, "needs cores",
           "The setting is about the pool's cores, and the pool has none."),
    _error(37, "chain of names too long",
           f"A name may lead to a name that leads to another one, but not over more than {MOST_STEPS} steps: whoever "
           "looks for its pool goes all of them."),
    _error(38, "too many CPUs named",
           "What core expressions select is gone through CPU by CPU, once for each set and for each pool that runs "
           "there, and so are the sets that they use, directly or not; a pool without cores runs on those of "
           "[process]."),
    _error(39, "too many pools give back cores",
           "An optional pool that cannot have all of its cores holds none, so those that it names are given back and "
           "all cores are given out anew, which takes long where many do so."),
    _error(40, "priority required",
           "fifo and rr schedule by priority, 1 (lowest) to 99. No default is right: it decides who starves "
           "whom."),
    _error(41, "priority without a realtime policy",
           "Only fifo and rr have priorities. For the other policies use nice."),
    _error(42, "nice without a fair policy",
           "Nice values weigh threads of the policies other and batch against each other; the rest ignore them."),
    _error(43, "deadline table and policy disagree",
           "policy = \"deadline\" needs the table deadline = { runtime_us, deadline_us, period_us }, and only it "
           "uses it."),
    _error(44, "impossible deadline",
           "The kernel requires runtime <= deadline <= period."),
    _error(45, "deadline threads cannot be pinned",
           "The kernel refuses SCHED_DEADLINE to a thread whose affinity is narrower than its root domain. Use "
           "pin = \"none\"; an exclusive cpuset around the process can still confine it."),
    _error(46, "exclusive core is shared",
           "A pool with exclusive = true shares its cores with no other pool and not with [process] cores."),
    _error(47, "key of another kind of pool",
           "The key exists, but not for this kind of pool, where it would have no effect."),
    _error(56, "file too large",
           "A topology of a few hundred pools has some dozens of KiB. A file that is many times as large is another "
           "one, so it is not read."),
    _error(76, "the host is not the target",
           "machine = \"host\" takes the machine that builds for the one that the program runs on. In a cross build it "
           "is another one, with CPUs of its own."),
    _warning(50, "pools overlap",
             "Two pools run on the same core and will delay each other. Give each its own cores."),
    _warning(51, "realtime threads that never sleep",
             "A busy thread under fifo or rr starves everything else on its core, kernel threads included, and is "
             "stopped for 50 ms a second by realtime throttling unless that is turned off."),
    _warning(52, "name leads to no pool",
             "The chain of aliases and fallbacks ends in a pool that is disabled or missing and has no fallback. "
             "Lookups of the name get the default pool of the kind. They do not compile where there is none, or where "
             "undeclared = \"error\"."),
    _warning(53, "key has no effect",
             "The value is never used under the pool's other settings."),
    _warning(54, "SMT siblings in two pools",
             "Two pools run on CPUs that are threads of one core. They share its execution units and its caches, so "
             "each slows the other down as if they overlapped. Give whole cores to pools: take:N does "
             "where N CPUs are whole cores, so take even numbers where cores have two."),
    _warning(55, "shared mask over isolated CPUs",
             "The kernel does not balance load over isolated CPUs: threads that share a mask of them all stay on the "
             "one where they were started. Pin each thread to a CPU, or use CPUs that are not isolated. A machine "
             "description says which are with an info of its root object: hwloc-annotate prod.xml prod.xml root info "
             "IsolatedCPUs \"$(cat /sys/devices/system/cpu/isolated)\"."),
    _warning(57, "term removes nothing",
             "The terms of a core expression apply from left to right, and none before this one selects what it "
             "removes: it has no effect, so one of the numbers is probably wrong."),
    _note(60, "half-open ranges converted",
          "Agave's { min, max } does not contain max, although its README speaks of \"cores 16-64\" for 16 and 64. "
          "pinfold's ranges are inclusive, as in taskset and numactl, so { min = 0, max = 4 } becomes 0-3."),
    _warning(61, "key that its owner ignores",
             "The system that the file was written for does not know the key and passes over it silently, so it never "
             "had an effect. The import leaves it out too; set what was meant in the topology."),
    _warning(62, "no counterpart",
             "The key has an effect in the system that the file was written for, and pinfold has no key like it."),
    _warning(63, "name changed",
             "The name cannot be that of a C++ object, so the import changes it. Look the pool up by its new name."),
    _warning(64, "value chosen by the import",
             "The file leaves the value to the machine that it runs on, or leaves it out. A topology states it, so the "
             "import chooses one. Check it."),
    _error(65, "not a configuration that can be imported",
           "The file is not TOML or JSON, or has no key of the system whose configuration it should be."),
    _error(66, "value that cannot be imported",
           "The value has the wrong type, lies outside its range, or contradicts another one: the system that the "
           "file was written for refuses it too, or fails when it starts its threads."),
    _note(67, "value converted",
          "pinfold has the same setting in another unit or on another scale."),
    _note(68, "pool for undeclared names",
          "In Agave an undeclared name gets the pool `default` of its kind. A kind whose table is absent has an "
          "implicit one; as soon as the table is there it has none, and such a lookup panics. In pinfold it does not "
          "compile."),
    _note(69, "thread name shortened",
          "The kernel keeps 15 bytes of a thread's name, index included, and names are unique in the topology. The "
          "pool keeps its name."),
)

ENTRIES = {entry.id: entry for entry in _ENTRIES}
