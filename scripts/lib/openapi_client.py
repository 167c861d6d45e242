"""Has openapi-python-client make a client of the OpenAPI document, and uses that on a server. See scripts/test."""

import argparse
import datetime
import importlib
import json
import os
import pathlib
import pkgutil
import re
import subprocess
import sys
import tempfile
import uuid

import resources
import servers

PACKAGE = "martlet_api"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--martlet", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="martlet-client-") as folder:
        configuration = resources.configuration(folder)
        generate(options.martlet, configuration, pathlib.Path(folder))
        server = servers.martlet(options.martlet, folder, configuration)
        try:
            server.start()
            with Api(f"http://{servers.HOST}:{server.port}") as api:
                for name, scenario in SCENARIOS.items():
                    print(name, flush=True)
                    scenario(api)
        finally:
            server.stop()


def generate(martlet, configuration, folder):
    """Nothing may be left out: what it can't make anything of is a warning, and ends this."""
    document = folder / "openapi.json"
    with open(document, "wb") as output:
        subprocess.run([martlet, "openapi", "--config", configuration], stdout=output, check=True, cwd=servers.ROOT)
    programs = pathlib.Path(sys.executable).parent
    subprocess.run(
        [programs / "openapi-python-client", "generate", "--path", document, "--output-path", folder / PACKAGE]
        + ["--meta", "none", "--fail-on-warning"],
        # It formats with ruff.
        env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}, check=True, stdout=subprocess.DEVNULL)
    sys.path.insert(0, str(folder))
    for module in pkgutil.walk_packages(importlib.import_module(PACKAGE).__path__, f"{PACKAGE}."):
        importlib.import_module(module.name)


class Api:
    """The generated package, its functions by their operation's id: `api.call("users_get", 1)`."""

    def __init__(self, url):
        self.models = importlib.import_module(f"{PACKAGE}.models")
        self.client = importlib.import_module(f"{PACKAGE}.client").Client(url, raise_on_unexpected_status=True)

    def __enter__(self):
        self.client.__enter__()
        return self

    def __exit__(self, *error):
        self.client.__exit__(*error)

    def call(self, operation, *arguments, **named):
        module = importlib.import_module(f"{PACKAGE}.api.{operation.rpartition('_')[0]}.{operation}")
        return module.sync_detailed(*arguments, client=self.client, **named)

    def pages(self, operation, **named):
        """The pages of a list, by their `Link`s."""
        while True:
            page = self.call(operation, **named)
            assert page.status_code == 200, page.content
            yield page.parsed
            link = re.fullmatch(r'<[^>]*[?&]cursor=([^&>]+)[^>]*>; rel="next"', page.headers.get("Link", ""))
            if not link:
                return
            named["cursor"] = link[1]


def records(api):
    """Creates, reads, changes and deletes a record."""
    ada = api.models.UsersCreate(name="Ada", email="ada@example.org")
    created = api.call("users_create", body=ada, idempotency_key="ada-1")
    assert created.status_code == 201 and isinstance(created.parsed, api.models.Users)
    again = api.call("users_create", body=ada, idempotency_key="ada-1")
    assert again.parsed == created.parsed and again.headers["ETag"] == created.headers["ETag"]

    read = api.call("users_get", created.parsed.id)
    assert read.parsed == created.parsed and read.headers["ETag"] == created.headers["ETag"]
    unchanged = api.call("users_get", created.parsed.id, if_none_match=read.headers["ETag"])
    assert unchanged.status_code == 304

    patch = api.models.UsersPatch(name="Ada Lovelace")
    updated = api.call("users_update", read.parsed.id, body=patch, if_match=read.headers["ETag"])
    assert updated.parsed.name == "Ada Lovelace" and updated.parsed.email == "ada@example.org"
    stale = api.call("users_update", read.parsed.id, body=patch, if_match=read.headers["ETag"])
    assert stale.status_code == 412 and stale.parsed.code == "precondition_failed"
    whole = api.models.UsersReplace(name="Countess", email="ada@example.org")
    replaced = api.call("users_replace", read.parsed.id, body=whole, if_match=updated.headers["ETag"])
    assert replaced.parsed.name == "Countess"

    deleted = api.call(
        "users_delete", read.parsed.id, if_match=replaced.headers["ETag"], prefer="return=representation")
    assert deleted.status_code == 200 and deleted.parsed == replaced.parsed
    missing = api.call("users_get", read.parsed.id)
    assert missing.status_code == 404 and missing.parsed.code == "not_found"


def refusals(api):
    """A refusal is a value of a type: which fields are wrong, and why."""
    refused = api.call("users_create", body=api.models.UsersCreate(name="", email="nobody"))
    assert refused.status_code == 422 and isinstance(refused.parsed, api.models.Problem)
    assert refused.parsed.code == api.models.ProblemCode.VALIDATION_FAILED
    assert refused.parsed.request_id == refused.headers["X-Request-Id"]
    wrong = {error.pointer: error.code for error in refused.parsed.errors}
    assert wrong == {"#/name": api.models.FieldErrorCode.LENGTH, "#/email": api.models.FieldErrorCode.FORMAT}, wrong


def types(api):
    """Every type there and back, null and enumerations too."""
    models = api.models
    note = api.call("notes_create", body=models.NotesCreate(title="A note")).parsed
    assert note.status == models.NotesStatus.OPEN and note.text is None
    key, time = uuid.uuid4(), datetime.datetime(2026, 7, 1, 12, 0, 0, 5, datetime.timezone.utc)
    given = dict(
        id=key, whole=7, whole_or_none=2**62, real=0.1, code="AB1", text=None, flag=True, flag_or_none=None, at=time,
        day=datetime.date(2026, 7, 1), other=uuid.uuid4(), data="TWFy", any_={"deep": [1, None]}, note=note.id,
        state=models.EverythingCreateState.IN_PROGRESS)
    created = api.call("everything_create", body=models.EverythingCreate(secret="secret", **given))
    assert created.status_code == 201, created.content
    record = api.call("everything_get", key).parsed
    assert {name: getattr(record, name) for name in given} == given, record
    assert record.state_or_none is None and record.fixed == "fixed" and record.created_at == record.updated_at

    # What a patch doesn't have stays, also where a new record would get a default.
    patched = api.call("everything_update", key, body=models.EverythingPatch(whole=8, day=None)).parsed
    assert (patched.whole, patched.day, patched.real, patched.flag) == (8, None, 0.1, True)


def lists(api):
    """Walks pages; filters, sorts, counts."""
    models = api.models
    new = [models.UsersCreate(name=f"User {n % 3}", email=f"user{n}@example.org") for n in range(1, 8)]
    created = api.call("users_create", body=new).parsed
    assert [user.email for user in created] == [user.email for user in new]
    pages = list(api.pages("users_list", limit=3))
    assert [len(page) for page in pages] == [3, 3, 1] and sum(pages, []) == created
    wrong = api.call("users_list", limit=1001)
    assert wrong.status_code == 400 and wrong.parsed.errors[0].parameter == "limit"

    filtered = api.call("users_list", name_like="User*", id_gt=created[0].id, sort="name,-id", count=True)
    emails = [f"user{n}@example.org" for n in (6, 3, 7, 4, 5, 2)]
    assert [user.email for user in filtered.parsed] == emails and filtered.headers["X-Total-Count"] == "6"
    pages = list(api.pages("users_list", name_like="User*", id_gt=created[0].id, sort="name,-id", limit=4))
    assert [user.email for user in sum(pages, [])] == emails
    either = api.call("users_list", or_="(name.eq=User 0,email.in=user1@example.org)")
    assert [user.id for user in either.parsed] == [created[n - 1].id for n in (1, 3, 6)]
    either = api.call("users_list", or_="(email.in=user1@example.org\\,user2@example.org,id.lt=0)")
    some = api.call("users_list", email_in="user1@example.org,user2@example.org")
    assert some.parsed == either.parsed == created[:2]

    named = api.call("users_list", fields="name", sort="-id", limit=1)
    assert named.parsed == [models.UsersPart(name=created[-1].name)], named.content
    author = api.call("authors_create", body=models.AuthorsCreate(name="Ada")).parsed
    book = api.call("books_create", body=models.BooksCreate(title="Notes", author=author.id)).parsed
    expanded = api.call("books_get", book.id, expand="author")
    assert json.loads(expanded.content)["author"] == author.to_dict(), expanded.content


SCENARIOS = {"records": records, "refusals": refusals, "types": types, "lists": lists}
main()
