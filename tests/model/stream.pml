/* A mapped stream: its source, its workers, its consumer (stream_core in src/stream_core.cpp).
 *
 * Each atomic block is a critical section of the stream's mutex; what lies between is done without it: asking the source,
 * telling it to let go, running an item, completing a waiter. Unordered, SLOTS slots, a source of ITEMS items; any item may
 * fail, and then, or when it is cancelled, the source is silent until it is told to let go. The consumer takes results, may
 * lose patience with a wait, and leaves when the stream has ended, or when it likes: then it drains or drops its handle.
 *
 * `lent`: what the source and the function refer to is still there. The consumer takes it back once it has been told that
 * the stream is at rest; nobody must touch it then. (Who drops without draining does not.) `destroyed`: the state is gone.
 *
 * Properties: nobody uses the state once it is destroyed, or what has been taken back; every wait ends; in the end the state
 * is destroyed, once.
 */

#define SLOTS 2
#define ITEMS 3

#define NONE 0
#define VALUE 1
#define END 2
#define ABORTED 3

byte free = SLOTS, running, done, references = 1;
byte queue; /* items that the pool has and no worker yet */
byte items; /* read so far */
bool reading, reads_over, letting_go, cancelled, failed, over;
bool waiter, drainer;
bool asked, told_to_let_go; /* the source: a read waits for its answer */
bool lent = true, destroyed;
bool completed, drained; /* the waiter's and the drainer's handlers */
byte filled;

#ifdef MUTANT_END_WHILE_ITEMS_RUN
#define no_item_runs true
#else
#define no_item_runs (running == 0)
#endif
#ifdef MUTANT_END_WHILE_READING
#define no_read true
#else
#define no_read (!reading)
#endif
#ifdef MUTANT_END_WHILE_LETTING_GO
#define nobody_lets_go true
#else
#define nobody_lets_go (!letting_go)
#endif
#define at_rest (reads_over && nobody_lets_go && no_read && no_item_runs)

inline touch() { assert(lent) }
inline use() { assert(!destroyed) }

/* filled = what can be given; in a critical section */
inline fill() {
  if
  :: !cancelled && !over && done > 0 -> done--; free++; filled = VALUE
  :: !(!cancelled && !over && done > 0) && at_rest -> over = true; filled = END
  :: else -> filled = NONE
  fi
}

/* The end of a critical section, and with it of the caller's part. */
inline leave(told, rested) {
  use();
  if
  :: waiter ->
     fill();
     if :: filled != NONE -> waiter = false; told = true :: else fi
  :: else
  fi;
  if :: drainer && at_rest -> drainer = false; rested = true :: else fi;
  references--;
  if :: references == 0 -> destroyed = true :: else fi
}
inline complete(told, rested) {
  if :: told -> told = false; completed = true :: else fi;
  if :: rested -> rested = false; drained = true :: else fi
}

inline pump(go) {
  atomic {
    use();
    go = (!reading && !reads_over && free > 0);
    if :: go -> reading = true; free--; references++ :: else fi
  };
  if :: go -> go = false; touch(); asked = true :: else fi
}

/* In a critical section: what follows tells the source, if `mine`. */
inline end_reads(mine) {
  mine = !reads_over;
  reads_over = true;
  if :: mine -> letting_go = true :: else fi
}
inline let_go(mine) {
  if
  :: mine ->
#ifndef MUTANT_SOURCE_IS_NOT_TOLD
     touch();
     told_to_let_go = true;
#endif
     mine = false;
     atomic { use(); letting_go = false }
  :: else
  fi
}

active proctype source() {
  bool told, rested, go, item;
  do
  :: asked ->
     if
     :: items < ITEMS -> item = true
     :: items == ITEMS && !failed && !cancelled -> item = false
     :: told_to_let_go -> item = false
     fi;
     asked = false;
     atomic {
       use();
       if
       :: item && !reads_over -> items++; running++; references++; queue++
       :: item && reads_over -> free++
       :: !item -> free++; reads_over = true
       fi;
       reading = false
     };
     pump(go);
     atomic { leave(told, rested) };
     complete(told, rested)
  :: destroyed -> break
  od
}

active [2] proctype worker() {
  bool told, rested, mine, fails;
  do
  :: atomic { queue > 0 -> queue-- };
     touch();
     if :: fails = false :: fails = true fi;
#ifdef MUTANT_REFERENCE_GIVEN_BACK_FIRST
     atomic { references--; if :: references == 0 -> destroyed = true :: else fi };
     atomic { use(); references++ };
#endif
     atomic {
       use();
       running--;
       if
       :: fails -> failed = true; end_reads(mine)
       :: !fails && !failed -> done++
       :: else -> free++
       fi
     };
     let_go(mine);
     atomic { leave(told, rested) };
     complete(told, rested)
  :: destroyed -> break
  od
}

/* The slot of a wait that the consumer loses patience with; it has a reference while it does. */
active proctype impatience() {
  bool told;
  if
  :: atomic { waiter -> waiter = false; told = true; filled = ABORTED };
     completed = true
  :: destroyed -> skip
  fi
}

active proctype consumer() {
  bool told, rested, mine, go;
  do
  :: atomic { use(); fill(); completed = (filled != NONE) };
     pump(go);
#ifdef MUTANT_LOOK_BEFORE_REGISTRATION
     atomic { if :: !completed -> fill(); completed = (filled != NONE) :: else fi };
     atomic { if :: !completed -> waiter = true :: else fi };
#else
     atomic {
       if
       :: !completed ->
          fill();
          if :: filled != NONE -> completed = true :: else -> waiter = true fi
       :: else
       fi
     };
#endif
     completed;
     completed = false;
     if
     :: filled == END -> lent = false; break
     :: filled == VALUE || filled == ABORTED
     fi
  :: break
  od;
  if
  :: lent ->
     atomic { use(); cancelled = true; end_reads(mine) };
     let_go(mine);
     atomic { references++; leave(told, rested) };
     complete(told, rested);
     atomic { if :: at_rest -> drained = true :: else -> drainer = true fi };
     drained;
     lent = false
  :: skip
  fi;
  atomic { use(); mine = false; if :: !cancelled && !over -> cancelled = true; end_reads(mine) :: else fi };
#ifndef MUTANT_DROPPED_WITHOUT_LETTING_GO
  let_go(mine);
#endif
  atomic { leave(told, rested) };
  complete(told, rested)
}
