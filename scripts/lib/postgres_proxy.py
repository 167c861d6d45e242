"""Stands between a server and its PostgreSQL, and does what networks do at their worst, at a message of the protocol.

It listens on a Unix socket in a folder of its own (https://www.postgresql.org/docs/current/protocol-message-formats.html).
"""

import contextlib
import os
import select
import shutil
import socket
import tempfile
import threading
import time

MODES = ["stall", "cut", "delay", "truncate"]
MESSAGES = {"startup": None, "query": b"Q", "parse": b"P", "bind": b"B", "execute": b"E", "sync": b"S", "commit": b"C"}


class Proxy:
    """Runs while it is a context: `with Proxy(folder_of_the_server) as proxy:`."""

    def __init__(self, server):
        self.server = os.path.join(server, ".s.PGSQL.5432")
        self.folder = tempfile.mkdtemp(prefix="martlet-proxy-")
        self.listener = socket.socket(socket.AF_UNIX)
        self.fault = None
        self.hits = 0

    def __enter__(self):
        self.listener.bind(os.path.join(self.folder, ".s.PGSQL.5432"))
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.fault = None
        self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def set(self, mode, message):
        """From now on, at each such message, until `clear`."""
        self.hits = 0
        self.fault = (mode, message)

    def clear(self):
        self.fault = None

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server, stalled = socket.socket(socket.AF_UNIX), threading.Event()
        try:
            server.connect(self.server)
            threading.Thread(target=self._answers, args=(server, client, stalled), daemon=True).start()
            self._messages(client, server, stalled)
        except OSError:
            pass
        for each in (client, server):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _messages(self, client, server, stalled):
        commits, is_first = set(), True
        while True:
            message = received(client, is_first)
            kinds = {"startup"} if is_first else kinds_of(message, commits)
            is_first = False
            fault = self.fault
            if fault and fault[1] in kinds:
                self.hits += 1
                if fault[0] == "cut":
                    return
                if fault[0] == "truncate":
                    server.sendall(message[: len(message) // 2])
                if fault[0] == "delay":
                    time.sleep(0.3)
                else:
                    stalled.set()
                    while self.fault == fault and not is_closed(client):
                        time.sleep(0.01)
                    if fault[0] == "truncate":
                        return
                    stalled.clear()
            server.sendall(message)

    def _answers(self, server, client, stalled):
        with contextlib.suppress(OSError):
            while answer := server.recv(65536):
                while stalled.is_set():
                    time.sleep(0.01)
                client.sendall(answer)
            client.shutdown(socket.SHUT_RDWR)


def received(client, is_first):
    head = exactly(client, 4 if is_first else 5)
    return head + exactly(client, int.from_bytes(head[-4:], "big") - 4)


def exactly(client, count):
    data = b""
    while len(data) < count:
        part = client.recv(count - len(data))
        if not part:
            raise OSError("the client has gone")
        data += part
    return data


def kinds_of(message, commits):
    """The names of a message: also `commit`, for what does one."""
    kinds = {name for name, letter in MESSAGES.items() if letter == message[:1]} - {"commit"}
    parts = message[5:].split(b"\0", 2)
    if message[:1] == b"P" and parts[1] == b"COMMIT":
        commits.add(parts[0])
    if (message[:1] == b"B" and parts[1] in commits) or (message[:1] == b"Q" and parts[0] == b"COMMIT"):
        kinds.add("commit")
    return kinds


def is_closed(client):
    readable, _, _ = select.select([client], [], [], 0)
    with contextlib.suppress(OSError):
        return bool(readable) and client.recv(1, socket.MSG_PEEK) == b""
    return True
