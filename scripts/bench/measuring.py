"""Puts loads on a server and measures what they cost. See scripts/bench/run."""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import time
from dataclasses import dataclass

import servers
from postgres import times

BENCH = pathlib.Path(__file__).parent
CONNECTIONS = 64
STARTS = 10


@dataclass
class Load:
    name: str
    target: int | None = None
    """How many times less CPU than the tutorial's application Martlet should need."""
    path: str = "/"
    script: str | None = None
    arguments: tuple[str, ...] = ()
    connections: int = CONNECTIONS


@dataclass
class Measurement:
    requests: int
    per_second: float
    # CPU time per request, in microseconds.
    user: float
    system: float
    database: float
    """Of all of PostgreSQL's processes; 0 where there are none."""
    median: str
    percentile99: str
    conflicts: int
    """Answers of 409 that are right."""
    refused: int
    """Answers other than 2xx and 3xx."""
    broken: int
    """Connections cut, and answers that took wrk's 2 s or more."""

    @property
    def cpu(self):
        return self.user + self.system


@dataclass
class Result:
    measurements: list[Measurement]
    starts: list[float]
    resident: int
    peak: int


def common_loads(rows):
    return [
        Load("GET by id", 35, script="get.lua", arguments=("1", str(rows))),
        Load("list of 50", 60, path="/users?limit=50"),
        Load("POST", 60, script="post.lua", arguments=(word(),)),
    ]


def word():
    """One that no other run has."""
    return f"{time.time_ns():x}"


def measure(server, loads, options):
    try:
        progress(f"{server.name}: loading {options.rows} rows")
        server.start()
        insert(server, options.rows)
        server.stop()

        progress(f"{server.name}: starting {STARTS} times")
        starts = []
        for _ in range(STARTS):
            starts.append(server.start())
            server.stop()

        server.start()
        check(server, options.rows)
        measurements = []
        for load in loads:
            progress(f"{server.name}: {load.name}")
            measurements.append(run(load, server, options.seconds))
        return Result(measurements, starts, memory(server, "VmRSS"), memory(server, "VmHWM"))
    finally:
        server.kill()


def insert(server, rows, writers=8):
    """Over HTTP, as a client does it: both databases are what their server made of the same requests."""

    def write(numbers):
        client = servers.Client(server.port)
        for number in numbers:
            user = {"name": f"User {number}", "email": f"user{number}@example.com"}
            answer = client.request("POST", "/users", user)
            if answer.status not in (200, 201):
                raise SystemExit(f"{server.name} answered {answer.status} to {user}: {answer.body[:500]}")
        client.close()

    with concurrent.futures.ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, [range(first, rows, writers) for first in range(writers)]))


def check(server, rows):
    """That the loads read what they are meant to read."""
    client = servers.Client(server.port)
    last = client.request("GET", f"/users/{rows}").json()
    page = client.request("GET", "/users?limit=50").json()
    assert last and last["id"] == rows, f"{server.name}: the ids are not 1 to {rows}"
    assert len(page) == 50, f"{server.name}: the list has {len(page)} records"
    client.close()


def run(load, server, seconds):
    command = ["wrk", "-t1", f"-c{load.connections}", f"-d{seconds}s", "--latency"]
    if load.script:
        command += ["-s", str(BENCH / load.script)]
    command += [f"http://{servers.HOST}:{server.port}{load.path}", "--", *load.arguments]

    before = cpu(server)
    output = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=True).stdout
    costs = [after - start for after, start in zip(cpu(server), before)]

    def find(pattern):
        return re.search(pattern, output)

    requests = int(find(r"(\d+) requests in")[1])
    if requests == 0:
        raise SystemExit(f"{server.name} answered nothing:\n{output}")
    user, system, database = (cost / requests * 1e6 for cost in costs)
    conflicts = int((find(r"Conflicts: (\d+)") or [0, 0])[1])
    refused = int((find(r"Non-2xx or 3xx responses: (\d+)") or [0, 0])[1])
    broken = find(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
    return Measurement(
        requests, float(find(r"Requests/sec:\s+([\d.]+)")[1]), user, system, database,
        find(r"\s50%\s+(\S+)")[1], find(r"\s99%\s+(\S+)")[1],
        conflicts, refused - conflicts, sum(map(int, broken.groups())) if broken else 0)


def cpu(server):
    """Seconds of user and system time of a server, with all its threads, and of PostgreSQL."""
    utime, stime, cutime, cstime = times(server.process.pid)
    return utime + cutime, stime + cstime, server.postgres.cpu() if server.postgres else 0


def memory(server, key):
    """In KiB."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"{key}:\s+(\d+) kB", status)[1])


def progress(text):
    print(text, file=sys.stderr, flush=True)
