/* The turn to write: every process that waits for it gets it, whichever process dies or stops.
 *
 * sqlite/file/turn.cc. The lock decides, so two processes never have the turn; the bells only say when to
 * try. */

#define PROCESSES 3
#define TURNS(who) (who == 0 -> 2 : 1)
#define NOBODY 255

byte holder = NOBODY;  /* the process that has locked byte 0 */
bool waits[PROCESSES]; /* a shared lock on byte 3 */

#include "kernel.pml"

Futex turn_bell;
Futex late_bell;

inline try_turn() {
  d_step {
    if
    :: holder == NOBODY -> holder = me; got = true
    :: else -> got = false
    fi
  }
}

inline ask_whether_others_wait() {
  d_step {
    others = (me != 0 && waits[0]) || (me != 1 && waits[1]) || (me != 2 && waits[2])
  }
}

proctype writer(byte me) {
  byte turns;
  bool got, late, others, found;
  {
    do
    :: turns == TURNS(me) -> break
    :: else ->
       try_turn();
       if
       :: got
       :: else ->
#ifndef ANNOUNCE_LATE
          waits[me] = true;
#endif
          do
          :: may_stop();
#ifndef LISTEN_LATE
             if
             :: late -> LISTEN(late_bell)
             :: else -> LISTEN(turn_bell)
             fi;
#endif
             try_turn();
             if
             :: got -> DO_NOT_LISTEN(late_bell); DO_NOT_LISTEN(turn_bell); break
             :: else
             fi;
#ifdef LISTEN_LATE
             if
             :: late -> LISTEN(late_bell)
             :: else -> LISTEN(turn_bell)
             fi;
#endif
             waits[me] = true;
             may_stop();
             if
             :: late -> SLEEP(late_bell, holder == NOBODY)
             :: else -> SLEEP(turn_bell, holder == NOBODY)
             fi;
             late = true
          od;
          waits[me] = false;
          late = false
       fi;
       may_stop(); /* here the process writes */
       assert(holder == me);
       turns++;
#ifdef ASK_BEFORE_UNLOCK
       ask_whether_others_wait();
#endif
       holder = NOBODY;
       may_stop();
#ifndef ASK_BEFORE_UNLOCK
       ask_whether_others_wait();
#endif
       if
       :: others ->
          ring_one(late_bell, found);
          may_stop();
#ifndef RING_THE_LATE_ALONE
          if
          :: found
          :: else -> ring_one(turn_bell, found)
          fi
#endif
       :: else
       fi;
       d_step { got = false; others = false; found = false }
    od;
    ended[me] = true
  } unless { dead[me] }
}

init {
  atomic {
    run writer(0);
    run writer(1);
    run writer(2)
  }
}

#define done(who) (ended[who] || is_out(who))
#define drop_locks(who)                                \
  if                                                   \
  :: holder == who -> holder = NOBODY                  \
  :: else                                              \
  fi;                                                  \
  waits[who] = false;                                  \
  turn_bell.asleep[who] = false; late_bell.asleep[who] = false
#define SLOW_LOOKS (LOOKS_BY_ITSELF && holder == NOBODY && !(done(0) && done(1) && done(2)))
/* A process that was stopped during its turn keeps the turn. */
#define FINE ((done(0) && done(1) && done(2)) || (holder != NOBODY && for_good[holder]))
#include "harm.pml"
