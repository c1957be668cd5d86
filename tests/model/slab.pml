/* The lists of a slab (include/pinfold/detail/slab.hpp): free slots under a head with a tag, returned slots, and one
 * taker at a time who makes the returned ones free.
 *
 * Three users take a slot and give it back, some times. Each load, store and compare-exchange of the code is a step.
 *
 * Properties: no slot has two users; when all have ended, the slots are all in the lists.
 *
 * Each MUTANT_* breaks one rule; the tests demand that spin finds an error in every one of them.
 */

#define SLOTS 3
#define USERS 3
#define ROUNDS 2
#define REFILLING 9

byte next[4];     /* index of the next slot in a list; slots are 1 to SLOTS, 0 is the end */
byte head = 1;
byte tag;
byte returned;
bool taken[4];
byte ended;

inline change_head(to) {
#ifdef MUTANT_NO_TAG
  head = to
#else
  head = to;
  tag++
#endif
}

proctype user() {
  byte round, seen, seen_tag, after, mine;
  for (round : 1 .. ROUNDS) {
    mine = 0;
    do
    :: atomic { seen = head; seen_tag = tag };
       if
       :: seen == REFILLING -> break /* a fresh slot, or none */
       :: seen == 0 ->
          if
          :: returned == 0 -> break
          :: else -> skip
          fi;
#ifdef MUTANT_TWO_REFILL
          atomic { mine = returned; returned = 0 };
          if
          :: mine == 0 -> break
          :: else -> skip
          fi;
          after = next[mine];
          atomic { change_head(after) };
          break
#else
          atomic {
            if
            :: head == seen && tag == seen_tag -> change_head(REFILLING)
            :: else -> goto again
            fi
          };
          atomic { mine = returned; returned = 0 };
          after = next[mine];
          atomic { change_head(after) };
          break
#endif
       :: else ->
          after = next[seen];
          atomic {
            if
            :: head == seen && tag == seen_tag -> change_head(after); mine = seen; break
            :: else -> skip
            fi
          }
       fi;
again:
       skip
    od;
    if
    :: mine == 0 -> skip
    :: else ->
       atomic { assert(!taken[mine]); taken[mine] = true };
       taken[mine] = false;
       do
       :: seen = returned;
          next[mine] = seen;
          atomic {
            if
            :: returned == seen -> returned = mine; break
            :: else -> skip
            fi
          }
       od
    fi
  }
  atomic { ended++; round = 0; seen = 0; seen_tag = 0; after = 0; mine = 0 }
}

/* Counts what is in the lists. */
proctype judge() {
  byte at, count;
  ended == USERS;
  atomic {
    assert(head != REFILLING);
    at = head;
    do :: at == 0 || count > SLOTS -> break :: else -> count++; at = next[at] od;
    at = returned;
    do :: at == 0 || count > SLOTS -> break :: else -> count++; at = next[at] od;
    assert(count == SLOTS)
  }
}

init {
  byte i;
  atomic {
    next[1] = 2;
    next[2] = 3;
    for (i : 1 .. USERS) { run user() }
    run judge()
  }
}
