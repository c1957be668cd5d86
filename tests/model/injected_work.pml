/* Who sleeps for want of tasks from outside, and who wakes whom (run_injected(), run_one() and sleep_unless() in
 * src/native/native_worker.cpp; include/pinfold/detail/injector.hpp).
 *
 * A worker that takes everything, and another one, or one that is deep in waits and takes only what somebody waits for: it
 * puts aside what lies before that in the ring; two posters of tasks that somebody waits for or nobody does; and, for two
 * workers that take everything, a task mailed to one of them alone. Any task may hold up for ever who runs it. The ring is a
 * row of cells here that is not used twice: injector.pml shows that it is right. Stealable work and joins: sleepers.pml,
 * which says why a step is a step.
 *
 * Property: when nothing moves any more, no task waits while a worker that may run it sleeps.
 *
 * Each MUTANT_* breaks one rule of the protocol; the tests demand that spin finds an error in every one of them.
 */

#define WORKERS 3
#define DEEP 2
#define POSTS 2
#include "event_count.pml"

byte tail, head;
bool is_full[POSTS];       /* the cell's turn */
bool is_waited_for[POSTS]; /* its task */
byte aside;
bool mail;                 /* of worker 0 */
bool some_are_waited_for;

#define HAS_AWAITED(position) (position >= head && position < tail && is_waited_for[position])
#define E_ASLEEP (ASLEEP(0) || ASLEEP(1))

#define RING_MAY_HAVE_TASKS (head < tail)

proctype poster() {
  byte mine, chosen_one = WORKERS;
  bool awaited, more;
  if :: some_are_waited_for -> awaited = true :: skip fi;
#ifdef MUTANT_POSTER_LOOKS_FIRST
  wake_one((awaited -> AWAITED_TASK : INJECTED), more);
#endif
  atomic { mine = tail; is_waited_for[tail] = awaited; tail++ };
  is_full[mine] = true;
#ifndef MUTANT_POSTER_LOOKS_FIRST
  wake_one((awaited -> AWAITED_TASK : INJECTED), more)
#endif
}

proctype mailer() { mail = true; unpark(0) }

/* A wake-up stands for one task: the next one's may have gone to who could not take it, or not see it yet. */
inline pass_on() {
#ifndef MUTANT_TAKER_DOES_NOT_PASS_ON
  if
  :: count == 0 -> skip
  :: else ->
     if
#ifdef MUTANT_PASS_ON_AS_INJECTED
     :: RING_MAY_HAVE_TASKS || aside > 0 -> wake_one(INJECTED, more)
#else
     :: RING_MAY_HAVE_TASKS -> wake_one(AWAITED_TASK, more)
     :: !RING_MAY_HAVE_TASKS && aside > 0 -> wake_one(INJECTED, more)
#endif
     :: else -> skip
     fi
  fi;
#endif
  more = false
}

inline pay() {
  if
#ifndef MUTANT_MAIL_BEFORE_DEBT
  :: chosen[me] -> wake_one(called_for[me], more)
#endif
  :: else -> skip
  fi;
  atomic { chosen[me] = false; called_for[me] = 0; more = false }
}

proctype worker(byte me) {
  byte chosen_one = WORKERS;
  bool took, more;
  do
  :: if
     :: atomic { me == 0 && mail -> mail = false; took = true }; pay()
     :: else ->
        atomic { chosen[me] = false; called_for[me] = 0; took = aside > 0; if :: took -> aside-- :: else fi };
        atomic {
          if
          :: !took && head < tail && is_full[head] -> head++; took = true
          :: else -> skip
          fi
        };
        pass_on()
     fi;
     if
     :: took ->
        atomic {
          took = false;
          if
          :: break /* a task that never ends */
          :: skip
          fi
        }
     :: else ->
        add(me);
        if :: me == 0 && mail -> goto awake :: else fi;
#ifndef MUTANT_NO_SECOND_LOOK
        if :: RING_MAY_HAVE_TASKS -> goto awake :: else fi;
        if :: aside > 0 -> goto awake :: else fi;
#endif
        park(me);
awake:
        leave(me)
     fi
  od
}

proctype deep_worker() {
  byte chosen_one = WORKERS;
  bool took, more, put_aside;
  do
  :: atomic { chosen[DEEP] = false; called_for[DEEP] = 0 };
     do
     :: atomic {
          if
          :: !took && head < tail && is_full[head] -> took = is_waited_for[head]; put_aside = !took; head++
          :: else -> break
          fi
        };
        if :: put_aside -> atomic { aside++; put_aside = false } :: else fi
     od;
#ifdef MUTANT_PUT_ASIDE_SILENTLY
     if :: took -> pass_on() :: else fi;
#else
     pass_on();
#endif
     if
     :: took ->
        atomic {
          took = false;
          if
          :: break /* a task that never ends */
          :: skip
          fi
        }
     :: else ->
        add(DEEP);
#ifndef MUTANT_NO_SECOND_LOOK
        if :: RING_MAY_HAVE_TASKS -> goto awake :: else fi;
#endif
        park(DEEP);
awake:
        leave(DEEP)
     fi
  od
}

proctype judge() {
  timeout -> d_step {
    assert(!mail || !ASLEEP(0));
    assert(head == tail && aside == 0 || !E_ASLEEP);
    assert(!HAS_AWAITED(0) && !HAS_AWAITED(1) || !ASLEEP(DEEP))
  }
}

init {
  atomic {
    appetite[0] = EVERYTHING;
    appetite[1] = EVERYTHING;
    appetite[DEEP] = AWAITED;
    run worker(0);
    if
    :: run worker(1); run mailer()
    :: some_are_waited_for = true; run deep_worker()
    fi;
    run poster(); run poster(); run judge()
  }
}
