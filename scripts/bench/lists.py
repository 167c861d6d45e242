"""Measures Martlet's lists. See scripts/bench/lists."""

import argparse
import contextlib
import pathlib
import tempfile

import cost
import list_depth
import list_scan
import things
from postgres import Postgres


def main():
    options = parse()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="martlet-lists-")))
        targets = []
        # The C program is one for SQLite.
        if "cost" in options.only and options.storage == "sqlite":
            targets += cost.bench(options, folder)
        if {"depth", "scan"} & set(options.only):
            postgres = stack.enter_context(Postgres()) if options.storage == "postgres" else None
            server = things.prepare(options, folder, postgres)
            if "depth" in options.only:
                targets += list_depth.bench(options, server)
            if "scan" in options.only:
                targets += list_scan.bench(options, server)
    show(options, targets)


def parse():
    parts = ["cost", "depth", "scan"]
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--floor", required=True)
    parser.add_argument("--storage", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=parts, nargs="+", default=parts)
    return parser.parse_args()


def show(options, targets):
    print(f"\n| on {options.storage} | measured | at most | |\n|---|---:|---:|---|")
    for name, value, bound, unit in targets:
        print(f"| {name} | {value:.2f}{unit} | {bound}{unit} | {'reached' if value <= bound else 'MISSED'} |")


if __name__ == "__main__":
    main()
