#pragma once

/// A way to the file system, for SQLite, that does what the system's own does until it is told to fail.
///
/// It stands in for a full disk and for a disk that breaks, which a test can't have without being root.
typedef struct faulty_vfs faulty_vfs;

/// Which of SQLite's calls fail: of the write-ahead log, and of the database file.
typedef enum {
    FAULTY_LOG_WRITE,
    FAULTY_LOG_SYNC,
    FAULTY_DATABASE_WRITE,
    FAULTY_DATABASE_SYNC,
    /// Opening the database file for writing.
    FAULTY_DATABASE_OPEN,
    /// Mapping the index of the write-ahead log into memory. The system's error is that no space is left.
    FAULTY_INDEX_MAP,
    FAULTY_CALLS
} faulty_call;

/// Registers one under a name that nobody else has. It stays for the rest of the process: SQLite's list of them must
/// not lose one that is in use. Null if there is no memory.
faulty_vfs *faulty_vfs_register(const char *name);

/// From now on the call answers with this SQLite result code; 0 lets it work again. A write that fails writes nothing;
/// a sync that fails has not synced.
void faulty_vfs_fail(faulty_vfs *vfs, faulty_call call, int code);

/// How often the call was made, failed or not.
long faulty_vfs_count(faulty_vfs *vfs, faulty_call call);

/// Holds each sync of the log until `faulty_vfs_release_syncs`.
void faulty_vfs_hold_syncs(faulty_vfs *vfs);
void faulty_vfs_release_syncs(faulty_vfs *vfs);
