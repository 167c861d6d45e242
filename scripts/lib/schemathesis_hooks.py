"""Loaded by schemathesis: what no OpenAPI document can say of Martlet's contract, and that lists can be walked."""

import json
import random
import re
from urllib.parse import urljoin

import requests
import schemathesis
from schemathesis.core.parameters import ParameterLocation

# schemathesis' codes for failures: `st explain CODE`.
NO_CONTENT_TYPE, NO_JSON = "ST104", "ST109"
VALID_BUT_REFUSED, NO_REQUIRED_HEADER, STILL_THERE = "ST202", "ST203", "ST301"

# A list's parameters that are no filters.
OPTIONS = {"limit", "cursor", "sort", "fields", "expand", "count", "or"}

@schemathesis.hook
def before_call(context, case, kwargs):
    """Takes back what keeps a valid request from getting as far as its body."""
    for name, value in case.headers.items():
        # schemathesis takes an integer from one answer's `id` for the next request's X-Request-Id, and can't send it.
        case.headers[name] = str(value)
    if is_valid(case, ParameterLocation.HEADER):
        # Its coverage phase draws header values of letters and digits alone. Where a pattern has none of these it takes
        # what doesn't match, such as `If-Match: 0`, for valid.
        patterns = {header.name: header.definition["schema"].get("pattern", "") for header in case.operation.headers}
        for name, value in list(case.headers.items()):
            if not re.search(patterns.get(name, ""), value):
                del case.headers[name]
    tidy_query(case)
    if case.method == "PUT" and isinstance(case.body, dict) and is_valid(case, ParameterLocation.BODY):
        # In a body the key would have to be the path's.
        for key in case.path_parameters:
            case.body.pop(key, None)


def tidy_query(case):
    """Leaves of a list's query what can go together. What schemathesis has made invalid on purpose stays as it is."""
    data = case.meta and case.meta.phase.data
    meant = {getattr(data, "parameter", None)} | {mutation.parameter for mutation in getattr(data, "mutations", ())}
    wrong = set() if is_valid(case, ParameterLocation.QUERY) else meant
    query = {name: value for name, value in case.query.items() if name not in wrong}
    if "cursor" in query:
        # None that can be made up is one of this list. `next_page` follows those that are.
        del case.query["cursor"]
    for name in {"sort", "fields", "expand"} & set(query):
        case.query[name] = without_repetitions(query[name])
    # A list takes 50 filters, and a request 16 KiB.
    filters = [name for name in query if name not in OPTIONS | meant]
    random.Random(repr(query)).shuffle(filters)
    for name in filters[8:]:
        del case.query[name]
    if "or" in query:
        # Its syntax is beyond a pattern's: it joins some of the filters.
        terms = [f"{name}={text(query[name])}" for name in filters[:3]]
        case.query["or"] = f"({','.join(terms)})"
        if not terms:
            del case.query["or"]


def without_repetitions(value):
    """Of `id,-id` what a list takes: a field once, and none beside `*`."""
    names = {}
    for name in str(value).split(","):
        names.setdefault(name.removeprefix("-"), name)
    return ",".join(name for name in names.values() if "*" not in names or name in ("*", "_version"))


def text(value):
    """A filter's value inside of `or`."""
    value = json.dumps(value) if not isinstance(value, str) else value
    return value.replace("\\", "\\\\").replace(",", "\\,")


def is_valid(case, location):
    """Whether schemathesis takes a part of the request for valid: the part, or the whole request."""
    component = case.meta and case.meta.components.get(location)
    return component is not None and (component.mode.is_positive or case.meta.generation.mode.is_positive)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether it is one."""
    if failure.code in (NO_CONTENT_TYPE, NO_JSON):
        # A creation's answer has a body or none, as the client prefers. OpenAPI has no word for that.
        return not (response.status_code == 201 and applied(response) == "return=minimal" and not response.content)
    if failure.code == NO_REQUIRED_HEADER:
        # schemathesis doesn't know the status for that (RFC 6585, section 3).
        return response.status_code != 428
    if failure.code == VALID_BUT_REFUSED:
        return not depends_on_more_than_schema(case, response)
    if failure.code == STILL_THERE:
        # OPTIONS asks about a path, not about a record.
        return case.method != "OPTIONS"
    return True


def applied(response):
    return response.headers.get("preference-applied", [None])[0]


def depends_on_more_than_schema(case, response):
    """Whether a request that the document allows was refused for what there is, or for what doesn't go together."""
    if response.status_code in (412, 428):
        # Which versions there are; and that If-Match or the body's `_version` is needed.
        return True
    if response.status_code not in (400, 422):
        return False
    if case.method == "HEAD":
        # Why isn't told; GET is asked the same.
        return True
    problem = json.loads(response.content)
    errors = problem.get("errors", [])
    if problem["code"] == "idempotency_key_reused":
        return True
    if response.status_code == 400 and excludes_itself(case):
        return True
    if case.operation.path == "/batch":
        # Which body an operation needs depends on its path, and on the records of those before it.
        return bool(errors) and all(error["pointer"].startswith("#/operations/") for error in errors)
    return bool(errors) and all(is_beyond_schema(error) for error in errors)


def excludes_itself(case):
    """Whether one parameter is taken only without the other."""
    conditions = {"If-Match", "If-None-Match"} & set(case.headers)
    return case.method == "PUT" and len(conditions) == 2 or "expand" in case.query and bool(conditions)


def is_beyond_schema(error):
    # That there is a record with the key; that one of several values is a day of the calendar, or a number of 64 bits.
    parameter = error.get("parameter", "")
    return error["code"] == "reference" or parameter.endswith(".in") or parameter == "or" and '.in":' in error["detail"]


@schemathesis.check
def next_page(ctx, response, case):
    """Behind a `Link` there is a page, and it is as the document says."""
    link = response.headers.get("link")
    if case.method != "GET" or response.status_code != 200 or not link:
        return
    target = re.fullmatch(r'<([^>]+)>; rel="next"', link[0])
    assert target, f"not a link to the next page: {link[0]}"
    page = requests.get(urljoin(response.request.url, target[1]), timeout=30)
    assert page.status_code == 200, f"{target[1]}: {page.status_code} {page.text[:500]}"
    case.operation.validate_response(page)
