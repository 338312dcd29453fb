#!/usr/bin/env python3
"""`weir report`: the page has all that it promises, and no foreign text in it becomes mark-up, a script or an address.

If Chromium is installed, it opens and prints the page. usage: report_test.py WEIR file|server"""

import contextlib
import html.parser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from testing import Checks, Server, environment  # noqa: E402

weir, engine = sys.argv[1:]
checks = Checks()
EVIL = """<script>document.title='run'</script><img src=x onerror="document.title='run'">"><svg onload=document.title='run'>&amp;'\x1b]0;t\x07\u202e</td></style>"""
TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "code",
        "span", "figure", "figcaption", "svg", "desc", "line", "text", "polyline"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.words, self.metas = [], [], []
        self.feed(text)
        checks.expect(not self.open, "all elements are closed", self.open)

    def handle_starttag(self, tag, attrs):
        checks.expect(tag in TAGS, "only elements that the page has of its own", tag)
        for name, value in attrs:
            checks.expect(not name.startswith("on") and name not in ("src", "href", "style", "action"), "no attribute that does something", name, value)
        if tag == "meta":
            self.metas.append(dict(attrs))
        else:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        checks.expect(self.open and self.open.pop() == tag, "elements end in their order", tag)

    def handle_data(self, data):
        self.words.append(data)


with contextlib.ExitStack() as open_things:
    folder = open_things.enter_context(tempfile.TemporaryDirectory())
    store = f"unix://{open_things.enter_context(Server()).path}" if engine == "server" else f"{folder}/w.db"
    env = environment(folder, WEIR_DB=store)

    def run(*command, data=b"", status=0):
        done = subprocess.run([weir, *command], env=env, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        checks.expect(done.returncode == status, f"{command[:3]} ends with {status}", done.returncode, done.stderr)
        return done.stdout

    def page(*options):
        text = run("report", *options).decode()  # it is UTF-8
        read = Page(text)
        checks.expect(not re.search(r"https?:|url\(|@import|javascript:|//", text.split("<body>")[0].replace("<!DOCTYPE html>", "")), "no outside address")
        checks.expect(all(c == "\n" or (32 <= ord(c) and not 127 <= ord(c) < 160) and c != "\u202e" for c in text), "no control characters")
        checks.expect(any("default-src 'none'" in meta.get("content", "") for meta in read.metas), "nothing may be loaded or run", read.metas)
        return text, " ".join(read.words)

    run("xadd", "gone", "a=b")
    run("del", "gone")
    _, words = page()
    checks.expect("There are no streams." in words, "an empty store has a page", words)

    run("xadd", "orders", "n=1")
    run("group", "create", "orders", "packers", "0")
    _, words = page()
    checks.expect("Nothing: nothing is stuck" in words and "no run log says what went out" in words, "all is well, and what is not known is not 0", words)
    run("pause", "orders", "packers")
    text, words = page()
    checks.expect("<td>orders</td><td>packers: paused, 1 waiting</td>" in text, "what is stuck comes first, with the reason", words)
    run("del", "orders")

    run("xadd", "mails", "--quiet", data=b'{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n')
    (pathlib.Path(folder) / "send").write_text('test "$1" != 2 || { echo "no <b>such</b> user" >&2; exit 65; }\n')
    run("work", "mails", "--group", "mailers", "--log", "runs", "--until-empty", "-q", "--", "sh", f"{folder}/send", "{n}", status=3)
    run("xadd", "mails", "n=5")
    run("xadd", EVIL, "*", EVIL, EVIL)
    run("group", "create", EVIL, EVIL, "0")
    run("xadd", "runs", "*", *(word for pair in {"id": EVIL, "stream": EVIL, "group": EVIL, "status": EVIL, "took_ms": "99999999", "stderr": EVIL}.items() for word in pair))
    run("xadd", f"{EVIL}.dead", "*", "a", EVIL)
    text, words = page()
    checks.expect("<td>mails</td><td>1 dead letter</td>" in text, "dead letters are said at once", words)
    for said in ("What is queued", "mails", "mailers", "Groups that hold up a stream", "Messages a minute", "From append to acknowledgement",
                 "Run logs: runs", "Dead letters by reason", "exit 65", "no <b>such</b> user", "Slowest runs", "Failing runs"):
        checks.expect(said in words, f"the page says {said!r}", words)
    checks.expect(re.search(r"5 in, at most [0-9.]+ a minute; 3 out", words), "what went out is in the run log", words)
    checks.expect(re.search(r"All streams together, without run logs and dead letters, messages a minute .*? 7 in,", words),
                  "what workers wrote about messages is not added to them", words)
    checks.expect("are missing" not in words, "a log from which nothing went is whole", words)
    checks.expect(text.count("<title id=") == text.count("<desc id=") == text.count("<svg") > 1, "each picture can be read aloud")
    checks.expect("<script" not in text and "<img" not in text, "words of others are words")

    # Some streams; a log that is named; what is not there.
    _, words = page("mails", "--log", "runs", "--since", "2h")
    checks.expect("mails" in words and "document.title" not in words, "only what was asked for", words)
    text, words = page("mails", "mails")
    checks.expect(text.count("<tr><td>mails</td>") == page("mails")[0].count("<tr><td>mails</td>") > 0 and re.search(r"5 in, ", words),
                  "a stream that is named twice counts once", words)
    run("report", "nothing", status=3)
    run("report", "--log", "nothing", status=3)

    # A log that has forgotten runs of this time.
    run("xtrim", "runs", "MAXLEN", "=", "2")
    _, words = page()
    checks.expect(len(re.findall(r"The run log runs begins at [0-9 :-]+ UTC: earlier runs are missing", words)) == 2,
                  "figures that a log has not all the runs for say so", words)

    # Two run logs: the newest failures come first, whatever the logs are called.
    for stream, log in (("early", "z-log"), ("late", "a-log")):
        run("xadd", stream, "--quiet", data=b'{"n":1}\n' * 12)
        run("work", stream, "--group", "g", "--log", log, "--until-empty", "-q", "--", "sh", "-c", f"echo {stream}-fails >&2; exit 65", status=3)
    text, _ = page()
    failing = text.partition("Failing runs")[2]
    checks.expect(failing.count("late-fails") == 10 and "early-fails" not in failing, "the newest failures are on the page", failing)

    chromium = shutil.which("chromium")
    if chromium and engine == "file":
        (pathlib.Path(folder) / "r.html").write_bytes(run("report"))
        browse = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/chromium", f"--print-to-pdf={folder}/r.pdf"]
        subprocess.run([*browse, f"file://{folder}/r.html"], env={**os.environ, "HOME": folder}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=120)
        checks.expect((pathlib.Path(folder) / "r.pdf").read_bytes().startswith(b"%PDF"), "it can be printed")
        seen = subprocess.run([*browse[:-1], "--dump-dom", f"file://{folder}/r.html"], env={**os.environ, "HOME": folder}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=120)
        checks.expect(b"<title>weir report</title>" in seen.stdout, "nothing ran in a browser")
    else:
        print("no browser looked at it")
checks.end()
