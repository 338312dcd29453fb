/* Who does harm, and who judges. The model has defined
 *
 *   drop_locks(who)   what the kernel does when a process dies
 *   SLOW_LOOKS        whether anybody would look by itself
 *   FINE              what has to be so when nothing moves any more */

#if KILLS > 0
/* kill -9, at any moment. */
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
