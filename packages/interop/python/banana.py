#!/usr/bin/python3
"""Foolscap's own Banana, without a connection: what it sends for values, and what it makes of bytes.

Standard input takes one JSON object per line, its kind under "do"; each is answered by one line on standard output:

  encode   table, streams       each stream is a list of values, sent one after the other on one connection
           -> streams           for each value: hex, what was sent for it, and failed, if sending failed: error, text
  decode   inputs, mended       each: table, hex, cuts, wanted. The bytes before the first cut are one chunk, and so on;
                                wanted, if it is there, is a constraint for top-level objects
           -> outputs           for each: the events, in order

An event has "at", the number of bytes that had been received:

  delivered  a value
  violation  where, message     it was refused, and the stream goes on
  ping       number             a PING was answered
  told       hex                an ERROR token has ended the stream
  failed     error, text,       a broken protocol has: the Python exception, what is wrong where if it is one of Banana's own,
             broken, reply      and the text of the ERROR token sent, null if none was
  waiting    border             neither has; border says whether all there is are whole objects

A value is described by "type": none, boolean, int (as text), float (the eight bytes, "hex"), bytes ("hex"), text,
decimal; list, tuple, set, immutable-set with "items", dict with pairs. {"ref": n} is the n-th of its lists, tuples,
dicts and sets, in the order in which they begin. What no value should hold is {"foreign": its Python type}.

The scope of references is one top-level object, as it is on a connection between Tubs.

Foolscap 21.7 reads two things otherwise than they were sent, and only a mended one does not. A reference to a frozenset is one to
the tuple that the frozenset was made of. And a tuple that is not complete yet is None for everybody who gets it after a dict
has got it for a value.
"""

import decimal
import json
import os
import struct
import sys

from twisted.python import log

from foolscap import banana, schema
from foolscap.slicers.dict import DictUnslicer
from foolscap.slicers.root import ScopedRootSlicer, ScopedRootUnslicer
from foolscap.slicers.set import FrozenSetUnslicer
from foolscap.slicers.tuple import TupleUnslicer
from foolscap.tokens import BananaError
from foolscap.vocab import INITIAL_VOCAB_TABLES

SHARED = {list: "list", tuple: "tuple", dict: "dict", set: "set"}


def build(description):
    """The value of a description. What can change is made empty first and filled later, so that it can hold itself."""
    begun, unfilled = [], []
    number(description, begun)
    made = {}

    def make(described):
        if "ref" in described:
            described = begun[described["ref"]]
        if id(described) in made:
            return made[id(described)]
        kind, items = described["type"], described.get("items")
        if kind == "tuple":
            value = tuple([make(item) for item in items])
        elif kind == "immutable-set":
            value = frozenset([make(item) for item in items])
        elif kind in EMPTY:
            value = EMPTY[kind]()
            unfilled.append((value, items))
        else:
            value = SIMPLE[kind](described)
        made[id(described)] = value
        return value

    whole = make(description)
    while unfilled:
        value, items = unfilled.pop()
        if isinstance(value, list):
            value.extend([make(item) for item in items])
        elif isinstance(value, set):
            value.update([make(item) for item in items])
        else:
            value.update([(make(key), make(item)) for key, item in items])
    return whole


def number(description, begun):
    if description.get("type") in SHARED.values():
        begun.append(description)
    for item in description.get("items", ()):
        for part in item if isinstance(item, list) else (item,):
            number(part, begun)


EMPTY = {"list": list, "dict": dict, "set": set}

SIMPLE = {
    "none": lambda described: None,
    "boolean": lambda described: described["value"],
    "int": lambda described: int(described["value"]),
    "float": lambda described: struct.unpack("!d", bytes.fromhex(described["hex"]))[0],
    "bytes": lambda described: bytes.fromhex(described["hex"]),
    "text": lambda described: described["value"],
    "decimal": lambda described: decimal.Decimal(described["value"]),
}


def describe(value, begun):
    kind = type(value)
    if kind in SHARED:
        if id(value) in begun:
            return {"ref": begun[id(value)]}
        begun[id(value)] = len(begun)
        if kind is dict:
            items = [[describe(key, begun), describe(item, begun)] for key, item in value.items()]
        else:
            items = [describe(item, begun) for item in value]
        return {"type": SHARED[kind], "items": items}
    if kind is frozenset:
        return {"type": "immutable-set", "items": [describe(item, begun) for item in value]}
    if value is None:
        return {"type": "none"}
    if kind is bool:
        return {"type": "boolean", "value": value}
    if kind is int:
        return {"type": "int", "value": str(value)}
    if kind is float:
        return {"type": "float", "hex": struct.pack("!d", value).hex()}
    if kind is bytes:
        return {"type": "bytes", "hex": value.hex()}
    if kind is str:
        return {"type": "text", "value": value}
    if kind is decimal.Decimal:
        return {"type": "decimal", "value": str(value)}
    return {"foreign": kind.__name__}


def constraint(wanted):
    """Foolscap's constraint of a description."""
    kind, most = wanted["type"], wanted.get("maxLength")
    if kind == "any":
        return schema.Any()
    if kind == "boolean":
        return schema.BooleanConstraint()
    if kind == "none":
        return schema.Nothing()
    if kind == "int":
        return schema.IntegerConstraint(wanted["maxBytes"])
    if kind == "number":
        return schema.NumberConstraint(wanted["maxBytes"])
    if kind == "bytes":
        return schema.ByteStringConstraint(most)
    if kind == "text":
        return schema.UnicodeConstraint(most)
    if kind == "list":
        return schema.ListConstraint(constraint(wanted["item"]), most)
    if kind == "set":
        return schema.SetConstraint(constraint(wanted["item"]), most, mutable=True)
    if kind == "tuple":
        return schema.TupleConstraint(*[constraint(item) for item in wanted["items"]])
    if kind == "dict":
        return schema.DictConstraint(constraint(wanted["key"]), constraint(wanted["value"]), most)
    return schema.PolyConstraint(*[constraint(member) for member in wanted["members"]])


class Transport(object):
    def __init__(self):
        self.written = bytearray()

    def write(self, data):
        self.written += data

    def loseConnection(self):
        pass

    def take(self):
        written, self.written = bytes(self.written), bytearray()
        return written


class RootSlicer(ScopedRootSlicer):
    def __next__(self):
        self.references = {}
        return super().__next__()


class MendedDictUnslicer(DictUnslicer):
    def update(self, value, key):
        super().update(value, key)
        return value


class MendedFrozenSetUnslicer(FrozenSetUnslicer):
    receiveClose = TupleUnslicer.receiveClose

    def complete(self):
        members = frozenset(self.list)
        self.protocol.setObject(self.count, members)
        self.deferred.callback(members)
        return members, None


MENDED = {DictUnslicer: MendedDictUnslicer, FrozenSetUnslicer: MendedFrozenSetUnslicer}


class RootUnslicer(ScopedRootUnslicer):
    def doOpen(self, opentype):
        self.references = {}
        return self._mend(super().doOpen(opentype))

    def open(self, opentype):
        return self._mend(super().open(opentype))

    def _mend(self, child):
        if self.protocol.mended and type(child) in MENDED:
            child.__class__ = MENDED[type(child)]
        return child


class Banana(banana.Banana):
    slicerClass = RootSlicer
    unslicerClass = RootUnslicer

    def __init__(self, table, mended=False, wanted=None):
        super().__init__()
        self.mended = mended
        self.events = []
        self.received = 0
        self.makeConnection(Transport())
        self.populateVocabTable(INITIAL_VOCAB_TABLES[table])
        if wanted is not None:
            self.receiveStack[0].setConstraint(constraint(wanted))

    def sendFailed(self, failure):
        # It prints the failure, and drops the connection.
        self.rootSlicer.connectionLost(failure)

    def event(self, **what):
        self.events.append(dict(at=self.received, **what))

    def receivedObject(self, value):
        self.event(delivered=describe(value, {}))

    def reportViolation(self, failure):
        self.event(violation={"where": failure.value.where, "message": failure.value.args[0]})

    def sendPONG(self, number):
        self.event(ping=str(number))

    def handleError(self, text):
        self.event(told=text.hex())
        self.connectionAbandoned = True

    def sendError(self, text):
        super().sendError(text)
        self.reply = text

    def reportReceiveError(self, failure):
        error = failure.value
        broken = {"where": error.where, "message": error.args[0]} if isinstance(error, BananaError) else None
        self.event(failed={"error": failure.type.__name__, "text": str(error), "broken": broken, "reply": self.reply})


def encode(table, streams):
    return {"streams": [sent(table, values) for values in streams]}


def sent(table, values):
    sender = Banana(table)
    answers = []
    for description in values:
        failures = []
        sender.send(build(description)).addErrback(failures.append)
        answer = {"hex": sender.transport.take().hex()}
        if failures:
            answer["failed"] = {"error": failures[0].type.__name__, "text": str(failures[0].value)}
        answers.append(answer)
    return answers


def decode(inputs, mended):
    return {"outputs": [received(mended=mended, **given) for given in inputs]}


def received(table, hex, cuts, mended, wanted=None):
    receiver = Banana(table, mended, wanted)
    data = bytes.fromhex(hex)
    for start, end in zip([0] + cuts, cuts + [len(data)]):
        receiver.received = end
        try:
            receiver.dataReceived(data[start:end])
        except Exception as error:
            # Its own ERROR token can be too long for it. Twisted would end the connection.
            receiver.event(failed={"error": type(error).__name__, "text": str(error), "broken": None, "reply": None})
            receiver.connectionAbandoned = True
        if receiver.connectionAbandoned:
            return receiver.events
    inside = (
        len(receiver.buffer)
        or receiver.skipBytes
        or receiver.inOpen
        or receiver.discardCount
        or receiver.receiveStack[1:]
    )
    receiver.event(waiting={"border": not inside})
    return receiver.events


def main():
    answers, sys.stdout = sys.stdout, open(os.devnull, "w")
    sys.stdin.reconfigure(encoding="utf-8")
    log.startLoggingWithObserver(lambda event: None, setStdout=False)
    # The longest integer sent here has a few thousand digits, and the deepest value a few hundred levels.
    sys.set_int_max_str_digits(0)
    sys.setrecursionlimit(20000)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"encode": encode, "decode": decode}[request.pop("do")](**request)), file=answers, flush=True)


if __name__ == "__main__":
    main()
