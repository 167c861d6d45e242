"""Uses a server with `fetch` from a page of another origin, in headless Chromium. See scripts/test."""

import argparse
import contextlib
import http.server
import os
import pathlib
import queue
import signal
import subprocess
import tempfile
import threading
from urllib.parse import quote

import servers

ALLOWED_ORIGINS = "transport.http.allowedOrigins"
PAGE = pathlib.Path(__file__).with_name("browser.html").read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--martlet", required=True)
    martlet = parser.parse_args().martlet
    with tempfile.TemporaryDirectory(prefix="martlet-browser-", ignore_cleanup_errors=True) as folder, page() as site:
        origin = f"http://{servers.HOST}:{site.server_port}"
        with serving(martlet, folder, "open", {ALLOWED_ORIGINS: f"https://example.org,{origin}"}) as api:
            said = visit(site, origin, api, folder)
            assert said == "done", f"from a listed origin: {said}"
            # The same page by another name is of another origin.
            said = visit(site, f"http://localhost:{site.server_port}", api, folder)
            assert said == "TypeError: Failed to fetch", f"from an origin that isn't listed: {said}"
        with serving(martlet, folder, "closed", {}) as api:
            said = visit(site, origin, api, folder)
            assert said == "TypeError: Failed to fetch", f"without any origin listed: {said}"


@contextlib.contextmanager
def page():
    """A web server with one page, which puts what that tells it into `said`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(PAGE)

        def do_POST(self):
            self.server.said.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.answer(b"")

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer((servers.HOST, 0), Handler) as site:
        site.said = queue.Queue()
        threading.Thread(target=site.serve_forever, daemon=True).start()
        try:
            yield site
        finally:
            site.shutdown()


@contextlib.contextmanager
def serving(martlet, folder, name, settings):
    server = servers.martlet(martlet, folder, name=name, settings=settings)
    try:
        server.start()
        client = servers.Client(server.port)
        users = [{"name": f"User {n}", "email": f"user{n}@example.org"} for n in range(5)]
        assert client.request("POST", "/users", users).status == 201
        yield f"http://{servers.HOST}:{server.port}"
    finally:
        server.stop()


def visit(site, origin, api, folder, deadline=60):
    """Opens the page, and returns what it says."""
    command = ["chromium", "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command += ["--disable-background-networking", "--disable-component-update", f"--user-data-dir={folder}/profile"]
    if os.geteuid() == 0:
        command.append("--no-sandbox")  # Which doesn't let root in; and the page is our own.
    command.append(f"{origin}/?api={quote(api, safe='')}")
    with open(f"{folder}/chromium.log", "wb") as log:
        browser = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env=os.environ | {"HOME": str(folder), "TMPDIR": str(folder)})
    try:
        return site.said.get(timeout=deadline)
    except queue.Empty:
        output = pathlib.Path(log.name).read_text(errors="replace")[-2000:]
        raise SystemExit(f"the page has said nothing within {deadline} s:\n{output}") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()


main()
