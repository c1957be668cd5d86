/* The event count of a native pool, as its models share it: pinfold::detail::sleepers, and a worker's token.
 * WORKERS is defined by who includes it.
 *
 * What happens under the mutex of the list is one step, since the list is touched nowhere else and `count` is its length;
 * the look at `count` without the mutex is a step of its own, and so is the unpark after it. The list wakes the last who
 * fell asleep; here it is any of those who take such work.
 */

#define NOTHING 0 /* appetites */
#define STOLEN 1
#define AWAITED 2
#define EVERYTHING 3

#define STEALABLE 0 /* kinds of work */
#define AWAITED_TASK 1
#define INJECTED 2

#define TAKES(who, what) ((who) == EVERYTHING || ((who) == STOLEN && (what) == STEALABLE) || \
                          ((who) == AWAITED && (what) == AWAITED_TASK))
#define CAN_BE_CHOSEN(worker, what) (listed[worker] && TAKES(appetite[worker], what))
#define ASLEEP(worker) (parked[worker] && !token[worker])

byte count;
bool listed[WORKERS];
byte appetite[WORKERS];
byte called_for[WORKERS];
bool chosen[WORKERS]; /* for some work, and has neither looked for it nor passed it on */
bool token[WORKERS];
bool parked[WORKERS];

inline add(worker) { atomic { listed[worker] = true; count++ } }

/* chosen[worker] is set already, or it leaves unchosen */
inline leave(worker) {
  atomic { if :: listed[worker] -> listed[worker] = false; count-- :: else fi }
}

inline unpark(worker) { token[worker] = true }

inline choose(worker, what) {
  listed[worker] = false;
  chosen[worker] = true;
  called_for[worker] = what;
  count--;
  chosen_one = worker
}

/* more: others that take such work sleep still. Uses the caller's `chosen_one`, which is WORKERS outside. */
inline wake_one(what, more) {
  more = false;
  if
  :: count == 0 -> skip
  :: else ->
     atomic {
       if
       :: CAN_BE_CHOSEN(0, what) -> choose(0, what)
       :: CAN_BE_CHOSEN(1, what) -> choose(1, what)
       :: CAN_BE_CHOSEN(2, what) -> choose(2, what)
       :: else -> skip
       fi;
       more = chosen_one != WORKERS && (CAN_BE_CHOSEN(0, what) || CAN_BE_CHOSEN(1, what) || CAN_BE_CHOSEN(2, what))
     };
     if
     :: chosen_one != WORKERS -> atomic { unpark(chosen_one); chosen_one = WORKERS }
     :: else
     fi
  fi
}

inline park(worker) {
#ifdef MUTANT_TOKEN_RESET_BEFORE_PARKING
  token[worker] = false;
#endif
  parked[worker] = true;
end_asleep:
  atomic { token[worker]; parked[worker] = false; token[worker] = false }
}
