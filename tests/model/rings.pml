/* How tasks come to the workers of a tbb pool (include/pinfold/tbb/detail/tbb_pool_core.hpp): a queue without a lock,
 * rings, of which no more are made than there are workers, and a worker that looks on at the queue.
 *
 * Two posters, two workers. TBB gives each ring to some worker that is in its loop. A worker that runs a task may be
 * held up by it for ever. TURN tasks are taken in one answer. A worker that waits inside a task, deep in its stack,
 * carries a task from one part of the queue to another. A looker has patience for ever, or until it loses it. A stop may
 * come when everything has run.
 *
 * Properties: when nothing moves any more, no task waits while a worker is free to run it; a stop that finds all done
 * gets all rings ended; where patience lasts for ever, things stand still for a stop or held up workers only.
 *
 * Each MUTANT_* breaks one rule; the tests demand that spin finds an error in every one of them.
 */

#define WORKERS 2
#define TURN 2

byte queue;
byte moving;     /* tasks that are carried */
byte unanswered; /* rings that nobody has begun to answer */
byte rings;      /* what TBB has to give to its workers */
byte unended;    /* rings whose answers have not ended */
byte running;    /* tasks; some for ever */
byte held_up;    /* workers, by their task, for ever */
byte posted;     /* posters that are done */
bool looking;
bool busy;       /* patience lasts for ever */
bool closing;
bool released;

inline ring() { atomic { unended++; unanswered++; rings++ } }

/* with the place on the count of the ring that was answered */
inline ring_again() {
#ifdef MUTANT_RING_AGAIN_AS_ANOTHER
  ring();
  unended--
#else
  atomic { unanswered++; rings++ }
#endif
}

inline ring_if_needed() {
  if
  :: unanswered < WORKERS -> ring()
  :: else -> skip
  fi
}

proctype poster(byte tasks) {
  byte i;
  bool seen;
  for (i : 1 .. tasks) {
#ifdef MUTANT_LOOK_BEFORE_PUSH
    seen = looking;
    queue++;
#else
#ifdef MUTANT_RING_BEFORE_PUSH
    if
    :: looking -> skip
    :: else -> ring_if_needed()
    fi;
    queue++;
    seen = true;
#else
    queue++;
    seen = looking;
#endif
#endif
    if
    :: seen -> skip
    :: else -> ring_if_needed()
    fi
  }
  posted++
}

/* Takes a task that it may not run, and puts it aside. */
proctype carrier() {
  if
  :: atomic { queue != 0 -> queue--; moving++ };
     atomic { queue++; moving-- }
  :: skip
  fi
}

#ifdef MUTANT_CARRIED_TASKS_ARE_NOT_SEEN
#define MAY_HAVE (queue != 0)
#else
#define MAY_HAVE (queue != 0 || moving != 0)
#endif

proctype worker() {
  bool took;
  byte i;
end_in_loop:
  do
  :: atomic { rings != 0 -> rings-- };
#ifndef MUTANT_ANSWERED_AFTER_LOOKING
     unanswered--;
#endif
serve:
     i = 0;
     do
     :: i < TURN ->
        atomic { took = queue != 0; queue = (took -> queue - 1 : 0); running = (took -> running + 1 : running) };
        if
        :: took ->
           i++;
#ifndef MUTANT_TAKER_DOES_NOT_SEE_TO_THE_NEXT
           if
           :: unanswered == 0 && MAY_HAVE -> ring()
           :: else -> skip
           fi;
#endif
           if
           :: running--
           :: held_up++; goto end_held_up
           fi
        :: !took && MAY_HAVE -> i++
        :: else -> break
        fi
     :: else ->
#ifndef MUTANT_TURN_ENDS_SILENTLY
        ring_again();
        goto end_in_loop
#else
        goto ends
#endif
     od;
     if
     :: closing -> goto ends
     :: else -> skip
     fi;
     /* Leave the looking to another one. */
#ifdef MUTANT_BOTH_LEAVE
     if
     :: unended > 1 -> goto ends
     :: else -> skip
     fi;
#else
     if
     :: atomic { unended > 1 -> unended-- }; goto end_in_loop
     :: atomic { unended <= 1 -> skip }
     fi;
#endif
     looking = true;
     if
     :: MAY_HAVE || unended != 1 || closing -> skip
     :: skip /* TBB's turn */
     fi;
     looking = false;
#ifndef MUTANT_NO_SECOND_LOOK
     if
     :: MAY_HAVE || unended != 1 -> goto serve
     :: else -> skip
     fi;
#endif
     if
     :: !closing -> ring_again()
     :: closing -> goto ends
     :: !busy -> goto ends
     fi;
     goto end_in_loop;
ends:
#ifdef MUTANT_ANSWERED_AFTER_LOOKING
     unanswered--;
#endif
     unended--
  :: released -> break
  od;
end_held_up:
  skip
}

/* The gate is closed when all tasks have run. */
proctype stopper() {
  if
  :: posted == 2 && queue == 0 && moving == 0 && running == 0 ->
     closing = true;
     unended == 0;
#ifdef MUTANT_RELEASE_STORES_ZERO
     unended = 0;
#endif
     released = true
  :: skip
  fi
}

/* The worker that comes first rings, if it comes before the stop. It is in its loop later, but may be late for the stop. */
proctype first_look() {
  if
  :: busy ->
     unended++;
     if
     :: closing -> unended--
     :: else -> atomic { unanswered++; rings++ }
     fi
  :: else -> skip
  fi
}

proctype judge() {
  timeout ->
    assert(queue == 0 || held_up == WORKERS);
    assert(!closing || released);
    assert(!busy || closing || held_up != 0);
    assert(!released || unended == 0)
}

init {
  atomic {
    if
    :: busy = true; run first_look()
    :: skip
    fi;
    run poster(1);
    run poster(2);
    run worker();
    run worker();
    run carrier();
    run stopper();
    run judge()
  }
}
