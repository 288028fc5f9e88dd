#!/usr/bin/python3
"""Foolscap's own Banana as a contender of the codec benchmark.

Standard input takes one JSON object per line, each answered by one line on standard output, as src/codec/worker/Serving.ts does
it. The first line out tells the versions. The values and their fingerprints mirror src/codec/Values.ts and
src/codec/Fingerprint.ts: the benchmark fails if the two do not agree.
"""

import gc
import hashlib
import json
import os
import struct
import sys
import time

import foolscap
from foolscap import banana
from foolscap.slicers.root import ScopedRootSlicer, ScopedRootUnslicer
from foolscap.vocab import INITIAL_VOCAB_TABLES

CHUNK = 65536

NAMES = ["Ada", "Grace", "Zoë", "Łukasz", "Barbara"]

VALUES = {
    "ints": lambda count: [i % 1000 for i in range(count)],
    "texts": lambda count: ["key-%d" % (i % 5000) for i in range(count)],
    "byte strings": lambda count: [b"key-%d" % (i % 5000) for i in range(count)],
    "records": lambda count: [record(i) for i in range(count)],
    "dicts": lambda count: [dict(zip(("id", "name", "reading", "tags"), record(i))) for i in range(count)],
    "blob": lambda count: bytes(i * 7 % 256 for i in range(256)) * (count // 256),
}


def record(i):
    reading = [i % 1000 + 0.375, i % 3 == 0, None if i % 4 == 0 else i % 100]
    return [i, NAMES[i % 5], reading, ["tag-%d" % (i % 7), "tag-%d" % (i % 11)]]


class Transport(object):
    """Keeps what is written. It does less than any real one would."""

    def __init__(self):
        self.pieces = []
        self.write = self.pieces.append

    def loseConnection(self):
        raise RuntimeError("Foolscap gives up")


class Banana(banana.Banana):
    slicerClass = ScopedRootSlicer
    unslicerClass = ScopedRootUnslicer

    def __init__(self):
        super().__init__()
        self.received = []
        self.makeConnection(Transport())
        self.populateVocabTable(INITIAL_VOCAB_TABLES[1])

    def sendFailed(self, failure):
        failure.raiseException()

    def receivedObject(self, value):
        self.received.append(value)

    def reportViolation(self, failure):
        failure.raiseException()

    def reportReceiveError(self, failure):
        failure.raiseException()


def encode(value):
    sender = Banana()
    sender.send(value)
    return sender.transport.pieces


def decode(chunks):
    receiver = Banana()
    for chunk in chunks:
        receiver.dataReceived(chunk)
    (value,) = receiver.received
    return value


def fingerprint(value):
    sha = hashlib.sha256()

    def tell(text):
        sha.update(text.encode() + b"\n")

    def add(value):
        kind = type(value)
        if value is None:
            tell("n")
        elif kind is bool:
            tell("t" if value else "f")
        elif kind is int:
            tell("i%d" % value)
        elif kind is float:
            tell("d" + struct.pack("!d", value).hex())
        elif kind is str:
            tell("s" + value.encode().hex())
        elif kind is bytes:
            tell("b" + value.hex())
        elif kind is list:
            tell("l%d" % len(value))
            for item in value:
                add(item)
        elif kind is dict:
            tell("m%d" % len(value))
            for key in sorted(value):
                add(key)
                add(value[key])
        else:
            raise TypeError(kind)

    add(value)
    return sha.hexdigest()


def timed(run):
    """Milliseconds of one run, behind one that is not timed; the mean of as many as take 10 ms where one is shorter."""
    run()
    gc.collect()
    runs = 0
    start = now = time.perf_counter()
    while runs == 0 or now - start < 0.01:
        run()
        runs += 1
        now = time.perf_counter()
    return (now - start) * 1000 / runs


class Worker(object):
    def prepare(self, values, count):
        self.value = VALUES[values](count)
        encoded = b"".join(encode(self.value))
        self.chunks = [encoded[at : at + CHUNK] for at in range(0, len(encoded), CHUNK)]
        return {
            "bytes": len(encoded),
            "sha256": hashlib.sha256(encoded).hexdigest(),
            "made": fingerprint(self.value),
            "decoded": fingerprint(decode(self.chunks)),
        }

    def encode(self):
        return {"ms": timed(lambda: encode(self.value))}

    def decode(self):
        return {"ms": timed(lambda: decode(self.chunks))}


def main():
    # Foolscap prints what goes wrong.
    answers, sys.stdout = sys.stdout, open(os.devnull, "w")
    worker = Worker()
    print(json.dumps({"name": "Foolscap %s, Python %s" % (foolscap.__version__, sys.version.split()[0])}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(getattr(worker, request.pop("do"))(**request)), file=answers, flush=True)


if __name__ == "__main__":
    main()
