"""A sandbox in an empty folder on a free port, for one run."""

import json
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

START_SECONDS = 60
# One client sends all requests of a run, far more than one person does.
LIMITS = """[limits]
requests_per_10s = 100000
operator_requests_per_10s = 100000
page_posts_per_minute = 100000
"""


class Server:
    """Starts the program, reads its first credential, and ends it again."""

    def __init__(self, binary: str, database: str | None):
        self.folder = tempfile.TemporaryDirectory(prefix="oracle-stories-")
        self.binary = str(Path(binary).resolve())
        self.address = f"127.0.0.1:{free_port()}"
        self.settings = ["--data", str(Path(self.folder.name) / "data")]
        self.settings += ["--database", database] if database else []
        (Path(self.folder.name) / "dinie.toml").write_text(LIMITS)
        self.output = Path(self.folder.name) / "output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--listen", self.address, "--without-four-eyes", *self.settings],
                cwd=self.folder.name,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.wait()
        text = self.output.read_text()
        self.client_id = found(r"dinie_ci_test_[0-9a-f]+", text)
        self.client_secret = found(r"dinie_cs_test_[0-9a-f]+", text)
        self.operator_token = self.create_operator()

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended at once:\n{self.output.read_text()}")
            try:
                with urlopen(f"http://{self.address}/ready", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError("the server is not ready within a minute")

    def create_operator(self) -> str:
        made = subprocess.run(
            [self.binary, "operator", "create", "--name", "Oráculo", "--json", *self.settings],
            cwd=self.folder.name,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(made.stdout)["token"]

    def check_ledger(self) -> bool:
        """Runs and prints the program's own check of the ledger, after the stories."""
        check = subprocess.run(
            [self.binary, "ledger", "check", *self.settings],
            cwd=self.folder.name, capture_output=True, text=True, check=False,
        )
        print("dinie ledger check:", check.stdout.strip(), check.stderr.strip())
        return check.returncode == 0

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.folder.cleanup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"the first start printed no credential; is the database empty?\n{text}")
    return match.group()
