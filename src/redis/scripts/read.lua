-- The script of one guarded XREADGROUP alone. Most that readers ask is this: a server hashes the text each time.
return {unpaused_read(list[1])}
