#!/usr/bin/python3
"""A client that is nobody: it presents no certificate. Foolscap has no such client, so this one is Python's ssl alone.

It asks for a Tub, says one Hello, and reports on standard output what it is told, one JSON object per line:

  answered     line       the first line of the answer to its GET
  block        lines      a block, which is the server's Hello or what the server says next
  closed                  the server has closed the connection

After the second block it sends back everything that it reads. It ends when the server closes, or standard input does.
"""

import argparse
import json
import os
import socket
import ssl
import sys
import threading


def report(event, **fields):
    print(json.dumps(dict(event=event, **fields)), flush=True)


def read_block(receive):
    """The lines of the next block, read byte by byte so that nothing behind it is touched."""
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        byte = receive(1)
        if not byte:
            return None
        said += byte
    return said.decode().split("\r\n")[:-2]


def converse(tls, hello):
    tls.sendall("".join(line + "\r\n" for line in hello + [""]).encode())
    for _ in range(2):
        block = read_block(tls.recv)
        if block is None:
            return
        report("block", lines=block)
    while True:
        data = tls.recv(4096)
        if not data:
            return
        tls.sendall(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("tub", help="the TubId to ask for")
    parser.add_argument("hello", nargs="+", help="the lines of its Hello")
    options = parser.parse_args()

    def watch():
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    with socket.create_connection(("127.0.0.1", options.port)) as plain:
        lines = ["GET /id/%s HTTP/1.1" % options.tub, "Host: 127.0.0.1", "Upgrade: TLS/1.0", "Connection: Upgrade", ""]
        plain.sendall("".join(line + "\r\n" for line in lines).encode())
        report("answered", line=read_block(plain.recv)[0])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(plain) as tls:
            converse(tls, options.hello)
    report("closed")


if __name__ == "__main__":
    main()
