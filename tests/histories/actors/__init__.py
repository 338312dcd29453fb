"""The kinds of processes that use one file at once, each in a loop until the time is over.

Streams, each for what can be said of it for certain:
    a   only ever appended to, in every way there is: with a group of readers, claims and acknowledgements
    t   every append trims to MOST entries
    m   trimmed and deleted from, by others
    j   `work` runs a command for each
    k   `keep --acked`, with two groups
    p   its group is paused and resumed
    l   blocked readers stand in a line
"""
MOST = 50
TRIMMED_TO = 80
LAST = 10**9
