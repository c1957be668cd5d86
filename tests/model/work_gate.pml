/* The sleep/wake and admission protocol of pinfold::detail::work_gate (include/pinfold/detail/work_gate.hpp).
 *
 * Every atomic operation of the gate is sequentially consistent, so an interleaving of single steps is a faithful model.
 * Tasks, holds and the state share a word: changing some of them and seeing the others is one step.
 * Two posters submit one task each, a worker runs what was accepted, one thread waits for idleness without draining and
 * another drains, waits and closes where nothing was accepted meanwhile.
 *
 * Properties: no end state but the intended one (a waiter that is never woken is an invalid end state); who waited for
 * idleness returns only if the gate was idle meanwhile; when the gate is closed nothing that was accepted is unfinished,
 * and no poster is inside.
 *
 * Each MUTANT_* breaks one rule of the protocol; the tests demand that spin finds an error in every one of them.
 */

byte accepted, holds, finished, waiting;
bool draining, closed;
byte queue;         /* accepted tasks that the worker has not taken */
byte inside;        /* posters that still touch the queue */
byte posters = 2;   /* still to decide */
bool locked;        /* the gate's mutex */
bool registered[2]; /* on the waiters' list */
bool set[2];        /* the waiter's event */
bool was_idle;      /* since the onlooker began to wait */

inline note_idleness() { if :: holds == 0 && accepted == finished -> was_idle = true :: else fi }

inline lock() { !locked -> locked = true }

/* finished first, then the word: two separate loads */
inline look() {
#ifdef MUTANT_ACCEPTED_FIRST
  d_step { a = accepted; h = holds };
  d_step { idle = (h == 0 && finished == a); a = 0; h = 0 }
#else
  f = finished;
#ifdef MUTANT_HOLDS_DO_NOT_COUNT
  d_step { idle = (f == accepted); f = 0 }
#else
  d_step { idle = (holds == 0 && f == accepted); f = 0 }
#endif
#endif
}

/* Looks again under the mutex: who registered after the first look must not be woken by it. */
inline wake_all() {
  atomic { lock() };
#ifndef MUTANT_WAKE_BY_OLD_LOOK
  look();
#endif
  if
  :: idle -> waiting = waiting - registered[0] - registered[1]
  :: else
  fi;
  d_step {
    if
    :: idle ->
       if :: registered[0] -> registered[0] = false; set[0] = true :: else fi;
       if :: registered[1] -> registered[1] = false; set[1] = true :: else fi
    :: else
    fi;
    idle = false;
    locked = false
  }
}

inline wake_if_idle() {
  if
  :: waiting == 0
  :: else -> look(); if :: idle -> wake_all() :: else fi
  fi
}

proctype poster() {
  byte a, f, h;
  bool idle, open;
  if
  :: draining /* refused before anything was counted */
  :: else ->
#ifdef MUTANT_STATE_BEFORE_COUNT
     open = !draining;
     d_step { accepted++; holds++; inside = inside + open };
#else
     d_step { open = !draining; accepted++; holds++; inside = inside + open };
#endif
     if
     :: open ->
        queue++;
        d_step { inside--; holds--; open = false; note_idleness() };
#ifndef MUTANT_SILENT_LETTING_GO
        wake_if_idle()
#endif
     :: else ->
        d_step { accepted--; holds--; note_idleness() };
#ifndef MUTANT_SILENT_REFUSAL
        wake_if_idle()
#endif
     fi
  fi;
  posters--
}

proctype worker() {
  byte a, f, h;
  bool idle;
  do
  :: d_step { queue > 0 -> queue-- };
#ifdef MUTANT_LOOK_BEFORE_COUNT
     bool anyone = (waiting != 0);
     d_step { finished++; note_idleness() };
     if :: anyone -> wake_if_idle() :: else fi
#else
     d_step { finished++; note_idleness() };
     wake_if_idle()
#endif
  :: posters == 0 && queue == 0 -> break
  od
}

inline wait_idle(me) {
  look();
  if
  :: idle -> idle = false
  :: else ->
#ifdef MUTANT_LOOK_BEFORE_REGISTRATION
     atomic { lock() };
     look();
     if
     :: idle -> d_step { idle = false; locked = false }
     :: else -> d_step { waiting++; registered[me] = true; locked = false }; d_step { set[me] -> set[me] = false }
     fi
#else
     d_step { !locked -> waiting++; registered[me] = true };
     look();
     if :: idle -> wake_all() :: else fi;
     d_step { set[me] -> set[me] = false }
#endif
  fi
}

proctype onlooker() {
  byte a, f, h;
  bool idle;
  d_step { was_idle = false; note_idleness() };
  wait_idle(0);
  assert(was_idle)
}

proctype stopper() {
  byte a, f, h, remembered;
  bool idle;
  draining = true;
  do
  :: closed -> break
  :: else ->
     f = finished; /* remember() */
#ifdef MUTANT_HOLDS_DO_NOT_COUNT
     d_step { remembered = accepted; idle = (f == accepted); f = 0 };
#else
     d_step { remembered = accepted; idle = (holds == 0 && f == accepted); f = 0 };
#endif
     if
     :: !idle -> wait_idle(1)
     :: else ->
        idle = false;
        d_step {
          if
#ifndef MUTANT_CLOSE_WITHOUT_LOOKING
          :: accepted != remembered
#ifndef MUTANT_HOLDS_DO_NOT_COUNT
          :: holds != 0
#endif
#endif
          :: else -> closed = true; assert(queue == 0 && accepted == finished && inside == 0)
          fi
        }
     fi
  od;
  posters == 0;
  assert(queue == 0) /* and nothing was accepted later */
}

init { atomic { run poster(); run poster(); run worker(); run onlooker(); run stopper() } }
