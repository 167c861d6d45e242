"""Counts in one record, from many clients at once. See scripts/soak."""

import argparse
import pathlib
import re
import sys
import tempfile
import threading
import time

import servers

CONTROL_SECONDS = 1
CONFIGURATION = """
transport: {{ use: http }}
storage: {{ use: sqlite }}
resources: {{ use: [users, declared], declared: {{ path: {folder} }} }}
"""
COUNTERS = """
fields:
  id: { type: integer, key: generated }
  name: { type: string, default: counter }
  count: { type: integer, range: 0.., default: 0 }
"""


class Tally:
    """What one client has done."""

    def __init__(self):
        self.acknowledged = 0
        self.conflicts = 0
        self.versions = []


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="martlet-soak-") as folder:
        folder = pathlib.Path(folder)
        (folder / "counters.yaml").write_text(COUNTERS)
        configuration = folder / "martlet.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder))
        server = servers.martlet(options.martlet, folder, configuration)
        try:
            server.start()
            soak(server, options)
        finally:
            server.kill()


def soak(server, options):
    acknowledged, count, _, _ = run(server, "control", CONTROL_SECONDS, options.clients, lambda tag: ({}, {}))
    lost = acknowledged - count
    print(f"without a condition: {acknowledged} acknowledged, {lost} of them lost", file=sys.stderr, flush=True)
    if lost == 0:
        raise SystemExit("FAILED: without a condition nothing was lost, so the clients never met: this run shows nothing")

    results = []
    for name, condition in [("If-Match", if_match), ("_version", version_in_body)]:
        acknowledged, count, conflicts, versions = run(server, name, options.seconds / 2, options.clients, condition)
        print(f"{name}: {acknowledged} acknowledged, {conflicts} refused", file=sys.stderr, flush=True)
        if acknowledged != count:
            raise SystemExit(f"FAILED: with {name}, {acknowledged} were acknowledged, and the record says {count}")
        if conflicts == 0 or acknowledged == 0:
            raise SystemExit(f"FAILED: with {name}, {acknowledged} acknowledged and {conflicts} refused: no two met")
        if len(set(versions)) != acknowledged:
            raise SystemExit(f"FAILED: with {name}, {acknowledged} changes have {len(set(versions))} versions")
        results.append(f"{acknowledged} with {name} ({conflicts} times another was faster)")
    print(
        f"ok: {options.clients} clients counted for {options.seconds:g} s; every acknowledged increment is in the record: "
        f"{' and '.join(results)}; without a condition {lost} were lost in {CONTROL_SECONDS} s")


def if_match(tag):
    return {"If-Match": tag}, {}


def version_in_body(tag):
    return {}, {"_version": version(tag)}


def version(tag):
    """An entity tag is a record's version and its schema's checksum."""
    return int(re.fullmatch(r'"(\d+)-[0-9a-f]{8}"', tag)[1])


def run(server, word, seconds, clients, condition):
    """Counts in a new record: what was acknowledged, what it holds, refusals, and the versions of the changes."""
    client = servers.Client(server.port)
    path = checked(client.request("POST", "/counters", {"name": word}), 201).headers["location"]
    end, tallies, failures = time.monotonic() + seconds, [Tally() for _ in range(clients)], []

    def work(tally):
        own = servers.Client(server.port)
        try:
            while time.monotonic() < end:
                increment(own, path, condition, tally)
        except BaseException as error:
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=work, args=(tally,)) for tally in tallies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"FAILED: {failures[0]}")
    count = checked(client.request("GET", path), 200).json()["count"]
    client.close()
    versions = [each for tally in tallies for each in tally.versions]
    return sum(tally.acknowledged for tally in tallies), count, sum(tally.conflicts for tally in tallies), versions


def increment(client, path, condition, tally):
    read = checked(client.request("GET", path), 200)
    headers, members = condition(read.headers["etag"])
    count = read.json()["count"] + 1
    answer = client.request("PATCH", path, {"count": count} | members, headers)
    if answer.status == 412:
        tally.conflicts += 1
        return
    if checked(answer, 200).json()["count"] != count:
        raise ValueError(f"the answer to the increment to {count} is {answer.body}")
    tally.acknowledged += 1
    tally.versions.append(version(answer.headers["etag"]))


def checked(answer, status):
    if answer.status != status:
        raise ValueError(f"{answer.status} instead of {status}: {answer.body[:500]}")
    return answer


main()
