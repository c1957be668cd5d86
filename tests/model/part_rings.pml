/* How pinfold::detail::task_queue tells workers that are in no wait of parts, the tasks of scopes
 * (include/pinfold/detail/task_queue.hpp): the queue is guarded by one mutex, rings go through another library's queue,
 * from where any worker that is free takes them, and at most one for each worker is under way.
 *
 * Two workers, which may be held up by a part for ever; a helper, a worker of the pool inside a wait, that takes parts at
 * any time or never; a thread that pushes parts.
 *
 * Property: when nothing moves any more, no part waits while a worker is free.
 *
 * Each MUTANT_* breaks one rule of the protocol; the tests demand that spin finds an error in every one of them.
 */

#define WORKERS 2
#define PARTS 3

byte parts;
bool rung[WORKERS];
byte under_way[WORKERS]; /* rings, by the worker that they were made for */
bool held_up[WORKERS];
bool locked;

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }

/* Made after the mutex was left. */
inline ring(for_worker) {
  under_way[for_worker]++;
  assert(under_way[for_worker] <= 1)
}

proctype pusher() {
  byte i, chosen;
  for (i : 1 .. PARTS) {
    lock();
    parts++;
    if
    :: !rung[0] -> chosen = 0; rung[0] = true
    :: !rung[1] -> chosen = 1; rung[1] = true
    :: rung[0] && rung[1] -> chosen = WORKERS
    fi;
    unlock();
    if :: chosen != WORKERS -> ring(chosen) :: else fi
  }
}

proctype worker(byte me) {
  byte answered;
  bool took, again;
end_free:
  do
  :: if
     :: atomic { under_way[0] > 0 -> under_way[0]--; answered = 0 }
     :: atomic { under_way[1] > 0 -> under_way[1]--; answered = 1 }
     fi;
     lock();
#ifndef MUTANT_CLEARED_AFTER_TAKING
     rung[answered] = false;
#endif
     took = parts > 0;
     if :: took -> parts-- :: else fi;
     again = false;
#ifndef MUTANT_NO_SECOND_RING
     if :: parts > 0 && !rung[me] -> rung[me] = true; again = true :: else fi;
#endif
     unlock();
#ifdef MUTANT_CLEARED_AFTER_TAKING
     lock(); rung[answered] = again && answered == me; unlock();
#endif
#ifdef MUTANT_SECOND_RING_AFTER_THE_PART
     if :: took -> if :: held_up[me] = true; goto held :: skip fi :: else fi;
     if :: again -> ring(me) :: else fi
#else
     if :: again -> ring(me) :: else fi;
     if :: took -> if :: held_up[me] = true; goto held :: skip fi :: else fi
#endif
  od;
held:
  skip
}

proctype helper() {
  byte i;
  for (i : 1 .. PARTS) {
    lock();
    if :: parts > 0 -> parts-- :: skip fi;
    unlock()
  }
}

proctype judge() {
  timeout -> assert(parts == 0 || (held_up[0] && held_up[1]))
}

init { atomic { run worker(0); run worker(1); run helper(); run pusher(); run judge() } }
