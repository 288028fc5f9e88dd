"""Foolscap's own classes, with somebody watching: what happens in them is reported on standard output (see peer.py).

They decide nothing by themselves. The options that make a Tub lie are attributes of Negotiation.
"""

import json

from foolscap import broker, negotiate
from foolscap.api import Tub

PHASES = ("Plaintext", "Encrypted", "Deciding", "Banana", "Abandoned")


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

    def handleError(self, msg):
        super().handleError(msg)
        report("told", peer=self.remote_tubref.getTubID(), text=msg.decode())

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
    # Belongs to the --say option.
    lies = {}
    # Those that have begun and are neither links nor over.
    under_way = set()

    # Foolscap stops at version 3. These make it claim versions that nobody has defined.
    evaluateNegotiationVersion4 = negotiate.Negotiation.evaluateNegotiationVersion3
    acceptDecisionVersion4 = negotiate.Negotiation.acceptDecisionVersion3

    def _where(self):
        return {
            "side": "client" if self.isClient else "server",
            "hint": self.factory.location if self.isClient else None,
        }

    def connectionMade(self):
        self.under_way.add(self)
        super().connectionMade()

    def connectionMadeServer(self):
        # Where it stalls it is made twice.
        if "connectionMade" not in self.debugTimers:
            report("reached")
        super().connectionMadeServer()

    def sendBlock(self, block):
        said = dict(block, **self.lies)
        super().sendBlock({key: value for key, value in said.items() if value != ""})

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
            # A Master gives none to nobody.
            seqnum=self.tub.master_table[peer] if master else int(self.tub.slave_table.get(peer, ("none", 0))[1]),
            tls=self.transport.getHandle().get_protocol_version_name(),
            banana=params["banana-decision-version"],
            vocabulary=params["initial-vocab-table-index"],
            port=self.transport.getHost().port,
            **self._where(),
        )
        self.under_way.discard(self)

    def negotiationFailed(self):
        phase = PHASES[self.receive_phase]
        super().negotiationFailed()
        report("failed", phase=phase, **self._where(), **described(self.failureReason))
        self.under_way.discard(self)
        Negotiation.patient = False
        while self.held:
            self.held.pop()()


class PeerTub(Tub):
    negotiationClass = Negotiation
    brokerClass = Broker
