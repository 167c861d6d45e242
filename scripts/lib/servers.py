"""Starts and stops the servers that the scripts try: Martlet and what it is compared with.

All on the loopback interface, on a free port, and ended by process id.
"""

import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field

from postgres import Postgres

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"

# Asked to end, a script still ends its servers and removes its folder.
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, _: sys.exit(128 + number))


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    def json(self):
        return json.loads(self.body)


class Client:
    """One connection, kept alive and opened again when it is gone."""

    def __init__(self, port, timeout=30):
        self.connection = http.client.HTTPConnection(HOST, port, timeout=timeout)

    def request(self, method, path, body=None, headers=None):
        """`body` is bytes that are sent as they are, or a value that is sent as JSON."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        default = {"Content-Type": "application/json"} if body is not None else {}
        try:
            self.connection.request(method, path, body, default | (headers or {}))
            response = self.connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, response.read(), names)
        except BaseException:
            self.close()
            raise

    def close(self):
        self.connection.close()


@dataclass
class Server:
    """A command that serves users on a port. Its output goes to `log`. Its database is the file `database`, or in
    `postgres`."""

    name: str
    command: list[str]
    log: pathlib.Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    database: pathlib.Path | None = None
    postgres: Postgres | None = None
    process: subprocess.Popen | None = None

    def start(self, deadline=30.0):
        """Returns the seconds from starting the process to its first answer from the database."""
        began = time.perf_counter()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=os.environ | self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if Client(self.port).request("GET", "/users?limit=1").status == 200:
                    return time.perf_counter() - began
            if self.process.poll() is not None or time.perf_counter() - began > deadline:
                self.kill()
                raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.001)

    def stop(self):
        """Asks it to end, as a service manager does, and sees that it does."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise SystemExit(f"{self.name} did not end within 20 s of SIGTERM")
        self.process = None

    def kill(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


def martlet(executable, folder, configuration=None, postgres=None, name="martlet", settings=None):
    """On a database in `folder`, or in `postgres`, otherwise as it is configured by default: every commit is
    synchronised to disk.

    `configuration` is a file instead of this source's own, `name` what its files and its database are called, `settings`
    are some more."""
    folder, port = pathlib.Path(folder), free_port()
    database, environment = None, {}
    settings = {"transport.http.host": HOST, "transport.http.port": port} | (settings or {})
    if postgres:
        postgres.create(name)
        settings["storage.use"] = "postgres"
        environment["DATABASE_URL"] = postgres.url(name)
    else:
        settings["storage.sqlite.path"] = database = folder / f"{name}.db"
    command = [str(executable), "serve"]
    if configuration:
        command += ["--config", str(configuration)]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    return Server("Martlet", command, folder / f"{name}.log", port, environment, database, postgres)


def fastapi(python, folder, postgres=None):
    """On a database in `folder`, or in `postgres`, with the database's own defaults: every commit is synchronised to
    disk."""
    folder, port = pathlib.Path(folder), free_port()
    database = None
    if postgres:
        postgres.create("fastapi")
        url = postgres.url("fastapi", "postgresql+psycopg")
    else:
        database = folder / "fastapi.db"
        url = f"sqlite:///{database}"
    command = [str(python), "-m", "uvicorn", "--app-dir", str(ROOT / "scripts/bench/peers/fastapi"), "main:app"]
    command += ["--host", HOST, "--port", str(port)]
    return Server("FastAPI", command, folder / "fastapi.log", port, {"DATABASE_URL": url}, database, postgres)


def floor(executable, folder, database, *arguments):
    """The C program of scripts/bench/floor, on the file that Martlet has made."""
    port = free_port()
    command = [str(executable), str(database), str(port), *arguments]
    return Server("C", command, pathlib.Path(folder) / "floor.log", port, database=database)


def free_port():
    """Below the range that the system takes for outgoing connections, so that it stays free between two starts."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((HOST, port))
            return port
