"""The shell blocks of documents, run as one script in one shell. scripts/readme and scripts/operations use it."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE_S = 600


def blocks(name, section=None, fence="sh"):
    """A document's blocks with this fence, each with its place. A section is named by its heading."""
    text = (ROOT / name).read_text()
    begin, end = 0, len(text)
    if section:
        begin = text.index(f"\n## {section}\n")
        after = text.find("\n## ", begin + 1)
        end = after if after != -1 else end
    for block in re.finditer(rf"^```{fence}\n(.*?)^```$", text[begin:end], re.MULTILINE | re.DOTALL):
        line = text[: begin + block.start()].count("\n") + 2
        yield f"{name}:{line}", block[1]


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def script_of(blocks, prelude, replaced):
    """One script of all blocks. It prints each block's number before the block, to separate the output."""
    parts = [prelude]
    for place, (_, block) in enumerate(blocks):
        for text, other in replaced.items():
            block = block.replace(text, other)
        parts.append(f"printf '\\n@@%s\\n' {place}\n{block}")
    return "\n".join(parts) + "\nprintf '\\n@@end\\n'\n"


def run(folder, script, variables, patience_s=PATIENCE_S):
    """Runs the script in its folder, and ends the processes that it left. Returns its fault, if any, and its output."""
    (folder / "script.sh").write_text(script)
    environment = dict(os.environ, XDG_CONFIG_HOME=str(folder / "config"), **variables)
    with open(folder / "output", "wb") as output:
        shell = subprocess.Popen(
            ["bash", "script.sh"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )
        try:
            status = shell.wait(patience_s)
        except subprocess.TimeoutExpired:
            status = f"no end after {patience_s} s"
        finally:
            # If the script failed before it started its server, there is no process to end.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
    said = (folder / "output").read_text(errors="replace")
    if status != 0 or "\n@@end\n" not in said:
        return f"{said}\nthe script ended with {status} in its last block above", said
    return None, said


def faults_of(blocks, expected, output):
    """The expected patterns that the blocks did not print. Each block has its words and its patterns."""
    said = dict(re.findall(r"^@@(\d+)\n(.*?)(?=^@@)", output, re.MULTILINE | re.DOTALL))
    for place, (words, patterns) in enumerate(expected):
        where, block = blocks[place]
        if words not in block:
            yield f"{where}: {words!r} is expected in this block, but the block does not contain it"
        for pattern in patterns:
            if not re.search(pattern, said.get(str(place), ""), re.MULTILINE):
                yield f"{where}: the block did not print {pattern!r}, but:\n{said.get(str(place))}"
