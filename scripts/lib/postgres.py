"""A PostgreSQL of its own for a script: Debian's program, a temporary folder, a Unix socket and no port.

It is as it comes: what is committed is synchronised to disk.
"""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
ROLE = "martlet"


class Postgres:
    """A server that runs while it is a context: `with Postgres() as postgres:`."""

    def __init__(self):
        self.programs = programs()
        self.user = unprivileged_user()
        # Not in the caller's folder, which may be closed to the unprivileged user.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-postgres-"))
        self.process = None

    def __enter__(self):
        try:
            if self.user:
                shutil.chown(self.folder, self.user, pwd.getpwnam(self.user).pw_gid)
            self._run("initdb", "-D", self.data, "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def data(self):
        return self.folder / "data"

    @property
    def log(self):
        return self.folder / "log"

    def start(self, deadline=30.0):
        command = [self.programs / "postgres", "-D", self.data, "-k", self.folder, "-c", "listen_addresses="]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
                **self._identity())
        end = time.monotonic() + deadline
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", self.folder]).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"PostgreSQL did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self, how=signal.SIGINT):
        """SIGINT: connections are told (a fast shutdown, as its manual calls it); SIGQUIT: as if it had crashed."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        self.process = None

    def create(self, database):
        self.run("postgres", f'CREATE DATABASE "{database}"')

    def url(self, database, scheme="postgresql"):
        return f"{scheme}:///{database}?host={self.folder}&user={ROLE}"

    def psql(self, database):
        """The command that runs the statements of its input, up to the first that fails."""
        options = ["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        return [str(self.programs / "psql"), *options, self.url(database)]

    def run(self, database, statements):
        """What the statements return, as text."""
        done = subprocess.run(self.psql(database), input=statements, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"PostgreSQL: {done.stderr}")
        return done.stdout.strip()

    @contextlib.contextmanager
    def holding(self, database, statement):
        """Keeps what a statement has locked as long as it is a context."""
        process = subprocess.Popen(
            self.psql(database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        try:
            process.stdin.write(f"BEGIN;\n{statement};\n\\echo held\n")
            process.stdin.flush()
            if process.stdout.readline().strip() != "held":
                raise SystemExit(f"PostgreSQL refused {statement}")
            yield
        finally:
            # The end of its input ends psql, and with it the transaction.
            process.stdin.close()
            process.stdout.close()
            process.wait()

    def backends(self, application):
        """The process ids of connections whose application's name begins so. They are this server's children."""
        lines = self.run(
            "postgres",
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
            f"AND starts_with(application_name, '{application}')")
        return [int(line) for line in lines.splitlines()]

    def cpu(self):
        """Seconds that all its processes have worked, also those that have ended."""
        seconds = 0
        for pid in [self.process.pid, *children(self.process.pid)]:
            # One that ends meanwhile is its parent's to count.
            with contextlib.suppress(OSError):
                seconds += sum(times(pid))
        return seconds

    def _run(self, program, *arguments):
        done = subprocess.run(
            [self.programs / program, *arguments], capture_output=True, text=True, cwd="/", **self._identity())
        if done.returncode != 0:
            raise SystemExit(f"{program}: {done.stderr}")

    def _identity(self):
        if self.user is None:
            return {}
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}


def programs():
    """The folder of the newest PostgreSQL: Debian keeps it out of PATH."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if not found:
        raise SystemExit("there is no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql")
    return found[-1].parent


def unprivileged_user():
    """Who runs it when the caller is root, which PostgreSQL refuses; None when the caller does."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise SystemExit("there is no user to run PostgreSQL as: root can't")


def children(parent):
    """The process ids of a process's children."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


def times(pid):
    """Seconds that a process has worked, in user and in system mode, and those of children that it has waited for
    (proc(5))."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(field) / TICKS for field in fields[11:15]]
