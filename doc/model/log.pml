/* The log: moved into the database, and begun anew once all of it is. Nothing that is in it is lost on the way, and who
 * writes sees all of it.
 *
 * sqlite/database/log_moving.h. SQLite up to 3.51.2 reads how long the log is, and only then how much of it is moved,
 * while another may begin it anew. Processes 0 and 1 write and are weir's, 2 moves and is, too. 3 is one more that moves
 * (ANOTHER_MOVES), or another program, which writes and moves as it likes (OTHER). */

#define PROCESSES 4
#define NOBODY 255
#ifdef OTHER
#define ROUNDS(who) (who == 3 -> 2 : 1)
#else
#define ROUNDS(who) (who == 0 -> 2 : 1)
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

inline leave() {
  d_step {
    at_zero[me] = false;
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
inline begin_anew() {
  atomic { assert(really == frames); frames = 0; log++; really = 0 };
  may_stop();
  moved = 0
}
inline append_as_weir() {
  if
#ifdef BEGINS_BESIDE_ONE_THAT_MOVES
  :: at_zero[me] && frames > 0 ->
#else
  :: atomic { at_zero[me] && frames > 0 && moves == NOBODY -> moves = me };
#endif
     may_stop();
#ifndef FORGETS_LATE
     moved = 0;
     may_stop();
#endif
     begin_anew();
     if
     :: atomic { moves == me -> moves = NOBODY }
     :: else
     fi
  :: else /* it goes on in the old one */
  fi;
  at_zero[me] = false;
  may_stop();
  frames++
}

/* SQLite: a checkpoint, after the lock to move was taken. */
inline move() {
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
  fi
}

proctype writer(byte me) {
  byte rounds;
  {
    do
    :: rounds == ROUNDS(me) -> break
    :: else ->
       atomic { turn == NOBODY -> turn = me };
       begin();
       may_stop();
       assert(moved <= really && moved <= frames);
       append_as_weir();
       leave();
       rounds++
    od;
    rounds = 0;
    ended[me] = true
  } unless { dead[me] }
}

/* Of the whole log, or (EMPTIES) to begin it anew, which only the one that writes does. */
proctype one_that_moves(byte me) {
  byte rounds, length, which;
  {
    do
    :: rounds == ROUNDS(me) -> break
    :: else ->
       atomic { mover == NOBODY -> mover = me };
       atomic { moves == NOBODY -> moves = me };
       may_stop();
       if
#ifdef MOVES_WHAT_IS_MOVED
       :: true -> move()
#else
       :: moved < frames -> move()
       :: else
#endif
       fi;
       moves = NOBODY;
       mover = NOBODY;
       rounds++
    od;
    atomic { rounds = 0; length = 0; which = 0 };
    ended[me] = true
  } unless { dead[me] }
}

/* Empties the log. SQLite would move what there is, if it cannot have the lock to write. */
proctype one_that_empties(byte me) {
  byte length, which;
  {
    atomic { mover == NOBODY -> mover = me };
    atomic { turn == NOBODY -> turn = me };
    atomic { moves == NOBODY -> moves = me };
    may_stop();
    if
    :: atomic { writes == NOBODY -> writes = me };
       move();
       if
       :: moved == frames && frames > 0 && !at_zero[0] && !at_zero[1] && !at_zero[3] -> moved = 0; may_stop(); begin_anew()
       :: else
       fi;
       writes = NOBODY
    :: atomic { writes != NOBODY -> skip };
#ifdef MOVES_WITHOUT_THE_LOCK_TO_WRITE
       move()
#endif
    fi;
    moves = NOBODY;
    turn = NOBODY;
    mover = NOBODY;
    atomic { length = 0; which = 0 };
    ended[me] = true
  } unless { dead[me] }
}

proctype other_program(byte me) {
  byte rounds, length, which;
  {
    do
    :: rounds == ROUNDS(me) -> break
    :: rounds < ROUNDS(me) ->
       begin();
       may_stop();
       if
       :: at_zero[me] && frames > 0 -> begin_anew()
       :: else
       fi;
       at_zero[me] = false;
       frames++;
       leave();
       rounds++
    :: atomic { rounds < ROUNDS(me) && moves == NOBODY -> moves = me };
       move();
       moves = NOBODY;
       rounds++
    od;
    atomic { rounds = 0; length = 0; which = 0 };
    ended[me] = true
  } unless { dead[me] }
}

init {
  atomic {
    run writer(0);
    run writer(1);
#ifdef EMPTIES
    run one_that_empties(2);
#else
    run one_that_moves(2);
#endif
#if defined OTHER
    run other_program(3)
#elif defined ANOTHER_MOVES
    run one_that_moves(3)
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
#define FINE ((done(0) && done(1) && done(2) && done(3)) || stays(turn) || stays(writes) || stays(mover) || stays(moves))
#include "harm.pml"
