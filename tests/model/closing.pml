/* How a stopping topology closes the gates of its pools (topology_core::drain in src/topology_core.cpp).
 *
 * Two pools with a worker each. One task is accepted before; while it runs, a task may submit one more, to either pool,
 * and the chain ends after HOPS of them. One task may also bear a managed thread, which holds the gate of the second
 * pool until it is on the list, and which may submit one more task before it ends. Gates are as in work_gate.pml, whose
 * waiting is left out: idle is idle. A foreigner is counted, and then refused, at any time.
 *
 * Properties: no gate refuses a running task or a managed thread; the stopper ends, with both gates closed and nothing
 * left.
 */

#define HOPS 3

byte accepted[2], holds[2], finished[2], queue[2], remembered[2];
bool closed[2];
byte hops;
byte running; /* tasks taken and not finished */
byte first;   /* the pool of the first task */
bool born, listed;

#define is_idle(pool) (holds[pool] == 0 && finished[pool] == accepted[pool])
#define is_as_remembered(pool) (holds[pool] == 0 && accepted[pool] == remembered[pool])

inline submit(pool) {
  atomic {
    assert(!closed[pool]); /* who submits is running */
    accepted[pool]++;
    queue[pool]++
  }
}

proctype managed_thread() {
  if
  :: atomic { hops < HOPS -> hops++ }; submit(0)
  :: skip
  fi;
  listed = false
}

inline bear() {
  born = true;
  atomic { assert(!closed[1]); holds[1]++ };
  atomic { listed = true; run managed_thread() };
  holds[1]--
}

proctype worker(byte me) {
  do
  :: atomic { queue[me] > 0 -> queue[me]--; running++ };
     if
     :: atomic { hops < HOPS -> hops++ }; submit(0)
     :: atomic { hops < HOPS -> hops++ }; submit(1)
     :: atomic { !born -> born = true }; bear()
     :: skip
     fi;
     atomic { running--; finished[me]++ }
  :: closed[0] && closed[1] -> break
  od
}

proctype foreigner(byte pool) {
  if
  :: closed[pool] -> skip
  :: else -> atomic { accepted[pool]++; holds[pool]++ }; atomic { accepted[pool]--; holds[pool]-- }
  fi
}

/* compare_exchange: as remembered, then closed */
inline try_close(pool, succeeded) {
  atomic {
    succeeded = is_as_remembered(pool);
    if :: succeeded -> closed[pool] = true :: else fi
  }
}

inline remember(pool) { atomic { is_idle(pool) -> remembered[pool] = accepted[pool] } }

proctype stopper() {
  bool succeeded;
again:
  !listed; /* joined */
  remember(1);
  remember(0);
#ifndef MUTANT_MANAGED_THREADS_ARE_LOOKED_FOR_ONCE
  if :: listed -> goto again :: else fi;
#endif
#ifndef MUTANT_CLOSE_WITHOUT_LOOKING_AGAIN
  if :: !is_as_remembered(0) -> goto again :: else fi;
  if :: !is_as_remembered(1) -> goto again :: else fi;
#endif
  try_close(0, succeeded);
  if :: !succeeded -> goto again :: else fi;
  try_close(1, succeeded);
  if :: !succeeded -> closed[0] = false; goto again :: else fi;
  assert(queue[0] == 0 && queue[1] == 0);
  assert(running == 0 && !listed)
}

init {
  atomic {
    if :: first = 0 :: first = 1 fi;
    accepted[first] = 1;
    queue[first] = 1;
    run worker(0); run worker(1); run foreigner(0); run foreigner(1); run stopper()
  }
}
