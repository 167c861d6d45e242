"""How a database does what the server asks it for: its plans for the server's own statements, as they were prepared.

Nobody has to tell the statements, so what is shown is what runs. See scripts/bench/lists.
"""

import pathlib
import re
import sqlite3

import things


def show(server, pages):
    """For each page by its name: what reads it, and its plan."""
    plans = of_postgres(server, pages) if server.postgres else of_sqlite(server, pages)
    for name, plan in plans.items():
        print(f"\n{name}:\n\n{plan}")


def of_postgres(server, pages):
    """By auto_explain (https://www.postgresql.org/docs/current/auto-explain.html), which logs what each statement did."""
    postgres = server.postgres
    postgres.run("postgres", """
        ALTER DATABASE things SET session_preload_libraries = 'auto_explain';
        ALTER DATABASE things SET auto_explain.log_min_duration = 0;
        ALTER DATABASE things SET auto_explain.log_analyze = on;
        ALTER DATABASE things SET auto_explain.log_timing = off;""")
    plans = {}
    try:
        # Connections of its own: what they preload is settled when they begin.
        server.start()
        for name, path in pages.items():
            before = len(postgres.log.read_text())
            things.get(server, path)
            blocks = re.findall(r"Query Text: .*\n(?:\t.*\n)*", postgres.log.read_text()[before:])
            plans[name] = "".join(block for block in blocks if "things" in block).replace("\t", "  ")
    finally:
        server.kill()
        postgres.run("postgres", "ALTER DATABASE things RESET ALL")
    return plans


def of_sqlite(server, pages):
    """SQLite keeps a statement's text for as long as the statement: it stands in the server's memory, which the one who
    has started it may read. A server that has just begun, and reads one page, has that page's alone."""
    plans = {}
    for name, path in pages.items():
        try:
            server.start()
            before = set(statements(server.process.pid))
            things.get(server, path)
            new = [sql for sql in statements(server.process.pid) if sql not in before]
        finally:
            server.kill()
        # Its pieces, of which the server has put it together, are there too: the longest that is whole is the statement.
        plans[name] = next(
            f"{sql}\n{plan}" for sql in sorted(new, key=len, reverse=True) if (plan := query_plan(server.database, sql)))
    return plans


def statements(process):
    """All texts in its memory that are a whole statement which reads things."""
    found = {}
    maps = pathlib.Path(f"/proc/{process}/maps").read_text().splitlines()
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for line in maps:
            start, end, access, name = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)", line).groups()
            if not access.startswith("rw") or name.startswith("[v"):
                continue
            memory.seek(int(start, 16))
            try:
                bytes = memory.read(int(end, 16) - int(start, 16))
            except OSError:
                # A part that can't be read is none of the heap.
                continue
            for text in re.findall(rb'SELECT [\x20-\x7e]{1,2000}? FROM "things"[\x20-\x7e]{1,2000}(?=\0)', bytes or b""):
                found[text.decode()] = None
    return list(found)


def query_plan(database, sql):
    """None for what is no statement."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        # Without statistics, which Martlet doesn't gather, a plan does not depend on the values.
        numbers = [int(number) for number in re.findall(r"\?(\d+)", sql)]
        values = [None] * max(numbers, default=sql.count("?"))
        rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        return "\n".join(f"  {row[3]}" for row in rows)
    except sqlite3.Error:
        return None
    finally:
        connection.close()
