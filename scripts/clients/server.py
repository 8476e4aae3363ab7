"""A server for one suite."""

import json
import re
import subprocess
import tempfile
import threading
from pathlib import Path


class Sandbox:
    """A server with its first partner and the credential of a KYC application, made by the command as people do."""

    def __init__(self, binary, settings=""):
        self._folder = tempfile.TemporaryDirectory(prefix="dinie-clients-")
        home = Path(self._folder.name)
        (home / "dinie.toml").write_text(settings)
        self._server = subprocess.Popen(
            [binary, "serve", "--listen", "127.0.0.1:0", "--data", "data"],
            cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        output = self._read(self._server.stdout, r"Docs in")
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
