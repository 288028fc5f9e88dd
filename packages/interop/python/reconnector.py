#!/usr/bin/python3
"""A real Foolscap Tub that comes back after it was killed, and one that keeps a connection by Foolscap's own Reconnector.

  reconnector.py PEM PORT         listens on PORT of 127.0.0.1, as the Tub of this identity
  reconnector.py PEM PORT FURL    does the same, and keeps a connection to the FURL

The identity is written by Foolscap if the file does not exist. Standard output carries the events of peer.py, and
"waiting" (after: Foolscap's words for why), whenever the Reconnector has put off its next attempt. It ends when standard
input does.
"""

import sys
import threading

from foolscap.reconnector import Reconnector
from twisted.internet import reactor

from watched import PeerTub, report


class Watched(Reconnector):
    def _failed(self, failure):
        super()._failed(failure)
        report("waiting", after=str(failure.value))


pem, port, *furls = sys.argv[1:]
tub = PeerTub(certFile=pem)
tub.startService()
tub.listenOn("tcp:%s:interface=127.0.0.1" % port)
report("ready", tubId=tub.tubID)
for furl in furls:
    # Nobody answers the request for the object, so to Foolscap every link that ends is an attempt that failed.
    Watched(furl, lambda reference: None, (), {}).startConnecting(tub)


def watch():
    sys.stdin.read()
    reactor.callFromThread(reactor.stop)


threading.Thread(target=watch, daemon=True).start()
reactor.run()
