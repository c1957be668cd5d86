/* The wake-ups of pinfold::detail::task_queue (include/pinfold/detail/task_queue.hpp): a FIFO that needs no lock, and
 * sleepers in four beds under a mutex.
 *
 * Three workers, each of any kind: idle (in no wait, takes all), helping (inside a wait, takes all), deep (takes awaited
 * tasks, and all when every other worker sleeps deep or full), full (takes none). What one runs may hold it up for ever.
 * Two tasks are pushed, awaited ones or others. The wait of one of the workers may end at any time, and what it goes on
 * with holds it up for ever.
 *
 * Property: when nothing moves any more, no task waits while a worker sleeps that takes it.
 *
 * Each MUTANT_* breaks one rule; the tests demand that spin finds an error in every one of them.
 */

#define WORKERS 3
#define TASKS 2

#define IDLE 1
#define HELPING 2
#define DEEP 3
#define FULL 4

byte kind[WORKERS];
byte plain, awaited; /* in the FIFO */
byte asleep;         /* in all beds, as counted: from before the last look to after the wake-up */
byte counted[5];     /* the same in each bed */
bool in_bed[WORKERS];/* waits for a notification */
bool done[WORKERS];
bool locked;

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }

#define ALL_DEEP(besides) (counted[DEEP] + counted[FULL] + besides == WORKERS)

/* condition_variable::notify_one: any of those who wait there */
inline notify_one(bed) {
  if
  :: in_bed[0] && kind[0] == bed -> in_bed[0] = false
  :: in_bed[1] && kind[1] == bed -> in_bed[1] = false
  :: in_bed[2] && kind[2] == bed -> in_bed[2] = false
  :: else -> skip
  fi
}

inline wake_one(deep_ones_too) {
  if
  :: counted[IDLE] != 0 -> notify_one(IDLE)
  :: else ->
     if
#ifndef MUTANT_HELPERS_ARE_NOT_WOKEN
     :: counted[HELPING] != 0 -> notify_one(HELPING)
#endif
     :: else ->
        if
#ifdef MUTANT_DEEP_ONES_ARE_WOKEN_FOR_AWAITED_TASKS_ONLY
        :: deep_ones_too -> notify_one(DEEP)
#else
        :: deep_ones_too || ALL_DEEP(0) -> notify_one(DEEP)
#endif
        :: else -> skip
        fi
     fi
  fi
}

inline wake_next() {
  if
  :: plain + awaited != 0 -> wake_one(awaited != 0)
  :: else -> skip
  fi
}

proctype poster() {
  byte i;
  bool is_awaited;
#ifdef MUTANT_LOOK_BEFORE_PUSH
  bool somebody_slept;
#endif
  for (i : 1 .. TASKS) {
#ifdef MUTANT_LOOK_BEFORE_PUSH
    somebody_slept = asleep != 0;
#endif
    atomic {
      if
      :: is_awaited = true; awaited++
      :: is_awaited = false; plain++
      fi
    };
    if
#ifdef MUTANT_LOOK_BEFORE_PUSH
    :: somebody_slept ->
#else
    :: asleep != 0 ->
#endif
#ifdef MUTANT_WAKE_WITHOUT_LOCK
       atomic { wake_one(is_awaited) }
#else
       atomic { !locked -> wake_one(is_awaited) }
#endif
    :: else -> skip
    fi;
    is_awaited = false
  }
}

proctype setter(byte whose) {
  byte i;
  atomic {
    !locked -> done[whose] = true;
    for (i : 0 .. WORKERS - 1) { if :: kind[i] != IDLE -> in_bed[i] = false :: else -> skip fi }
  }
}

inline take(as_all, as_deep) {
  atomic {
    took = false;
    if
    :: ((as_all) || (as_deep)) && awaited != 0 -> awaited--; took = true
    :: (as_all) && plain != 0 -> plain--; took = true
    :: else -> skip
    fi
  }
}

proctype worker(byte me) {
  bool took;
  bool sees;
again:
  if
  :: kind[me] == IDLE -> /* without the lock */
     take(true, true);
     if
     :: took -> goto runs
     :: else -> skip
     fi
  :: else -> skip
  fi;
  lock();
look:
  atomic {
    if
    :: done[me] && kind[me] != IDLE ->
#ifndef MUTANT_LEAVE_WITHOUT_LOOKING
       wake_next();
#endif
       unlock();
       goto end_held_up
    :: else -> skip
    fi;
    take(kind[me] == IDLE || kind[me] == HELPING || (kind[me] == DEEP && ALL_DEEP(1)), kind[me] == DEEP);
    if
    :: took ->
#ifndef MUTANT_TAKE_WITHOUT_PASSING_ON
       wake_next();
#endif
       unlock();
       goto runs
    :: else -> skip
    fi;
#ifdef MUTANT_LOOK_BEFORE_COUNT
    sees = kind[me] != FULL && (awaited != 0 || (plain != 0 && (kind[me] != DEEP || ALL_DEEP(1))));
#else
    counted[kind[me]]++;
    asleep++
#endif
  };
  atomic {
#ifdef MUTANT_LOOK_BEFORE_COUNT
    counted[kind[me]]++;
    asleep++;
#else
    sees = kind[me] != FULL && (awaited != 0 || (plain != 0 && (kind[me] != DEEP || ALL_DEEP(0))))
#endif
  };
  atomic {
    if
    :: sees -> unlock()
    :: else ->
#ifndef MUTANT_LAST_ONE_FULL_SLEEPS_SILENTLY
       if
       :: kind[me] == FULL && ALL_DEEP(0) && plain + awaited != 0 -> notify_one(DEEP)
       :: else -> skip
       fi;
#endif
       in_bed[me] = true;
       unlock()
    fi;
    sees = false
  };
end_asleep:
  atomic {
    !in_bed[me] && !locked -> locked = true;
    asleep--;
    counted[kind[me]]--
  };
  goto look;
runs:
  took = false;
  if
  :: goto again
  :: skip
  fi;
end_held_up:
  skip
}

/* Which of them is which does not matter: each is of the kind of the one before, or of a later kind. */
inline choose(i, least) {
  if
  :: least <= IDLE -> kind[i] = IDLE
  :: least <= HELPING -> kind[i] = HELPING
  :: least <= DEEP -> kind[i] = DEEP
  :: kind[i] = FULL
  fi
}

proctype judge() {
  byte i;
  bool all_sleep;
  timeout -> atomic {
    all_sleep = in_bed[0] && in_bed[1] && in_bed[2];
    for (i : 0 .. WORKERS - 1) {
      assert(!in_bed[i] || kind[i] == FULL || plain + awaited == 0 ||
             (kind[i] == DEEP && awaited == 0 && !(all_sleep && ALL_DEEP(0))))
    }
  }
}

init {
  byte i;
  atomic {
    choose(0, IDLE); choose(1, kind[0]); choose(2, kind[1]);
    if
    :: run setter(0)
    :: run setter(1)
    :: run setter(2)
    :: skip
    fi;
    for (i : 0 .. WORKERS - 1) { run worker(i) }
    run poster();
    run judge()
  }
}
