"""Who appends, in every way there is."""
import json
import sqlite3
import time

from actors import MOST
from record import now


def producer(r):
    """Appends one at a time; of what has a key, what was not answered, and some of the rest, is asked again."""
    key = 0
    while not r.over():
        stream = r.random.choice("aaaaaaaattttmmmmmkkkppj")
        token = r.token()
        words = ["XADD", stream]
        once = stream == "a" and r.random.random() < 0.4
        if once:
            key += 1
            words += ["IDMP", r.name, str(key)]
        if stream == "t":
            words += ["MAXLEN", "=", str(MOST)]
        start = now()
        if r.random.random() < 0.02:
            lines, _ = r.command(*words, "*", "k", token)
            got = lines[0].strip() if lines else None
        else:
            got = r.ask(*words, "*", "k", token)
        answered = {} if got is None else {"got": got}
        r.note("add", start, stream=stream, token=token, once=once, **answered)
        while once and (got is None or r.random.random() < 0.1) and not r.over():
            start = now()
            got = r.ask(*words, "*", "k", token)
            answered = {} if got is None else {"got": got}
            r.note("add", start, stream=stream, token=token, once=once, **answered)
        if stream == "k" or stream == "p":
            time.sleep(r.random.random() * 0.004)


def bulk(r):
    """JSON lines; with --atomic, all of them or none."""
    while not r.over():
        tokens = [r.token() for _ in range(r.random.randint(2, 40))]
        atomic = r.random.random() < 0.5
        start = now()
        lines, _ = r.command("xadd", "a", *(["--atomic"] if atomic else []),
                             input="".join(f'{{"k":"{token}"}}\n' for token in tokens),
                             fate=r.fate(kills=0.3, stops=0.05))
        for i, token in enumerate(tokens):
            answered = {"got": lines[i].strip()} if i < len(lines) else {}
            r.note("add", start, stream="a", token=token, whole=tokens[0] if atomic else None, **answered)
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
