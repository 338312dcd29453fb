/* Group commit: one process syncs for all, and an ID is reported only when its commit is on the disk.
 *
 * sqlite/file/group_sync.cc, sync_record.h. Processes 0 to 2 (with WRITERS=2, 0 and 1) write one message each. Process
 * 3 moves the log into the database; then the log begins anew with another salt. The record in the lock file says how far
 * the log was synced. */

#define PROCESSES 4
#define NOBODY 255
#ifndef WRITERS
#define WRITERS 3
#endif

byte turn = NOBODY;    /* byte 0 of the lock file */
byte syncing = NOBODY; /* byte 4 */
byte salt;
byte frames;
bool in_log[PROCESSES];  /* the process's commit is in the log or the database */
bool on_disk[PROCESSES]; /* the commit would survive loss of power */
bool record_is_whole;    /* the record's checksum is right */
byte record_salt;
byte record_frames;
byte end_salt[PROCESSES]; /* the place of each process's commit */
byte end_frames[PROCESSES];
#ifdef SYNC_FAILS
bool may_fail = true;
#else
bool may_fail = false;
#endif
bool failing = false; /* once a sync has failed, each one fails: the system tells every process */

#include "kernel.pml"

Futex sync_bell;

#ifdef IGNORES_THE_SALT
#define same_log(who) true
#else
#define same_log(who) (record_salt == end_salt[who])
#endif
#define is_covered(who) (record_is_whole && same_log(who) && record_frames >= end_frames[who])

/* What a sleeper finds when it looks without being woken. */
#ifdef WAITS_FOR_EVER
#define loses_patience false
#else
#define loses_patience (syncing != NOBODY && halted[syncing])
#endif
#define stirs(who) (syncing == NOBODY || is_covered(who) || loses_patience)

/* When a sync ends, everything that was in the log when it began is on the disk. */
inline sync_log() {
  d_step { covers[0] = in_log[0]; covers[1] = in_log[1]; covers[2] = in_log[2] };
  may_stop();
  atomic {
    if
    :: failing -> synced = false
    :: !failing && may_fail -> may_fail = false; failing = true; synced = false
    :: !failing ->
       synced = true;
       on_disk[0] = on_disk[0] || covers[0];
       on_disk[1] = on_disk[1] || covers[1];
       on_disk[2] = on_disk[2] || covers[2]
    fi;
    covers[0] = false;
    covers[1] = false;
    covers[2] = false
  }
}

inline note_end() {
  atomic { all_salt = salt; all_frames = frames }
}

inline write_record() {
  record_is_whole = false;
  atomic { record_is_whole = true; record_salt = all_salt; record_frames = all_frames }
}

proctype writer(byte me) {
  byte i, all_salt, all_frames;
  bool got, synced, found;
  bool covers[3];
  {
    atomic { turn == NOBODY -> turn = me };
    atomic {
      frames++;
      in_log[me] = true;
      end_salt[me] = salt;
      end_frames[me] = frames
    };
    may_stop();
    turn = NOBODY;
    do
    :: true;
#ifndef LISTENS_LATE
       LISTEN(sync_bell);
#endif
       atomic {
         got = syncing == NOBODY;
         if
         :: got -> syncing = me
         :: else
         fi
       };
       if
       :: got -> break
       :: !got && is_covered(me) -> synced = true; break
       :: !got && !is_covered(me) -> may_stop()
#ifdef TWO_WRITE /* or so it seems to one of them */
       :: !got && !is_covered(me) -> sync_log(); break
#endif
#ifndef WAITS_FOR_EVER
       :: !got && !is_covered(me) && syncing != NOBODY && halted[syncing] -> sync_log(); break
#endif
       fi;
#ifdef LISTENS_LATE
       LISTEN(sync_bell);
#endif
       SLEEP(sync_bell, stirs(me))
    od;
    DO_NOT_LISTEN(sync_bell);
    if
    :: got && !is_covered(me) ->
#ifdef NOTES_THE_END_LATE
       sync_log();
       note_end();
#else
       note_end();
       may_stop();
#ifdef WRITES_BEFORE_IT_SYNCS
       write_record();
#endif
       sync_log();
#endif
       if
       :: synced -> write_record()
#ifdef WRITES_IN_ANY_CASE
       :: else -> write_record()
#else
       :: else
#endif
       fi
    :: got && is_covered(me) -> synced = true
    :: !got
    fi;
    if
    :: got -> syncing = NOBODY; may_stop(); ring_all(sync_bell, found)
    :: else
    fi;
    assert(!synced || on_disk[me]); /* here the ID is printed */
    ended[me] = true
  } unless { dead[me] }
}

/* The mover syncs the log before it moves it, and the database before the log begins anew. */
proctype mover(byte me) {
  {
    atomic { turn == NOBODY && frames > 0 -> turn = me };
    may_stop();
    atomic {
      if
      :: failing
      :: else ->
         on_disk[0] = on_disk[0] || in_log[0];
         on_disk[1] = on_disk[1] || in_log[1];
         on_disk[2] = on_disk[2] || in_log[2];
         salt++;
         frames = 0
      fi
    };
    turn = NOBODY;
    ended[me] = true
  } unless { dead[me] }
}

#define done(who) (ended[who] || is_out(who))
#define SLOW_LOOKS                                                                      \
  (LOOKS_BY_ITSELF && ((sync_bell.asleep[0] && stirs(0)) || (sync_bell.asleep[1] && stirs(1)) || \
                       (sync_bell.asleep[2] && stirs(2))))
#define FINE ((done(0) && done(1) && done(2)) || (turn != NOBODY && for_good[turn]))

init {
  atomic {
    run writer(0);
    run writer(1);
#if WRITERS > 2
    run writer(2);
#else
    ended[2] = true;
#endif
    run mover(3)
  }
}

#define drop_locks(who)               \
  if                                  \
  :: turn == who -> turn = NOBODY     \
  :: else                             \
  fi;                                 \
  if                                  \
  :: syncing == who -> syncing = NOBODY \
  :: else                             \
  fi;                                 \
  sync_bell.asleep[who] = false; sync_bell.listens[who] = false
#include "harm.pml"
