"""Processes that shorten streams, keep them short, and pause groups."""
import time

from actors import TRIMMED_TO
from record import now


def trimmer(r):
    while not r.over():
        start = now()
        chance = r.random.random()
        if chance < 0.4:
            got = r.ask("XTRIM", "m", "MAXLEN", str(TRIMMED_TO))
            r.note("trim", start, stream="m", maxlen=TRIMMED_TO, **({} if got is None else {"got": got}))
        else:
            got = r.ask("XRANGE", "m", "-", "+", "COUNT", "40")
            if got:
                ids = [entry["id"] for entry in r.random.sample(got, min(len(got), 2))]
                start = now()
                if chance < 0.7:
                    got = r.ask("XDEL", "m", *ids)
                    r.note("delete", start, stream="m", ids=ids, **({} if got is None else {"got": got}))
                else:
                    got = r.ask("XTRIM", "m", "MINID", ids[0])
                    r.note("trim", start, stream="m", minid=ids[0], **({} if got is None else {"got": got}))
        time.sleep(r.random.random() * 0.02)


def keeper(r):
    """Appends apply the policy too; this does it at once."""
    while not r.over():
        r.command("keep", "--apply", "k")
        time.sleep(r.random.random() * 0.2)


def pauser(r):
    while not r.over():
        time.sleep(r.random.random() * 0.1)
        start = now()
        how = r.random.choice([[], [], ["--for", "200ms"]])
        _, well = r.command("pause", "p", "g", *how)
        r.note("pause", start, stream="p", group="g", limited=bool(how), **({"got": True} if well else {}))
        time.sleep(r.random.random() * 0.2)
        start = now()
        _, well = r.command("resume", "p", "g")
        r.note("resume", start, stream="p", group="g", **({"got": True} if well else {}))
