"""What a list of 50 costs, beside the C program that does nothing else. See scripts/bench/lists."""

import dataclasses
import os

import measuring
import servers

ROWS = 10_000
ROUNDS = 5
BOUND = 2
"""How many times the CPU of the C program Martlet may need."""

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
    quiet = martlet.command + ["--set", "transport.http.accessLog=false"]
    pairs = {
        "a log line each, as delivered": (
            martlet, servers.floor(options.floor, folder, martlet.database, "log")),
        "no access log": (
            dataclasses.replace(martlet, command=quiet), servers.floor(options.floor, folder, martlet.database)),
    }
    costs = {name: ([], []) for name in pairs}
    for number in range(1, ROUNDS + 1):
        for name, pair in pairs.items():
            for index in (0, 1) if number % 2 else (1, 0):
                measuring.progress(f"round {number}: {pair[index].name}, {name}")
                costs[name][index].append(measure(pair[index], body, options.seconds))
    show(costs)
    return [(f"list of 50, {name}: CPU of Martlet in the C program's", ratio(pair), BOUND, "×") for name, pair in costs.items()]


def fill(martlet):
    """Returns the list as Martlet answers it."""
    try:
        martlet.start()
        measuring.progress(f"loading {ROWS} rows")
        measuring.insert(martlet, ROWS)
        measuring.check(martlet, ROWS)
        return servers.Client(martlet.port).request("GET", "/users?limit=50").body
    finally:
        # With the server the write-ahead log goes: all that follow read the same file.
        martlet.stop()


def measure(server, body, seconds):
    try:
        server.start()
        answer = servers.Client(server.port).request("GET", "/users?limit=50").body
        assert answer == body, f"{server.name} answers another list: {answer[:200]}"
        load = measuring.Load("list of 50", path="/users?limit=50")
        # What a process learns once, and the first pages, are not what a request costs.
        measuring.run(load, server, 1)
        measured = measuring.run(load, server, seconds)
        assert not measured.refused and not measured.broken, f"{server.name} had errors"
        return measured
    finally:
        server.kill()


def ratio(pair):
    ours, floor = (min(each.cpu for each in measured) for measured in pair)
    return ours / floor


def show(costs):
    print(
        f"\nA list of 50 of {ROWS} users on SQLite, CPU µs per request: the lowest (and the highest) of {ROUNDS} rounds, "
        f"wrk -t1 -c{measuring.CONNECTIONS}, {os.cpu_count()} cores\n")
    print("| | Martlet | user | system | C | user | system | Martlet/C |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, pair in costs.items():
        cells = " | ".join(text(measured) for measured in pair)
        print(f"| {name} | {cells} | {ratio(pair):.2f} |")
    (delivered, _), (_, quiet) = costs.values()
    print(f"\nMartlet as delivered, against the C program without the log line: {ratio((delivered, quiet)):.2f}")


def text(measured):
    lowest = min(measured, key=lambda each: each.cpu)
    return f"{lowest.cpu:.1f} ({max(each.cpu for each in measured):.1f}) | {lowest.user:.1f} | {lowest.system:.1f}"
