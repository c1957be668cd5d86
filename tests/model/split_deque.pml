/* The stack of pinfold::detail::split_deque (include/pinfold/native/detail/split_deque.hpp): its owner forks, spawns,
 * joins and shares; two thieves steal.
 *
 * `tail` and `split` are one word: read and compare-exchanged in one step. The rest is one memory access a step, but for
 * what only one process can touch at that moment. A join that finds its task stolen and not done goes back to the
 * owner's loop, since a waiting worker runs other tasks, which fork and join above; it may take its own oldest task, too
 * (native_worker::run_own). Requests may be answered in every join: how many joins look for one is left out, as are a
 * compare-exchange's spurious failure (one more turn) and the waiting itself with its part of the state (sleepers.pml).
 * One task at most is spawned: its slot is given back before it runs, and has no result. What is no longer used is set
 * to 0, which keeps the search small.
 *
 * Spin's memory is sequentially consistent. The orders that this leaves out are argued in split_deque.hpp: a slot's
 * contents and reset state come before the theft (release sequence on the word), the result before the join (exchange
 * and acquire load of the state). All that remains between them is what this model interleaves.
 *
 * Properties: each task runs once; a join sees the result of its own task; tail <= split <= head; a slot that a thief has
 * and has not given back is not written by its owner; everything ends.
 *
 * Each MUTANT_* breaks one rule of the protocol; the tests demand that spin finds an error in every one of them.
 */

#define SLOTS 3
#define TASKS 5
#define RESULT_OF(task) ((task) + TASKS)

byte tail, split;     /* the shared word */
bool asked;           /* limit_ is null */
byte contents[SLOTS]; /* the closure (a task's number) or its result; 0: moved away */
bool finished[SLOTS];     /* the state is is_done */
bool has_result[TASKS + 1]; /* of a task: forked, not spawned; part of the contents */

bool ran[TASKS + 1];
bool held[SLOTS]; /* between a theft and its end */
bool closed;

inline execute(task) {
  atomic { assert(task != 0 && task <= TASKS && !ran[task]); ran[task] = true }
}

inline finish(slot) {
  atomic { finished[slot] = true; held[slot] = false }
}

/* The oldest shared task, if there is one. */
inline steal() {
  atomic { old_tail = tail; old_split = split };
  got = false;
  do
  :: got || old_tail >= old_split -> break
  :: else ->
#ifdef MUTANT_READ_BEFORE_THEFT
     task = contents[old_tail];
#endif
     atomic {
       if
#ifdef MUTANT_TAIL_ALONE_IS_COMPARED
       :: tail == old_tail ->
#else
       :: tail == old_tail && split == old_split ->
#endif
          tail++;
          assert(tail <= split && !held[old_tail]);
          held[old_tail] = true;
          got = true
       :: else -> old_tail = tail; old_split = split
       fi
     }
  od;
  old_split = 0
}

/* What was stolen, from slot old_tail. */
inline run_stolen() {
#ifdef MUTANT_SPAWNED_GIVEN_BACK_BEFORE_MOVED
  if :: !has_result[contents[old_tail]] -> finish(old_tail) :: else fi;
#endif
#ifndef MUTANT_READ_BEFORE_THEFT
  task = contents[old_tail];
#endif
  if
  :: has_result[task] ->
     execute(task);
#ifdef MUTANT_DONE_BEFORE_RESULT
     finish(old_tail);
     contents[old_tail] = RESULT_OF(task)
#else
     contents[old_tail] = RESULT_OF(task);
     finish(old_tail)
#endif
  :: else ->
     contents[old_tail] = 0;
#ifndef MUTANT_SPAWNED_GIVEN_BACK_BEFORE_MOVED
     finish(old_tail);
#endif
     execute(task)
  fi;
  atomic { task = 0; old_tail = 0; got = false }
}

proctype thief() {
  byte old_tail, old_split, task;
  bool got;
  do
  :: steal();
     if
     :: got -> run_stolen()
     :: else -> atomic { asked = true; old_tail = 0 }
     fi
  :: closed -> break
  od
}

/* ------------------------------------------------ the owner ------------------------------------------------ */

inline check() { assert(split == own_split && tail <= split && split <= head) }

inline reset_states() {
  d_step {
    i = own_split;
    do
    :: i < new_split -> assert(!held[i]); finished[i] = false; i++
    :: else -> break
    od;
    i = 0
  }
}

inline share() {
  if
  :: head > own_split ->
     asked = false;
     new_split = own_split + (head - own_split + 1) / 2;
#if !defined MUTANT_STATE_NOT_RESET && !defined MUTANT_STATE_RESET_AFTER_SHARING
     reset_states();
#endif
#ifdef MUTANT_SHARE_BY_STORE
     old_tail = tail;
     atomic { tail = old_tail; split = new_split; old_tail = 0 };
#else
     split = new_split;
#endif
#ifdef MUTANT_STATE_RESET_AFTER_SHARING
     reset_states();
#endif
     atomic { own_split = new_split; new_split = 0; check() }
  :: else
  fi
}

inline answer() { if :: asked -> share() :: skip fi }

inline push(with_result) {
  atomic {
    assert(!held[head]);
    pushed++;
    contents[head] = pushed;
    has_result[pushed] = with_result;
    task_at[head] = pushed;
    head++
  };
  answer()
}

/* The top slot. is_stolen: it is a thief's. */
inline take_back() {
  atomic {
    head--;
    if :: head < own_split -> old_tail = tail; old_split = split :: else -> goto taken fi
  };
#ifdef MUTANT_TAKE_BACK_WITHOUT_COMPARING
  if :: old_tail <= head -> split = old_tail + (head - old_tail) / 2; own_split = split; goto taken :: else fi;
#endif
#ifdef MUTANT_TAKE_BACK_WITHOUT_LOWERING
  if :: old_tail <= head -> goto taken :: else fi;
#endif
  do
  :: old_tail > head -> atomic { head++; is_stolen[head - 1] = true; old_tail = 0; old_split = 0; check(); goto looked }
  :: else ->
     atomic {
       if
       :: tail == old_tail && split == old_split ->
          split = old_tail + (head - old_tail) / 2;
          own_split = split;
          goto taken
       :: else -> old_tail = tail; old_split = split
       fi
     }
  od;
taken:
  atomic { check(); assert(!held[head]); execute(task_at[head]); task_at[head] = 0; contents[head] = 0; old_tail = 0; old_split = 0 };
  answer();
looked:
  skip
}

inline drop_stolen() {
  atomic {
    head--;
    assert(!held[head]); /* and from now on it may be written */
    if :: has_result[task_at[head]] -> assert(contents[head] == RESULT_OF(task_at[head])) :: else fi;
    task_at[head] = 0; contents[head] = 0; is_stolen[head] = false
  };
  atomic {
#ifndef MUTANT_STOLEN_NOT_DROPPED
    tail = head; split = head; own_split = head;
#endif
    check()
  }
}

proctype owner() {
  byte head, own_split, pushed, old_tail, old_split, new_split, task, i;
  byte task_at[SLOTS]; /* what the handles know */
  bool is_stolen[SLOTS];
  bool got;
  do
  :: pushed < TASKS && head < SLOTS -> push(true)
  :: pushed == 1 && head < SLOTS -> push(false)
  :: head > 0 && !is_stolen[head - 1] -> take_back()
#ifdef MUTANT_REUSE_WITHOUT_WAITING
  :: head > 0 && is_stolen[head - 1] -> drop_stolen()
#else
  :: head > 0 && is_stolen[head - 1] && finished[head - 1] -> drop_stolen()
#endif
  :: tail < head && head > 0 -> /* waits elsewhere */
     steal();
     if :: got -> run_stolen() :: else -> old_tail = 0 fi
  :: pushed == TASKS && head == 0 -> break
  od;
  closed = true
}

init {
  byte task;
  atomic { run owner(); run thief(); run thief() };
  _nr_pr == 1;
  d_step { for (task : 1 .. TASKS) { assert(ran[task]) } }
}
