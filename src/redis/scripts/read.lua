-- The script for a single guarded XREADGROUP, the most frequent request of readers. It is short, since a server hashes the
-- text each time.
return {unpaused_read(list[1])}
