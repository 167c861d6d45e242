"""Kills the server under writers and checks what it had acknowledged. See scripts/crash."""

import argparse
import contextlib
import http.client
import random
import sqlite3
import sys
import tempfile
import threading
import time

import servers

WRITERS = 8


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    print(f"{options.rounds} rounds, seed {options.seed}")

    with tempfile.TemporaryDirectory(prefix="martlet-crash-") as folder:
        server = servers.martlet(options.martlet, folder)
        try:
            acknowledged, unanswered = crash(server, options.rounds, random.Random(options.seed))
        finally:
            server.kill()
    print(
        f"ok: killed {options.rounds} times under {WRITERS} writers; all {len(acknowledged)} acknowledged records are "
        f"there, and {unanswered} that were stored before their answer was sent; integrity checks ok")


def crash(server, rounds, chance):
    acknowledged = {}
    attempted = set()
    for number in range(1, rounds + 1):
        server.start()
        new = write_until_killed(server, f"r{number}", chance.uniform(0.05, 0.6), attempted)
        acknowledged.update(new)

        server.start()
        stored = read_all(server)
        server.stop()
        judge(number, acknowledged, attempted, stored, integrity(server.database))
        print(f"round {number}: {len(new)} acknowledged, {len(stored)} stored in all", file=sys.stderr, flush=True)
    return acknowledged, len(stored) - len(acknowledged)


def write_until_killed(server, word, seconds, attempted):
    """What was acknowledged, by id. `seconds` count from the first acknowledgement: every round has some."""
    acknowledged, failures = {}, []
    first = threading.Event()

    def write(writer):
        client = servers.Client(server.port)
        try:
            for count in range(1_000_000):
                user = {"name": f"Writer {writer}", "email": f"{word}.{writer}.{count}@example.com"}
                attempted.add((user["name"], user["email"]))
                answer = client.request("POST", "/users", user)
                if answer.status != 201:
                    failures.append(f"{answer.status} to {user}: {answer.body[:500]}")
                    return
                record = answer.json()
                acknowledged[record["id"]] = record
                first.set()
        except (OSError, http.client.HTTPException):
            pass  # Killed.
        finally:
            first.set()
            client.close()

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for writer in writers:
        writer.start()
    first.wait(30)
    time.sleep(seconds)
    server.kill()
    for writer in writers:
        writer.join()
    if failures or not acknowledged:
        raise SystemExit(f"FAILED: a writer was refused, or none was answered: {failures[:3]}")
    return acknowledged


def read_all(server):
    """Every record, page by page."""
    client, records, path = servers.Client(server.port), {}, "/users?limit=1000"
    while path:
        answer = client.request("GET", path)
        if answer.status != 200:
            raise SystemExit(f"FAILED: {answer.status} to GET {path}: {answer.body[:500]}")
        for record in answer.json():
            records[record["id"]] = record
        link = answer.headers.get("link", "")
        path = link[1 : link.index(">")] if 'rel="next"' in link else None
    client.close()
    return records


def integrity(database):
    """Only after the server has stopped: it is the one that may write this database."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]


def judge(number, acknowledged, attempted, stored, integrity):
    lost = [record for key, record in acknowledged.items() if stored.get(key) != record]
    strange = [each for each in stored.values() if (each["name"], each["email"]) not in attempted]
    if lost or strange or integrity != "ok":
        raise SystemExit(
            f"FAILED in round {number}: {len(lost)} acknowledged records lost or changed {lost[:3]}, "
            f"{len(strange)} that nobody sent {strange[:3]}, integrity check: {integrity}")


main()
