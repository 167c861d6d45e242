"""What a list of 50 costs, beside the C program that does nothing else. See scripts/bench/lists."""

import dataclasses
import os

import measuring
import servers

ROWS = 10_000
ROUNDS = 20
BOUND = 2
"""How many times the CPU of the C program Martlet may need."""
LOAD = measuring.Load("list of 50", path="/users?limit=50")

CONFIGURATION = """
transport: { use: http }
storage: { use: sqlite }
resources: { use: [users] }
"""


def bench(options, folder):
    """Returns what is to be reached: name, value, bound, unit."""
    (folder / "cost.yaml").write_text(CONFIGURATION)
    martlet = servers.martlet(options.martlet, folder, folder / "cost.yaml", name="cost")
    body = fill(martlet)
    quiet = dataclasses.replace(martlet, command=[*martlet.command, "--set", "transport.http.accessLog=false"])
    pairs = {
        "a log line each, as delivered": (martlet, "log"),
        "no access log": (quiet, None),
    }
    costs = {}
    for name, (server, log) in pairs.items():
        floor = servers.floor(options.floor, folder, martlet.database, *filter(None, [log]))
        measuring.progress(f"{ROUNDS} rounds: {name}")
        costs[name] = measure((server, floor), body)
    show(costs)
    (delivered, _), (_, floor) = costs.values()
    costs["as delivered, the C program without a log line"] = (delivered, floor)
    return [(f"list of 50, CPU in the C program's: {name}", ratio(pair), BOUND, "×") for name, pair in costs.items()]


def fill(martlet):
    """Returns the list as Martlet answers it."""
    try:
        martlet.start()
        measuring.progress(f"loading {ROWS} users")
        measuring.insert(martlet, ROWS)
        measuring.check(martlet, ROWS)
        return page(martlet)
    finally:
        # With the server the write-ahead log goes: all that follow read the same file.
        martlet.stop()


def measure(pair, body):
    """The measurements of both, one a round. They run beside each other: one that nobody asks costs nothing."""
    measured = [], []
    try:
        for server in pair:
            server.start()
            assert page(server) == body, f"{server.name} answers another list"
            # What a process learns once, and the first pages, are not what a request costs.
            measuring.run(LOAD, server, 1)
        for number in range(ROUNDS):
            for index in (0, 1) if number % 2 else (1, 0):
                measured[index].append(measuring.run(LOAD, pair[index], 1))
    finally:
        for server in pair:
            server.kill()
    assert not any(each.refused or each.broken for both in measured for each in both), "there were errors"
    return measured


def page(server):
    client = servers.Client(server.port)
    body = client.request("GET", LOAD.path).body
    client.close()
    return body


def ratio(pair):
    ours, floor = (min(each.cpu for each in measured) for measured in pair)
    return ours / floor


def show(costs):
    print(
        f"\nA list of 50 of {ROWS:,} users on SQLite, CPU µs per request: the lowest of {ROUNDS} rounds (their median), "
        f"wrk -t1 -c{measuring.CONNECTIONS}, {os.cpu_count()} cores\n")
    print("| | Martlet | user | system | C | user | system | Martlet/C |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, pair in costs.items():
        cells = " | ".join(text(measured) for measured in pair)
        print(f"| {name} | {cells} | {ratio(pair):.2f} |")


def text(measured):
    ordered = sorted(measured, key=lambda each: each.cpu)
    lowest = ordered[0]
    return f"{lowest.cpu:.1f} ({ordered[len(ordered) // 2].cpu:.1f}) | {lowest.user:.1f} | {lowest.system:.1f}"
