#!/usr/bin/python3
"""A real Foolscap Tub for the live tests: it listens on loopback, dials when told to, and says what happens to it.

Standard output carries one JSON object per line, its kind under "event":

  ready        tubId, port, incarnation, foolscap      it listens
  asking       peer, hint                              it is connected to a server and has sent its GET
  connected    peer, side, role, seqnum, tls,          Foolscap has a Broker; in parallel attempts hint says which
               banana, vocabulary, hint
  failed       side, phase, hint, error, text          one negotiation ended without a Broker
  unreachable  peer, error, text                       a dial failed: what Foolscap tells its caller
  unanswered   error, text                             a request for an object will get no answer
  ended        peer, error, text                       a Broker has finished: why, in Foolscap's own words
  closed       peer, error, text                       its connection is gone: what Twisted says about that
  sent         peer, hex                               every byte the newest Broker wrote to this peer

Standard input takes one JSON object per line, its kind under "do":

  dial         tubId, hints   connects to a Tub
  redial       tubId, hints   the same, although there is a connection already
  reference    furl           connects and asks for the object, as an application does
  close        peer           closes the connection in good order
  sent         peer           asks for "sent"

It ends when standard input does. The options make it a Tub that no sane program would run.
"""

import argparse
import json
import sys
import threading

from OpenSSL import SSL
from twisted.internet import error, reactor

import foolscap
from foolscap import broker, connection, crypto, negotiate
from foolscap.api import Tub
from foolscap.referenceable import TubRef

PHASES = ("Plaintext", "Encrypted", "Deciding", "Banana", "Abandoned")
TLS_VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}


def report(event, **fields):
    print(json.dumps(dict(event=event, **fields)), flush=True)


def described(failure):
    return {"error": failure.type.__name__, "text": str(failure.value)}


class Recorder(object):
    """A transport that remembers what was written to it."""

    def __init__(self, transport):
        self._transport = transport
        self.written = bytearray()

    def write(self, data):
        self.written += data
        self._transport.write(data)

    def __getattr__(self, name):
        return getattr(self._transport, name)


class Cork(object):
    """A transport that makes one write of everything written to it before its release."""

    def __init__(self, transport):
        self._transport = transport
        self._held = bytearray()
        self.write = self._held.extend

    def release(self):
        self.write = self._transport.write
        self.write(bytes(self._held))

    def __getattr__(self, name):
        return getattr(self._transport, name)


class Broker(broker.Broker):
    def makeConnection(self, transport):
        super().makeConnection(Recorder(transport))

    def finish(self, why):
        first = not self.disconnected
        super().finish(why)
        if first:
            report("ended", peer=self.remote_tubref.getTubID(), **described(why))

    def connectionLost(self, why):
        super().connectionLost(why)
        report("closed", peer=self.remote_tubref.getTubID(), **described(why))


class Negotiation(negotiate.Negotiation):
    # Both belong to the --patient option: whether to hold Decisions back, and the ones that are.
    patient = False
    held = []
    # Belongs to the --eager option.
    eager = False

    # Foolscap stops at version 3. These make it claim versions that nobody has defined.
    evaluateNegotiationVersion4 = negotiate.Negotiation.evaluateNegotiationVersion3
    acceptDecisionVersion4 = negotiate.Negotiation.acceptDecisionVersion3

    def _where(self):
        return {
            "side": "client" if self.isClient else "server",
            "hint": self.factory.location if self.isClient else None,
        }

    def sendPlaintextClient(self):
        super().sendPlaintextClient()
        report("asking", peer=self.target.getTubID(), hint=self.factory.location)

    def handleDECIDING(self, header):
        if self.patient and b"error:" not in header:
            self.held.append(lambda: super(Negotiation, self).handleDECIDING(header))
        else:
            super().handleDECIDING(header)

    def sendDecision(self, decision, params):
        if not self.eager:
            return super().sendDecision(decision, params)
        self.transport = Cork(self.transport)
        super().sendDecision(decision, params)
        self.tub.brokers[self.theirTubRef].sendPING(5)
        self.transport.release()

    def switchToBanana(self, params):
        super().switchToBanana(params)
        peer = self.theirTubRef.getTubID()
        master = self.myTubID > peer
        report(
            "connected",
            peer=peer,
            role="Master" if master else "NonMaster",
            seqnum=self.tub.master_table[peer] if master else int(self.tub.slave_table[peer][1]),
            tls=self.transport.getHandle().get_protocol_version_name(),
            banana=params["banana-decision-version"],
            vocabulary=params["initial-vocab-table-index"],
            **self._where(),
        )

    def negotiationFailed(self):
        phase = PHASES[self.receive_phase]
        super().negotiationFailed()
        report("failed", phase=phase, **self._where(), **described(self.failureReason))
        Negotiation.patient = False
        while self.held:
            self.held.pop()()


class PeerTub(Tub):
    negotiationClass = Negotiation
    brokerClass = Broker


def limit_tls(version):
    original = crypto.FoolscapContextFactory.getContext

    def getContext(self):
        context = original(self)
        context.set_min_proto_version(TLS_VERSIONS[version])
        context.set_max_proto_version(TLS_VERSIONS[version])
        return context

    crypto.FoolscapContextFactory.getContext = getContext


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pem", help="tub.pem: read if it exists, otherwise Foolscap writes a new one")
    parser.add_argument("--tls", choices=sorted(TLS_VERSIONS), help="speak only this version of TLS")
    parser.add_argument("--versions", nargs=2, type=int, metavar=("MIN", "MAX"), help="offer these versions of Banana")
    parser.add_argument("--claim", help="claim this TubId, whatever the certificate says")
    parser.add_argument("--any", action="store_true", help="take a GET for any TubId as one for this Tub")
    parser.add_argument(
        "--patient", action="store_true", help="of parallel attempts, obey a Decision only after another one has failed"
    )
    parser.add_argument(
        "--eager", action="store_true", help="as Master, send the Decision and PING 5 in one record of TLS"
    )
    return parser.parse_args()


class Peer(object):
    def __init__(self, options):
        if options.tls:
            limit_tls(options.tls)
        if options.versions:
            Negotiation.minVersion, Negotiation.maxVersion = options.versions
        Negotiation.patient = options.patient
        Negotiation.eager = options.eager
        self.tub = PeerTub(certFile=options.pem) if options.pem else PeerTub()
        if options.claim:
            self.tub.tubID = options.claim
        self.tub.startService()
        listener = self.tub.listenOn("tcp:0:interface=127.0.0.1")
        if options.any:
            listener.lookupTubID = lambda asked: (self.tub, None)
        report(
            "ready",
            tubId=self.tub.tubID,
            port=listener._lp.getHost().port,
            incarnation=self.tub.getIncarnationString(),
            foolscap=foolscap.__version__,
        )

    def dial(self, tubId, hints):
        self._watch(tubId, self.tub.getBrokerForTubRef(TubRef(tubId, hints)))

    def redial(self, tubId, hints):
        connection.TubConnector(self.tub, TubRef(tubId, hints), self.tub._connectionHandlers).connect()

    def reference(self, furl):
        # Nobody here answers the request for the object, so only the way to it is watched.
        self.tub.getReference(furl).addErrback(lambda failure: report("unanswered", **described(failure)))

    def close(self, peer):
        self._broker(peer).transport.loseConnection()

    def sent(self, peer):
        report("sent", peer=peer, hex=self._broker(peer).transport.written.hex())

    def stop(self):
        # A peer that never answers close_notify would keep Foolscap waiting.
        reactor.callLater(2, reactor.stop)
        self.tub.stopService().addBoth(lambda _: reactor.running and reactor.stop())

    def _broker(self, peer):
        return self.tub.brokers[TubRef(peer)]

    def _watch(self, tubId, deferred):
        deferred.addErrback(lambda failure: report("unreachable", peer=tubId, **described(failure)))


def main():
    peer = Peer(parse_options())

    def listen():
        for line in sys.stdin:
            command = json.loads(line)
            reactor.callFromThread(getattr(peer, command.pop("do")), **command)
        reactor.callFromThread(peer.stop)

    reactor.callWhenRunning(threading.Thread(target=listen, daemon=True).start)
    reactor.run()


if __name__ == "__main__":
    main()
