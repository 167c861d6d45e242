"""What the most frequent requests cost, beside the C program that does nothing else. See scripts/bench/lists."""

import os
import re
import shutil
from dataclasses import dataclass

import measuring
import servers

ROWS = 10_000
ROUNDS = 20
BOUNDS = {"GET by id": 2.0, "list of 50": 1.5}
"""How many times the CPU of the C program Martlet may need, as delivered."""
PAIRS = [
    ("as delivered; C writes each line", {}, ["log"]),
    ("as delivered; C gathers lines too", {}, ["gather"]),
    ("no access log", {"transport.http.accessLog": "false"}, []),
]
"""What they have in common, the settings of Martlet, the arguments of the C program."""

CONFIGURATION = """
transport: { use: http }
storage: { use: sqlite }
resources: { use: [users] }
"""


@dataclass
class Cost:
    load: str
    pair: str
    martlet: list[measuring.Measurement]
    floor: list[measuring.Measurement]

    @property
    def ratio(self):
        return lowest(self.martlet).cpu / lowest(self.floor).cpu


def bench(options, folder):
    """Returns what is to be reached: name, value, bound, unit."""
    configuration = folder / "cost.yaml"
    configuration.write_text(CONFIGURATION)
    filled = fill(servers.martlet(options.martlet, folder, configuration, name="filled"))
    costs = []
    for pair, settings, arguments in PAIRS:
        # Each server has the database to itself, as both lock it, and as both write.
        martlet = servers.martlet(options.martlet, folder, configuration, name="cost", settings=settings)
        floor = servers.floor(options.floor, folder, folder / "floor.db", *arguments)
        for server in (martlet, floor):
            copy(filled, server.database)
        costs += measure(pair, martlet, floor)
    show(costs)
    return [
        (f"{cost.load}, CPU in the C program's: {cost.pair}", cost.ratio, BOUNDS[cost.load], "×")
        for cost in costs if cost.pair != PAIRS[-1][0] and cost.load in BOUNDS
    ]


def fill(martlet):
    """Returns the database, which without its server is one file."""
    try:
        martlet.start()
        measuring.progress(f"loading {ROWS} users")
        measuring.insert(martlet, ROWS)
        measuring.check(martlet, ROWS)
        martlet.stop()
    finally:
        martlet.kill()
    return martlet.database


def copy(database, to):
    for suffix in ("-wal", "-shm"):
        to.with_name(to.name + suffix).unlink(missing_ok=True)
    shutil.copy(database, to)


def measure(pair, martlet, floor):
    """The costs of all loads. Both servers run beside each other: one that nobody asks costs nothing."""
    both = (martlet, floor)
    costs = [Cost(load.name, pair, [], []) for load in measuring.common_loads(ROWS)]
    try:
        for server in both:
            server.start()
        same = [answers(server) for server in both]
        assert same[0] == same[1], f"they answer differently: {same}"
        for cost in costs:
            measuring.progress(f"{ROUNDS} rounds: {cost.load}, {pair}")
            for server in both:
                # What a process learns once, and the first pages, are not what a request costs.
                measuring.run(fresh(cost.load), server, 1)
            for number in range(ROUNDS):
                turns = [(martlet, cost.martlet), (floor, cost.floor)]
                for server, measured in turns if number % 2 else turns[::-1]:
                    measured.append(measuring.run(fresh(cost.load), server, 1))
    finally:
        for server in both:
            server.kill()
    measured = [each for cost in costs for each in cost.martlet + cost.floor]
    assert not any(each.refused or each.broken for each in measured), "there were errors"
    return costs


def fresh(name):
    """The load, whose addresses, if it has any, nobody had before."""
    return next(load for load in measuring.common_loads(ROWS) if load.name == name)


def answers(server):
    """What a client gets of each request: the status, the record or list, and the fields that tell of it. The version apart:
    those who start reserve some."""
    client = servers.Client(server.port)
    user = {"name": "Zo\u00eb \"\\\n", "email": "zoe@example.org"}
    requests = [
        ("GET", "/users/7"), ("GET", "/users/0"), ("GET", "/users?limit=50"), ("POST", "/users", user), ("POST", "/users", user),
        ("POST", "/users", user | {"email": "zoe"}), ("POST", "/users", b"{"), ("GET", f"/users/{ROWS + 1}"),
    ]
    told = []
    for request in requests:
        answer = client.request(*request)
        tag = re.sub(r'"\d+', '"', answer.headers.get("etag", ""))
        body = answer.body if answer.status < 300 else None
        told.append((answer.status, body, tag, answer.headers.get("location"), "link" in answer.headers))
    client.close()
    return told


def lowest(measured):
    return min(measured, key=lambda each: each.cpu)


def show(costs):
    print(
        f"\n{ROWS:,} users on SQLite, CPU µs per request: the lowest of {ROUNDS} rounds (their median), "
        f"wrk -t1 -c{measuring.CONNECTIONS}, {os.cpu_count()} cores\n")
    print("| | | Martlet | user | system | C | user | system | Martlet/C |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for cost in costs:
        cells = f"{text(cost.martlet)} | {text(cost.floor)}"
        print(f"| {cost.load} | {cost.pair} | {cells} | {cost.ratio:.2f} |")


def text(measured):
    least, median = lowest(measured), sorted(each.cpu for each in measured)[len(measured) // 2]
    return f"{least.cpu:.1f} ({median:.1f}) | {least.user:.1f} | {least.system:.1f}"
