/* A task queue's sleepers in two beds (include/pinfold/detail/task_queue.hpp): a helper, which sleeps until its own wait
 * has ended or there is a task, and a worker that is deep in waits and takes awaited tasks only. Who pushes wakes a
 * helper if one counts as asleep, else one that is deep; who ends a wait wakes all.
 *
 * One awaited task; the helper's wait ends, and what it goes on with may hold it up for ever.
 *
 * Property: when nothing moves any more, the task does not wait while a worker sleeps that takes it.
 *
 * MUTANT_* breaks a rule; the tests demand that spin finds an error.
 */

byte queue;
byte helping;   /* as counted */
byte deep;
bool in_helpers; /* really asleep */
bool in_deep;
bool is_done;
bool locked;

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }
inline wake_one() {
  if
  :: helping != 0 -> in_helpers = false
  :: else ->
     if
     :: deep != 0 -> in_deep = false
     :: else -> skip
     fi
  fi
}

proctype poster() {
  lock();
  queue++;
  wake_one();
  unlock()
}

proctype setter() {
  lock();
  is_done = true;
  in_helpers = false;
  in_deep = false;
  unlock()
}

proctype helper() {
  lock();
  do
  :: is_done -> break
  :: else ->
     if
     :: queue != 0 -> queue--; break
     :: else ->
        helping++;
        atomic { in_helpers = true; locked = false };
end_asleep:
        !in_helpers;
        lock();
        helping--
     fi
  od;
#ifndef MUTANT_LEAVE_WITHOUT_LOOKING
  if
  :: queue != 0 -> wake_one()
  :: else -> skip
  fi;
#endif
  unlock()
}

proctype deep_worker() {
  lock();
  do
  :: queue != 0 -> queue--; break
  :: else ->
     deep++;
     atomic { in_deep = true; locked = false };
end_asleep:
     !in_deep;
     lock();
     deep--
  od;
  unlock()
}

init {
  atomic { run helper(); run deep_worker(); run poster(); run setter() }
  timeout;
  assert(queue == 0)
}
