/* The bell: a reader sees every committed message, whichever process writes, dies or stops.
 *
 * sqlite/read_blocking.cc (answer(Xread)), sqlite/file/waiting.cc (BellWaiter), sqlite/file/turn.cc (end_turn_and_ring).
 * Processes 0 and 1 write, 2 and 3 read. */

#define PROCESSES 4

bool watching[PROCESSES]; /* a shared lock on byte 1 */
byte messages;            /* committed messages */
byte saw[PROCESSES];      /* how many messages each reader saw at its last look */

#include "kernel.pml"

Futex bell;

inline ring_if_watched() {
  watched = watching[2] || watching[3];
  may_stop();
  if
  :: watched -> ring_all(bell, found)
  :: else
  fi
}

proctype writer(byte me) {
  byte i;
  bool watched, found;
  {
#ifdef RING_BEFORE_COMMIT
    ring_if_watched();
#endif
    messages++;
    may_stop();
#ifdef NOT_OURS /* a writer that is another SQLite program, and rings no bell */
    if
    :: me == 0 -> hurt = true; goto done
    :: else
    fi;
#endif
#ifndef RING_BEFORE_COMMIT
    ring_if_watched();
#endif
done:
    ended[me] = true
  } unless { dead[me] }
}

proctype reader(byte me) {
  {
#ifndef ANNOUNCE_LATE
    watching[me] = true;
#endif
    do
    :: may_stop();
#ifndef LISTEN_LATE
       LISTEN(bell);
#endif
       saw[me] = messages;
#ifdef LISTEN_LATE
       LISTEN(bell);
#endif
#ifdef ANNOUNCE_LATE
       watching[me] = true;
#endif
       may_stop();
       SLEEP(bell, saw[me] != messages)
    od
  } unless { dead[me] }
}

init {
  atomic {
    run writer(0);
    run writer(1);
    run reader(2);
    run reader(3)
  }
}

#define behind(who) (!is_out(who) && saw[who] != messages)
#define SLOW_LOOKS (LOOKS_BY_ITSELF && (behind(2) || behind(3)))
#define FINE (!behind(2) && !behind(3))
#define drop_locks(who) watching[who] = false; bell.asleep[who] = false
#include "harm.pml"
