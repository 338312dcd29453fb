/* Appending together: one process, the leader, appends for others that wait. No message is there twice, no message is
 * reported that is not on the disk, and no message appears after it was reported as not there.
 *
 * sqlite/append_together.cc, sqlite/file/append_slots.cc, appended_row.h. WRITERS processes write ROUNDS messages each,
 * one after the other. turn.pml has the wait for a turn, which is one step here. sync.pml has the syncs: here a process
 * waits until it may sync, finds its commit covered, or finds the syncing process stopped.
 *
 * A half-written request or answer counts as nothing. A half-written mark `taken` counts as taken. */

#ifndef WRITERS
#define WRITERS 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#define PROCESSES WRITERS
#define NOBODY 255
#define HALF 255

/* What a process reports. */
#define DONE 1   /* an ID */
#define FAILED 2 /* the message is not there */
#define DOUBT 3  /* the message may be there */

byte turn = NOBODY;    /* byte 0 of the lock file */
byte syncing = NOBODY; /* byte 4 */
byte leader = NOBODY;  /* byte 5 */

/* For each process the number of its message; 0: none. */
byte asks[PROCESSES];  /* in FILE-lock, like the next two */
byte taken[PROCESSES];
byte told[PROCESSES];
byte there[PROCESSES]; /* in the database */

/* Sets with a bit for each message. */
#define bit(who, number) (1 << ((who) * ROUNDS + (number) - 1))
byte in_log;
byte on_disk;
byte failed; /* messages reported as not there */

#ifdef COMMIT_FAILS
bool may_fail = true;
#else
bool may_fail = false;
#endif
#ifdef SYNC_FAILS
bool sync_may_fail = true;
#else
bool sync_may_fail = false;
#endif
bool failing = false; /* once a sync has failed, each one fails: the lock file tells every process, see sync.pml */

#include "kernel.pml"

#if STOPS > 0
#define PAUSE may_stop();
#else
#define PAUSE
#endif

Futex bell[PROCESSES];

#define is_asked(who) (asks[who] != 0)
#define was_told(who) (told[who] == asks[who])
#define is_there(who) (there[who] == asks[who])

/* What a sleeper finds when it looks without being woken. */
#ifdef WAITS_FOR_EVER
#define leader_is_stopped false
#else
#define leader_is_stopped (leader != NOBODY && halted[leader])
#endif
#define stirs(who) (was_told(who) || leader == NOBODY || leader_is_stopped)

/* Clears what does not matter any more. */
#define forget() i = 0; others = 0; row = 0; covers = 0; late = 0; asking = false; leads = false; found = false

#define try_to_lead() atomic { leader == NOBODY -> leader = me; leads = true }

/* Takes the first message, number `i`, out of `set`. */
inline next_of(set) {
  d_step {
    i = 0;
    do
    :: !(set & (1 << i)) -> i++
    :: else -> break
    od;
    set = set & ~(1 << i)
  }
}

/* Finds processes that ask and were not told, and whose messages were not there when this process had the turn. */
inline look_for_late() {
  d_step {
    i = 0;
    do
    :: i < PROCESSES ->
       if
       :: i != me && is_asked(i) && !was_told(i) -> late = late | (bit(i, asks[i]) & ~row)
       :: else
       fi;
       i++
    :: else -> break
    od;
    i = 0
  }
}

/* Wakes one of these processes, to lead next. */
inline wake_next() {
  look_for_late();
  do
  :: late == 0 -> break
  :: else ->
     next_of(late);
     PAUSE i = i / ROUNDS;
     ring_one(bell[i], found);
     d_step { i = 0; late = (found -> 0 : late); found = false }
  od
}

inline end_lead() {
#ifdef LOOKS_BEFORE_IT_ENDS
  wake_next();
  PAUSE leader = NOBODY;
#else
  leader = NOBODY;
  PAUSE wake_next();
#endif
  row = 0;
  leads = false
}

#define is_covered (!failing && (on_disk & bit(me, number)))
/* Waits until the message that this process has committed, or found, is on the disk. Meanwhile the next process leads.
 */
inline sync_log(gives_back) {
  if
  :: atomic { syncing == NOBODY -> syncing = me }
  :: syncing != NOBODY && is_covered
  :: syncing != NOBODY && halted[syncing]
  fi;
  PAUSE if
  :: is_covered
  :: else ->
     covers = in_log;
     if
     :: gives_back -> end_lead()
     :: else
     fi;
     PAUSE atomic {
       if
       :: sync_may_fail -> sync_may_fail = false; failing = true; hurt = true
       :: true
       fi;
       if
       :: failing -> said = DOUBT
       :: else -> on_disk = on_disk | covers
       fi;
       covers = 0
     }
  fi;
  atomic { syncing = (syncing == me -> NOBODY : syncing) }
}

inline tell_all() {
  do
  :: others == 0 -> break
  :: else ->
     next_of(others);
     d_step { told[i / ROUNDS] = i % ROUNDS + 1; i = i / ROUNDS };
     PAUSE ring_one(bell[i], found);
     d_step { i = 0; found = false }
  od
}

/* Finds requests of living processes whose messages are not there. */
#ifdef TAKES_THOSE_THAT_ARE_THERE
#define passes_over(who) (was_told(who) || dead[who])
#else
#define passes_over(who) (was_told(who) || is_there(who) || dead[who])
#endif
inline look_at_requests() {
  d_step {
    i = 0;
    do
    :: i < PROCESSES ->
       if
       :: !failing && i != me && is_asked(i) && !passes_over(i) -> others = others | bit(i, asks[i])
       :: else
       fi;
       i++
    :: else -> break
    od;
    i = 0;
    with_others = others != 0
  }
}

#define takes(who, number) (others & bit(who, number))
#if ROUNDS > 1
#define taken_of(who) (takes(who, 1) -> 1 : 2)
#define takes_any(who) (takes(who, 1) || takes(who, 2))
#else
#define taken_of(who) 1
#define takes_any(who) takes(who, 1)
#endif
inline say_taken(is_half) {
  d_step {
    i = 0;
    do
    :: i < PROCESSES && takes_any(i) -> taken[i] = (is_half -> HALF : taken_of(i)); i++
    :: i < PROCESSES && !takes_any(i) -> i++
    :: else -> break
    od;
    i = 0
  }
}

/* Drops requests that were withdrawn meanwhile: they are not appended. */
inline look_again() {
#ifdef TAKES_WITHOUT_A_SECOND_LOOK
  skip
#else
  d_step {
    i = 0;
    do
    :: i < PROCESSES && takes_any(i) && asks[i] != taken_of(i) -> others = others & ~bit(i, taken_of(i)); i++
    :: i < PROCESSES && !(takes_any(i) && asks[i] != taken_of(i)) -> i++
    :: else -> break
    od;
    i = 0
  }
#endif
}

inline gather() {
  look_at_requests();
  if
  :: others != 0 ->
#if STOPS > 0 /* else no process withdraws without the turn */
     PAUSE say_taken(true);
     PAUSE say_taken(false);
     PAUSE look_again()
#else
     skip
#endif
  :: else
  fi
}

/* `row`: the messages that are there, now that the row is written. */
inline write_row() {
  d_step {
    i = 0;
    do
    :: i < PROCESSES ->
       there[i] = (takes_any(i) -> taken_of(i) : there[i]);
       row = (there[i] != 0 && leading -> row | bit(i, there[i]) : row);
       i++
    :: else -> break
    od;
    i = 0
  }
}

/* Commits all of it, or nothing. */
inline commit() {
  PAUSE atomic {
    if
    :: may_fail -> may_fail = false; said = FAILED
    :: said = DONE
    fi;
    if
    :: said == DONE ->
       assert(!((in_log | failed) & (others | bit(me, number))));
       in_log = in_log | others | bit(me, number);
#ifndef WRITES_THE_ROW_LATE
       write_row()
#endif
    :: else -> others = 0
    fi
  }
#ifdef WRITES_THE_ROW_LATE
  PAUSE write_row()
#endif
}

/* The process that has the turn reads the request, perhaps at this moment. */
inline withdraw() {
  asks[me] = 0;
  PAUSE atomic {
#ifdef GIVES_UP_WITHOUT_A_LOOK
    said = FAILED;
#else
    said = (taken[me] == number || taken[me] == HALF -> DOUBT : FAILED);
#endif
    asking = false
  }
}

#ifdef DOES_NOT_LOOK_WHETHER_IT_IS_THERE
#define finds_it_there false
#else
#define finds_it_there (asking && there[me] == number)
#endif
#ifdef TELLS_IN_ANY_CASE
#define tells true
#else
#define tells (said == DONE && !failing)
#endif

/* The process that has the turn may be stopped: then others wait for it no longer than --lock-timeout. `leading`: this
 * process appends for others. */
inline in_own_turn() {
  if
  :: atomic { turn == NOBODY -> turn = me };
     PAUSE
     /* During this turn no other process reads the request. */
     d_step { found = finds_it_there; asks[me] = 0; asking = false };
     if
     :: found ->
        turn = NOBODY;
        found = false;
        PAUSE if
        :: leading -> end_lead()
        :: else
        fi;
        said = DONE
     :: else ->
        if
        :: leading -> gather()
        :: else
        fi;
        commit();
        PAUSE turn = NOBODY
     fi;
     if
     :: said == DONE ->
        PAUSE
#ifdef TELLS_BEFORE_THE_SYNC
        tell_all();
#endif
        sync_log(leading && leads);
        if
        :: tells -> PAUSE tell_all()
        :: else -> others = 0
        fi
     :: else
     fi
  :: turn != NOBODY && halted[turn] ->
     if
     :: atomic { asking && was_told(me) -> asks[me] = 0; asking = false; said = DONE }
     :: asking && !was_told(me) -> withdraw()
     :: !asking -> said = FAILED
     fi
  fi
}

/* Waits until the process was told, or leads, or gives up waiting for the leader. */
inline ask_and_wait() {
  atomic { asks[me] = number; asking = true };
  do
  :: PAUSE
#ifndef LISTENS_LATE
     LISTEN(bell[me]);
#endif
     if
     :: atomic { was_told(me) -> asks[me] = 0; asking = false; said = DONE }; break
     :: !was_told(me)
     fi;
     if
     :: try_to_lead(); break
     :: leader != NOBODY
     fi;
     PAUSE if
     :: leader == NOBODY || leader_is_stopped -> break
     :: true
     fi;
#ifdef LISTENS_LATE
     LISTEN(bell[me]);
#endif
     SLEEP(bell[me], stirs(me))
  od;
  DO_NOT_LISTEN(bell[me])
}

proctype writer(byte me) {
  byte i, number, others, row, covers, late, said;
  bool asking, leads, leading, with_others, found;
  {
    do
    :: number == ROUNDS -> break
    :: else ->
       number++;
       if
       :: try_to_lead()
       :: leader != NOBODY -> ask_and_wait()
       :: true /* the process knows of no others */
       fi;
       if
       :: said == DONE
       :: else ->
          leading = leads;
          in_own_turn();
          if
          :: said == FAILED && with_others -> /* the others' messages may be the cause */
             d_step { leading = false; with_others = false; row = 0 };
             in_own_turn()
          :: else
          fi
       fi;
       if
       :: leads -> d_step { row = 0 }; PAUSE end_lead()
       :: else
       fi;
       atomic {
         assert(said != DONE || (on_disk & bit(me, number)));
         assert(said != FAILED || !(in_log & bit(me, number)));
         failed = (said == FAILED -> failed | bit(me, number) : failed);
         said = 0;
         leading = false;
         with_others = false;
         forget()
       }
    od;
    ended[me] = true
  } unless {
    atomic { dead[me] -> said = 0; leading = false; with_others = false; forget() }
  }
}

init {
  atomic {
#if ROUNDS > 1
    hurt = true; /* a late answer may overwrite another one, whose process then learns of it only by a look */
#endif
    run writer(0);
    run writer(1);
#if WRITERS > 2
    run writer(2);
#endif
#if WRITERS > 3
    run writer(3);
#endif
  }
}

#define done(who) (ended[who] || is_out(who))
#define stirs_now(who) (bell[who].asleep[who] && stirs(who))
#if WRITERS > 3
#define ANY(what) (what(0) || what(1) || what(2) || what(3))
#elif WRITERS > 2
#define ANY(what) (what(0) || what(1) || what(2))
#else
#define ANY(what) (what(0) || what(1))
#endif
#define is_waiting(who) (!done(who))
#define SLOW_LOOKS (LOOKS_BY_ITSELF && ANY(stirs_now))
/* If a process is stopped for good during its turn, the others fail, and nothing worse happens. */
#define FINE (!ANY(is_waiting))

#define drop_locks(who)                 \
  if                                    \
  :: turn == who -> turn = NOBODY       \
  :: else                               \
  fi;                                   \
  if                                    \
  :: syncing == who -> syncing = NOBODY \
  :: else                               \
  fi;                                   \
  if                                    \
  :: leader == who -> leader = NOBODY   \
  :: else                               \
  fi;                                   \
  bell[who].asleep[who] = false; bell[who].listens[who] = false
#include "harm.pml"
