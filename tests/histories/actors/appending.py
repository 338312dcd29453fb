"""Processes that append, in every way there is."""
import json
import sqlite3
import time

from actors import MOST, SERIAL, SET_FROM
from record import now


def producer_of(streams):
    """Appends one at a time; of what has a key, what was not answered, and some of the rest, is asked again."""
    def producer(r):
        key = 0
        while not r.over():
            stream = r.random.choice(streams)
            token = r.token()
            words = ["XADD", stream]
            once = stream == "a" and r.random.random() < 0.4
            if once:
                key += 1
                words += ["IDMP", r.name, str(key)]
            if stream == "t":
                words += ["MAXLEN", "=", str(MOST)]
            fields = ["k", token]
            value = None
            if stream == "o":
                value = r.random.choice(SERIAL)
                fields += ["f", value]
            start = now()
            if r.random.random() < 0.02:
                lines, _ = r.command(*words, "*", *fields)
                got = lines[0].strip() if lines else None
            else:
                got = r.ask(*words, "*", *fields)
            answered = {} if got is None else {"got": got}
            r.note("add", start, stream=stream, token=token, once=once, value=value, **answered)
            while once and (got is None or r.random.random() < 0.1) and not r.over():
                start = now()
                got = r.ask(*words, "*", "k", token)
                answered = {} if got is None else {"got": got}
                r.note("add", start, stream=stream, token=token, once=once, **answered)
            if stream in "kpnovrs":
                time.sleep(r.random.random() * 0.004)
    return producer


def bulk(r):
    """JSON lines; with --atomic, all of them or none."""
    while not r.over():
        stream = r.random.choice("aaanv")  # v: more than its workers may take
        tokens = [r.token() for _ in range(r.random.randint(2, 40))]
        atomic = r.random.random() < 0.5
        start = now()
        lines, _ = r.command("xadd", stream, *(["--atomic"] if atomic else []),
                             input="".join(f'{{"k":"{token}"}}\n' for token in tokens),
                             fate=r.fate(kills=0.3, stops=0.05))
        for i, token in enumerate(tokens):
            answered = {"got": lines[i].strip()} if i < len(lines) else {}
            r.note("add", start, stream=stream, token=token, whole=tokens[0] if atomic else None, **answered)
        time.sleep(r.random.random() * 0.1)


def transactions(r):
    """MULTI and EXEC: several appends, all of them or none."""
    while not r.over():
        tokens = [r.token() for _ in range(3)]
        start = now()
        words = [["MULTI"], *(["XADD", "a", "*", "k", token] for token in tokens), ["EXEC"]]
        lines, _ = r.command("batch", input="".join(json.dumps(each) + "\n" for each in words), fate=r.fate(kills=0.2, stops=0.05))
        got = json.loads(lines[-1]) if len(lines) == len(words) else None
        for i, token in enumerate(tokens):
            answered = {"got": got[i]} if isinstance(got, list) and len(got) == 3 else {}
            r.note("add", start, stream="a", token=token, whole=tokens[0], **answered)
        time.sleep(r.random.random() * 0.02)


def delayer(r):
    while not r.over():
        token = r.token()
        wait = r.random.choice([0, 5, 20, 100, 1000])
        start = now()
        lines, well = r.command("xadd", "--in", f"{wait}ms", "a", f"k={token}")
        got = {"handle": lines[0].strip()} if well and lines else {}
        r.note("delay", start, stream="a", token=token, wait=wait, **got)
        time.sleep(r.random.random() * 0.03)


def inbox(r):
    """Any SQLite client, for which nothing is promised but what SQLite promises."""
    connection = sqlite3.connect(r.db, timeout=20, isolation_level=None)
    while not r.over():
        token = r.token()
        start = now()
        try:
            connection.execute("INSERT INTO weir_inbox(stream, fields) VALUES ('a', json_object('k', ?))", (token,))
            got = {"got": True}
        except sqlite3.Error:
            got = {}
        r.note("add", start, stream="a", token=token, **got)
        time.sleep(r.random.random() * 0.02)
    connection.close()


def unique_of(stream, *waits):
    """Of few keys, so that what has one often waits still, for its time or for who takes it. An empty answer is that of
    --new-only."""
    def unique(r):
        while not r.over():
            token = r.token()
            key = r.random.choice("xy")
            new_only = r.random.random() < 0.3
            wait = r.random.choice(waits) if waits else None
            start = now()
            lines, well = r.command("xadd", "--unique", key, *(["--new-only"] if new_only else []),
                                    *(["--in", f"{wait}ms"] if wait is not None else []), stream, f"k={token}")
            answered = {"got": lines[0].strip()} if lines else {"got": ""} if well else {}
            r.note("unique", start, stream=stream, token=token, key=key, new_only=new_only, wait=wait, **answered)
            time.sleep(r.random.random() * 0.02)
    return unique


def setter(r):
    """Only this one moves the last ID, always on; at times, with it, what was added and deleted before."""
    last = 0
    while not r.over():
        last += 1000
        id = f"{SET_FROM + last}-{r.random.randrange(3)}"
        counts = {"added": 10**6 * last, "deleted": f"{SET_FROM + last - 500}-7"} if r.random.random() < 0.3 else {}
        words = ["ENTRIESADDED", str(counts["added"]), "MAXDELETEDID", counts["deleted"]] if counts else []
        start = now()
        got = r.ask("XSETID", "s", id, *words)
        r.note("setid", start, stream="s", id=id, **counts, **({} if got is None else {"got": got}))
        time.sleep(r.random.random() * 0.1)


def renamer(r):
    """What others append to makes a stream anew, as soon as it has another name. A group and what it holds go along."""
    number = 0
    while not r.over():
        time.sleep(r.random.random() * 0.2)
        if not r.ask("XLEN", "r"):
            continue
        number += 1
        name, group = f"r.{number}", f"g{number}"
        made = r.ask("XGROUP", "CREATE", "r", group, "0")
        held = r.ask("XREADGROUP", "GROUP", group, "c", "COUNT", "3", "STREAMS", "r", ">") if made is not None else None
        start = now()
        got = r.ask("RENAME", "r", name)
        r.note("rename", start, number=number, **({} if got is None else {"got": got}))
        start = now()
        pending = r.ask("XPENDING", name, group, "-", "+", "10") if got is not None and held is not None else None
        if pending is not None:
            r.note("moved", start, number=number, held=[[entry["id"], "c", 1] for entry in held],
                   got=[[p["id"], p.get("consumer"), p["deliveries"]] for p in pending])
