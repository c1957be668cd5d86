/* Asynchronous waits for idleness (include/pinfold/detail/idle_waiters.hpp, and how topology_core closes its gates).
 *
 * Two pools with a worker each. One task is accepted before; a task may submit one more, to either pool, HOPS in all.
 * A waiter waits for the whole topology, WAITS times; what completes it is a task of pool 0. A canceller may come at any
 * time. A stopper closes both gates, at any time or when the waits are over. Gates are as in work_gate.pml: tasks and holds share a word.
 *
 * Properties: every wait ends (an invalid end state else), by completion only if both pools were idle at once meanwhile;
 * no gate is closed while a completion is handed over, or a cancelled wait ends; the stopper ends.
 */

#define HOPS 2
#define WAITS 2

byte accepted[2], holds[2], finished[2], queue[2], watching[2];
bool admits = true, closed;
bool locked;
bool listed;   /* the waiter */
bool due;      /* its completion is in the queue of pool 0 */
bool ended;    /* the wait */
bool over;     /* all waits */
bool was_idle; /* since the waiter came onto the list */
byte hops;

#define is_idle(pool) (holds[pool] == 0 && finished[pool] == accepted[pool])
#define is_idle_by(pool) (holds[pool] == 0 && f == accepted[pool])

inline note_idleness() { if :: is_idle(0) && is_idle(1) -> was_idle = true :: else fi }
inline lock() { !locked -> locked = true }

/* finished first, then the word; a pass adds the numbers up */
inline look(pool, sum) {
  f = finished[pool];
  d_step { idle = idle && is_idle_by(pool); sum = sum + accepted[pool]; f = 0 }
}

inline look_at_topology() {
  idle = true;
  look(0, before);
  if :: idle -> look(1, before) :: else fi;
#ifndef MUTANT_ONE_LOOK_AT_EACH_GATE
  if :: idle -> look(0, after) :: else fi;
  if :: idle -> look(1, after) :: else fi;
  d_step { idle = idle && before == after; before = 0; after = 0 }
#else
  before = 0
#endif
}

inline hand_over() {
  do
  :: atomic { lock() };
     if
     :: !listed -> locked = false; break
     :: else ->
        look_at_topology();
        if
        :: !idle -> locked = false; break
        :: else ->
           idle = false;
#ifdef MUTANT_BECOMES_WORK_LATER
           d_step { listed = false; watching[0]--; watching[1]--; locked = false };
           d_step { accepted[0]++; holds[0]++ };
#else
           d_step { listed = false; watching[0]--; watching[1]--; accepted[0]++; holds[0]++; locked = false };
#endif
           d_step { assert(!closed); assert(was_idle); due = true };
           d_step { holds[0]--; note_idleness() };
#ifdef MUTANT_LET_GO_SILENTLY
           break
#else
           if :: watching[0] == 0 -> break :: else fi
#endif
        fi
     fi
  od
}

/* by who made it idle */
inline wake_if_idle(pool) {
  if
  :: watching[pool] == 0
  :: else ->
     f = finished[pool];
     d_step { idle = is_idle_by(pool); f = 0 };
     if :: idle -> idle = false; hand_over() :: else fi
  fi
}

proctype worker(byte me) {
  byte f, before, after;
  bool idle;
  do
  :: d_step { queue[me] > 0 -> queue[me]-- };
     if
     :: d_step { hops < HOPS -> hops++; assert(!closed); accepted[0]++; queue[0]++ }
     :: d_step { hops < HOPS -> hops++; assert(!closed); accepted[1]++; queue[1]++ }
     :: skip
     fi;
     d_step { finished[me]++; note_idleness() };
     wake_if_idle(me)
  :: d_step { me == 0 && due -> due = false };
     ended = true;
     d_step { finished[0]++; note_idleness() };
     wake_if_idle(0)
  :: closed -> break
  od
}

proctype waiter() {
  byte f, before, after, waits;
  bool idle;
  do
  :: waits == WAITS -> break
  :: else ->
     waits++;
     atomic { lock() };
     if
#ifndef MUTANT_ADDED_WHEN_CLOSED
     :: !admits -> locked = false
#endif
     :: else ->
        d_step { ended = false; was_idle = false; note_idleness(); listed = true };
#ifdef MUTANT_ONE_GATE_IS_WATCHED
        d_step { watching[0]++; locked = false };
#else
        watching[0]++;
        d_step { watching[1]++; locked = false };
#endif
#ifndef MUTANT_NO_LOOK_AFTER_ADDING
        hand_over();
#endif
        ended
     fi
  od;
  over = true
}

proctype canceller() {
  byte f, before, after;
  bool idle;
  atomic { lock() };
  if
  :: !listed -> locked = false
  :: else ->
#ifdef MUTANT_CANCELLED_WITHOUT_HOLD
     d_step { listed = false; watching[0]--; watching[1]--; locked = false };
     d_step { assert(!closed); ended = true }
#else
     d_step { listed = false; watching[0]--; watching[1]--; holds[0]++; locked = false };
     d_step { assert(!closed); ended = true };
     d_step { holds[0]--; note_idleness() };
     wake_if_idle(0)
#endif
  fi
}

proctype stopper() {
  byte f, before, after, remembered[2];
  bool idle;
  if
  :: skip
  :: skip; over /* nobody is rescued by the stop */
  fi;
again:
  skip;
  d_step { is_idle(1) -> remembered[1] = accepted[1] };
  d_step { is_idle(0) -> remembered[0] = accepted[0] };
  atomic { lock() };
  if
#ifndef MUTANT_CLOSED_WITH_WAITERS
  :: listed -> locked = false; hand_over(); goto again
#endif
  :: else ->
     if
     :: d_step { holds[0] != 0 || accepted[0] != remembered[0] -> locked = false }; goto again
     :: else
     fi;
     if
     :: d_step { holds[1] != 0 || accepted[1] != remembered[1] -> locked = false }; goto again
     :: else
     fi;
     d_step { closed = true; admits = false; locked = false; assert(queue[0] == 0 && queue[1] == 0 && !due) }
  fi
}

init {
  atomic {
    accepted[0] = 1;
    queue[0] = 1;
    run worker(0); run worker(1); run waiter(); run canceller(); run stopper()
  }
}
