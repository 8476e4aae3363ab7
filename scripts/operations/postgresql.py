"""A PostgreSQL for the pages: a new cluster in a folder, with the database `dinie` and its owner of the same name."""

import os
import pathlib
import shutil
import subprocess

from blocks import free_port


def programs():
    """The folder of the server's programs, or None."""
    newest = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = newest[-1] if newest else shutil.which("initdb")
    return pathlib.Path(found).parent if found else None


class PostgreSQL:
    """A running cluster. PostgreSQL refuses to run as root: its user is then `postgres`."""

    def __init__(self, folder):
        self.programs, self.folder, self.port = programs(), folder, free_port()
        folder.mkdir()
        self.prefix = []
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self.cluster = folder / "cluster"
        self.program("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "-D", self.cluster)
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self.program("pg_ctl", "start", "--wait", "-D", self.cluster, "-l", folder / "log", "-o", options)
        self.psql("create role dinie login createdb", "create role dinie_owner", "create database dinie owner dinie")

    def program(self, name, *arguments):
        subprocess.run([*self.prefix, self.programs / name, *arguments], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def psql(self, *statements):
        commands = [word for statement in statements for word in ("--command", statement)]
        self.program("psql", "--quiet", "--no-psqlrc", self.url("postgres", "postgres"), *commands)

    def url(self, user, database):
        return f"postgres://{user}@127.0.0.1:{self.port}/{database}"

    def stop(self):
        self.program("pg_ctl", "stop", "--mode=immediate", "-D", self.cluster)
