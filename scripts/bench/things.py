"""The resource that long lists are measured on, with as many rows as are wanted. See scripts/bench/lists."""

import sqlite3

import measuring
import servers

CONFIGURATION = """
transport: {{ use: http }}
resources: {{ use: [users, declared], declared: {{ path: {folder} }} }}
"""
DECLARATION = """
fields:
  id: { type: integer, key: generated }
  title: { type: string, length: 1..100 }
  status: { values: [open, done, dropped], default: open }
  score: { type: integer, default: 0 }
  note: { type: string, default: "", length: ..200 }
  createdAt: { managed: createdAt }
indexes: [[status, createdAt]]
"""
OPEN = 3, 5
"""So many of so many are open."""

# In the order of time, three at each: a sort by it has to tell those apart by something else.
COLUMNS = """
    'Thing ' || i, CASE WHEN i % 5 < 3 THEN 'open' WHEN i % 5 = 3 THEN 'done' ELSE 'dropped' END, i % 1000 * 719 % 1000,
    'What there is to say about thing ' || i || ' is this.'"""
INSERT = f"INSERT INTO things (title, status, score, note, created_at) SELECT {COLUMNS},"
SQLITE = f"""
    WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ?)
    {INSERT} (1700000000 + i / 3) * 1000000 FROM numbers"""
# As its autovacuum would do by itself before long: what it has not counted it can't plan for.
POSTGRES = f"""
    {INSERT} to_timestamp(1700000000 + i / 3) FROM generate_series(1, {{rows}}) AS numbers(i);
    VACUUM (ANALYZE) things;"""


def prepare(options, folder, postgres):
    """A server, not started, whose table has the rows: given to the database itself, since over HTTP a million take long."""
    resources = folder / "resources"
    resources.mkdir()
    (resources / "things.yaml").write_text(DECLARATION)
    (folder / "things.conf").write_text(CONFIGURATION.format(folder=resources))
    server = servers.martlet(options.martlet, folder, folder / "things.conf", postgres, "things")
    try:
        server.start()
    finally:
        server.stop()
    measuring.progress(f"loading {options.rows} things")
    if postgres:
        postgres.run("things", POSTGRES.format(rows=options.rows))
    else:
        connection = sqlite3.connect(server.database)
        with connection:
            connection.execute(SQLITE, (options.rows,))
        connection.close()
    return server


def get(server, path):
    """What a list answers, and where the next page is."""
    client = servers.Client(server.port, timeout=60)
    answer = client.request("GET", path)
    client.close()
    if answer.status != 200:
        raise SystemExit(f"GET {path}: {answer.status} {answer.body[:1000].decode()}")
    return answer
