/* How tasks wake the workers of a tbb pool (include/pinfold/tbb/detail/tbb_pool_core.hpp): a queue under a mutex, and
 * rings, of which no more are made than there are workers.
 *
 * Two posters, two workers. TBB gives each ring to some worker that is in its loop. A worker that runs a task may be
 * held up by it for ever. TURN tasks are taken in one answer.
 *
 * Property: when nothing moves any more, no task waits while a worker is free to run it.
 *
 * Each MUTANT_* breaks one rule; the tests demand that spin finds an error in every one of them.
 */

#define WORKERS 2
#define TURN 2
#define TASKS 3 /* of each poster */

byte queue;      /* its mutex makes each push and each pop one step */
byte unanswered; /* rings that nobody has begun to answer, as the code counts them */
byte rings;      /* what TBB has to give to its workers */
byte in_loop;    /* workers that TBB can give a ring to */
byte held_up;    /* by their task, for ever */

inline ring_if_needed() {
  if
  :: unanswered < WORKERS -> atomic { unanswered++; rings++ }
  :: else -> skip
  fi
}

proctype poster() {
  byte i;
  for (i : 1 .. TASKS) {
#ifdef MUTANT_RING_BEFORE_PUSH
    ring_if_needed();
    queue++
#else
    queue++;
    ring_if_needed()
#endif
  }
}

proctype worker() {
  bool took;
  byte i;
  in_loop++;
end_of_work:
  do
  :: atomic { rings != 0 -> rings--; in_loop-- }
#ifndef MUTANT_ANSWERED_AFTER_LOOKING
     unanswered--;
#endif
     i = 0;
     do
     :: i < TURN ->
        atomic { took = queue != 0; queue = (took -> queue - 1 : 0) }
        if
        :: took -> i++
        :: else -> break
        fi;
        if
        :: skip
        :: held_up++; goto end_held_up
        fi
     :: else ->
#ifndef MUTANT_TURN_ENDS_SILENTLY
        ring_if_needed();
#endif
        break
     od;
#ifdef MUTANT_ANSWERED_AFTER_LOOKING
     unanswered--;
#endif
     in_loop++
  od;
end_held_up:
  skip
}

init {
  atomic { run poster(); run poster(); run worker(); run worker() }
  timeout;
  assert(queue == 0 || held_up == WORKERS)
}
