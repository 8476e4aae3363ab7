"""Machines for the proofs: network namespaces on one bridge, each with its own address. Only root on Linux makes them.

The script starts itself again in namespaces of its own for mounts, processes and the network. So nothing of this machine is
reached, and everything ends with the script.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

INSIDE = "DINIE_MACHINES"
NETWORK = "10.46.0"


def enter():
    """Goes on in own namespaces. Returns there only."""
    if INSIDE in os.environ:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
        # `ip netns` keeps its names here.
        os.makedirs("/run/netns", exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        subprocess.run(["ip", "link", "add", "bridge", "type", "bridge"], check=True)
        subprocess.run(["ip", "address", "add", f"{NETWORK}.1/24", "dev", "bridge"], check=True)
        subprocess.run(["ip", "link", "set", "bridge", "up"], check=True)
        return
    if sys.platform != "linux" or os.getuid() != 0:
        sys.exit("this proof makes network namespaces, so it needs root on Linux")
    for program in ("ip", "unshare", "haproxy"):
        if not shutil.which(program):
            sys.exit(f"this proof needs {program}: scripts/setup deploy installs it")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", sys.executable, *sys.argv])


def work_folder(name):
    """A folder that every user may pass, for the database's user."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"dinie-{name}-"))
    folder.chmod(0o755)
    return folder


class Host:
    """A machine with one address."""

    def __init__(self, name, number):
        self.name, self.address = name, f"{NETWORK}.{number}"
        commands = [
            ["ip", "netns", "add", name],
            ["ip", "link", "add", f"v{number}", "type", "veth", "peer", "name", "eth0", "netns", name],
            ["ip", "link", "set", f"v{number}", "master", "bridge", "up"],
            [*self.inside(), "ip", "address", "add", f"{self.address}/24", "dev", "eth0"],
            [*self.inside(), "ip", "link", "set", "eth0", "up"],
            [*self.inside(), "ip", "link", "set", "lo", "up"],
        ]
        for command in commands:
            subprocess.run(command, check=True)

    def inside(self):
        return ["ip", "netns", "exec", self.name]

    def start(self, arguments, log, names=None, **more):
        """Starts a program here. Its output goes to the end of the log. `names` is its own file of host names."""
        prefix = self.inside()
        if names:
            # The namespace of mounts is the program's own. No name server answers.
            script = 'mount --bind "$0" /etc/hosts && mount --bind /dev/null /etc/resolv.conf && exec "$@"'
            prefix += ["sh", "-c", script, names]
        with open(log, "ab") as output:
            return subprocess.Popen([*map(str, [*prefix, *arguments])], stdin=subprocess.DEVNULL, stdout=output,
                                    stderr=subprocess.STDOUT, **more)
