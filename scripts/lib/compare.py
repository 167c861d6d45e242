"""Asks Martlet and the tutorial's application the same things. See scripts/compare."""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass, field

import servers

ADA = {"name": "Ada Lovelace", "email": "ada@example.com"}
ALAN = {"name": "Alan Turing", "email": "alan@example.com"}


@dataclass
class Case:
    name: str
    expected: int
    """What Martlet answers, by its contract."""
    method: str
    path: str
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


# In this order, on an empty database. First what both carry out, while their data is still the same; then what the
# tutorial's application carries out too, or fails at, where Martlet refuses.
CASES = [
    Case("empty list", 200, "GET", "/users"),
    Case("create", 201, "POST", "/users", ADA),
    Case("create another", 201, "POST", "/users", ALAN),
    Case("beyond ASCII", 201, "POST", "/users", {"name": "Zoë 🦉 \"q\" \\ \n", "email": "zoe@example.com"}),
    Case("same, escaped", 201, "POST", "/users", b'{"name":"Zo\\u00eb \\ud83e\\udd89","email":"zoe2@example.com"}'),
    Case("read", 200, "GET", "/users/1"),
    Case("read beyond ASCII", 200, "GET", "/users/3"),
    Case("list", 200, "GET", "/users"),
    Case("list, limited", 200, "GET", "/users?limit=2"),
    Case("delete", 204, "DELETE", "/users/2"),
    Case("list after delete", 200, "GET", "/users"),
    Case("read what is deleted", 404, "GET", "/users/2"),
    Case("delete twice", 404, "DELETE", "/users/2"),
    Case("unknown id", 404, "GET", "/users/999"),
    Case("id that is no number", 400, "GET", "/users/ada"),
    Case("id beyond 64 bits", 400, "GET", "/users/99999999999999999999"),
    Case("taken address", 409, "POST", "/users", ADA),
    Case("taken, other case", 409, "POST", "/users", ADA | {"email": "ADA@example.com"}),
    Case("no name", 422, "POST", "/users", {"email": "x@example.com"}),
    Case("nothing", 422, "POST", "/users", {}),
    Case("null name", 422, "POST", "/users", {"name": None, "email": "x@example.com"}),
    Case("name of wrong type", 422, "POST", "/users", {"name": 5, "email": "x@example.com"}),
    Case("empty name", 422, "POST", "/users", {"name": "", "email": "empty@example.com"}),
    Case("name too long", 422, "POST", "/users", {"name": "x" * 201, "email": "long@example.com"}),
    Case("no e-mail address", 422, "POST", "/users", ADA | {"email": "not an address"}),
    Case("unknown field", 422, "POST", "/users", ADA | {"email": "u@example.com", "admin": True}),
    Case("two things wrong", 422, "POST", "/users", {"name": "", "email": 1}),
    Case("no object", 422, "POST", "/users", b'"Ada"'),
    Case("malformed JSON", 400, "POST", "/users", b'{"name": "Ada", '),
    Case("trailing comma", 400, "POST", "/users", b'{"name":"A","email":"c@example.com",}'),
    Case("doubled field", 400, "POST", "/users", b'{"name":"A","name":"B","email":"d@example.com"}'),
    Case("half a surrogate pair", 400, "POST", "/users", b'{"name":"\\ud800","email":"s@example.com"}'),
    Case("U+0000", 422, "POST", "/users", {"name": "a\0b", "email": "nul@example.com"}),
    Case("not UTF-8", 400, "POST", "/users", b'{"name":"\xff","email":"f@example.com"}'),
    Case("nested too deep", 400, "POST", "/users", b'{"name":' + b"[" * 100_000),
    Case("no body", 400, "POST", "/users", b""),
    Case("other media type", 415, "POST", "/users", json.dumps(ADA).encode(), {"Content-Type": "text/plain"}),
    Case("limit of 0", 400, "GET", "/users?limit=0"),
    Case("limit below 0", 400, "GET", "/users?limit=-1"),
    Case("limit that is no number", 400, "GET", "/users?limit=ten"),
    Case("unknown parameter", 400, "GET", "/users?lmit=10"),
    Case("unknown path", 404, "GET", "/nothing"),
    Case("method not allowed", 405, "DELETE", "/users"),
]


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--python", required=True)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="martlet-compare-") as folder:
        peer = answers(servers.fastapi(options.python, folder))
        ours = answers(servers.martlet(options.martlet, folder))

    print("| request | FastAPI | Martlet |")
    print("|---|---|---|")
    wrong = []
    for case, theirs, own in zip(CASES, peer, ours):
        print(f"| {case.name}: `{case.method} {case.path}` | {text(theirs)} | {text(own)} |")
        wrong += judge(case, theirs, own)

    if wrong:
        sys.exit("\n".join([f"\n{len(CASES)} requests, {len(wrong)} wrong:", *wrong]))
    print(f"\n{len(CASES)} requests: the same data, and every refusal as the contract says.")


def answers(server):
    try:
        server.start()
        return [ask(server, case) for case in CASES]
    finally:
        server.kill()


def ask(server, case):
    client = servers.Client(server.port)  # One each: uvicorn cuts the connection after it has answered 500.
    try:
        return client.request(case.method, case.path, case.body, case.headers)
    finally:
        client.close()


def judge(case, theirs, own):
    if own.status != case.expected:
        yield f"{case.name}: Martlet answered {own.status}, not {case.expected}: {own.body[:500]!r}"
    elif own.status >= 400:
        if own.headers.get("content-type") != "application/problem+json" or own.json()["status"] != own.status:
            yield f"{case.name}: not a problem: {own.body[:500]!r}"
    elif theirs.status >= 300:
        yield f"{case.name}: FastAPI refused with {theirs.status} what Martlet carried out"
    elif own.body and own.json() != theirs.json():
        yield f"{case.name}: other data: {theirs.body!r}, but {own.body!r}"


def text(answer, most=110):
    body = answer.body.decode(errors="replace").replace("|", "\\|").replace("\n", " ")
    return f"{answer.status} " + (f"`{body[:most]}{'…' if len(body) > most else ''}`" if body else "")


main()
