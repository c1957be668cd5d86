/* Who sleeps for want of stealable work, and who wakes whom (include/pinfold/native/detail/sleepers.hpp; sleep_unless(),
 * work_until() and offer() in src/native/native_worker.cpp).
 *
 * A worker that takes everything; another one, or one inside a join, which waits for its thief and meanwhile runs stolen
 * tasks, or nothing where it is too deep (its thief's own forks are left out: it is not woken for them); and an owner who
 * forks, joins, answers requests, and in the end is held up by a task or waits. Any task may hold up for ever who runs
 * it. The stack is two numbers here: split_deque.pml shows that they are right. A thief that finds nothing asks in the
 * same step. Injected work: injected_work.pml.
 *
 * Every operation that this protocol relies on is sequentially consistent in the code, or happens under the mutex, or is
 * a read-modify-write of the one word that it concerns (state, token); so an interleaving of single steps is a faithful
 * model. That the token's exchange also acquires what its setter did before is beyond it.
 *
 * Properties: when nothing moves any more, no task waits while a worker that may run it sleeps; the owner of a finished
 * slot does not sleep; whoever sleeps for stealable work has a request standing.
 *
 * Each MUTANT_* breaks one rule of the protocol; the tests demand that spin finds an error in every one of them.
 */

#define WORKERS 3
#define JOINER 2
#define FORKS 3
#include "event_count.pml"

byte shared;   /* the owner's tasks that thieves can take */
byte unshared; /* and those that only it can */
bool asked;    /* by a thief: limit_ is null */
bool owner_waits;

bool is_awaited, is_done; /* the state of the joiner's slot */
bool too_deep;            /* the joiner runs no stolen tasks */

/* ------------------------------------------------ taking work ------------------------------------------------ */

inline take_stealable() {
  atomic {
    took = shared > 0;
    if :: took -> shared--; more = shared > 0 :: else -> asked = true fi
  };
  if
  :: !took -> skip
  :: else ->
#ifndef MUTANT_THIEF_DOES_NOT_PASS_ON
     if :: more -> wake_one(STEALABLE, more) :: else fi;
#endif
     more = false
  fi
}

/* ------------------------------------------------ workers ------------------------------------------------ */

proctype worker(byte me) {
  byte chosen_one = WORKERS;
  bool took, more;
  do
  :: take_stealable();
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
#ifdef MUTANT_ASK_BEFORE_LISTED
        asked = true;
        add(me);
#else
#ifdef MUTANT_LOOK_BEFORE_LISTED
        if :: shared > 0 -> goto again :: else fi;
#endif
        add(me);
        asked = true;
#endif
#if !defined MUTANT_NO_SECOND_LOOK && !defined MUTANT_LOOK_BEFORE_LISTED
        if :: shared > 0 -> goto awake :: else fi;
#endif
        park(me);
awake:
        atomic { leave(me); chosen[me] = false }
     fi;
again:
     skip
  od
}

proctype joiner() {
  byte chosen_one = WORKERS;
  bool took, more;
  do
  :: is_done -> break
  :: else ->
#ifndef MUTANT_PASS_ON_BY_AN_EARLIER_LOOK
     chosen[JOINER] = false; /* looks for it now */
#endif
     if :: !too_deep -> take_stealable() :: else fi;
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
        add(JOINER);
        if :: !too_deep -> asked = true :: else fi;
#ifdef MUTANT_AWAITED_AFTER_LOOK
        if :: is_done -> goto awake :: else fi;
        is_awaited = true;
#else
        atomic {
          if
          :: is_done -> goto awake
          :: else -> is_awaited = true
          fi
        };
#endif
#ifndef MUTANT_NO_SECOND_LOOK
        if :: !too_deep && shared > 0 -> goto awake :: else fi;
#endif
        park(JOINER);
awake:
        leave(JOINER);
#ifdef MUTANT_PASS_ON_BY_AN_EARLIER_LOOK
        if :: chosen[JOINER] && is_done -> wake_one(STEALABLE, more); more = false :: else fi;
        chosen[JOINER] = false
#else
        skip
#endif
     fi
  od;
#ifndef MUTANT_CHOSEN_DOES_NOT_PASS_ON
  if :: chosen[JOINER] -> wake_one(STEALABLE, more) :: else fi
#endif
}

/* ------------------------------------------------ thief, owner ------------------------------------------------ */

proctype thief() {
  bool awaited;
#ifdef MUTANT_THIEF_OVERWRITES_STATE
  is_awaited = false; /* steal(): its number stored, not added */
#endif
  if
  :: atomic { awaited = is_awaited; is_awaited = false; is_done = true };
     if :: awaited -> unpark(JOINER) :: else fi
  :: skip /* its task never ends */
  fi
}

inline offer() {
  if
  :: unshared > 0 ->
#ifdef MUTANT_OWNER_LOOKS_BEFORE_SHARING
     wake_one(STEALABLE, more);
#endif
#ifndef MUTANT_REQUEST_CLEARED_LAST
     asked = false;
#endif
     atomic { shared = shared + (unshared + 1) / 2; unshared = unshared / 2 };
#ifndef MUTANT_OWNER_LOOKS_BEFORE_SHARING
     wake_one(STEALABLE, more);
#endif
#ifdef MUTANT_REQUEST_CLEARED_LAST
     asked = false;
#endif
#ifndef MUTANT_REQUEST_DROPPED_WHILE_OTHERS_SLEEP
     if :: more -> asked = true :: else fi;
#endif
     more = false
  :: else
  fi
}

inline answer() { if :: asked -> offer() :: else fi }

proctype owner() {
  byte forks, chosen_one = WORKERS;
  bool more;
  do
  :: forks < FORKS -> atomic { forks++; unshared++ }; answer()
  :: unshared > 0 ->
     unshared--;
     if :: answer() :: skip fi /* watched or not */
  :: atomic { unshared == 0 && shared > 0 -> /* lowers the split to half of what is left */
       unshared = (shared - 1) - (shared - 1) / 2;
       shared = (shared - 1) / 2
     };
     answer()
  :: break /* a task that never ends */
  :: do /* waits */
     :: unshared > 0 -> offer()
#ifdef MUTANT_SLEEPER_KEEPS_TASKS
     :: break
#endif
     :: unshared == 0 -> break
     od;
     owner_waits = true;
     break
  od
}

proctype judge() {
  timeout -> d_step {
    assert(shared == 0 || !(ASLEEP(0) || ASLEEP(1) || (ASLEEP(JOINER) && !too_deep)));
    assert(unshared == 0 || !owner_waits || !(ASLEEP(0) || ASLEEP(1) || (ASLEEP(JOINER) && !too_deep)));
    assert(!is_done || !ASLEEP(JOINER));
    assert(asked || !(ASLEEP(0) || ASLEEP(1) || (ASLEEP(JOINER) && !too_deep)))
  }
}

init {
  atomic {
    appetite[0] = EVERYTHING;
    appetite[1] = EVERYTHING;
    run worker(0);
    if
    :: run worker(1)
    :: appetite[JOINER] = STOLEN; run joiner(); run thief()
#ifdef MUTANT_WHO_IS_TOO_DEEP_IS_CALLED
    :: too_deep = true; appetite[JOINER] = STOLEN; run joiner(); run thief()
#else
    :: too_deep = true; appetite[JOINER] = NOTHING; run joiner(); run thief()
#endif
    fi;
    run owner();
    run judge()
  }
}
