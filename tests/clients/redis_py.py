#!/usr/bin/env python3
"""A producer and a worker with redis-py, which parses replies in Python or with hiredis.

usage: redis_py.py python|hiredis produce PORT STREAM COUNT
       redis_py.py python|hiredis work PORT STREAM GROUP CONSUMER
"""

import sys
import time

import redis
from redis.connection import HiredisParser, PythonParser


PARSER, WHAT, *WORDS = sys.argv[1:]


def connect(port, name):
    parser_class = HiredisParser if PARSER == "hiredis" else PythonParser
    pool = redis.ConnectionPool(host="127.0.0.1", port=int(port), client_name=name, parser_class=parser_class, decode_responses=True)
    return redis.Redis(connection_pool=pool)


def persist(action):
    """Until a server answers: it may have been killed, and be started again."""
    while True:
        try:
            return action()
        except (redis.ConnectionError, redis.TimeoutError):
            time.sleep(0.02)


def produce(port, stream, count):
    server = connect(port, "producer")
    for number in range(1, int(count) + 1):
        entry = persist(lambda: server.xadd(stream, {"n": number}))
        print("added", entry, number, flush=True)


def work(port, stream, group, consumer):
    server = connect(port, consumer)
    try:
        persist(lambda: server.xgroup_create(stream, group, "0", mkstream=True))
    except redis.ResponseError as refusal:
        if not str(refusal).startswith("BUSYGROUP"):
            raise
    print("ready", flush=True)

    def settle(word, entries):
        for entry, fields in entries:
            print(word, entry, fields["n"], flush=True)
            persist(lambda: server.xack(stream, group, entry))
            print("acked", entry, fields["n"], flush=True)

    while True:
        settle("again", persist(lambda: server.xautoclaim(stream, group, consumer, 1000, "0-0", count=10))[1])
        for _, entries in persist(lambda: server.xreadgroup(group, consumer, {stream: ">"}, count=5, block=200)):
            settle("new", entries)


{"produce": produce, "work": work}[WHAT](*WORDS)
