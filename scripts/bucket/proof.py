"""Files in a bucket: uploads, downloads and contracts, an outage, a backup and its restore, and damage.

The bucket is that of moto, a server of S3's protocol that runs as a process of its own. It keeps objects in memory.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "openapi"))

import seeds  # noqa: E402 (the line above makes it importable)

DINIE = os.environ["DINIE"]
BUCKET = "dinie-files"
# The longest time that an upload may take while the bucket does not answer. The client gives up after about 35 seconds.
PATIENCE = 90


def check(condition, what):
    if not condition:
        raise AssertionError(f"not so: {what}")
    print(f"  ✓ {what}", flush=True)


class Moto:
    """The server of the bucket."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.client = boto3.client(
            "s3", endpoint_url=self.origin, region_name="us-east-1", aws_access_key_id="id",
            aws_secret_access_key="5ec4e7",
        )
        seeds.until(lambda: self._listens(port), bool)
        self.client.create_bucket(Bucket=BUCKET)

    @staticmethod
    def _listens(port):
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", port)) == 0

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def stop(self):
        self._process.kill()
        self._process.wait()

    def settings(self, prefix, name=BUCKET):
        return (
            f'[bucket]\nname = "{name}"\nprefix = "{prefix}"\nendpoint = "{self.origin}"\n'
            'access_key_id = "id"\nsecret_access_key = "5ec4e7"\n'
        )

    def names(self, prefix):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix + "/")
        return sorted(found["Key"] for page in pages for found in page.get("Contents", []))

    def read(self, name):
        return self.client.get_object(Bucket=BUCKET, Key=name)["Body"].read()

    def write(self, name, content):
        self.client.put_object(Bucket=BUCKET, Key=name, Body=content)


def dinie(home, *arguments, status=0):
    """Runs a command in the folder of a configuration. Returns what it printed."""
    ended = subprocess.run([DINIE, *arguments], cwd=home, capture_output=True, text=True, timeout=300)
    said = ended.stdout + ended.stderr
    if ended.returncode != status:
        raise AssertionError(f"dinie {' '.join(arguments)} ended with {ended.returncode}: {said}")
    return said


def content(server, document):
    """A document's content, as an operator downloads it."""
    request = urllib.request.Request(
        f"{server.origin}/operator/v1/documents/{document}",
        headers={"Authorization": f"Bearer {server.operator_token}"},
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def files_are_in_the_bucket(server, moto, home):
    customer = server.customer()
    small = server.upload(f"/v3/customers/{customer}/documents", file=seeds.JPEG, type="selfie")
    # Beyond five MiB the upload has several parts.
    large = seeds.JPEG + os.urandom(9 * 1024 * 1024)
    document = server.upload(f"/v3/customers/{customer}/documents", file=large, type="cnh")
    check(content(server, small["id"]) == seeds.JPEG, "a small file comes back as it was")
    check(content(server, document["id"]) == large, "a file of several parts comes back as it was")
    names = moto.names("one")
    sealed = [moto.read(name) for name in names]
    check(len(names) == 3 and "one/store-id" in names, "the bucket has both, and the store's id")
    check(not any(seeds.JPEG in one or large[:64] in one for one in sealed), "no object can be read without the key")
    check(not (home / "data" / "blobs").exists(), "the data folder has no files")
    _, loan = server.loan("range_offer", "active")
    both = seeds.until(lambda: [name for name in moto.names("one") if "/contracts/" in name], lambda found: len(found) >= 2)
    check(both and loan, "both copies of a loan's contract are in the bucket")


def an_outage_is_a_clear_answer(server, moto):
    customer = server.customer()
    path = f"/v3/customers/{customer}/documents"
    answers = []

    def upload():
        began = time.monotonic()
        try:
            server.upload(path, file=seeds.JPEG, type="selfie")
            answers.append(("taken", time.monotonic() - began))
        except AssertionError as refused:
            answers.append((str(refused), time.monotonic() - began))

    moto.freeze()
    try:
        uploading = threading.Thread(target=upload)
        uploading.start()
        seen = server.ask(f"/v3/customers/{customer}")
        check(seen["id"] == customer, "everything without files goes on while the bucket is silent")
        uploading.join(PATIENCE)
        check(answers and ": 503 " in answers[0][0], f"an upload is answered with 503 ({answers[0][1]:.0f} s)")
    finally:
        moto.thaw()
    again = seeds.until(lambda: upload() or answers[-1][0], lambda last: last == "taken", 30)
    check(again, "the same upload is taken once the bucket answers")


def a_backup_is_whole(moto, home, place):
    backup = place / "backup"
    dinie(home, "backup", "--to", str(backup))
    listed = [line.split("\t")[0] for line in (backup / "files.tsv").read_text().splitlines()]
    same = all((backup / "blobs" / name).read_bytes() == moto.read(f"one/{name}") for name in listed)
    check(len(listed) >= 7 and same, f"the backup has {len(listed)} files of the bucket")
    check("everything is whole" in dinie(home, "verify"), "the bucket's files are whole")
    check("everything is whole" in dinie(home, "verify", "--backup", str(backup)), "so is the backup")
    restored = place / "restored"
    restored.mkdir()
    (restored / "dinie.toml").write_text(moto.settings("two"))
    (restored / "data").mkdir()
    (restored / "data" / "master.key").write_bytes((home / "data" / "master.key").read_bytes())
    dinie(restored, "restore", "--from", str(backup))
    names = sorted(f"two/{name}" for name in [*listed, "store-id"])
    same = all(moto.read(name) == moto.read("one" + name.removeprefix("two")) for name in names)
    check(moto.names("two") == names and same, "a restore puts exactly these files elsewhere in the bucket")
    check("everything is whole" in dinie(restored, "verify"), "the restored database is whole")
    taken = dinie(restored, "restore", "--from", str(backup), status=1)
    check("already exists" in taken, "a second restore overwrites nothing")
    return restored


def damage_is_found(moto, restored):
    files = [name for name in moto.names("two") if not name.endswith("store-id")]
    damaged, deleted = files[0], files[1]
    kept = {name: moto.read(name) for name in (damaged, deleted)}
    wrong = bytearray(kept[damaged])
    wrong[-1] ^= 1
    moto.write(damaged, bytes(wrong))
    moto.client.delete_object(Bucket=BUCKET, Key=deleted)
    said = dinie(restored, "verify", status=1)
    inside = [name.removeprefix("two/") for name in (damaged, deleted)]
    check(all(name in said for name in inside) and "missing" in said, "a damaged object and a missing one are named")
    for name, was in kept.items():
        moto.write(name, was)


def another_store_is_refused(moto, restored):
    for settings, what in (("", "an empty folder"), (moto.settings("three"), "an empty part of the bucket")):
        (restored / "dinie.toml").write_text(settings)
        said = dinie(restored, "serve", "--listen", "127.0.0.1:0", status=1)
        check("the files of this database are elsewhere" in said, f"a server with {what} does not start")
    (restored / "dinie.toml").write_text(moto.settings("two", "another-bucket"))
    said = dinie(restored, "config", "check", status=3)
    check("dinie.toml:2: the bucket another-bucket" in said, "the check of a configuration names the wrong bucket")
    check("5ec4e7" not in said + dinie(restored, "config", "show"), "nothing shows the secret")


def main():
    moto = Moto()
    server = None
    try:
        with tempfile.TemporaryDirectory(prefix="dinie-bucket-") as place:
            server = seeds.Server(DINIE, seeds.SETTINGS + moto.settings("one"))
            home = server.home
            files_are_in_the_bucket(server, moto, home)
            an_outage_is_a_clear_answer(server, moto)
            restored = a_backup_is_whole(moto, home, Path(place))
            damage_is_found(moto, restored)
            another_store_is_refused(moto, restored)
    finally:
        if server:
            server.stop()
        moto.stop()


main()
print("a bucket has the files, and everything holds")
