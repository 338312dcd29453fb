/* The log is moved into the database, and begun anew once all of it is moved. Nothing in the log is lost on the way,
 * and each writer sees all of it.
 *
 * sqlite/database/log_moving.h. SQLite up to 3.51.2 reads the length of the log, and only then how much of it is moved,
 * while another process may begin it anew. Processes 0, 1 and 2 are weir's: 0 and 1 write, 2 moves the log. Process 3
 * also moves the log (ANOTHER_MOVES), or is another program, which writes and moves as it likes (OTHER). */

#define PROCESSES 4
#define NOBODY 255
#ifdef OTHER
#define ROUNDS(who) (who == 3 -> 2 : 1)
#else
#define ROUNDS(who) (who == 0 -> 2 : 1)
#endif

byte turn = NOBODY;    /* byte 0 of the lock file */
byte mover = NOBODY;   /* byte 2 */
byte writes = NOBODY;  /* SQLite's lock to write, */
byte moves = NOBODY;   /* its lock to move the log, */
byte copies = NOBODY;  /* and its lock to copy from the log, while nobody relies on the database alone */
bool at_zero[PROCESSES]; /* the process relies on the database alone: when it began, all was moved */

byte frames;  /* the length of the log */
byte log;     /* the number of the log */
byte moved;   /* how many of its frames are noted as moved */
byte really;  /* how many of its frames are really moved */

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

/* SQLite begins a transaction to write. */
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
  :: else /* the writer goes on in the old log */
  fi;
  at_zero[me] = false;
  may_stop();
  frames++
}

/* SQLite's checkpoint, once the process has the lock to move. */
inline move() {
  atomic { length = frames; which = log };
  may_stop(); /* the moment of the fault */
  if
  :: atomic { moved < length && !at_zero[0] && !at_zero[1] && !at_zero[3] -> copies = me };
     may_stop();
     assert(log == which); /* else pages are copied to where pages of the old log belonged */
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

/* Moves the whole log. Only the writers begin it anew. */
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

/* Empties the log. SQLite would move pages even without the lock to write. */
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
