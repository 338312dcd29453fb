#!/usr/bin/env python3
"""`rediss://`: which servers weir trusts, and what it says to the others. The test makes certificates with openssl, in a
folder of its own. A weir whose hiredis has no TLS says so. usage: tls.py WEIR"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Checks, environment, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
checks = Checks()


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def authority(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "2",
            "-subj", f"/CN={name}")


def certificate(folder, name, names, signed_by="ca", expired=False):
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    with open(os.path.join(folder, f"{name}.ext"), "w", encoding="utf-8") as file:
        file.write(f"subjectAltName={names}\n")
    if expired:  # `openssl ca` can date a certificate; `x509` only counts days
        with open(os.path.join(folder, "ca.cnf"), "w", encoding="utf-8") as file:
            file.write("[ca]\ndefault_ca=own\n[own]\nnew_certs_dir=.\ndatabase=index.txt\nserial=serial.txt\npolicy=any\n"
                       "default_md=sha256\n[any]\ncommonName=supplied\n")
        for file, text in (("index.txt", ""), ("serial.txt", "01\n")):
            with open(os.path.join(folder, file), "w", encoding="utf-8") as made:
                made.write(text)
        how = ["ca", "-batch", "-config", "ca.cnf", "-cert", f"{signed_by}.crt", "-keyfile", f"{signed_by}.key", "-startdate", "20200101000000Z",
               "-enddate", "20210101000000Z"]
    else:
        how = ["x509", "-req", "-CA", f"{signed_by}.crt", "-CAkey", f"{signed_by}.key", "-CAcreateserial", "-days", "2"]
    openssl(folder, *how, "-in", f"{name}.csr", "-extfile", f"{name}.ext", "-out", f"{name}.crt")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class TlsServer:
    def __init__(self, folder, name, clients="no"):
        self.port = free_port()
        self.process = subprocess.Popen(
            ["redis-server", "--save", "", "--port", "0", "--bind", "127.0.0.1", "--tls-port", str(self.port), "--tls-cert-file", f"{name}.crt",
             "--tls-key-file", f"{name}.key", "--tls-ca-cert-file", "ca.crt", "--tls-auth-clients", clients],
            cwd=folder, stdout=subprocess.DEVNULL)

    def __enter__(self):
        wait_until(lambda: self.process.poll() is not None or self.listens(), "a server that listens")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def listens(self):
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0


def weir(folder, host, port, query, *words):
    return subprocess.run([WEIR, "--db", f"rediss://{host}:{port}/{query}", "--lock-timeout", "5s", *words], cwd=folder, encoding="utf-8",
                          env=environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def refused(what, done, says):
    checks.expect(done.returncode == 5 and says in done.stderr and done.stderr.count("\n") <= 2 and not done.stdout, what, done)


def main():
    with tempfile.TemporaryDirectory() as folder:
        done = weir(folder, "127.0.0.1", 1, "", "xlen", "s")
        if "cannot speak TLS" in done.stderr:
            refused("without TLS in hiredis", done, "hiredis was built without it")
            checks.end()
        if not shutil.which("openssl"):
            sys.exit("there is no openssl; on Debian: apt-get install openssl")
        for name in ("ca", "foreign"):
            authority(folder, name)
        certificate(folder, "good", "DNS:localhost,IP:127.0.0.1")
        certificate(folder, "other", "DNS:queue.example")
        certificate(folder, "old", "DNS:localhost,IP:127.0.0.1", expired=True)
        certificate(folder, "stranger", "DNS:localhost,IP:127.0.0.1", signed_by="foreign")
        certificate(folder, "client", "DNS:client")
        with TlsServer(folder, "good") as server:
            for host in ("localhost", "127.0.0.1"):
                done = weir(folder, host, server.port, "?cacert=ca.crt", "xadd", "s", "a=b")
                checks.expect(done.returncode == 0 and done.stdout, f"a good certificate for {host}", done)
            done = weir(folder, "localhost", server.port, "?cacert=ca.crt", "xread", "s", "--after", "$", "--block", "200ms")
            checks.expect(done.returncode == 1, "a read that waits for nothing", done)
            batch = subprocess.run([WEIR, "--db", f"rediss://localhost:{server.port}/?cacert=ca.crt", "xadd", "many"], cwd=folder,
                                   input='{"a":"' + "x" * 3000 + '"}\n', encoding="utf-8", stdout=subprocess.PIPE, env=environment(folder))
            checks.expect(batch.returncode == 0, "a long line", batch)
            many = subprocess.run([WEIR, "--db", f"rediss://localhost:{server.port}/?cacert=ca.crt", "xadd", "many", "--quiet"], cwd=folder,
                                  input=('{"a":"' + "x" * 300 + '"}\n') * 20000, encoding="utf-8", stdout=subprocess.PIPE, env=environment(folder))
            checks.expect(many.returncode == 0, "many lines", many)
            done = weir(folder, "localhost", server.port, "?cacert=ca.crt", "xrange", "many")
            checks.expect(done.stdout.count("\n") == 20001, "and all of them read", done.stderr, done.stdout.count("\n"))
            refused("an authority that is not the system's", weir(folder, "localhost", server.port, "", "xlen", "s"), "not to be trusted")
            refused("an authority of others", weir(folder, "localhost", server.port, "?cacert=foreign.crt", "xlen", "s"), "not to be trusted")
            refused("no such file", weir(folder, "localhost", server.port, "?cacert=none.crt", "xlen", "s"), "the authority in none.crt")
            refused("no such key", weir(folder, "localhost", server.port, "?cacert=ca.crt&cert=client.crt&key=no", "xlen", "s"), "the key in no")
        for name, says in (("other", "not for localhost"), ("old", "has expired"), ("stranger", "not to be trusted")):
            with TlsServer(folder, name) as server:
                refused(f"the certificate {name}", weir(folder, "localhost", server.port, "?cacert=ca.crt", "xadd", "s", "a=b"), says)
        with TlsServer(folder, "good", clients="yes") as server:
            done = weir(folder, "localhost", server.port, "?cacert=ca.crt&cert=client.crt&key=client.key", "xlen", "s")
            checks.expect(done.returncode == 1 and done.stdout == "0\n" or done.returncode == 0, "a client's certificate", done)
            done = weir(folder, "localhost", server.port, "?cacert=ca.crt", "xlen", "s")
            checks.expect(done.returncode == 5, "no certificate of the client's", done)
    checks.end()


main()
