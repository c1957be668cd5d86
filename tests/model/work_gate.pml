/* The sleep/wake and admission protocol of pinfold::detail::work_gate (include/pinfold/detail/work_gate.hpp).
 *
 * Every atomic operation of the gate is sequentially consistent, so an interleaving of single steps is a faithful model.
 * Two posters submit one task each, a worker runs what was accepted, one thread waits for idleness without draining and
 * another drains, waits and closes where nothing was accepted meanwhile.
 *
 * Properties: no end state but the intended one (a waiter that is never woken is an invalid end state); who waited for
 * idleness returns only if the gate was idle meanwhile; after the drain nothing that was accepted is unfinished.
 *
 * Each MUTANT_* breaks one rule of the protocol; the tests demand that spin finds an error in every one of them.
 */

byte accepted, finished, waiting;
bool draining;
byte queue;         /* accepted tasks that the worker has not taken */
byte posters = 2;   /* still to decide */
bool locked;        /* the gate's mutex */
bool registered[2]; /* on the waiters' list */
bool set[2];        /* the waiter's event */
bool was_idle;      /* since the onlooker began to wait */

inline note_idleness() { if :: accepted == finished -> was_idle = true :: else fi }

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }

/* finished first, then accepted: two separate loads */
inline look(idle) {
#ifdef MUTANT_ACCEPTED_FIRST
  a = accepted; f = finished;
#else
  f = finished; a = accepted;
#endif
  idle = (f == a)
}

/* Looks again under the mutex: who registered after the first look must not be woken by it. */
inline wake_all() {
  lock();
#ifndef MUTANT_WAKE_BY_OLD_LOOK
  look(idle);
#endif
  if
  :: idle ->
     if :: registered[0] -> registered[0] = false; waiting--; set[0] = true :: else fi;
     if :: registered[1] -> registered[1] = false; waiting--; set[1] = true :: else fi
  :: else
  fi;
  unlock()
}

inline wake_if_idle() {
  if
  :: waiting == 0 -> skip
  :: else -> look(idle); if :: idle -> wake_all() :: else fi
  fi
}

proctype poster() {
  byte a, f;
  bool idle, open;
  if
  :: draining -> skip /* refused before anything was counted */
  :: else ->
#ifdef MUTANT_STATE_BEFORE_COUNT
     open = !draining;
     accepted++;
#else
     atomic { accepted++; open = !draining; note_idleness() }
#endif
     if
     :: open -> queue++
     :: else ->
        atomic { finished++; note_idleness() };
#ifndef MUTANT_SILENT_REFUSAL
        wake_if_idle()
#endif
     fi
  fi;
  posters--
}

proctype worker() {
  byte a, f;
  bool idle;
  do
  :: atomic { queue > 0 -> queue-- };
#ifdef MUTANT_LOOK_BEFORE_COUNT
     bool anyone = (waiting != 0);
     atomic { finished++; note_idleness() };
     if :: anyone -> wake_if_idle() :: else fi
#else
     atomic { finished++; note_idleness() };
     wake_if_idle()
#endif
  :: posters == 0 && queue == 0 -> break
  od
}

inline wait_idle(me) {
  set[me] = false; /* each wait has an event of its own */
  look(idle);
  if
  :: idle -> skip
  :: else ->
#ifdef MUTANT_LOOK_BEFORE_REGISTRATION
     lock(); look(idle);
     if
     :: idle -> unlock()
     :: else -> waiting++; registered[me] = true; unlock(); set[me]
     fi
#else
     lock(); waiting++; look(idle);
     if
     :: idle -> waiting--; unlock()
     :: else -> registered[me] = true; unlock(); set[me]
     fi
#endif
  fi
}

proctype onlooker() {
  byte a, f;
  bool idle;
  atomic { was_idle = false; note_idleness() };
  wait_idle(0);
  assert(was_idle)
}

proctype stopper() {
  byte a, f, remembered;
  bool idle, closed;
  draining = true;
  do
  :: closed -> break
  :: else ->
     remembered = accepted;
     wait_idle(1);
     atomic {
       if
#ifndef MUTANT_CLOSE_WITHOUT_LOOKING
       :: accepted != remembered -> skip
#endif
       :: else -> closed = true; assert(queue == 0 && accepted == finished) /* nothing accepted is left */
       fi
     }
  od;
  posters == 0;
  assert(queue == 0) /* and nothing was accepted later */
}

init { atomic { run poster(); run poster(); run worker(); run onlooker(); run stopper() } }
