"""Repeats writes until they are answered, across kills of the server. See scripts/soak."""

import argparse
import http.client
import json
import random
import socket
import statistics
import struct
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field

import servers

REPEATERS = 4
# Kills come within so many times the time of one answer, which is before, into and behind the commit.
LATEST_KILL = 2.5
DEADLINE = 30


@dataclass
class Round:
    key: str
    user: dict
    answers: list = field(default_factory=list)
    before_kill: int = 0
    in_progress: int = 0
    is_sent: threading.Event = field(default_factory=threading.Event)
    is_restarted: bool = False
    failure: str | None = None


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    print(f"{options.rounds} rounds, seed {options.seed}")

    with tempfile.TemporaryDirectory(prefix="martlet-soak-") as folder:
        server = servers.martlet(options.martlet, folder)
        try:
            server.start()
            rounds = soak(server, options.rounds, random.Random(options.seed))
        finally:
            server.kill()

    answers = sum(len(each.answers) for each in rounds)
    answered = sum(each.before_kill > 0 for each in rounds)
    waited = sum(each.in_progress for each in rounds)
    print(
        f"ok: {options.rounds} keys, {options.rounds} records, one each; the {answers} answers were the same for each key, "
        f"{answers - sum(each.before_kill for each in rounds)} of them after the server was killed; {answered} kills came "
        f"behind an answer, {len(rounds) - answered} before any; {waited} times the key was still in use")


def soak(server, count, chance):
    rounds, latest = [], LATEST_KILL * answer_time(server)
    print(f"killed within {latest * 1000:.1f} ms of sending", file=sys.stderr, flush=True)
    for number in range(1, count + 1):
        each = Round(f"soak-{number}", {"name": f"Round {number}", "email": f"round{number}@example.com"})
        play(server, each, chance.random() < 0.5, chance.uniform(0, latest))
        judge(number, each)
        rounds.append(each)
        if number % 20 == 0:
            print(f"round {number}", file=sys.stderr, flush=True)
    judge_records(server, rounds)
    return rounds


def answer_time(server):
    """Seconds that a write takes from connecting to its answer, the median. What it writes is removed again."""
    times = []
    for number in range(21):
        client, began = servers.Client(server.port), time.perf_counter()
        answer = client.request("POST", "/users", {"name": "Before", "email": f"before{number}@example.com"})
        times.append(time.perf_counter() - began)
        client.request("DELETE", answer.headers["location"])
        client.close()
    return statistics.median(times)


def play(server, each, resets, moment):
    """One key: hang up, repeat, kill, restart, until everyone has an answer from behind the restart."""
    repeaters = [threading.Thread(target=repeat, args=(server.port, each)) for _ in range(REPEATERS)]
    for repeater in repeaters:
        repeater.start()
    hang_up(server.port, each, resets)
    each.is_sent.set()
    time.sleep(moment)
    server.kill()
    each.before_kill = len(each.answers)
    server.start()
    each.is_restarted = True
    for repeater in repeaters:
        repeater.join()


def hang_up(port, each, resets):
    """Sends the request and closes the socket without reading."""
    body = json.dumps(each.user).encode()
    head = (
        f"POST /users HTTP/1.1\r\nHost: {servers.HOST}\r\nIdempotency-Key: {each.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
    with socket.create_connection((servers.HOST, port), timeout=DEADLINE) as connection:
        if resets:
            # Closing is a reset then, not an end of what is sent (socket(7), SO_LINGER).
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(head.encode() + body)


def repeat(port, each):
    client, end = servers.Client(port), time.monotonic() + DEADLINE
    each.is_sent.wait()
    try:
        while time.monotonic() < end and each.failure is None:
            is_restarted = each.is_restarted
            try:
                answer = client.request("POST", "/users", each.user, {"Idempotency-Key": each.key})
            except (OSError, http.client.HTTPException):
                time.sleep(0.002)  # Killed, and not there yet.
                continue
            if answer.status == 201:
                each.answers.append(answer)
                if is_restarted:
                    return
            elif answer.status == 409 and answer.json().get("code") == "request_in_progress":
                each.in_progress += 1
                time.sleep(0.002)
            else:
                # That includes `unique_taken`: the write was done again, and the first one's address stood against it.
                each.failure = f"{answer.status}: {answer.body[:500]}"
                return
        each.failure = each.failure or f"no answer within {DEADLINE} s"
    finally:
        client.close()


def judge(number, each):
    if each.failure:
        raise SystemExit(f"FAILED in round {number}: {each.failure}")
    seen = {(answer.status, answer.body, answer.headers["location"], answer.headers["etag"]) for answer in each.answers}
    if len(seen) != 1:
        raise SystemExit(f"FAILED in round {number}: answers to one key differ: {seen}")


def judge_records(server, rounds):
    """One record each, and no other."""
    client, stored, path = servers.Client(server.port), [], "/users?limit=1000"
    while path:
        answer = client.request("GET", path)
        stored += answer.json()
        link = answer.headers.get("link", "")
        path = link[1 : link.index(">")] if 'rel="next"' in link else None
    client.close()
    answered = [each.answers[0].json() for each in rounds]
    if sorted(stored, key=lambda record: record["id"]) != sorted(answered, key=lambda record: record["id"]):
        strange = [record for record in stored if record not in answered]
        raise SystemExit(f"FAILED: {len(rounds)} keys, {len(stored)} records; not of any answer: {strange[:3]}")


main()
