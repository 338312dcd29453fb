/* The log: moved into the database, and begun anew once all of it is. Nothing that is in it is lost on the way, and who
 * writes sees all of it.
 *
 * sqlite/file/moving_lock.h, log.cc (make_log_sound). SQLite up to 3.51.2 reads how long the log is, and only then how
 * much of it is moved, while another may begin it anew. Processes 0 and 1 write and are weir's; 2 moves and is, too; 3 is
 * one more that moves (ANOTHER_MOVES), or another program, which moves or writes (OTHER_MOVES, OTHER_WRITES). A backup,
 * beside which a writer does begin the log anew, is not there: it has the lock to move, and does not. */

#define PROCESSES 4
#define NOBODY 255
#if defined ANOTHER_MOVES || defined OTHER_MOVES
#define ROUNDS(who) (who == 0 -> 2 : 1)
#else
#define ROUNDS(who) (who == 0 || who == 2 -> 2 : 1)
#endif

byte turn = NOBODY;    /* byte 0 of the lock file */
byte mover = NOBODY;   /* byte 2 */
byte writes = NOBODY;  /* SQLite's locks: to write, */
byte moves = NOBODY;   /* to move, */
byte copies = NOBODY;  /* and to copy from the log, while nobody reads the database alone */
bool at_zero[PROCESSES]; /* which these do: when they began, all was moved */

byte frames;  /* how long the log is */
byte log;     /* which one it is */
byte moved;   /* how many of its frames are, as is noted */
byte really;  /* and how many are */

#include "kernel.pml"

/* Where it gives up: the turn to write is over, and it may begin again. */
inline leave() {
  d_step {
    at_zero[me] = false;
    if
    :: moves == me -> moves = NOBODY
    :: else
    fi;
    if
    :: writes == me -> writes = NOBODY
    :: else
    fi;
    if
    :: turn == me -> turn = NOBODY
    :: else
    fi
  }
}

/* SQLite: a transaction to write. */
inline begin() {
  atomic { writes == NOBODY -> writes = me; at_zero[me] = (moved == frames && copies == NOBODY) }
}
inline append() {
  if
  :: at_zero[me] && frames > 0 ->
     atomic { assert(really == frames); frames = 0; log++; really = 0 };
     may_stop();
     atomic { moved = 0; at_zero[me] = false }
  :: else
  fi;
  may_stop();
  frames++
}

proctype writer(byte me; bool of_weir) {
  byte rounds;
  bool sound;
  {
    do
    :: rounds == ROUNDS(me) -> break
    :: else ->
       if
       :: of_weir -> atomic { turn == NOBODY -> turn = me }
       :: else
       fi;
       begin();
       may_stop();
       sound = true;
       if
       :: of_weir && moved > frames ->
#ifndef TAKES_IT_AS_NOTED
          if
          :: atomic { moves == NOBODY -> moves = me }; moved = 0
          :: moves != NOBODY && halted[moves] /* it is busy */
          fi;
          sound = false
#endif
       :: of_weir && moved == frames && frames > 0 ->
#ifndef BEGINS_BESIDE_ONE_THAT_MOVES
          if
          :: atomic { moves == NOBODY -> moves = me }
          :: moves != NOBODY && halted[moves] -> sound = false
          fi
#endif
       :: else
       fi;
       if
       :: sound ->
          assert(!of_weir || moved <= really);
          append()
       :: else
       fi;
       leave();
       rounds++
    od;
    atomic { rounds = 0; sound = false };
    ended[me] = true
  } unless { dead[me] }
}

proctype one_that_moves(byte me; bool of_weir) {
  byte rounds, length, which;
  bool begins;
  {
    do
    :: rounds == ROUNDS(me) -> break
    :: else ->
       begins = true;
       if
       :: of_weir ->
          atomic { mover == NOBODY -> mover = me };
#ifndef MOVES_WHAT_IS_MOVED
          length = frames;
          may_stop();
          begins = moved < length
#endif
       :: else
       fi;
       if
       :: atomic { begins && moves == NOBODY -> moves = me };
          atomic { length = frames; which = log };
          may_stop(); /* the window */
          if
          :: atomic { moved < length && !at_zero[0] && !at_zero[1] && !at_zero[3] -> copies = me };
             may_stop();
             assert(log == which); /* else it copies pages to where those of the old log belonged */
             really = length;
             may_stop();
             moved = length;
             copies = NOBODY
          :: else
          fi;
          moves = NOBODY
       :: else
       fi;
       if
       :: mover == me -> mover = NOBODY
       :: else
       fi;
       rounds++
    od;
    atomic { rounds = 0; length = 0; which = 0; begins = false };
    ended[me] = true
  } unless { dead[me] }
}

init {
  atomic {
    run writer(0, true);
    run writer(1, true);
    run one_that_moves(2, true);
#if defined OTHER_MOVES
    run one_that_moves(3, false)
#elif defined OTHER_WRITES
    run writer(3, false)
#elif defined ANOTHER_MOVES
    run one_that_moves(3, true)
#else
    ended[3] = true
#endif
  }
}

#define done(who) (ended[who] || is_out(who))
#define stays(lock) (lock != NOBODY && for_good[lock])
#define drop(lock)                \
  if                              \
  :: lock == who -> lock = NOBODY \
  :: else                         \
  fi
#define drop_locks(who) drop(turn); drop(mover); drop(writes); drop(moves); drop(copies); at_zero[who] = false
#define SLOW_LOOKS false
#define FINE ((done(0) && done(1) && done(2) && done(3)) || stays(turn) || stays(writes) || stays(mover))
#include "harm.pml"
