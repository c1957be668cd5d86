/* How the threads of a reactor that look around fall asleep (include/pinfold/asio/detail/inbox.hpp): a thread counts
 * itself as parked and looks at the tasks again; who pushes a task looks for parked threads and posts an empty handler
 * for one of them to the io_context. Threads that are awake poll handlers, too.
 *
 * Two posters, two threads of one io_context. A thread that runs a task or an event's handler may be held up by it for
 * ever.
 *
 * Property: when nothing moves any more, no task waits while a thread is free to run it.
 *
 * Each MUTANT_* breaks one rule; the tests demand that spin finds an error in every one of them.
 */

#define THREADS 2
#define TASKS 2 /* of each poster */

byte tasks;
byte parked;
byte handlers; /* empty ones in the io_context */
byte events = 1;
byte held_up;

proctype poster() {
  byte i;
  bool ring;
  for (i : 1 .. TASKS) {
#ifdef MUTANT_LOOK_BEFORE_PUSH
    ring = parked != 0;
    tasks++;
#else
    tasks++;
    ring = parked != 0;
#endif
    if
    :: ring -> handlers++
    :: else -> skip
    fi
  }
}

proctype thread() {
  bool took;
end_of_work:
  do
  :: atomic { took = tasks != 0; tasks = (took -> tasks - 1 : 0) }
     if
     :: took ->
        if
        :: skip
        :: held_up++; goto end_held_up
        fi
     :: else ->
poll:
        if
        :: atomic { handlers != 0 -> handlers-- };
#ifdef MUTANT_POLL_ON_BEHIND_A_RING
           goto poll
#else
           goto awake
#endif
        :: atomic { events != 0 -> events-- };
           if
           :: goto poll
           :: held_up++; goto end_held_up
           fi
        :: atomic { handlers == 0 && events == 0 -> skip }
        fi;
#ifdef MUTANT_LOOK_BEFORE_PARKED
        if
        :: tasks == 0 -> parked++; goto end_asleep
        :: else -> skip
        fi;
        goto awake;
#else
        parked++;
#ifndef MUTANT_NO_SECOND_LOOK
        if
        :: tasks != 0 -> goto leave
        :: else -> skip
        fi;
#endif
#endif
end_asleep:
        if
        :: atomic { handlers != 0 -> handlers-- }
        :: atomic { events != 0 -> events-- };
           if
           :: skip
           :: held_up++; goto end_held_up
           fi
        fi;
leave:
        parked--;
awake:
        skip
     fi
  od;
end_held_up:
  skip
}

init {
  atomic { run poster(); run poster(); run thread(); run thread() }
  timeout;
  assert(tasks == 0 || held_up == THREADS)
}
