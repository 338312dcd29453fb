"""The kinds of processes that use one file at once. Each runs in a loop until the time is over.

Each stream is used in one way, so that the checker knows what must hold for it:
    a   entries are only appended, in every way there is, and read by a group with claims and acknowledgements
    t   every append trims to MOST entries
    m   other processes trim it and delete entries
    j   `work` runs a command for each message
    k   `keep --acked`, with two groups
    p   its group is paused and resumed
    l   blocked readers stand in a line, some of them clients of a server
    n   its group reads with NOACK
    o   `work --serial` runs a command for each message
    q   messages are appended with `--unique`
    r   the stream is renamed again and again
    u   messages are appended with `--unique` and a delay
    s   XSETID moves its last ID
    v   `work --rate` runs a command for some messages
"""
MOST = 50
TRIMMED_TO = 80
LAST = 10**9
SERIAL = "xyz"  # values of the field that --serial names
RATE = 20  # a second
SET_FROM = 4 * 10**12  # later than any clock here
