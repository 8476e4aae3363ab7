"""A sandbox of the suite's own, a receiver of webhooks, and a proxy that loses answers."""

import json
import re
import subprocess
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dinie
from dinie.webhooks import extract

PDF = b"%PDF-1.7\n% a document"
JPEG = b"\xff\xd8\xff\xe0 a photograph"


class Sandbox:
    """A server with its first partner and, as people make it, the credential of a KYC application."""

    def __init__(self, binary, settings=""):
        self._folder = tempfile.TemporaryDirectory(prefix="dinie-clients-")
        home = Path(self._folder.name)
        (home / "dinie.toml").write_text(settings)
        self._server = subprocess.Popen(
            [binary, "serve", "--listen", "127.0.0.1:0", "--data", "data"],
            cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        told = self._read(self._server.stdout, r"Docs in")
        partner, self.client_id, self.client_secret = re.search(
            r"partner\s+(\S+)\s+client_id\s+(\S+)\s+client_secret\s+(\S+)", told
        ).groups()
        listening = self._read(self._server.stderr, r'"address":')
        self.origin = "http://" + re.search(r'"address":"([^"]+)"', listening).group(1)
        made = subprocess.run(
            [binary, "credential", "create", "--partner", partner, "--name", "kyc", "--scope",
             "biometrics:exchange", "--json", "--data", "data"],
            cwd=home, capture_output=True, text=True, check=True,
        )
        self.application = json.loads(made.stdout)

    @staticmethod
    def _read(stream, pattern):
        """Reads until a line matches, and on in the background so that the pipe never fills."""
        text = ""
        while not re.search(pattern, text):
            line = stream.readline()
            if not line:
                raise RuntimeError(f"the server ended: {text}")
            text += line
        threading.Thread(target=stream.read, daemon=True).start()
        return text

    def client(self, **options):
        options = {"client_id": self.client_id, "client_secret": self.client_secret, **options}
        return dinie.Dinie(base_url=self.origin + "/api/v3", **options)

    def session_client(self, session_url, **options):
        """What a KYC application makes of a link."""
        code = session_url.split("code=")[1]
        ids = {key: self.application[key] for key in ("client_id", "client_secret")}
        return self.client(**ids, code=code, **options)

    def stop(self):
        self._server.terminate()
        self._server.wait()
        for stream in (self._server.stdout, self._server.stderr):
            stream.close()
        self._folder.cleanup()


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
    """Verifies and parses each webhook with the library's own code before it says that it has it."""

    def __init__(self):
        receiver = self
        self.secret, self.events, self.bodies, self.failures = None, [], [], []
        self._received = threading.Condition()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    event = extract(headers=dict(self.headers), body=body, secret=receiver.secret)
                except Exception as error:  # noqa: BLE001 (whatever it is, the suite shall show it)
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

    def wait_for(self, types, about, seconds=30):
        """Waits until an event of each type has come that is about one of some resources."""
        def missing():
            come = {event.type for event in self.events if event.data.id in about}
            return set(types) - come
        with self._received:
            if not self._received.wait_for(lambda: not missing(), timeout=seconds):
                raise AssertionError(f"no webhook came for {missing()}; failures: {self.failures}")


class LossyProxy(_Listener):
    """Hands requests on, and loses the first answer to each POST: the server has done it, the caller does not
    know."""

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


def until(ask, found, seconds=30):
    """Asks again and again until the answer is what is waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = ask()
        value = found(answer)
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"it did not become what was waited for: {answer}")
