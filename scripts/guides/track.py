"""Runs the blocks of one guide in one language against its own sandbox."""

import contextlib
import itertools
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

from guide import Fault, matches

HOME = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 120


# Ports below those that systems give to outgoing connections: a port that was free stays free until its server starts.
PORTS = itertools.chain(range(random.randrange(21_000, 31_000), 31_000), range(20_000, 21_000))
ONE_AT_A_TIME = threading.Lock()


def free_port():
    with ONE_AT_A_TIME:
        for port in PORTS:
            with socket.socket() as tried, contextlib.suppress(OSError):
                tried.bind(("127.0.0.1", port))
                return port
    raise RuntimeError("no port is free")


class Session:
    """A process that runs one script, block by block."""

    def __init__(self, folder, command, script, environment):
        self.output = folder / f"{script}.output"
        read_end, self._gate = os.pipe()
        os.set_inheritable(read_end, True)
        environment = {**environment, "GUIDE_GATE": str(read_end), "GUIDE_HOME": str(HOME),
                       "GUIDE_ENV": str(folder / ".environment")}
        with open(self.output, "wb") as output:
            self._process = subprocess.Popen(
                [*command, script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, pass_fds=[read_end], start_new_session=True,
            )
        os.close(read_end)

    def run(self, place):
        """Runs a block. Returns whether it ended, and what it printed."""
        begin, end = f"\n\x1ebegin:{place}\n", f"\n\x1eend:{place}\n"
        if not self._until(begin):
            return False, self._said()
        os.write(self._gate, b".")
        ended = self._until(end)
        said = self._said().split(begin, 1)[-1].split(end, 1)[0]
        if ended:
            os.write(self._gate, b".")
        return ended, said

    def _said(self):
        return self.output.read_text(errors="replace")

    def _until(self, mark):
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            over = self._process.poll() is not None
            if mark in self._said():
                return True
            if over:
                return False
            time.sleep(0.02)
        return False

    def stop(self):
        """Ends the process and everything that it left behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._gate)


class Track:
    """The blocks of a guide in one language, with their own folder and sandbox."""

    def __init__(self, guide, language, binary, python):
        self.guide, self.language = guide, language
        self._binary, self._python = binary, python
        self._ports = {"8080": str(free_port()), "9000": str(free_port())}
        self._sessions, self._server = {}, None

    def run(self):
        """Runs every block of the track in order. Returns the number of blocks, and raises a `Fault`."""
        with tempfile.TemporaryDirectory(prefix="dinie-guide-", ignore_cleanup_errors=True) as temporary:
            self._folder = pathlib.Path(temporary)
            try:
                self._environment = self._prepare()
                blocks = [(place, block) for place, block in enumerate(self.guide.blocks)
                          if self.language in block.tracks and (block.runs or block.file)]
                for place, block in blocks:
                    if block.file:
                        (self._folder / block.file).write_text(self._placed(block.code))
                    else:
                        self._run_block(place, block)
                return len(blocks)
            finally:
                self._stop()

    def _prepare(self):
        programs = self._folder / "bin"
        programs.mkdir()
        (programs / "dinie").symlink_to(self._binary)
        origin = f"http://127.0.0.1:{self._ports['8080']}"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DINIE_")},
            "PATH": f"{programs}:{self._python.parent}:{os.environ['PATH']}", "DINIE_URL": origin,
            # The person's own profiles stay as they are.
            "XDG_CONFIG_HOME": str(self._folder / ".config"),
            "DINIE_LISTEN": origin.removeprefix("http://"), "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            # Node.js 18 warns of parts of `fetch` that it calls experimental.
            "NODE_NO_WARNINGS": "1", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1",
            "GUIDE_PROBLEM": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8",
        }
        if self.guide.front.get("sandbox", True):
            environment.update(self._serve(environment))
        return environment

    def _serve(self, environment):
        """Starts the track's sandbox. Returns the variables with its first credential."""
        log = self._folder / "sandbox.log"
        with open(log, "wb") as output:
            self._server = subprocess.Popen(
                [self._binary, "serve"], cwd=self._folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            found = re.search(r"client_id +(\S+)\s+client_secret +(\S+)", log.read_text())
            if found and "the server listens" in log.read_text():
                return {"DINIE_CLIENT_ID": found[1], "DINIE_CLIENT_SECRET": found[2]}
            time.sleep(0.02)
        raise Fault(f"{self.guide.name}: the sandbox did not start:\n{log.read_text()}")

    def _placed(self, code):
        """Code with the ports of this track."""
        return re.sub(r"\b(8080|9000)\b", lambda port: self._ports[port[0]], code)

    def _session(self, language):
        """The track's session of a language. It begins with the first block, with what the shell has exported so far."""
        if language not in self._sessions:
            script, command = {
                "bash": ("guide.sh", ["bash"]),
                "python": ("guide.py", [str(self._python)]),
                "javascript": ("guide.mjs", ["node"]),
            }[language]
            (self._folder / script).write_text(self._placed(self.guide.script(self.language, language)))
            exported = self._folder / ".environment"
            environment = dict(self._environment)
            if exported.exists():
                pairs = exported.read_bytes().decode().split("\0")
                environment = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
            self._sessions[language] = Session(self._folder, command, script, environment)
        return self._sessions[language]

    def _run_block(self, place, block):
        ended, said = self._session(block.language).run(place)
        where = f"{self.guide.name}:{block.line}: the {block.language} block"
        if not ended:
            raise Fault(f"{where} failed ({self.language}):\n{said}")
        if block.output is None:
            return
        expected = self._placed(block.output.code)
        if not matches(expected, said, "figures" in block.output.words):
            raise Fault(f"{where} printed something else ({self.language}):\n--- expected\n{expected}--- printed\n{said}")

    def _stop(self):
        for session in self._sessions.values():
            session.stop()
        if self._server:
            self._server.kill()
            self._server.wait()
