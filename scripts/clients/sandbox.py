"""A sandbox for the suite, a receiver of webhooks, and a proxy that loses answers."""

import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler

import dinie
from dinie.webhooks import extract

import server

PDF = b"%PDF-1.7\n% a document"
JPEG = b"\xff\xd8\xff\xe0 a photograph"


class Sandbox(server.Sandbox):
    """A sandbox with the library's clients."""

    def client(self, **options):
        options = {"client_id": self.client_id, "client_secret": self.client_secret, **options}
        return dinie.Dinie(base_url=self.origin + "/api/v3", **options)

    def session_client(self, session_url, **options):
        """Exchanges the code of a link, as a KYC application does."""
        code = session_url.split("code=")[1]
        ids = {key: self.application[key] for key in ("client_id", "client_secret")}
        return self.client(**ids, code=code, **options)


class Receiver(server.Receiver):
    """Verifies and parses each webhook with the library's own code before it answers."""

    def __init__(self):
        self.secret, self.events, self.bodies, self.failures = None, [], [], []
        self._received = threading.Condition()
        super().__init__()

    def receive(self, headers, body):
        try:
            event = extract(headers=dict(headers), body=body, secret=self.secret)
        except Exception as error:  # noqa: BLE001 (the suite reports every error)
            self.failures.append((error, body))
            return 500
        with self._received:
            self.events.append(event)
            self.bodies.append((headers["webhook-id"], json.loads(body)))
            self._received.notify_all()
        return 204

    def wait_for(self, types, about, seconds=120):
        """Waits until an event of each type has come for one of the given resources."""
        def missing():
            come = {event.type for event in self.events if event.data.id in about}
            return set(types) - come
        with self._received:
            if not self._received.wait_for(lambda: not missing(), timeout=seconds):
                raise AssertionError(f"no webhook came for {missing()}; failures: {self.failures}")


class LossyProxy(server.Listener):
    """Forwards requests, and loses the first answer to each POST. The server has done the work, but the caller does not
    know it."""

    def __init__(self, origin):
        proxy = self
        self.keys, self.replayed = [], []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                request = urllib.request.Request(origin + self.path, data=body, method="POST")
                for name, value in self.headers.items():
                    if name.lower() not in ("host", "content-length", "accept-encoding"):
                        request.add_header(name, value)
                answer = urllib.request.urlopen(request)
                content = answer.read()
                key = self.headers.get("idempotency-key")
                lost = key is not None and key not in proxy.keys
                if key is not None:
                    proxy.keys.append(key)
                    proxy.replayed.append(answer.headers.get("idempotent-replayed"))
                self.send_response(503 if lost else answer.status)
                self.send_header("content-type", answer.headers["content-type"])
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        super().__init__(Handler)
