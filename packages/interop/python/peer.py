#!/usr/bin/python3
"""A real Foolscap Tub for the live tests: it listens on loopback, dials when told to, and says what happens to it.

Standard output carries one JSON object per line, its kind under "event":

  ready        tubId, port, incarnation, foolscap      it listens
  asking       peer, hint                              it is connected to a server and has sent its GET
  reached                                              a client is connected to it
  stalled                                              a connection of --stall has come as far as it goes for now
  connected    peer, side, role, seqnum, tls, banana,  Foolscap has a Broker; in parallel attempts hint says which, and
               vocabulary, hint, port                  port is its own end of the connection
  failed       side, phase, hint, error, text          one negotiation ended without a Broker
  unreachable  peer, error, text                       a dial failed: what Foolscap tells its caller
  unanswered   error, text                             a request for an object will get no answer
  told         peer, text                              the other side has ended it with an ERROR token
  ended        peer, error, text                       a Broker has finished: why, in Foolscap's own words
  closed       peer, error, text                       its connection is gone: what Twisted says about that
  sent         peer, hex                               every byte the newest Broker wrote to this peer
  settled      links                                   no attempt is under way; what Foolscap is connected to: peer, port

Standard input takes one JSON object per line, its kind under "do":

  dial         tubId, hints   connects to a Tub
  redial       tubId, hints   the same, although there is a connection already
  reference    furl           connects and asks for the object, as an application does
  close        peer           closes the connection in good order
  sent         peer           asks for "sent"
  settle                      asks for "settled", as soon as it is true
  forget                      forgets what a process forgets that is restarted, which has no connections left

It ends when standard input does. The options make it a Tub that no sane program would run.
"""

import argparse
import json
import sys
import threading

from OpenSSL import SSL
from twisted.internet import reactor

import foolscap
from foolscap import connection, crypto
from foolscap.referenceable import TubRef

from watched import Negotiation, PeerTub, described, report

TLS_VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}


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
    parser.add_argument(
        "--say",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        type=lambda lie: lie.split("=", 1),
        help="say this in every block, whatever Foolscap wanted to say; without a value, leave the key out",
    )
    parser.add_argument("--bare", action="store_true", help="as client, present no certificate")
    parser.add_argument(
        "--stall", metavar="STEP", help="as server, pause for a second before this step of Foolscap's (its debug_slow_)"
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
        Negotiation.lies = dict(options.say)
        self.tub = PeerTub(certFile=options.pem) if options.pem else PeerTub()
        if options.claim:
            self.tub.tubID = options.claim
        if options.bare:
            self.tub.myCertificate = None
        self.tub.startService()
        stalls = {"debug_slow_" + options.stall: lambda: report("stalled")} if options.stall else {}
        listener = self.tub.listenOn("tcp:0:interface=127.0.0.1", stalls)
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

    def settle(self):
        # Foolscap gives no sign of it.
        if Negotiation.under_way or self.tub._activeConnectors:
            return reactor.callLater(0.001, self.settle)
        links = self.tub.brokers.items()
        report(
            "settled",
            links=[{"peer": ref.getTubID(), "port": link.transport.getHost().port} for ref, link in links],
        )

    def forget(self):
        assert not self.tub.brokers
        self.tub.make_incarnation()
        self.tub.master_table.clear()
        self.tub.slave_table.clear()

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
