/* What the models take from the kernel: futexes, byte locks that end with their process, death and stops.
 *
 * A process has a number, `me`. Before any of its steps it may die (KILLS processes do), which drops its locks and
 * nothing else; or it may stop (STOPS processes do), for good or until it goes on, and keeps its locks. `hurt` says
 * that a process has died or stopped: only then may a sleeper look without being woken. So if a wake-up is lost while no
 * process is hurt, a process sleeps for ever, and `judge` notices. If a wake-up is lost with a process that died, the
 * slow look heals this, or `judge` notices it, too.
 *
 * A model defines PROCESSES, includes this file, and at its end includes harm.pml. */

#ifndef KILLS
#define KILLS 0
#endif
#ifndef STOPS
#define STOPS 0
#endif

bool dead[PROCESSES];
bool halted[PROCESSES];     /* the process is stopped now */
bool was_halted[PROCESSES]; /* it has been stopped at any time */
bool for_good[PROCESSES];   /* it is stopped for ever */
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

/* A futex: a counter in a file that all processes map, and the processes that sleep on it. All that matters of the
 * counter is which processes have listened, and have not been rung for since. */
typedef Futex {
  bool listens[PROCESSES];
  bool asleep[PROCESSES];
}

#define LISTEN(futex) futex.listens[me] = true

/* The kernel compares the counter before it puts a process to sleep. `changed`: whether a slow look finds a reason to
 * wake up. */
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

/* Wakes any one of the sleepers: nothing relies on the kernel's order. */
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
