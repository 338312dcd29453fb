/* What the models take from the kernel: futexes, byte locks that end with their process, death and stops.
 *
 * A process is known by its number, `me`. It may die before any of its steps (KILLS of them do), which drops its locks
 * and nothing else; or stop (STOPS of them), which keeps them, for good or until it goes on. `hurt` says that somebody
 * did: only then may a sleeper look by itself. So a wake-up that is lost while nobody came to harm leaves somebody
 * asleep for ever, which `judge` notices; one that is lost with a process that died is healed by the slow look, or
 * noticed, too.
 *
 * A model defines PROCESSES, includes this, and at its end includes harm.pml. */

#ifndef KILLS
#define KILLS 0
#endif
#ifndef STOPS
#define STOPS 0
#endif

bool dead[PROCESSES];
bool halted[PROCESSES];     /* now */
bool was_halted[PROCESSES]; /* at any time */
bool for_good[PROCESSES];   /* and for ever */
bool ended[PROCESSES];
byte kills = KILLS;
byte stops = STOPS;
bool hurt = false;

#ifdef NO_SLOW_LOOK
#define LOOKS_BY_ITSELF false
#else
#define LOOKS_BY_ITSELF hurt
#endif

#define is_out(who) (dead[who] || for_good[who])

/* A futex: a counter in a file that all map, and who sleeps on it. Of the counter matters only who has listened, and
 * not been rung for since. */
typedef Futex {
  bool listens[PROCESSES];
  bool asleep[PROCESSES];
}

#define LISTEN(futex) futex.listens[me] = true

/* The kernel compares before it puts to sleep. `changed`: whether a slow look finds a reason to wake up. */
#define SLEEP(futex, changed)                                                              \
  atomic { futex.asleep[me] = futex.listens[me]; futex.listens[me] = false };              \
  if                                                                                       \
  :: !futex.asleep[me]                                                                     \
  :: atomic { LOOKS_BY_ITSELF && timeout && (changed) -> futex.asleep[me] = false }        \
  fi

#define DO_NOT_LISTEN(futex) futex.listens[me] = false

inline ring_all(futex, found) {
  d_step {
    found = false;
    i = 0;
    do
    :: i < PROCESSES ->
       futex.listens[i] = false;
       found = found || futex.asleep[i];
       futex.asleep[i] = false;
       i++
    :: else -> break
    od;
    i = 0
  }
}

/* Wakes whichever of the sleepers: nothing relies on the kernel's order. */
inline ring_one(futex, found) {
  atomic {
    futex.listens[0] = false;
    futex.listens[1] = false;
#if PROCESSES > 2
    futex.listens[2] = false;
#endif
#if PROCESSES > 3
    futex.listens[3] = false;
#endif
    found = true;
    if
    :: futex.asleep[0] -> futex.asleep[0] = false
    :: futex.asleep[1] -> futex.asleep[1] = false
#if PROCESSES > 2
    :: futex.asleep[2] -> futex.asleep[2] = false
#endif
#if PROCESSES > 3
    :: futex.asleep[3] -> futex.asleep[3] = false
#endif
    :: else -> found = false
    fi
  }
}

/* Here a process may be stopped: for good, or until it goes on. */
#if STOPS > 0
inline may_stop() {
  if
  :: true
  :: atomic { stops > 0 -> stops--; hurt = true; halted[me] = true; was_halted[me] = true };
     if
     :: halted[me] = false
     :: for_good[me] = true; false
     fi
  fi
}
#else
#define may_stop() skip
#endif
