/* The queue of pinfold::detail::injector (include/pinfold/detail/injector.hpp): a ring of two cells, the overflow
 * behind it, and who waits for room.
 *
 * One producer waits where the ring is full (push_or_wait), the other never does (push); two consumers. A consumer that
 * finds nothing goes on when there is something: its sleep is sleepers.pml and injected_work.pml. What deep workers put
 * aside is left out. One memory access a step; what the mutex of the overflow guards is one step.
 *
 * Spin's memory is sequentially consistent, as are the operations by which waiters and consumers see each other. The
 * contents of a cell come before its turn's release store, which its next user's load acquires.
 *
 * Properties: each task is popped once, in the order of its producer; nothing is lost, and nobody waits while there is
 * room (whoever is left waiting is an invalid end state).
 *
 * Each MUTANT_* breaks one rule of the protocol; the tests demand that spin finds an error in every one of them.
 */

#define CELLS 2
#define WAITS 0 /* the producer that does */
#define WAITING_TASKS 2
#define TASKS 3 /* of the other */

byte turn[CELLS], item[CELLS];
byte tail, head;
byte overflow[TASKS], overflowed; /* of the other producer, so each at most once */
byte popped[2];                   /* of each producer */

byte waiting;
bool registered, room; /* only one producer waits */
bool locked;           /* waiters_mutex_ */

#define TASK(producer, number) (16 * (producer) + (number))
#define ALL_POPPED (popped[WAITS] == WAITING_TASKS && popped[1 - WAITS] == TASKS)
#define RING_IS_READY (turn[head % CELLS] == head / CELLS * 2 + 1)

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }

/* ------------------------------------------------ producers ------------------------------------------------ */

inline push_to_ring(task) {
  pushed = false;
  t = tail;
  do
  :: seen_turn = turn[t % CELLS];
     if
     :: seen_turn == t / CELLS * 2 ->
#ifdef MUTANT_TAIL_WITHOUT_COMPARING
        tail = t + 1; pushed = true;
#else
        atomic { if :: tail == t -> tail++; pushed = true :: else -> t = tail fi };
#endif
        if
        :: pushed ->
#ifdef MUTANT_TURN_BEFORE_ITEM
           turn[t % CELLS] = t / CELLS * 2 + 1;
           item[t % CELLS] = task;
#else
           item[t % CELLS] = task;
           turn[t % CELLS] = t / CELLS * 2 + 1;
#endif
           break
        :: else
        fi
     :: else ->
        seen = t;
        t = tail;
        if :: seen_turn < t / CELLS * 2 && seen == t -> break :: else fi
     fi
  od;
  atomic { t = 0; seen = 0; seen_turn = 0 }
}

/* Behind the overflow, or else in the ring. */
inline try_push(task) {
  if
#ifndef MUTANT_OVERFLOW_IS_OVERTAKEN
  :: overflowed > 0 -> pushed = false
#endif
  :: else -> push_to_ring(task)
  fi
}

proctype waiting_producer() {
  byte number, t, seen, seen_turn;
  bool pushed;
  for (number : 1 .. WAITING_TASKS) {
    do
    :: try_push(TASK(WAITS, number));
       if :: pushed -> break :: else fi;
       lock();
#ifdef MUTANT_NO_SECOND_TRY
       waiting++;
#else
#ifdef MUTANT_TRY_BEFORE_REGISTRATION
       try_push(TASK(WAITS, number));
       waiting++;
#else
       waiting++;
       try_push(TASK(WAITS, number));
#endif
       if :: pushed -> waiting--; unlock(); break :: else fi;
#endif
       registered = true;
       unlock();
       atomic { room -> room = false }
    od
  }
}

proctype overflowing_producer() {
  byte number, t, seen, seen_turn;
  bool pushed;
  for (number : 1 .. TASKS) {
    try_push(TASK(1 - WAITS, number));
    if
    :: pushed -> skip
    :: else -> atomic { overflow[overflowed] = TASK(1 - WAITS, number); overflowed++ }
    fi
  }
}

/* ------------------------------------------------ consumers ------------------------------------------------ */

/* The next of its producer. */
inline count(task) {
  assert(task % 16 == popped[task / 16] + 1);
  popped[task / 16]++
}

inline admit_waiters() {
#ifdef MUTANT_LOOK_BEFORE_FREEING
  if
  :: !anyone -> skip
#else
  if
  :: waiting == 0 -> skip
#endif
  :: else ->
     lock();
     if :: registered -> registered = false; waiting--; room = true :: else fi;
     unlock()
  fi
}

inline pop_from_ring() {
  got = false;
  h = head;
  do
  :: seen_turn = turn[h % CELLS];
     if
     :: seen_turn == h / CELLS * 2 + 1 ->
        atomic {
#ifdef MUTANT_HEAD_WITHOUT_COMPARING
          head = h + 1; got = true; count(item[h % CELLS])
#else
          if :: head == h -> head++; got = true; count(item[h % CELLS]) :: else -> h = head fi
#endif
        };
        if
        :: got ->
#ifdef MUTANT_LOOK_BEFORE_FREEING
           anyone = waiting != 0;
#endif
           atomic { turn[h % CELLS] = h / CELLS * 2 + 2; h = 0; seen_turn = 0 };
           admit_waiters();
           break
        :: else
        fi
     :: else ->
        seen = h;
        h = head;
        if :: seen_turn < h / CELLS * 2 + 1 && seen == h -> break :: else fi
     fi
  od;
  atomic { h = 0; seen = 0; seen_turn = 0 }
}

inline pop_overflow() {
#ifdef MUTANT_LOOK_BEFORE_FREEING
  anyone = waiting != 0;
#endif
  atomic {
    if
#ifdef MUTANT_OVERFLOW_OVERTAKES
    :: overflowed > 0 ->
#else
    :: overflowed > 0 && head == tail ->
#endif
       count(overflow[0]);
       overflowed--;
       for (seen : 1 .. TASKS - 1) { overflow[seen - 1] = overflow[seen] };
       overflow[TASKS - 1] = 0;
       seen = 0;
       got = true
    :: else -> skip
    fi
  };
#ifndef MUTANT_OVERFLOW_LEAVES_WAITERS
  if :: got -> admit_waiters() :: else fi
#endif
}

proctype consumer() {
  byte h, seen, seen_turn;
  bool got, anyone, looked;
  do
  :: ALL_POPPED -> break
  :: !looked || RING_IS_READY || (overflowed > 0 && head == tail) ->
     looked = true; /* once at any time, then when there is something */
     pop_from_ring();
     if :: !got -> pop_overflow() :: else fi
  od
}

init { atomic { run waiting_producer(); run overflowing_producer(); run consumer(); run consumer() } }
