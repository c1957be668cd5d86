/* The wake-ups of pinfold::detail::task_queue (include/pinfold/detail/task_queue.hpp): everything happens under one
 * mutex, so what can go wrong is a wake-up for the wrong thread, or none.
 *
 * A worker that takes tasks and may be held up by one for ever; two helpers, workers inside a wait, which run tasks until
 * their event is set and then are held up by their own business. Tasks are pushed from outside, and the first helper's
 * event is set at any time or never.
 *
 * Property: when nothing moves any more, no task waits while a thread that could run it sleeps.
 *
 * Each MUTANT_* leaves out one wake-up; the tests demand that spin finds an error in every one of them.
 */

#define TASKS 3

byte queue;
byte idle_sleepers, helping_sleepers; /* as the code counts them: from before the wait to after the wake-up */
bool on_work;                         /* asleep on `work_`, no signal yet */
bool on_help[2];                      /* the same on `help_` */
bool done[2];
bool locked;

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }

/* condition_variable::notify_one: any of those who sleep without a signal */
inline notify_one_helper() {
  if
  :: on_help[0] -> on_help[0] = false
  :: on_help[1] -> on_help[1] = false
  :: !on_help[0] && !on_help[1] -> skip
  fi
}

inline wake_one() {
  if
  :: idle_sleepers != 0 -> on_work = false
  :: else ->
     if
#ifndef MUTANT_HELPERS_ARE_NOT_WOKEN
     :: helping_sleepers != 0 -> notify_one_helper()
#endif
     :: else -> skip
     fi
  fi
}

proctype poster() {
  byte i;
  for (i : 1 .. TASKS) { lock(); queue++; wake_one(); unlock() }
}

proctype setter() {
  if
  :: lock(); done[0] = true; on_help[0] = false; on_help[1] = false; unlock()
  :: skip
  fi
}

proctype worker() {
  bool took;
  do
  :: lock();
     took = false;
     if
     :: queue > 0 -> queue--; took = true; unlock()
     :: else ->
        idle_sleepers++;
        atomic { on_work = true; locked = false };
end_asleep:
        !on_work;
        lock();
        idle_sleepers--;
        if :: queue > 0 -> queue--; took = true :: else fi;
#ifndef MUTANT_WOKEN_WORKER_DOES_NOT_PASS_ON
        if :: queue > 0 -> wake_one() :: else fi;
#endif
        unlock()
     fi;
     if
     :: took -> break /* a task that never ends */
     :: skip
     fi
  od
}

proctype helper(byte me) {
  lock();
  do
  :: done[me] -> break
  :: else ->
     if
     :: queue > 0 ->
        queue--;
#ifndef MUTANT_HELPER_TAKES_WITHOUT_PASSING_ON
        if :: queue > 0 -> wake_one() :: else fi;
#endif
        unlock();
        if
        :: goto held_up /* a task that never ends */
        :: skip
        fi;
        lock()
     :: else ->
        helping_sleepers++;
        atomic { on_help[me] = true; locked = false };
end_asleep:
        !on_help[me];
        lock();
        helping_sleepers--
     fi
  od;
  unlock();
held_up:
  skip
}

proctype judge() {
  timeout -> assert(queue == 0 || !(on_work || on_help[0] || on_help[1]))
}

init { atomic { run worker(); run helper(0); run helper(1); run poster(); run setter(); run judge() } }
