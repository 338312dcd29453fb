"""Troubles of a machine: processes killed or stopped, clock steps, a full disk."""
import os
import struct
import time

from record import now


def clock(r, file):
    """Steps the store's clock, within an hour."""
    offset = 0
    while not r.over():
        time.sleep(r.random.uniform(0.05, 0.6))
        step = r.random.choice([-1, 1]) * r.random.choice([1, 1, 5, 60, 1800])
        if abs(offset + step) > 3600:
            continue
        offset += step
        start = now()
        file.seek(0)
        file.write(struct.pack("q", offset))
        file.flush()
        r.note("clock", start, offset=offset)


def filler(r, path):
    """Fills the disk, for moments."""
    while not r.over():
        time.sleep(r.random.uniform(0.2, 1.0))
        start = now()
        with open(path, "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 65536) == 65536:
                    pass
                while file.write(b"x" * 4096) == 4096:
                    pass
            except OSError:
                pass
            size = file.tell()
            time.sleep(r.random.uniform(0.02, 0.3))
            file.truncate(max(0, size - r.random.choice([0, 8192, 65536])))
            time.sleep(r.random.uniform(0.02, 0.3))
        os.unlink(path)
        r.note("full", start)
