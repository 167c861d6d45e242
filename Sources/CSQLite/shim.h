#pragma once
#include <sqlite3.h>

// sqlite3_config() and sqlite3_db_config() are variadic, which Swift can't call.

/// Turns the counting of allocations off, whose mutex every allocation of every connection takes. Only before
/// SQLite's first use in the process: SQLITE_MISUSE after it.
static inline int martlet_sqlite_count_no_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/// Sets one of the options that take 0 or 1.
static inline int martlet_sqlite_set(sqlite3 *connection, int option, int value) {
    return sqlite3_db_config(connection, option, value, (int *)0);
}

// Extended result codes are expressions, which Swift doesn't import.

static const int MARTLET_SQLITE_CONSTRAINT_UNIQUE = SQLITE_CONSTRAINT_UNIQUE;
static const int MARTLET_SQLITE_CONSTRAINT_PRIMARYKEY = SQLITE_CONSTRAINT_PRIMARYKEY;
static const int MARTLET_SQLITE_CONSTRAINT_ROWID = SQLITE_CONSTRAINT_ROWID;
static const int MARTLET_SQLITE_IOERR_WRITE = SQLITE_IOERR_WRITE;
static const int MARTLET_SQLITE_CONSTRAINT_TRIGGER = SQLITE_CONSTRAINT_TRIGGER;
static const int MARTLET_SQLITE_CONSTRAINT_CHECK = SQLITE_CONSTRAINT_CHECK;
static const int MARTLET_SQLITE_CONSTRAINT_FOREIGNKEY = SQLITE_CONSTRAINT_FOREIGNKEY;
