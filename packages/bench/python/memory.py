#!/usr/bin/python3
"""A Foolscap Tub that listens, as a contender of the memory benchmark.

Standard input takes one JSON object per line, each answered by one line on standard output, as src/memory/worker/Serving.ts does
it for the server.
"""

import gc
import json
import os
import resource
import sys

import foolscap
from foolscap.api import Tub
from twisted.internet import reactor
from twisted.internet.stdio import StandardIO
from twisted.protocols.basic import LineOnlyReceiver


def read():
    gc.collect()
    with open("/proc/self/status") as status:
        (line,) = [line for line in status if line.startswith("VmRSS:")]
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "rss": int(line.split()[1]) * 1024,
        "peak": usage.ru_maxrss * 1024,
        "cpu": (usage.ru_utime + usage.ru_stime) * 1000,
    }


class Worker(LineOnlyReceiver):
    delimiter = b"\n"

    def __init__(self, answers):
        self.answers = answers
        self.tub = None

    def listen(self, certificate, key):
        self.tub = Tub(certData=(certificate + key).encode())
        self.tub.startService()
        # Twisted's default of 50 loses connection attempts when some dozens come at once.
        listener = self.tub.listenOn("tcp:0:interface=127.0.0.1:backlog=1024")
        port = listener._lp.getHost().port
        self.tub.setLocation("tcp:127.0.0.1:%d" % port)
        return {"port": port}

    def links(self):
        return {"links": len(self.tub.brokers)}

    def read(self):
        return read()

    def tell(self, answer):
        print(json.dumps(answer), file=self.answers, flush=True)

    def connectionMade(self):
        self.tell({"name": "Foolscap %s, Python %s" % (foolscap.__version__, sys.version.split()[0])})

    def lineReceived(self, line):
        request = json.loads(line)
        self.tell(getattr(self, request.pop("do"))(**request))

    def connectionLost(self, reason):
        reactor.stop()


def main():
    # Foolscap prints what goes wrong.
    answers, sys.stdout = os.fdopen(os.dup(1), "w"), open(os.devnull, "w")
    StandardIO(Worker(answers))
    reactor.run()


if __name__ == "__main__":
    main()
