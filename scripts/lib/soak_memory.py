"""Attacks a server's memory, and looks at what it takes. See scripts/soak."""

import argparse
import collections
import http.client
import json
import pathlib
import random
import re
import resource
import socket
import sys
import tempfile
import threading
import time

import postgres
import servers

BOUND = 256
# Of the bound, and what a server takes without clients' bytes: the program, the database's caches, sockets.
LIMIT = 1.25 * BOUND + 96
AFTERWARDS = 96
RECOVERY = 30
CONFIGURATION = """
resources: {{ use: [users, declared], declared: {{ path: {folder} }} }}
"""
WIDE = "fields:\n  id: { type: integer, key: generated }\n" + "".join(
    f"  {name}: {{ type: string, nullable: true }}\n" for name in "abcdefghi")
MIB = 1 << 20
# Of 10,000 that the server takes.
CONNECTIONS = 9500
# What a thread has found wrong.
FAILURES = []


class Watch:
    """Looks at the process and at what others get of it, all the time."""

    def __init__(self, server):
        self.server, self.is_stopped = server, False
        self.highest, self.failures, self.slowest = 0, [], 0
        self.answers = collections.Counter()
        self.threads = [threading.Thread(target=job) for job in (self.measure, self.look_on)]
        for thread in self.threads:
            thread.start()

    def measure(self):
        while not self.is_stopped:
            self.highest = max(self.highest, resident(self.server))
            time.sleep(0.02)

    def look_on(self):
        """Health is answered always; a small record may have to wait for its turn, but is never wrong."""
        client = servers.Client(self.server.port, timeout=20)
        while not self.is_stopped:
            for path, statuses in (("/health/live", {200}), ("/users/1", {200, 503})):
                began = time.monotonic()
                try:
                    status = client.request("GET", path).status
                except (OSError, http.client.HTTPException) as error:
                    self.failures.append(f"{path}: {type(error).__name__} {error}")
                    continue
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.answers[path, status] += 1
                if status not in statuses:
                    self.failures.append(f"{path}: {status}")
            time.sleep(0.02)
        client.close()

    def stop(self):
        self.is_stopped = True
        for thread in self.threads:
            thread.join()


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--storage", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    print(f"{options.storage}, {options.seconds:.0f} s, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="martlet-soak-") as folder:
        if options.storage == "sqlite":
            return soak(options, pathlib.Path(folder), None)
        with postgres.Postgres() as database:
            soak(options, pathlib.Path(folder), database)


def soak(options, folder, database):
    (folder / "resources").mkdir()
    (folder / "resources/wide.yaml").write_text(WIDE)
    configuration = folder / "martlet.yaml"
    configuration.write_text(CONFIGURATION.format(folder=folder / "resources"))
    server = servers.martlet(
        options.martlet, folder, configuration, database,
        settings={
            "transport.http.maxBufferedBytes": f"{BOUND}MiB", "transport.http.accessLog": "false",
            # On a slow disk a commit of much takes long: that is another trial's subject.
            f"storage.{options.storage}.timeout": "60s"})
    try:
        server.start()
        fill(server)
        attack(server, options)
        server.stop()
    finally:
        server.kill()


def fill(server):
    client = servers.Client(server.port)
    expect(client.request("POST", "/users", {"name": "Ada", "email": "ada@example.org"}), 201)
    for number in range(150):
        expect(client.request("POST", "/wide", {"a": f"{number:03}" + "x" * (MIB - 2000)}), 201)
    client.close()


def attack(server, options):
    chance, end, watch = random.Random(options.seed), time.monotonic() + options.seconds, Watch(server)
    attacks = [
        hold_bodies, hold_chunked_bodies, copy_in_batches, copy_control_characters, touch_in_batches, list_all, dont_read,
        pipeline, hold_many_bodies, hold_many_heads, hold_many_after_long_requests, write_at_once,
        take_nothing_of_short_responses]
    seen, round_number = {}, 0
    try:
        while time.monotonic() < end or round_number < len(attacks):
            attack = attacks[round_number % len(attacks)]
            round_number += 1
            watch.highest = 0
            counts = attack(server, chance)
            seen[attack.__name__] = max(seen.get(attack.__name__, 0), watch.highest)
            print(f"{attack.__name__}: {dict(sorted(counts.items()))}, at most {watch.highest:.0f} MiB", flush=True)
            judge(server, watch, attack.__name__)
            waited = settle(server)
            print(f"  {resident(server):.0f} MiB after {waited:.0f} s", flush=True)
    finally:
        watch.stop()
    judge(server, watch, "the end")
    print(
        f"ok: {round_number} attacks, at most {max(seen.values()):.0f} MiB of {LIMIT:.0f}; "
        f"{sum(watch.answers.values())} answers to others, the slowest after {watch.slowest:.1f} s: "
        f"{ {f'{path} {status}': count for (path, status), count in sorted(watch.answers.items())} }")


def judge(server, watch, when):
    if server.process.poll() is not None:
        raise SystemExit(f"FAILED: the server ended with {server.process.returncode} at {when}")
    if failures := watch.failures + FAILURES:
        raise SystemExit(f"FAILED at {when}: {failures[:5]}")
    if watch.highest > LIMIT:
        raise SystemExit(f"FAILED at {when}: {watch.highest:.0f} MiB, of {LIMIT:.0f}")


def settle(server):
    """Seconds until its memory is given back."""
    began = time.monotonic()
    while resident(server) > AFTERWARDS:
        if time.monotonic() - began > RECOVERY:
            raise SystemExit(f"FAILED: {resident(server):.0f} MiB are still held after {RECOVERY} s")
        time.sleep(0.1)
    return time.monotonic() - began


def resident(server):
    """MiB."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0


# Attacks: each returns how often it was answered what.

def hold_bodies(server, chance, head="Content-Length: 1048576", begin=b"", count=1000):
    """Bodies of 1 MiB, whole but for their last bytes, held open for as long as the server lets them."""
    part = begin + b'{"a":"' + b"x" * (MIB - 1000)
    return hold(server, [request("POST", "/wide", head) + part] * count, 5)


def hold_chunked_bodies(server, chance):
    return hold_bodies(server, chance, "Transfer-Encoding: chunked", b"FFF00\r\n")


def copy_in_batches(server, chance, text="x" * 950_000, some=1):
    """A text of 950 KB, copied into as many records as a batch has, and into a number of them that just fits."""
    counts = collections.Counter()
    reference = {name: {"$ref": "0/a"} for name in "bcdefghi"}

    def batch(copies):
        operations = [{"method": "POST", "path": "/wide", "body": {"a": text}}]
        operations += [{"method": "POST", "path": "/wide", "body": reference} for _ in range(copies)]
        return {"operations": operations}

    bodies = [json.dumps(batch(copies)).encode() for copies in (99, some, some, some)]

    def send(number):
        ask(server, counts, "POST", "/batch", bodies[number % len(bodies)], {"Prefer": "return=representation"})

    in_parallel(send, 30)
    remove(server, 151)
    return counts


def copy_control_characters(server, chance):
    """A text of which each byte takes six in a body and in an answer, copied likewise."""
    return copy_in_batches(server, chance, "\x01" * 155_000, 11)


def touch_in_batches(server, chance):
    """100 operations on one record of 1 MB, each of which is answered with the record."""
    operations = [{"method": "PATCH", "path": "/wide/1", "body": {"b": str(number)}} for number in range(100)]
    body, counts = json.dumps({"operations": operations}).encode(), collections.Counter()
    in_parallel(lambda _: ask(server, counts, "POST", "/batch", body), 20)
    return counts


def list_all(server, chance):
    """Lists of 150 records of 1 MB, to their ends."""
    counts = collections.Counter()

    def walk(number):
        path = ["/wide?limit=1000", "/wide?limit=1000&sort=-id", "/wide?limit=1000&sort=b,id"][number % 3]
        while path:
            answer = ask(server, counts, "GET", path)
            if answer is None or answer.status != 200:
                return
            link = answer.headers.get("link", "")
            path = link[1 : link.index(">")] if 'rel="next"' in link else None

    in_parallel(walk, 8)
    if not counts["200"]:
        FAILURES.append(f"no list was answered: {dict(counts)}")
    return counts


def dont_read(server, chance):
    """Clients that ask for lists and don't read what they get."""
    paths = ["/wide?limit=1000", "/wide?limit=1000&sort=-id", f"/wide/{chance.randrange(1, 150)}"]
    return hold(server, [request("GET", paths[number % 3]) for number in range(300)], 3)


def pipeline(server, chance):
    """Many requests at once on each connection, and no reading."""
    return hold(server, [(request("GET", "/wide/1") * 900 + b"GET /wide/2 HTTP/1.1\r\nX: " + b"x" * 8000)] * 300, 3)


def hold_many_bodies(server, chance):
    """As many connections as there may be, each with less of a body than is called a large request."""
    part = request("POST", "/wide", "Content-Length: 64000") + b'{"a":"' + b"x" * 60_000
    return hold(server, [part] * CONNECTIONS, 3)


def hold_many_heads(server, chance):
    """The same with heads that don't end: of header fields, and of a target."""
    fields = b"".join(b"X-%d: " % number + b"y" * 7000 + b"\r\n" for number in range(4))
    heads = [b"GET /wide HTTP/1.1\r\n" + fields, b"GET /wide?a.in=" + b"x,xx," * 12_000]
    return hold(server, [heads[number % 2] for number in range(CONNECTIONS)], 3)


def hold_many_after_long_requests(server, chance):
    """Connections that are idle after a long body, a long filter, and a list of ETags before a body that doesn't come."""
    body = b'{"unknown":"' + b"x" * 150_000 + b'"}'
    tags = ",".join(['""'] * 2500)
    requests = [
        request("POST", "/wide", f"Content-Length: {len(body)}") + body,
        request("GET", "/wide?id.in=" + ",".join(str(10**17 + number) for number in range(1000))),
        request("PATCH", "/wide/1", "Content-Length: 9", *[f"If-Match: {tags}"] * 3)]
    # Each filter takes some milliseconds to be answered.
    return hold(server, [requests[1 if number % 20 == 0 else number % 2 * 2] for number in range(CONNECTIONS // 2)], 5)


def write_at_once(server, chance):
    """Writes that each are small enough not to be counted."""
    body = b'{"a":"' + b"x" * 15_000 + b'"}'
    counts = hold(server, [request("POST", "/wide", f"Content-Length: {len(body)}") + body] * CONNECTIONS, 5)
    remove(server, 151)
    return counts


def take_nothing_of_short_responses(server, chance, count=1500):
    """Connections on which the system's buffers are all but full, and then get short responses, one at a time."""
    counts, connections = collections.Counter(), []
    long, short = request("GET", "/openapi.json"), request("GET", "/users/1")
    try:
        for _ in range(count):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            connection.connect((servers.HOST, server.port))
            connection.setblocking(False)
            connections.append(connection)
        for number in range(160):
            for connection in connections:
                try:
                    connection.send(long if number < 60 else short)
                except OSError:
                    counts["no room"] += 1
        time.sleep(2)
        for connection in connections:
            counts[first_line(connection)] += 1
    finally:
        for connection in connections:
            connection.close()
    return counts


# Clients

def request(method, path, *fields):
    fields = (f"Host: {servers.HOST}", "Content-Type: application/json") + fields
    return f"{method} {path} HTTP/1.1\r\n{''.join(field + chr(13) + chr(10) for field in fields)}\r\n".encode()


def hold(server, requests, seconds):
    """Sends one request on each connection, without reading, and looks after a while what has come."""
    counts, connections = collections.Counter(), []
    try:
        for data in requests:
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            connection.connect((servers.HOST, server.port))
            connection.setblocking(False)
            connections.append([connection, memoryview(data)])
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for each in connections:
                try:
                    each[1] = each[1][each[0].send(each[1]) :] if each[1] else each[1]
                except BlockingIOError:
                    pass
                except OSError:
                    each[1] = each[1][:0]
            time.sleep(0.005)
        for connection, _ in connections:
            counts[first_line(connection)] += 1
    finally:
        for connection, _ in connections:
            connection.close()
    return counts


def first_line(connection):
    try:
        data = connection.recv(4000, socket.MSG_PEEK)
    except BlockingIOError:
        return "no answer"
    except OSError:
        return "reset"
    return data[9:12].decode() if data.startswith(b"HTTP/1.1 ") else "closed"


def ask(server, counts, method, path, body=None, headers=None):
    """One request on a connection of its own: nothing may come after its answer."""
    fields = dict(headers or {}, Host=servers.HOST, Connection="close")
    if body is not None:
        fields |= {"Content-Type": "application/json", "Content-Length": len(body)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    try:
        with socket.create_connection((servers.HOST, server.port), timeout=60) as connection:
            connection.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + (body or b""))
            response = http.client.HTTPResponse(connection, method=method)
            response.begin()
            content = response.read()
            if rest := connection.recv(1000):
                FAILURES.append(f"{method} {path[:40]} was answered twice: {rest[:200]}")
            names = {name.lower(): value for name, value in response.getheaders()}
            counts[str(response.status)] += 1
            if response.status >= 500 and response.status != 503:
                FAILURES.append(f"{method} {path[:40]}: {response.status} {content[:300]}")
            return servers.Answer(response.status, content, names)
    except (OSError, http.client.HTTPException) as error:
        counts[type(error).__name__] += 1


def in_parallel(job, count):
    threads = [threading.Thread(target=job, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def remove(server, first):
    """Takes away what an attack has stored."""
    client = servers.Client(server.port, timeout=60)
    while records := client.request("GET", f"/wide?id.gte={first}&fields=id&limit=1000").json():
        for record in records:
            expect(client.request("DELETE", f"/wide/{record['id']}"), 204)
    client.close()


def expect(answer, status):
    if answer.status != status:
        raise SystemExit(f"FAILED: {answer.status} instead of {status}: {answer.body[:300]}")


main()
