"""A PostgreSQL of a script's own: a new cluster in a folder, on a Unix socket there, that ends with the script."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time


class Postgres:
    def __init__(self, folder):
        """`folder` is empty, and there is nobody else's in it: it is given to the server's user."""
        self.folder, self.process = pathlib.Path(folder), None
        versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        found = shutil.which("postgres", path=os.pathsep.join(map(str, [*reversed(versions), os.environ["PATH"]])))
        if found is None:
            raise SystemExit("there is no PostgreSQL: apt-get install postgresql")
        self.programs = pathlib.Path(found).parent
        # The server refuses to be root's. setpriv(1) becomes it, and sees that it doesn't outlive this script.
        self.prefix = ["setpriv", "--pdeathsig", "QUIT"]
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.prefix += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self.url = f"postgresql://martlet@/postgres?host={self.folder}"
        self.run("initdb", "-D", "data", "-U", "martlet", "--auth=trust", "--encoding=UTF8", "--no-sync")

    def run(self, program, *arguments):
        command = [*self.prefix, self.programs / program, *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise SystemExit(f"{program}: {done.stderr}")
        return done.stdout

    def start(self):
        """Without fsync: what is tried here is killed processes, not power cuts."""
        options = ["-D", "data", "-k", str(self.folder), "-h", "", "-F", "-B", "32MB"]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, self.programs / "postgres", *options], cwd=self.folder, stdout=log, stderr=log)
        status, end = self.folder / "data/postmaster.pid", time.monotonic() + 60
        while not (status.exists() and "\nready" in status.read_text()):
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.01)

    def stop(self, how=signal.SIGQUIT):
        """SIGQUIT: as if it had crashed. SIGINT: connections are told."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def sql(self, text):
        return self.run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", text).strip()

    def backends(self, application):
        """The process ids of connections whose application's name begins so. They are this server's children."""
        lines = self.sql(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
            f"AND starts_with(application_name, '{application}')")
        return [int(line) for line in lines.splitlines()]
