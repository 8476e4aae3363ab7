"""A sandbox for the suite, a receiver of webhooks, and a proxy that loses answers."""

import json
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dinie
from dinie.webhooks import extract

from server import Sandbox as Server

PDF = b"%PDF-1.7\n% a document"
JPEG = b"\xff\xd8\xff\xe0 a photograph"


class Sandbox(Server):
    """A sandbox with the library's clients."""

    def client(self, **options):
        options = {"client_id": self.client_id, "client_secret": self.client_secret, **options}
        return dinie.Dinie(base_url=self.origin + "/api/v3", **options)

    def session_client(self, session_url, **options):
        """Exchanges the code of a link, as a KYC application does."""
        code = session_url.split("code=")[1]
        ids = {key: self.application[key] for key in ("client_id", "client_secret")}
        return self.client(**ids, code=code, **options)

class _Listener:
    def __init__(self, handler):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class Receiver(_Listener):
    """Verifies and parses each webhook with the library's own code before it answers."""

    def __init__(self):
        receiver = self
        self.secret, self.events, self.bodies, self.failures = None, [], [], []
        self._received = threading.Condition()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    event = extract(headers=dict(self.headers), body=body, secret=receiver.secret)
                except Exception as error:  # noqa: BLE001 (the suite reports every error)
                    receiver.failures.append((error, body))
                    self.send_response(500)
                else:
                    with receiver._received:
                        receiver.events.append(event)
                        receiver.bodies.append((self.headers["webhook-id"], json.loads(body)))
                        receiver._received.notify_all()
                    self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(Handler)

    def wait_for(self, types, about, seconds=120):
        """Waits until an event of each type has come for one of the given resources."""
        def missing():
            come = {event.type for event in self.events if event.data.id in about}
            return set(types) - come
        with self._received:
            if not self._received.wait_for(lambda: not missing(), timeout=seconds):
                raise AssertionError(f"no webhook came for {missing()}; failures: {self.failures}")


class LossyProxy(_Listener):
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


def until(ask, found, seconds=120):
    """Repeats a request until its answer meets the condition."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = ask()
        value = found(answer)
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"the expected answer did not come: {answer}")
