/* How a stopping topology closes the gates of its pools (topology_core::drain in src/topology_core.cpp).
 *
 * Two pools with a worker each. One task is accepted before; while it runs, a task may submit one more, to either pool, and
 * the chain ends after HOPS of them. Gates are as in work_gate.pml, whose waiting is left out: idle is idle.
 * A foreigner is counted and then refused, at any time.
 *
 * Properties: no gate refuses a running task; the stopper ends, with both gates closed and nothing left.
 */

#define HOPS 3

byte accepted[2], finished[2], queue[2], remembered[2];
bool closed[2];
byte hops;
byte running; /* tasks taken and not finished */
byte first; /* the pool of the first task */

inline submit(pool) {
  atomic {
    assert(!closed[pool]); /* who submits is running */
    accepted[pool]++;
    queue[pool]++
  }
}

proctype worker(byte me) {
  do
  :: atomic { queue[me] > 0 -> queue[me]--; running++ };
     if
     :: atomic { hops < HOPS -> hops++ }; submit(0)
     :: atomic { hops < HOPS -> hops++ }; submit(1)
     :: skip
     fi;
     atomic { running--; finished[me]++ }
  :: closed[0] && closed[1] -> break
  od
}

proctype foreigner(byte pool) {
  if
  :: closed[pool] -> skip
  :: else -> accepted[pool]++; finished[pool]++
  fi
}

/* compare_exchange: as remembered, then closed */
inline try_close(pool, succeeded) {
  atomic {
    succeeded = (accepted[pool] == remembered[pool]);
    if :: succeeded -> closed[pool] = true :: else fi
  }
}

proctype stopper() {
  bool succeeded;
again:
  remembered[0] = accepted[0];
  remembered[1] = accepted[1];
  finished[1] == accepted[1];
  finished[0] == accepted[0];
#ifndef MUTANT_CLOSE_WITHOUT_LOOKING_AGAIN
  if :: accepted[0] != remembered[0] -> goto again :: else fi;
  if :: accepted[1] != remembered[1] -> goto again :: else fi;
#endif
  try_close(0, succeeded);
  if :: !succeeded -> goto again :: else fi;
  try_close(1, succeeded);
  if :: !succeeded -> closed[0] = false; goto again :: else fi;
  assert(queue[0] == 0 && queue[1] == 0);
  assert(running == 0)
}

init {
  atomic {
    if :: first = 0 :: first = 1 fi;
    accepted[first] = 1;
    queue[first] = 1;
    run worker(0); run worker(1); run foreigner(0); run foreigner(1); run stopper()
  }
}
