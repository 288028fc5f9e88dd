#!/usr/bin/python3
"""Foolscap as a contender of the connection benchmark: it listens in one process, and dials from the same one or another.

It is asked as src/connect/Serving.ts is. A link is Tub.getBrokerForTubRef on a Tub that is there already, then aborted; the next one
begins when it is gone, because a Tub has one link to each peer. So every loop has a Tub of its own.
"""

import json
import os
import sys
import time

import foolscap
from foolscap.api import Tub
from foolscap.referenceable import TubRef
from twisted.internet import defer, reactor
from twisted.internet.stdio import StandardIO
from twisted.protocols.basic import LineReceiver


def started(identity):
    tub = Tub(certData=identity["pem"].encode("ascii"))
    tub.startService()
    return tub


class Worker(object):
    def listen(self, identity):
        self.server = started(identity)
        # Twisted's own 50 is too few where 64 arrive at once.
        listener = self.server.listenOn("tcp:0:interface=127.0.0.1:backlog=1024")
        port = listener._lp.getHost().port
        self.server.setLocation("tcp:127.0.0.1:%d" % port)
        return {"port": port, "server": self.server.tubID}

    def clients(self, identities, place):
        self.tubs = [started(identity) for identity in identities]
        self.target = TubRef(place["server"], ["tcp:127.0.0.1:%d" % place["port"]])
        return {}

    @defer.inlineCallbacks
    def link(self, tub, close):
        broker = yield tub.getBrokerForTubRef(self.target)
        gone = defer.Deferred()
        broker.notifyOnDisconnect(gone.callback, None)
        close(broker.transport)
        yield gone
        return broker

    @defer.inlineCallbacks
    def loop(self, tub, left):
        while left:
            left.pop()
            yield self.link(tub, lambda transport: transport.abortConnection())

    @defer.inlineCallbacks
    def dial(self, count, concurrent):
        left = [None] * count
        start = time.perf_counter()
        yield defer.gatherResults([self.loop(tub, left) for tub in self.tubs[:concurrent]])
        return {"ms": (time.perf_counter() - start) * 1000}

    @defer.inlineCallbacks
    def one(self):
        # What was written before still arrives.
        broker = yield self.link(self.tubs[0], lambda transport: transport.loseConnection())
        return {"peer": broker.remote_tubref.getTubID()}

    def seen(self):
        return {}

    def processor(self):
        used = os.times()
        return {"ms": (used.user + used.system) * 1000}


class Requests(LineReceiver):
    delimiter = b"\n"

    def lineReceived(self, line):
        request = json.loads(line)
        answer = defer.maybeDeferred(getattr(self.worker, request.pop("do")), **request)
        answer.addCallbacks(tell, self.fail)

    def fail(self, failure):
        failure.printTraceback(sys.stderr)
        self.transport.loseConnection()

    def connectionLost(self, reason):
        if reactor.running:
            reactor.stop()


def tell(answer):
    print(json.dumps(answer), file=answers, flush=True)


# Foolscap prints what goes wrong.
answers, sys.stdout = sys.stdout, open(os.devnull, "w")
Requests.worker = Worker()
# A PEM of 64 identities in one line is long.
Requests.MAX_LENGTH = 2**22
tell({"name": "Foolscap %s, Python %s" % (foolscap.__version__, sys.version.split()[0])})
StandardIO(Requests())
reactor.run()
