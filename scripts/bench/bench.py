"""Measures Martlet and the tutorial's FastAPI application in one run. See scripts/bench/run."""

import argparse
import concurrent.futures
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import servers

BENCH = pathlib.Path(__file__).parent
CONNECTIONS = 64
STARTS = 10
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Load:
    name: str
    target: int | None = None
    """How many times less CPU than the tutorial's application Martlet should need."""
    path: str = "/"
    script: str | None = None
    arguments: tuple[str, ...] = ()


@dataclass
class Measurement:
    requests: int
    per_second: float
    user: float
    system: float
    median: str
    percentile99: str
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


def main():
    options = parse()
    loads = common_loads(options.rows)
    # The tutorial's application has nothing like it.
    own_loads = loads + [Load("POST with a key", script="post.lua", arguments=(f"{time.time_ns():x}", "keyed"))]
    with tempfile.TemporaryDirectory(prefix="martlet-bench-") as folder:
        ours = measure(servers.martlet(options.martlet, folder), own_loads, options)
        peer = measure(servers.fastapi(options.python, folder), loads, options)

    print(f"\n{options.rows} rows, wrk -t1 -c{CONNECTIONS} -d{options.seconds}s, {os.cpu_count()} cores\n")
    show("Martlet", own_loads, ours)
    show("FastAPI", loads, peer)
    compare(loads, ours, peer)
    if any(each.refused or each.broken for each in ours.measurements):
        sys.exit("Martlet had errors: the numbers above count for nothing.")


def common_loads(rows):
    return [
        Load("GET by id", 35, script="get.lua", arguments=("1", str(rows))),
        Load("list of 50", 60, path="/users?limit=50"),
        Load("POST", 60, script="post.lua", arguments=(f"{time.time_ns():x}",)),
    ]


def parse():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rows", type=int, default=10_000)
    return parser.parse_args()


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
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    if load.script:
        command += ["-s", str(BENCH / load.script)]
    command += [f"http://{servers.HOST}:{server.port}{load.path}", "--", *load.arguments]

    before = cpu(server.process.pid)
    output = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=True).stdout
    user, system = (after - start for after, start in zip(cpu(server.process.pid), before))

    def find(pattern):
        return re.search(pattern, output)

    requests = int(find(r"(\d+) requests in")[1])
    if requests == 0:
        raise SystemExit(f"{server.name} answered nothing:\n{output}")
    refused = find(r"Non-2xx or 3xx responses: (\d+)")
    broken = find(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
    return Measurement(
        requests, float(find(r"Requests/sec:\s+([\d.]+)")[1]), user / requests * 1e6, system / requests * 1e6,
        find(r"\s50%\s+(\S+)")[1], find(r"\s99%\s+(\S+)")[1],
        int(refused[1]) if refused else 0, sum(map(int, broken.groups())) if broken else 0)


def cpu(pid):
    """Seconds of user and system time of a process: all its threads, and the children it has waited for (proc(5))."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    utime, stime, cutime, cstime = map(int, fields[11:15])
    return (utime + cutime) / TICKS, (stime + cstime) / TICKS


def memory(server, key):
    """In KiB."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"{key}:\s+(\d+) kB", status)[1])


def show(name, loads, result):
    print(f"| {name} | req/s | CPU µs per request | user | system | median | 99 % | refused | cut or late |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for load, each in zip(loads, result.measurements):
        print(
            f"| {load.name} | {each.per_second:,.0f} | {each.cpu:,.1f} | {each.user:,.1f} | {each.system:,.1f} "
            f"| {each.median} | {each.percentile99} | {each.refused} | {each.broken} |")
    print(
        f"\nStart to ready: {statistics.median(result.starts) * 1000:.0f} ms (median of {len(result.starts)}). "
        f"Memory after the load: {result.resident / 1024:.1f} MiB, at most {result.peak / 1024:.1f} MiB.\n")


def compare(loads, ours, peer):
    print("| CPU per request | times less than FastAPI | target | |")
    print("|---|---:|---:|---|")
    for load, own, other in zip(loads, ours.measurements, peer.measurements):
        ratio = other.cpu / own.cpu
        print(f"| {load.name} | {ratio:.1f} | {load.target} | {'reached' if ratio >= load.target else 'MISSED'} |")


def progress(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
