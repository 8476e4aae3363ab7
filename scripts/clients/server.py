"""A server for one suite, and receivers of its webhooks."""

import json
import re
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Sandbox:
    """A server with its first partner and the credential of a KYC application, made by the command as people do."""

    def __init__(self, binary, settings=""):
        self._folder = tempfile.TemporaryDirectory(prefix="dinie-clients-")
        self.home = home = Path(self._folder.name)
        (home / "dinie.toml").write_text(settings)
        self._server = subprocess.Popen(
            [binary, "serve", "--listen", "127.0.0.1:0", "--data", "data"],
            cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        output = self._read(self._server.stdout, r"Guides and the reference at")
        partner, self.client_id, self.client_secret = re.search(
            r"partner\s+(\S+)\s+client_id\s+(\S+)\s+client_secret\s+(\S+)", output
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
        """Reads until a line matches. Then continues in the background, so that the pipe never fills."""
        text = ""
        while not re.search(pattern, text):
            line = stream.readline()
            if not line:
                raise RuntimeError(f"the server ended: {text}")
            text += line
        threading.Thread(target=stream.read, daemon=True).start()
        return text

    def stop(self):
        self._server.terminate()
        self._server.wait()
        for stream in (self._server.stdout, self._server.stderr):
            stream.close()
        self._folder.cleanup()


class Listener:
    """Answers requests on this machine in the background."""

    def __init__(self, handler):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class Receiver(Listener):
    """Accepts every webhook."""

    def __init__(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(receiver.receive(self.headers, body))
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(Handler)

    def receive(self, headers, body):
        """Takes a webhook. Returns the status of its answer."""
        return 204


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
