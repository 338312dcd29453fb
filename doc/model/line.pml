/* The line of blocked readers of one group: first come, first served, and a message wakes the reader that is to get
 * it.
 *
 * sqlite/read_blocking.cc (BlockedGroupRead), sqlite/lines.cc, sqlite/file/waiting.cc (PlaceInLine), sqlite/file/line.cc.
 * Processes 0, 1 and (with READERS=3) 2 read one message each; process 3 writes as many. A process that has a place
 * holds the lock on its byte. With COARSE the nearest place ahead is found in one step, so that three readers can be
 * checked, too. With SERVES process 1 is `weir serve` with two clients, 1 and 4, which may share a place (SharedLines).
 */

#ifdef SERVES
#define PROCESSES 5
#define CLIENT 4
#define MESSAGES (READERS + 1)
#else
#define PROCESSES 4
#define MESSAGES READERS
#endif
#ifndef READERS
#define READERS 2
#endif
#define PLACES 4
#define NOBODY 255
#define NONE 255

byte place[PLACES] = NOBODY;
bool passed_over[PLACES]; /* marks in the lock file */
bool watching[PROCESSES]; /* a shared lock on byte 1 */
byte messages;            /* committed messages that were given to nobody */
byte ahead[PROCESSES] = NONE;

/* For the promise to check. before[b].by[a]: a was waiting when b came. */
bool waits[PROCESSES];
typedef Row { bool by[PROCESSES] }
Row before[PROCESSES];

#include "kernel.pml"

Futex bell;
Futex place_bell[PLACES];

/* The question to the kernel: which place from `low` up to `high` does another process have? The answer is any one of
 * them. */
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

/* Finds the nearest taken place before `end`. */
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
/* Finds it by halving. */
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

/* `behind`: the first place that the process may take. The kernel lets a process take a lock that it already has. */
inline join_line(who) {
  nearest_before(PLACES);
  atomic {
    ticket = (nearest == NONE -> 0 : nearest + 1);
    ticket = (ticket < behind -> behind : ticket);
    nearest = 0
  };
  do
  :: atomic { place[ticket] == NOBODY || place[ticket] == me -> place[ticket] = me; waits[who] = true; break }
  :: atomic { place[ticket] != NOBODY && place[ticket] != me -> ticket++; assert(ticket < PLACES) }
  od;
#ifndef OLD_MARKS_STAY
  passed_over[ticket] = false
#endif
}

/* What a reader sees without being woken: the reader ahead is gone, or is stopped and leaves a message lying. */
#define stirs(who)                                                          \
  (ahead[who] != NONE && (place[ahead[who]] == NOBODY ||                    \
                          (STIRS_FOR_STOPPED && messages > 0 && halted[place[ahead[who]]])))
#ifdef NEVER_PASSES_OVER
#define STIRS_FOR_STOPPED false
#else
#define STIRS_FOR_STOPPED true
#endif

/* One transaction, which gives a message that was not given to anybody yet. */
inline deliver_to(who) {
  atomic {
    if
    :: messages > 0 ->
       messages--;
       given = true;
       assert(!(before[who].by[0] && waits[0] && !was_halted[0]));
       assert(!(before[who].by[1] && waits[1] && !was_halted[1]));
       assert(!(before[who].by[2] && waits[2] && !was_halted[2]));
#ifdef SERVES
       assert(!(before[who].by[CLIENT] && waits[CLIENT] && !was_halted[1]));
#endif
       waits[who] = false
    :: else
    fi
  }
}

inline comes(who) {
  d_step {
    before[who].by[0] = waits[0];
    before[who].by[1] = waits[1];
#ifdef SERVES
    before[who].by[CLIENT] = waits[CLIENT];
#endif
    before[who].by[2] = waits[2]
  }
}

inline leave_line() {
  atomic { place[ticket] = NOBODY; ahead[me] = NONE };
  may_stop();
#ifndef LEAVES_WITHOUT_A_RING
  /* the next place that is not passed over */
  d_step {
    next = ticket + 1;
    do
    :: next == PLACES -> break
    :: next < PLACES && place[next] != NOBODY && !passed_over[next] -> break
    :: else -> next++
    od
  };
  if
  :: next < PLACES ->
     ring_all(place_bell[next], found);
#ifdef SERVES
     if
#ifndef LEAVES_A_SERVER_ASLEEP
     :: !found -> ring_all(bell, found) /* a server watches the bell, whatever its place */
#endif
     :: else
     fi
#endif
  :: else
  fi
#endif
}

proctype reader(byte me) {
  byte found_place, none_from, nearest, middle, next, i, behind;
  byte ticket = NONE;
  bool given, found, available, at_head;
  {
    comes(me);
#ifdef PUSHES_IN
    found_place = NONE;
#else
    ask(0, PLACES - 1);
#endif
    if
    :: found_place == NONE -> deliver_to(me)
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
         :: ticket == NONE -> join_line(me)
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
       :: available && at_head -> deliver_to(me)
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

#ifdef SERVES
/* The client that has waited longest is tried. A process does not see its own places. */
#define TICKET (of_first != NONE -> of_first : of_second)

inline serve_who_comes(who) {
  comes(who);
  ask(0, PLACES - 1);
  if
  :: found_place == NONE && TICKET == NONE -> deliver_to(who)
  :: else -> found_place = 0
  fi;
  if
  :: given -> given = false
  :: !given && TICKET == NONE -> join_line(who)
  :: !given && TICKET != NONE ->
     behind = 1 + TICKET;
#ifdef ALWAYS_SHARES
     found_place = NONE;
#else
     ask(behind, PLACES - 1);
#endif
     if
     :: found_place == NONE -> atomic { ticket = TICKET; waits[who] = true }
     :: else ->
        found_place = 0;
        join_line(who)
     fi;
     behind = 0
  fi
}

proctype server(byte me) {
  byte found_place, none_from, nearest, middle, next, i, behind, come;
  byte ticket = NONE, of_first = NONE, of_second = NONE;
  bool given, found, available, at_head;
  {
    watching[me] = true;
    do
    :: come == 2 && TICKET == NONE -> break
    :: else ->
       may_stop();
       if
       :: come == 0 -> come = 1; serve_who_comes(1); atomic { of_first = ticket; ticket = NONE }
       :: come == 1 -> come = 2; serve_who_comes(CLIENT); atomic { of_second = ticket; ticket = NONE }
       :: TICKET != NONE
       fi;
       LISTEN(bell);
       may_stop();
       if
       :: TICKET == NONE -> DO_NOT_LISTEN(bell)
       :: else ->
          ticket = TICKET;
          available = messages > 0;
          STEP {
            passed_over[ticket] = false;
            look_ahead();
            at_head = ahead[me] == NONE
          };
          if
          :: available && !at_head && place[ahead[me]] != NOBODY && halted[place[ahead[me]]] ->
             passed_over[ahead[me]] = true;
             look_ahead();
             at_head = ahead[me] == NONE
          :: else
          fi;
          if
          :: available && at_head && of_first != NONE -> deliver_to(1)
          :: available && at_head && of_first == NONE -> deliver_to(CLIENT)
          :: else
          fi;
          available = false;
          may_stop();
          if
          :: given ->
             atomic {
               given = false;
               DO_NOT_LISTEN(bell);
               if
               :: of_first != NONE -> of_first = NONE
               :: else -> of_second = NONE
               fi
             };
             if
             :: of_second == ticket -> ahead[me] = NONE
             :: else -> leave_line()
             fi
          :: !given && come < 2 -> DO_NOT_LISTEN(bell)
          :: !given -> SLEEP(bell, stirs(me) || (ahead[me] == NONE && messages > 0))
          fi;
          ticket = NONE
       fi
    od;
    atomic { watching[me] = false; ended[me] = true }
  } unless { dead[me] }
}
#endif

proctype writer(byte me) {
  byte i, written;
  bool watched, found;
  {
    do
    :: written == MESSAGES -> break
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
#ifdef SERVES
    run server(1);
    ended[CLIENT] = true;
#else
    run reader(1);
#endif
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
#ifdef SERVES
#define drop_client(who)                   \
  if                                       \
  :: who == 1 -> waits[CLIENT] = false     \
  :: else                                  \
  fi
#define served_clients (is_out(1) || messages == 0 || !(waits[1] || waits[CLIENT]))
#else
#define drop_client(who) skip
#define served_clients served(1)
#endif
#define drop_locks(who)   \
  drop(0, who);           \
  drop(1, who);           \
  drop(2, who);           \
  drop(3, who);           \
  waits[who] = false;     \
  ahead[who] = NONE;      \
  before[who].by[0] = false; before[who].by[1] = false; before[who].by[2] = false; \
  drop_client(who);       \
  watching[who] = false;  \
  bell.asleep[who] = false; \
  bell.listens[who] = false
#define SLOW_LOOKS (LOOKS_BY_ITSELF && (sees(0) || sees(1) || sees(2)))
#define FINE (served(0) && served_clients && served(2))
#include "harm.pml"
