"""A partner's receiver of webhooks, and a mail server. Each writes what it accepts to a file, a line each.

    sinks.py webhooks FILE       at 127.0.0.1:9000: the webhook-id, and the SHA-256 of the body
    sinks.py mails FILE          at port 2525 of every address: the Message-ID
"""

import hashlib
import http.server
import os
import socketserver
import sys


class Webhooks(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        note(f"{self.headers['webhook-id']} {hashlib.sha256(body).hexdigest()}")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Mails(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client without extensions needs."""

    def handle(self):
        self.say("220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.say("354 go on")
                self.letter()
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def letter(self):
        number = "none"
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            if line.lower().startswith(b"message-id:"):
                number = line.split(b":", 1)[1].decode().strip()
        note(number)
        self.say("250 ok")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


def note(line):
    """One write, so that lines of several processes do not mix."""
    os.write(FILE, f"{line}\n".encode())


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = daemon_threads = True


if __name__ == "__main__":
    kind, path = sys.argv[1:]
    FILE = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    if kind == "webhooks":
        http.server.ThreadingHTTPServer(("127.0.0.1", 9000), Webhooks).serve_forever()
    else:
        Server(("", 2525), Mails).serve_forever()
