#!/usr/bin/python3
"""The Tub of peer.py, whose link speaks Banana: with timers that can be short, and a look at the bytes of each link.

Besides the options, commands and events of peer.py:

  --keepalive, --disconnect   Foolscap's timeouts of the same names, in seconds

  say          peer, hex               writes these bytes to the newest link with this peer
  idle         peer, asked, answered   waits until it has sent so many PINGs and PONGs there, and reports "idled"
  stop                                 ends in good order

  idled        sent, heard             every byte of that link, either way
"""

import argparse
import sys

from twisted.internet import reactor

from foolscap.tokens import PING, PONG

import peer
import watched
from watched import PeerTub, report


class Broker(watched.Broker):
    def makeConnection(self, transport):
        self.heard = bytearray()
        super().makeConnection(transport)

    def dataReceived(self, chunk):
        self.heard += chunk
        super().dataReceived(chunk)


class Peer(peer.Peer):
    def say(self, peer, hex):
        self._broker(peer).transport.write(bytes.fromhex(hex))

    def idle(self, peer, asked, answered):
        broker = self._broker(peer)
        sent = broker.transport.written
        # Foolscap gives no sign of it.
        if sent.count(PING) < asked or sent.count(PONG) < answered:
            reactor.callLater(0.01, self.idle, peer, asked, answered)
        else:
            report("idled", sent=sent.hex(), heard=broker.heard.hex())


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--keepalive", type=float, default=PeerTub.keepaliveTimeout)
    parser.add_argument("--disconnect", type=float)
    options, sys.argv[1:] = parser.parse_known_args()
    # Its own way to set them takes whole seconds only.
    PeerTub.keepaliveTimeout, PeerTub.disconnectTimeout = options.keepalive, options.disconnect
    PeerTub.brokerClass = Broker
    peer.Peer = Peer
    peer.main()


if __name__ == "__main__":
    main()
