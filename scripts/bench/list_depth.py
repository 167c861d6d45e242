"""What a page costs deep in a sorted, filtered list, and at its beginning. See scripts/bench/lists."""

import re

import measuring
import plans
import servers
import things
from contention import milliseconds
from measuring import Load, progress

LIMIT = 50
PATH = f"/things?status=open&sort=-createdAt&limit={LIMIT}"
DEPTH = 10_000
ROUNDS = 3
BOUND = 1.5


def bench(options, server):
    """Returns what is to be reached: name, value, bound, unit."""
    # The last pages are left out: a full one is compared with a full one.
    depth = min(DEPTH, options.rows * things.OPEN[0] // things.OPEN[1] // LIMIT)
    try:
        server.start()
        progress(f"walking to page {depth}")
        pages = {"page 1": PATH, f"page {depth:,}": walk(server, depth)}
        measured = {name: [] for name in pages}
        for number in range(1, ROUNDS + 1):
            for name, path in pages.items():
                progress(f"round {number}: {name}")
                measured[name].append(measuring.run(Load(name, path=path, connections=1), server, options.seconds))
    finally:
        server.kill()
    show(options, measured)
    plans.show(server, pages)
    first, deep = measured.values()
    name = f"page {depth:,} in page 1"
    return [
        (f"{name}: CPU of server and database", lowest(deep, cost) / lowest(first, cost), BOUND, "×"),
        (f"{name}: median latency", lowest(deep, latency) / lowest(first, latency), BOUND, "×"),
    ]


def walk(server, depth):
    """The path of that page, found as a client finds it; and that the pages on the way are the list."""
    client, path = servers.Client(server.port), PATH
    last, seen = "9999", set()
    for number in range(1, depth + 1):
        answer = client.request("GET", path)
        if answer.status != 200:
            raise SystemExit(f"GET {path}: {answer.status} {answer.body[:1000].decode()}")
        records = answer.json()
        times = [last] + [record["createdAt"] for record in records]
        assert len(records) == LIMIT, f"page {number} has {len(records)} records"
        assert all(record["status"] == "open" for record in records), f"page {number} is not filtered"
        assert times == sorted(times, reverse=True), f"page {number} is not in order"
        seen.update(record["id"] for record in records)
        assert len(seen) == number * LIMIT, f"page {number} repeats a record"
        last = times[-1]
        if number < depth:
            path = re.fullmatch(r'<(.+)>; rel="next"', answer.headers["link"])[1]
    client.close()
    return path


def cost(each):
    return each.cpu + each.database


def latency(each):
    return milliseconds(each.median)


def lowest(measured, what):
    return min(what(each) for each in measured)


def show(options, measured):
    print(
        f"\n{options.rows:,} rows, {PATH}, one connection: the lowest (and the highest) of {ROUNDS} rounds\n\n"
        "| | CPU µs per request | of the server | of PostgreSQL | median ms | 99 % ms |\n|---|---:|---:|---:|---:|---:|")
    for name, rounds in measured.items():
        best = min(rounds, key=cost)
        print(
            f"| {name} | {cost(best):.1f} ({max(map(cost, rounds)):.1f}) | {best.cpu:.1f} | {best.database:.1f} "
            f"| {lowest(rounds, latency):.3f} | {min(milliseconds(each.percentile99) for each in rounds):.3f} |")
