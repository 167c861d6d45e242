"""Measures two builds of Martlet in one run. See scripts/bench/compare."""

import argparse
import contextlib
import os
import pathlib
import statistics
import sys
import tempfile

import measuring
import servers
from postgres import Postgres

# What any build understands, whatever this source's own configuration has become.
CONFIGURATION = """
transport: { use: http }
storage: { use: sqlite }
resources: { use: [users] }
"""


def main():
    options = parse()
    loads = measuring.common_loads(options.rows)
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="martlet-compare-")))
        postgres = stack.enter_context(Postgres()) if options.storage == "postgres" else None
        both = {}
        for name, executable in [("old", options.old), ("new", options.new)]:
            both[name] = start(name, executable, folder / name, postgres, options.rows)
            stack.callback(both[name].kill)
        measured = measure(both, loads, options)
    show(loads, measured, options)
    if any(each.refused or each.broken for measurements in measured.values() for each in measurements):
        sys.exit("There were errors: the numbers above count for nothing.")


def parse():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--old", required=True)
    parser.add_argument("--new", required=True)
    parser.add_argument("--storage", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1000)
    return parser.parse_args()


def start(name, executable, folder, postgres, rows):
    folder.mkdir()
    configuration = folder / "martlet.yaml"
    configuration.write_text(CONFIGURATION)
    server = servers.martlet(executable, folder, configuration, postgres, name)
    server.name = name
    try:
        server.start()
        measuring.insert(server, rows)
        measuring.check(server, rows)
    except BaseException:
        server.kill()
        raise
    return server


def measure(both, loads, options):
    """The measurements of each server and load, one a round."""
    measured = {(name, load.name): [] for name in both for load in loads}
    for number in range(1, options.rounds + 1):
        names = list(both) if number % 2 else list(both)[::-1]
        for load in loads:
            for name in names:
                measuring.progress(f"round {number}: {load.name}, {name}")
                # Addresses are new ones in each round.
                arguments = load.arguments if load.name != "POST" else (f"{load.arguments[0]}.{number}",)
                once = measuring.Load(load.name, path=load.path, script=load.script, arguments=arguments)
                measured[name, load.name].append(measuring.run(once, both[name], options.seconds))
    return measured


def show(loads, measured, options):
    print(
        f"\nmedian (lowest to highest) of {options.rounds} rounds of {options.seconds} s, "
        f"wrk -t1 -c{measuring.CONNECTIONS}, {os.cpu_count()} cores")
    show_costs("CPU µs of the server per request", loads, measured, lambda each: each.cpu)
    if options.storage == "postgres":
        show_costs("CPU µs of PostgreSQL per request", loads, measured, lambda each: each.database)


def show_costs(title, loads, measured, cost):
    print(f"\n| {title} | old | new | new/old |")
    print("|---|---:|---:|---:|")
    for load in loads:
        old, new = ([cost(each) for each in measured[name, load.name]] for name in ("old", "new"))
        print(f"| {load.name} | {text(old)} | {text(new)} | {statistics.median(new) / statistics.median(old):.3f} |")


def text(costs):
    return f"{statistics.median(costs):.2f} ({min(costs):.2f} to {max(costs):.2f})"


main()
