"""What other clients notice while PostgreSQL holds some of them up. See scripts/bench/run."""

import collections
import threading
from dataclasses import dataclass

import servers
from measuring import Load, insert, progress, run, word

AIM = 50
"""Milliseconds in which 99 of 100 of the others should be answered."""

CONFIGURATION = """
transport: {{ use: http }}
resources: {{ use: [users, declared], declared: {{ path: {folder} }} }}
"""
NOTES = """
fields:
  id: { type: integer, key: generated }
  text: { type: string }
"""


@dataclass
class Hindrance:
    name: str
    statement: str
    """What a transaction does that stays open meanwhile."""
    requests: list[tuple]
    """What is sent again and again, on a connection each, to run into it."""


HINDRANCES = [
    Hindrance(
        "a row is locked", "UPDATE users SET name = 'locked' WHERE id = 1",
        [("PATCH", "/users/1", {"name": f"Client {number}"}) for number in range(4)]),
    Hindrance(
        "a table is locked", "LOCK TABLE notes IN ACCESS EXCLUSIVE MODE",
        [("GET", "/notes/1"), ("GET", "/notes?limit=50"), ("POST", "/notes", {"text": "waits"})] * 2),
]


def bench(options, folder, postgres):
    """Measures Martlet while a transaction holds a lock, and prints it. Returns the measurements of the others."""
    resources = folder / "resources"
    resources.mkdir()
    (resources / "notes.yaml").write_text(NOTES)
    configuration = folder / "contention.conf"
    configuration.write_text(CONFIGURATION.format(folder=resources))
    server = servers.martlet(options.martlet, folder, configuration, postgres, "contention")
    try:
        server.start()
        insert(server, options.rows)
        results = [(each, *hinder(server, "contention", each, options)) for each in HINDRANCES]
    finally:
        server.kill()
    show(results)
    return [measurement for _, measured, _ in results for _, measurement in measured]


def hinder(server, database, hindrance, options):
    """The loads of the others with what came of them, and how often those who were held up got which answer."""
    clients = [Client(server.port, *request) for request in hindrance.requests]
    loads = [
        Load("GET by id", script="get.lua", arguments=("2", str(options.rows))),
        Load("POST", script="post.lua", arguments=(word(),)),
    ]
    measured = []
    with server.postgres.holding(database, hindrance.statement):
        for client in clients:
            client.start()
        for load in loads:
            progress(f"{server.name}: {load.name} while {hindrance.name}")
            measured.append((load, run(load, server, options.seconds)))
        for client in clients:
            client.ending.set()
    for client in clients:
        client.join()
    return measured, sum((client.answers for client in clients), collections.Counter())


class Client(threading.Thread):
    """Sends one request, again as soon as it is answered, until it is to end."""

    def __init__(self, port, *request):
        # One that never gets its answer keeps no script from ending.
        super().__init__(daemon=True)
        self.port, self.request = port, request
        self.ending = threading.Event()
        self.answers = collections.Counter()

    def run(self):
        client = servers.Client(self.port, timeout=60)
        while not self.ending.is_set():
            try:
                self.answers[client.request(*self.request).status] += 1
            except OSError as error:
                self.answers[type(error).__name__] += 1
        client.close()


def show(results):
    print(f"\n| Martlet, while | others | req/s | median | 99 % | refused | cut or late | under {AIM} ms | held up |")
    print("|---|---|---:|---:|---:|---:|---:|---|---|")
    for hindrance, measured, answers in results:
        counts = ", ".join(f"{count} × {answer}" for answer, count in sorted(answers.items(), key=str))
        for load, each in measured:
            reached = "reached" if milliseconds(each.percentile99) < AIM else "MISSED"
            print(
                f"| {hindrance.name} | {load.name} | {each.per_second:,.0f} | {each.median} | {each.percentile99} "
                f"| {each.refused} | {each.broken} | {reached} | {counts} |")


def milliseconds(text):
    """A time as wrk prints it."""
    for unit, factor in [("us", 0.001), ("ms", 1), ("s", 1000), ("m", 60_000)]:
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise ValueError(text)
