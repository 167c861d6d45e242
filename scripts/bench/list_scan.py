"""What others notice of a client that has a million rows read again and again. See scripts/bench/lists."""

import collections
import sys
import threading
import time
from dataclasses import dataclass

import measuring
import servers
import things
from contention import Client, milliseconds
from measuring import Load, progress

PERCENTILE_99 = 20
HEALTH = 100
"""In milliseconds."""

SCANS = {
    "nobody": None,
    "a filter that no index serves": "/things?note.like=*zzz*",
    "a count of all": "/things?count=true&limit=1",
}


@dataclass
class Result:
    load: Load
    scan: str
    measured: measuring.Measurement
    health: list[float]
    """Milliseconds of each answer."""
    answers: collections.Counter


def bench(options, server):
    """Returns what is to be reached: name, value, bound, unit."""
    keys = ("1", str(options.rows), "things")
    loads = [
        # A mean pause of 4 ms: some 2,000 requests a second.
        Load("GET by id, 8 connections with pauses", script="get.lua", arguments=(*keys, "4"), connections=8),
        Load("GET by id, 64 connections", script="get.lua", arguments=keys),
    ]
    try:
        server.start()
        for path in filter(None, SCANS.values()):
            things.get(server, path)
        results = [beside(scan, load, server, options.seconds) for load in loads for scan in SCANS]
    finally:
        server.kill()
    show(options, results)
    if any(each.measured.refused or each.measured.broken for each in results):
        sys.exit("Martlet had errors: the numbers above count for nothing.")
    moderate = [each for each in results if each.load is loads[0] and SCANS[each.scan]]
    return [
        target
        for each in moderate
        for target in (
            (f"beside {each.scan}: GET by id, 99 %", milliseconds(each.measured.percentile99), PERCENTILE_99, " ms"),
            (f"beside {each.scan}: GET /health/ready, slowest", max(each.health), HEALTH, " ms"),
        )
    ]


def beside(scan, load, server, seconds):
    progress(f"{load.name} beside {scan}")
    scanner = Client(server.port, "GET", SCANS[scan]) if SCANS[scan] else None
    probe = Probe(server.port)
    if scanner:
        scanner.start()
    probe.start()
    measured = measuring.run(load, server, seconds)
    probe.end()
    if scanner:
        scanner.ending.set()
        scanner.join()
    return Result(load, scan, measured, probe.times, scanner.answers if scanner else collections.Counter())


class Probe(threading.Thread):
    """Asks for the server's health 20 times a second, as a load balancer does it, but more often."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.times = port, []
        self.ending = threading.Event()

    def run(self):
        client = servers.Client(self.port)
        while not self.ending.wait(0.05):
            began = time.perf_counter()
            status = client.request("GET", "/health/ready").status
            # One that is not 200 is as late as can be.
            self.times.append((time.perf_counter() - began) * 1000 if status == 200 else float("inf"))
        client.close()

    def end(self):
        self.ending.set()
        self.join()


def show(options, results):
    print(f"\n{options.rows:,} rows; one connection asks again and again for what reads all of them\n")
    print("| load | beside | its answers | req/s | median | 99 % | health: median ms | slowest ms | refused | cut or late |")
    print("|---|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for each in results:
        answers = ", ".join(f"{count} × {answer}" for answer, count in sorted(each.answers.items(), key=str))
        health = sorted(each.health)
        print(
            f"| {each.load.name} | {each.scan} | {answers} | {each.measured.per_second:,.0f} | {each.measured.median} "
            f"| {each.measured.percentile99} | {health[len(health) // 2]:.1f} | {health[-1]:.1f} "
            f"| {each.measured.refused} | {each.measured.broken} |")
