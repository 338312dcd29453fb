/* The line of blocked readers of one group: first come, first served, and a message wakes whoever is to have it.
 *
 * sqlite/read_blocking.cc (BlockedGroupRead), sqlite/file/waiting.cc (PlaceInLine), sqlite/file/line.cc.
 * Processes 0, 1 and (with READERS=3) 2 read, each one message; 3 writes as many. Who has a place holds the lock on its
 * byte. With COARSE the nearest place ahead is found in one step, so that three readers can be checked, too. */

#define PROCESSES 4
#ifndef READERS
#define READERS 2
#endif
#define PLACES 4
#define NOBODY 255
#define NONE 255

byte place[PLACES] = NOBODY;
bool passed_over[PLACES]; /* marks in the lock file */
bool watching[PROCESSES]; /* a shared lock on byte 1 */
byte messages;            /* committed, and given to nobody */
byte ahead[PROCESSES] = NONE;

/* What the promise is about. `before` of b and a: a had its place when b came. */
bool waits[PROCESSES];
typedef Row { bool by[PROCESSES] }
Row before[PROCESSES];

#include "kernel.pml"

Futex bell;
Futex place_bell[PLACES];

/* What the kernel is asked: has anybody else a place from `low` up to `high`, and which? It names any of them. */
inline ask(low, high) {
  atomic {
    found_place = NONE;
    if
    :: low <= 0 && 0 <= high && place[0] != NOBODY && place[0] != me -> found_place = 0
    :: low <= 1 && 1 <= high && place[1] != NOBODY && place[1] != me -> found_place = 1
    :: low <= 2 && 2 <= high && place[2] != NOBODY && place[2] != me -> found_place = 2
    :: low <= 3 && 3 <= high && place[3] != NOBODY && place[3] != me -> found_place = 3
    :: else
    fi
  }
}

/* The nearest place before `end` that is taken. */
#ifdef COARSE
inline nearest_before(end) {
  d_step {
    none_from = end;
    nearest = NONE;
    do
    :: none_from > 0 && nearest == NONE ->
       none_from--;
       if
       :: place[none_from] != NOBODY && place[none_from] != me -> nearest = none_from
       :: else
       fi
    :: else -> break
    od;
    none_from = 0
  }
}
#else
/* By halving. */
inline nearest_before(end) {
  none_from = end;
  if
  :: none_from == 0 -> nearest = NONE
  :: else ->
     ask(0, none_from - 1);
     nearest = found_place;
     do
     :: nearest != NONE && none_from > nearest + 1 ->
        atomic {
          middle = nearest + (none_from - nearest) / 2;
          ask(middle, none_from - 1);
          if
          :: found_place == NONE -> none_from = middle
          :: else -> nearest = (found_place > middle -> found_place : middle)
          fi;
          found_place = 0;
          middle = 0
        }
     :: else -> break
     od
  fi;
  none_from = 0
}
#endif

#ifdef COARSE
#define STEP atomic
#else
#define STEP
#endif

inline look_ahead() {
  nearest_before(ticket);
  do
  :: nearest != NONE && passed_over[nearest] -> nearest_before(nearest)
  :: else -> break
  od;
  atomic { ahead[me] = nearest; nearest = 0 }
}

inline join_line() {
  nearest_before(PLACES);
  atomic { ticket = (nearest == NONE -> 0 : nearest + 1); nearest = 0 };
  do
  :: atomic { place[ticket] == NOBODY -> place[ticket] = me; waits[me] = true; break }
  :: atomic { place[ticket] != NOBODY -> ticket++; assert(ticket < PLACES) }
  od;
#ifndef OLD_MARKS_STAY
  passed_over[ticket] = false
#endif
}

/* What one that stands behind somebody sees by itself: that one is gone, or is stopped and leaves something lying. */
#define stirs(who)                                                          \
  (ahead[who] != NONE && (place[ahead[who]] == NOBODY ||                    \
                          (STIRS_FOR_STOPPED && messages > 0 && halted[place[ahead[who]]])))
#ifdef NEVER_PASSES_OVER
#define STIRS_FOR_STOPPED false
#else
#define STIRS_FOR_STOPPED true
#endif

/* One transaction: whatever is not given to anybody yet. */
inline deliver() {
  atomic {
    if
    :: messages > 0 ->
       messages--;
       given = true;
       assert(!(before[me].by[0] && waits[0] && !was_halted[0]));
       assert(!(before[me].by[1] && waits[1] && !was_halted[1]));
       assert(!(before[me].by[2] && waits[2] && !was_halted[2]));
       waits[me] = false
    :: else
    fi
  }
}

inline leave_line() {
  atomic { place[ticket] = NOBODY; ahead[me] = NONE };
  may_stop();
#ifndef LEAVES_WITHOUT_A_RING
  /* the next one that is not passed over */
  d_step {
    next = ticket + 1;
    do
    :: next == PLACES -> break
    :: next < PLACES && place[next] != NOBODY && !passed_over[next] -> break
    :: else -> next++
    od
  };
  if
  :: next < PLACES -> ring_all(place_bell[next], found)
  :: else
  fi
#endif
}

proctype reader(byte me) {
  byte found_place, none_from, nearest, middle, next, i;
  byte ticket = NONE;
  bool given, found, available, at_head;
  {
    d_step {
      before[me].by[0] = waits[0];
      before[me].by[1] = waits[1];
      before[me].by[2] = waits[2]
    };
#ifdef PUSHES_IN
    found_place = NONE;
#else
    ask(0, PLACES - 1);
#endif
    if
    :: found_place == NONE -> deliver()
    :: else -> found_place = 0
    fi;
    do
    :: given -> break
    :: else ->
       may_stop();
       if
       :: watching[me] -> LISTEN(bell)
       :: else
       fi;
       STEP {
         if
         :: ticket == NONE -> join_line()
         :: else
         fi;
         available = messages > 0
       };
       STEP {
         passed_over[ticket] = false;
         look_ahead();
         at_head = ahead[me] == NONE
       };
#ifndef NEVER_PASSES_OVER
       if
       :: available && !at_head && place[ahead[me]] != NOBODY && halted[place[ahead[me]]] ->
          passed_over[ahead[me]] = true;
#ifdef PASSES_ALL_AT_ONCE
          at_head = true
#else
          look_ahead();
          at_head = ahead[me] == NONE
#endif
       :: else
       fi;
#endif
       if
       :: available && at_head -> deliver()
       :: else
       fi;
       available = false;
       may_stop();
       if
       :: given
       :: !given && !at_head ->
#ifndef LISTENS_LATE_IN_LINE
          LISTEN(place_bell[ticket]);
#endif
          if
          :: ahead[me] == NONE || place[ahead[me]] == NOBODY -> DO_NOT_LISTEN(place_bell[ticket])
          :: else ->
#ifdef LISTENS_LATE_IN_LINE
             LISTEN(place_bell[ticket]);
#endif
             SLEEP(place_bell[ticket], stirs(me))
          fi
       :: !given && at_head && !watching[me] ->
          watching[me] = true;
#ifdef LOOKS_ONCE
          LISTEN(bell);
          SLEEP(bell, messages > 0)
#endif
       :: !given && at_head && watching[me] -> SLEEP(bell, messages > 0)
       fi
    od;
    atomic { watching[me] = false; DO_NOT_LISTEN(bell) };
    if
    :: ticket != NONE -> leave_line()
    :: else
    fi;
    ended[me] = true
  } unless { dead[me] }
}

proctype writer(byte me) {
  byte i, written;
  bool watched, found;
  {
    do
    :: written == READERS -> break
    :: else ->
       d_step { messages++; written++ };
       watched = watching[0] || watching[1] || watching[2];
       if
       :: watched -> ring_all(bell, found)
       :: else
       fi;
       d_step { watched = false; found = false }
    od;
    ended[me] = true
  } unless { dead[me] }
}

init {
  atomic {
    run reader(0);
    run reader(1);
#if READERS > 2
    run reader(2);
#else
    ended[2] = true;
#endif
    run writer(3)
  }
}

#define sees(who) (!ended[who] && !is_out(who) && (stirs(who) || (ahead[who] == NONE && messages > 0)))
#define served(who) (ended[who] || is_out(who) || messages == 0)
#define drop(t, who)                    \
  if                                    \
  :: place[t] == who -> place[t] = NOBODY \
  :: else                               \
  fi;                                   \
  place_bell[t].asleep[who] = false;   \
  place_bell[t].listens[who] = false
#define drop_locks(who)   \
  drop(0, who);           \
  drop(1, who);           \
  drop(2, who);           \
  drop(3, who);           \
  waits[who] = false;     \
  ahead[who] = NONE;      \
  before[who].by[0] = false; before[who].by[1] = false; before[who].by[2] = false; \
  watching[who] = false;  \
  bell.asleep[who] = false; \
  bell.listens[who] = false
#define SLOW_LOOKS (LOOKS_BY_ITSELF && (sees(0) || sees(1) || sees(2)))
#define FINE (served(0) && served(1) && served(2))
#include "harm.pml"
