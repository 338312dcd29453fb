"""The kinds of processes that use one file at once, each in a loop until the time is over.

Streams, each for what can be said of it for certain:
    a   only ever appended to, in every way there is: with a group of readers, claims and acknowledgements
    t   every append trims to MOST entries
    m   trimmed and deleted from, by others
    j   `work` runs a command for each
    k   `keep --acked`, with two groups
    p   its group is paused and resumed
    l   blocked readers stand in a line, some of them clients of a server
    n   read with NOACK
    o   `work --serial` runs a command for each
    q   appended to with `--unique`
    r   renamed, again and again
    u   likewise, with delays
    s   XSETID moves its last ID
    v   `work --rate` runs a command for some
"""
MOST = 50
TRIMMED_TO = 80
LAST = 10**9
SERIAL = "xyz"  # values of the field that --serial names
RATE = 20  # a second
SET_FROM = 4 * 10**12  # later than any clock here
