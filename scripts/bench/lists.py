"""Measures Martlet's lists. See scripts/bench/lists."""

import argparse
import contextlib
import pathlib
import sys
import tempfile

import list_cost


def main():
    options = parse()
    with tempfile.TemporaryDirectory(prefix="martlet-lists-") as folder:
        list_cost.bench(options, pathlib.Path(folder))


def parse():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--floor", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    return parser.parse_args()


if __name__ == "__main__":
    main()
