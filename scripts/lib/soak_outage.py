"""Takes PostgreSQL away from a server with clients, wholly or in parts, and gives it back. See scripts/soak."""

import argparse
import collections
import http.client
import os
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field

import postgres
import postgres_proxy
import servers

TIMEOUT = 2.0
# What is promised: `timeout`, and a second.
ANSWER_LIMIT = TIMEOUT + 1
RECOVERY_LIMIT = 5.0
# The server tries to connect again after at most a second: what was over by then it may not have noticed.
NOTICED = 1.2
CONFIGURATION = """
resources: {{ use: [users, declared], declared: {{ path: {folder} }} }}
"""
READS = ["/events?limit=5", "/events/1", "/health/live", "/health/ready"]
# Nothing keeps a tag from being stored twice.
EVENTS = """
fields:
  id: { type: integer, key: generated }
  tag: { type: string }
"""


@dataclass
class Load:
    """Clients that ask one thing after the other."""

    port: int
    is_stopped: bool = False
    statuses: collections.Counter = field(default_factory=collections.Counter)
    failures: list = field(default_factory=list)
    # When each kind of request was last sent that was answered well.
    well: dict = field(default_factory=dict)
    # What became of each tag that was sent once, and the tags that were sent until they were acknowledged.
    tags: dict = field(default_factory=dict)
    acknowledged: set = field(default_factory=set)
    slowest: float = 0

    def start(self):
        jobs = [(self.write, f"w{number}") for number in range(4)]
        jobs += [(self.write_with_keys, f"k{number}") for number in range(4)]
        jobs += [(self.get, path) for path in READS]
        self.threads = [threading.Thread(target=job, args=(servers.Client(self.port), name)) for job, name in jobs]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.is_stopped = True
        for thread in self.threads:
            thread.join()

    def write(self, client, name):
        number = 0
        while not self.is_stopped:
            number += 1
            tag = f"{name}.{number}"
            self.tags[tag] = self.ask(client, "write", "POST", "/events", {"tag": tag})

    def write_with_keys(self, client, name):
        number = 0
        while not self.is_stopped:
            number += 1
            tag, end = f"{name}.{number}", time.monotonic() + 60
            while self.ask(client, "write with key", "POST", "/events", {"tag": tag}, {"Idempotency-Key": tag}) != 201:
                if time.monotonic() > end:
                    self.failures.append(f"{tag} was not acknowledged within 60 s")
                    return
                time.sleep(0.02)
            self.acknowledged.add(tag)

    def get(self, client, path):
        while not self.is_stopped:
            self.ask(client, path, "GET", path)

    def ask(self, client, kind, method, path, body=None, headers=None):
        began = time.monotonic()
        try:
            answer = client.request(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(f"{kind}: {error!r}")
            return 0
        self.judge(kind, answer, began, time.monotonic() - began)
        time.sleep(0.005)
        return answer.status

    def judge(self, kind, answer, began, seconds):
        self.statuses[kind, answer.status] += 1
        if answer.status in (200, 201):
            self.well[kind] = began
            return
        self.slowest = max(self.slowest, seconds)
        code, may_come_back = answer.json().get("code"), "retry-after" in answer.headers
        is_right = {
            503: kind == "/health/ready" or (kind != "/health/live" and may_come_back),
            504: kind.startswith("write") and code == "outcome_unknown" and not may_come_back,
            409: kind == "write with key" and code == "request_in_progress" and may_come_back,
        }.get(answer.status, False)
        if not is_right or seconds > ANSWER_LIMIT:
            self.failures.append(f"{kind}: {answer.status} after {seconds:.2f} s: {answer.headers} {answer.body[:300]}")

    def wait_until_well(self):
        """Returns the seconds that it took until every kind of request was answered well."""
        began = time.monotonic()
        kinds = ["write", "write with key", *READS]
        while any(self.well.get(kind, 0) < began for kind in kinds):
            if time.monotonic() > began + RECOVERY_LIMIT:
                missing = [kind for kind in kinds if self.well.get(kind, 0) < began]
                self.failures.append(f"{RECOVERY_LIMIT} s after the database was back, not yet answered: {missing}")
                break
            time.sleep(0.005)
        return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--mode", choices=[*postgres_proxy.MODES, "all"], default="all")
    options = parser.parse_args()
    print(f"{options.seconds:g} s, seed {options.seed}", flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="martlet-soak-") as folder, postgres.Postgres() as database,
        postgres_proxy.Proxy(str(database.folder)) as proxy,
    ):
        folder = pathlib.Path(folder)
        (folder / "events.yaml").write_text(EVENTS)
        configuration = folder / "martlet.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder))
        settings = {
            "storage.postgres.timeout": f"{TIMEOUT:g}s",
            "storage.postgres.url": database.url("martlet").replace(str(database.folder), proxy.folder),
        }
        server = servers.martlet(options.martlet, folder, configuration, database, settings=settings)
        modes = postgres_proxy.MODES if options.mode == "all" else [options.mode]
        troubles = [crash, stop, terminate, stand_still] if options.mode == "all" else []
        troubles += [fault(proxy, mode) for mode in modes]
        try:
            server.start()
            soak(server, database, options.seconds, random.Random(options.seed), troubles)
        finally:
            server.kill()


def fault(proxy, mode):
    """What happens to the messages between the server and PostgreSQL for a while."""

    def happen(_, chance, outages):
        message, pause = chance.choice(list(postgres_proxy.MESSAGES)), chance.uniform(0.2, 4)
        proxy.set(mode, message)
        time.sleep(pause)
        proxy.clear()
        # The server may find the database gone meanwhile.
        outages.append(0)
        return f"{mode} at {message} for {pause:.2f} s, {proxy.hits} times"

    happen.__name__ = mode
    return happen


def soak(server, database, seconds, chance, choices):
    servers.Client(server.port).request("POST", "/events", {"tag": "first"})
    load = Load(server.port)
    load.start()
    troubles, outages, slowest, end = collections.Counter(), [], 0, time.monotonic() + seconds
    try:
        load.wait_until_well()
        while time.monotonic() < end and not load.failures:
            trouble = chance.choice(choices)
            what = trouble(database, chance, outages)
            troubles[trouble.__name__] += 1
            recovery = load.wait_until_well()
            slowest = max(slowest, recovery)
            print(f"{what}: well again after {recovery:.2f} s", file=sys.stderr, flush=True)
            time.sleep(chance.uniform(0, 0.3))
    finally:
        load.stop()
    judge_records(server, load)
    judge_log(server, load, outages)
    if load.failures:
        raise SystemExit("\n".join([f"FAILED: {len(load.failures)}", *load.failures[:10]]))
    refused = sum(count for (_, status), count in load.statuses.items() if status >= 400)
    print(
        f"ok: {dict(troubles)}; {sum(load.statuses.values())} answers, {refused} refusals, the slowest after "
        f"{load.slowest:.2f} s; well again after at most {slowest:.2f} s; nothing acknowledged was lost, nothing done twice")


def crash(database, chance, outages):
    return take_away(database, signal.SIGQUIT, chance, outages)


def stop(database, chance, outages):
    return take_away(database, signal.SIGINT, chance, outages)


def take_away(database, how, chance, outages):
    pause = chance.uniform(0.2, 3)
    database.stop(how)
    time.sleep(pause)
    database.start()
    outages.append(pause)
    return f"gone for {pause:.2f} s by {how.name}"


def terminate(database, chance, _):
    """Each connection, with the server there all the time."""
    pids = database.backends("martlet")
    for pid in chance.sample(pids, len(pids)):
        database.run("postgres", f"SELECT pg_terminate_backend({pid})")
    return f"{len(pids)} connections ended"


def stand_still(database, chance, _):
    purpose, pause = chance.choice(["reads", "writes"]), chance.uniform(0.2, 3)
    pid = chance.choice(database.backends(f"martlet {purpose}"))
    os.kill(pid, signal.SIGSTOP)
    time.sleep(pause)
    os.kill(pid, signal.SIGCONT)
    return f"a connection for {purpose} stood still for {pause:.2f} s"


def judge_records(server, load):
    client, counts, path = servers.Client(server.port), collections.Counter(), "/events?limit=1000"
    while path:
        answer = client.request("GET", path)
        counts.update(record["tag"] for record in answer.json())
        link = answer.headers.get("link", "")
        path = link[1 : link.index(">")] if 'rel="next"' in link else None
    for tag, status in load.tags.items():
        allowed = {201: (1,), 503: (0,)}.get(status, (0, 1))
        if counts[tag] not in allowed:
            load.failures.append(f"{tag} was answered {status} and is there {counts[tag]} times")
    for tag in load.acknowledged:
        if counts[tag] != 1:
            load.failures.append(f"{tag} was acknowledged under its key and is there {counts[tag]} times")


def judge_log(server, load, outages):
    """A line when the database goes, one when it is back, and no more."""
    lines = [line for line in server.log.read_text().splitlines() if '"storage.postgres"' in line]
    gone, back = (
        sum(f'"{message}"' in line for line in lines)
        for message in ("the database can't be reached", "the database is back"))
    noticed = sum(pause > NOTICED for pause in outages)
    if gone != back or not noticed <= gone <= len(outages):
        what = f"{len(outages)} outages, {noticed} of them long, were logged as {gone} beginnings and {back} ends:"
        load.failures.append("\n".join([what, *lines]))


main()
