/* The process that does harm, and the process that judges. The model has defined
 *
 *   drop_locks(who)   what the kernel does when the process `who` dies
 *   SLOW_LOOKS        whether any process would look without being woken
 *   FINE              what must hold when no process can take a step any more */

#if KILLS > 0
/* A kill -9, at any moment. */
active proctype killer() {
  byte who;
  do
  :: kills > 0 -> atomic {
       kills--;
       select(who : 0 .. PROCESSES - 1);
       if
       :: ended[who] || dead[who]
       :: else -> dead[who] = true; hurt = true; drop_locks(who)
       fi;
       who = 0
     }
  :: break
  od
}
#endif

active proctype judge() {
  timeout && !(SLOW_LOOKS) -> assert(FINE)
}
