"""Measures Martlet and the tutorial's FastAPI application in one run. See scripts/bench/run."""

import argparse
import contextlib
import os
import pathlib
import statistics
import sys
import tempfile

import contention
import servers
from measuring import CONNECTIONS, Load, common_loads, measure, word
from postgres import Postgres


def main():
    options = parse()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="martlet-bench-")))
        postgres = stack.enter_context(Postgres()) if options.storage == "postgres" else None
        measurements = bench(options, folder, postgres)
        if postgres:
            measurements += contention.bench(options, folder, postgres)
    if any(each.refused or each.broken for each in measurements):
        sys.exit("Martlet had errors: the numbers above count for nothing.")


def bench(options, folder, postgres):
    """Returns Martlet's measurements."""
    loads = common_loads(options.rows)
    if postgres:
        loads.append(Load("POST, 3 of 10 taken", script="post-taken.lua", arguments=(word(), str(options.rows))))
    # The tutorial's application has nothing like it.
    own_loads = loads + [Load("POST with a key", script="post.lua", arguments=(word(), "keyed"))]
    ours = measure(servers.martlet(options.martlet, folder, postgres=postgres), own_loads, options)
    peer = measure(servers.fastapi(options.python, folder, postgres), loads, options)

    print(f"\n{options.rows} rows, wrk -t1 -c{CONNECTIONS} -d{options.seconds}s, {os.cpu_count()} cores\n")
    show("Martlet", own_loads, ours, postgres)
    show("FastAPI", loads, peer, postgres)
    if postgres:
        compare_on_postgres(loads, ours, peer)
    else:
        compare(loads, ours, peer)
    return ours.measurements


def parse():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--storage", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rows", type=int, default=10_000)
    return parser.parse_args()


def show(name, loads, result, postgres):
    own, right = ("PostgreSQL", "409") if postgres else (None, None)
    head = [name, "req/s", "CPU µs per request", "user", "system", own, "median", "99 %", right, "refused"]
    print(f"| {' | '.join(each for each in [*head, 'cut or late'] if each)} |")
    print(f"|---|{'---:|' * (10 if postgres else 8)}")
    for load, each in zip(loads, result.measurements):
        database, conflicts = (f" | {each.database:,.1f}", f" | {each.conflicts}") if postgres else ("", "")
        print(
            f"| {load.name} | {each.per_second:,.0f} | {each.cpu:,.1f} | {each.user:,.1f} | {each.system:,.1f}"
            f"{database} | {each.median} | {each.percentile99}{conflicts} | {each.refused} | {each.broken} |")
    print(
        f"\nStart to ready: {statistics.median(result.starts) * 1000:.0f} ms (median of {len(result.starts)}). "
        f"Memory after the load: {result.resident / 1024:.1f} MiB, at most {result.peak / 1024:.1f} MiB.\n")


def compare(loads, ours, peer):
    print("| CPU per request | times less than FastAPI | target | |")
    print("|---|---:|---:|---|")
    for load, own, other in zip(loads, ours.measurements, peer.measurements):
        ratio = other.cpu / own.cpu
        print(f"| {load.name} | {ratio:.1f} | {load.target} | {'reached' if ratio >= load.target else 'MISSED'} |")


def compare_on_postgres(loads, ours, peer):
    print("| CPU per request | times less than FastAPI: the server | PostgreSQL | both |")
    print("|---|---:|---:|---:|")
    for load, own, other in zip(loads, ours.measurements, peer.measurements):
        both = (other.cpu + other.database) / (own.cpu + own.database)
        print(f"| {load.name} | {other.cpu / own.cpu:.1f} | {other.database / own.database:.1f} | {both:.1f} |")


if __name__ == "__main__":
    main()
