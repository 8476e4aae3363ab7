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
    """A running cluster. PostgreSQL refuses to run as root: its user is then `postgres`.

    With the name of a network namespace it runs there, and everybody who reaches the address may connect.
    """

    def __init__(self, folder, address="127.0.0.1", namespace=None):
        self.programs, self.folder, self.address = programs(), folder, address
        self.port = 5432 if namespace else free_port()
        folder.mkdir()
        self.prefix = []
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if namespace:
            self.prefix = ["ip", "netns", "exec", namespace, *self.prefix]
        self.cluster = folder / "cluster"
        self.program("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "-D", self.cluster)
        if namespace:
            with open(self.cluster / "pg_hba.conf", "a") as rules:
                rules.write("host all all all trust\n")
        options = f"-p {self.port} -c listen_addresses={address} -c unix_socket_directories='' -c fsync=off"
        self.program("pg_ctl", "start", "--wait", "-D", self.cluster, "-l", folder / "log", "-o", options)
        self.psql("create role dinie login createdb", "create role dinie_owner", "create database dinie owner dinie")

    def program(self, name, *arguments):
        subprocess.run([*self.prefix, self.programs / name, *arguments], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def psql(self, *statements):
        commands = [word for statement in statements for word in ("--command", statement)]
        self.program("psql", "--quiet", "--no-psqlrc", self.url("postgres", "postgres"), *commands)

    def url(self, user, database):
        return f"postgres://{user}@{self.address}:{self.port}/{database}"

    def stop(self):
        self.program("pg_ctl", "stop", "--mode=immediate", "-D", self.cluster)
