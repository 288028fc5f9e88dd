#!/usr/bin/python3
"""A real Foolscap Tub that listens on a Unix domain socket, and dials the unix hints of this project.

  unix.py PATH             listens on PATH and writes its TubId to standard output
  unix.py PATH FURL        does the same, and connects to the FURL

Foolscap knows no unix hints, but takes handlers for other kinds from an application. Twisted listens on anything, and
Foolscap on whatever has a host and a port to log. It runs until it is told to end by a signal.
"""

import sys
from urllib.parse import unquote

from foolscap.api import Tub
from foolscap.ipb import IConnectionHintHandler
from twisted.internet import address, reactor
from twisted.internet.endpoints import UNIXClientEndpoint
from zope.interface import implementer


@implementer(IConnectionHintHandler)
class UnixHints(object):
    def hint_to_endpoint(self, hint, reactor, update_status):
        return UNIXClientEndpoint(reactor, unquote(hint.split(":", 1)[1])), "localhost"

    def describe(self):
        return "unix"


# Without them Foolscap fails to accept a connection, when it wants to log where from.
address.UNIXAddress.host = address.UNIXAddress.port = None

tub = Tub()
tub.addConnectionHintHandler("unix", UnixHints())
tub.startService()
tub.listenOn("unix:" + sys.argv[1])
print(tub.tubID, flush=True)
if len(sys.argv) > 2:
    # Nobody answers the request for the object, so only the way to it is of interest.
    tub.getReference(sys.argv[2]).addErrback(lambda failure: print(failure.getErrorMessage(), flush=True))
reactor.run()
