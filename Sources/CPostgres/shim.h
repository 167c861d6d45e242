#pragma once
#include <dlfcn.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

// libpq comes with two dozen other libraries. They are loaded when a database is named, and not into every server: so one that
// keeps its records elsewhere starts as fast as without, and needs none of them.

/// What dlsym(3) finds in libpq; null without libpq.
static inline void *pq_symbol(const char *name) {
    static void *library;
    if (library == NULL) library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    return library == NULL ? NULL : dlsym(library, name);
}

/// Whether libpq is there. To be asked before anything else is called.
static inline int pq_is_installed(void) { return pq_symbol("PQpipelineSync") != NULL; }

/// `pq_NAME` calls libpq's `PQNAME`.
#define PQ_FORWARD(result, name, parameters, arguments)                  \
    static inline result pq_##name parameters {                          \
        static __typeof__(&PQ##name) function;                           \
        if (function == NULL) function = (__typeof__(&PQ##name))pq_symbol("PQ" #name); \
        return function arguments;                                       \
    }

PQ_FORWARD(PQconninfoOption *, conninfoParse, (const char *text, char **message), (text, message))
PQ_FORWARD(void, conninfoFree, (PQconninfoOption *options), (options))
PQ_FORWARD(PGconn *, connectdbParams, (const char *const *names, const char *const *values, int expand),
           (names, values, expand))
PQ_FORWARD(PGconn *, connectStartParams, (const char *const *names, const char *const *values, int expand),
           (names, values, expand))
PQ_FORWARD(PostgresPollingStatusType, connectPoll, (PGconn *connection), (connection))
PQ_FORWARD(PQnoticeReceiver, setNoticeReceiver, (PGconn *connection, PQnoticeReceiver receiver, void *argument),
           (connection, receiver, argument))
PQ_FORWARD(PGVerbosity, setErrorVerbosity, (PGconn *connection, PGVerbosity verbosity), (connection, verbosity))
PQ_FORWARD(int, connectionNeedsPassword, (const PGconn *connection), (connection))
PQ_FORWARD(void, finish, (PGconn *connection), (connection))
PQ_FORWARD(ConnStatusType, status, (const PGconn *connection), (connection))
PQ_FORWARD(char *, errorMessage, (const PGconn *connection), (connection))
PQ_FORWARD(int, serverVersion, (const PGconn *connection), (connection))
PQ_FORWARD(const char *, parameterStatus, (const PGconn *connection, const char *name), (connection, name))
PQ_FORWARD(char *, host, (const PGconn *connection), (connection))
PQ_FORWARD(char *, port, (const PGconn *connection), (connection))
PQ_FORWARD(char *, db, (const PGconn *connection), (connection))
PQ_FORWARD(char *, user, (const PGconn *connection), (connection))
PQ_FORWARD(int, socket, (const PGconn *connection), (connection))
PQ_FORWARD(int, setnonblocking, (PGconn *connection, int value), (connection, value))
PQ_FORWARD(int, enterPipelineMode, (PGconn *connection), (connection))
PQ_FORWARD(int, pipelineSync, (PGconn *connection), (connection))
PQ_FORWARD(int, setSingleRowMode, (PGconn *connection), (connection))
PQ_FORWARD(int, flush, (PGconn *connection), (connection))
PQ_FORWARD(int, consumeInput, (PGconn *connection), (connection))
PQ_FORWARD(int, isBusy, (PGconn *connection), (connection))
PQ_FORWARD(PGnotify *, notifies, (PGconn *connection), (connection))
PQ_FORWARD(void, freemem, (void *memory), (memory))
PQ_FORWARD(PGresult *, getResult, (PGconn *connection), (connection))
PQ_FORWARD(int, sendQuery, (PGconn *connection, const char *sql), (connection, sql))
PQ_FORWARD(int, sendQueryParams,
           (PGconn *connection, const char *sql, int count, const Oid *types, const char *const *values,
            const int *lengths, const int *formats, int result),
           (connection, sql, count, types, values, lengths, formats, result))
PQ_FORWARD(int, sendPrepare,
           (PGconn *connection, const char *name, const char *sql, int count, const Oid *types),
           (connection, name, sql, count, types))
PQ_FORWARD(int, sendQueryPrepared,
           (PGconn *connection, const char *name, int count, const char *const *values, const int *lengths,
            const int *formats, int result),
           (connection, name, count, values, lengths, formats, result))
PQ_FORWARD(ExecStatusType, resultStatus, (const PGresult *result), (result))
PQ_FORWARD(char *, resultErrorField, (const PGresult *result, int field), (result, field))
PQ_FORWARD(char *, cmdStatus, (PGresult *result), (result))
PQ_FORWARD(char *, cmdTuples, (PGresult *result), (result))
PQ_FORWARD(size_t, resultMemorySize, (const PGresult *result), (result))
PQ_FORWARD(void, clear, (PGresult *result), (result))
PQ_FORWARD(int, ntuples, (const PGresult *result), (result))
PQ_FORWARD(Oid, ftype, (const PGresult *result, int column), (result, column))
PQ_FORWARD(char *, fname, (const PGresult *result, int column), (result, column))
PQ_FORWARD(int, nfields, (const PGresult *result), (result))
PQ_FORWARD(int, getisnull, (const PGresult *result, int row, int column), (result, row, column))
PQ_FORWARD(int, getlength, (const PGresult *result, int row, int column), (result, row, column))
PQ_FORWARD(char *, getvalue, (const PGresult *result, int row, int column), (result, row, column))

// Swift takes character constants for 8-bit values; PQresultErrorField() wants an int.
static const int MARTLET_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int MARTLET_PG_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
static const int MARTLET_PG_DIAG_SCHEMA_NAME = PG_DIAG_SCHEMA_NAME;
static const int MARTLET_PG_DIAG_TABLE_NAME = PG_DIAG_TABLE_NAME;
static const int MARTLET_PG_DIAG_COLUMN_NAME = PG_DIAG_COLUMN_NAME;
static const int MARTLET_PG_DIAG_CONSTRAINT_NAME = PG_DIAG_CONSTRAINT_NAME;

/// Bytes that have arrived at a socket and were not read; -1 if that can't be told. ioctl(2) is variadic.
static inline int martlet_unread(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) == 0 ? count : -1;
}
