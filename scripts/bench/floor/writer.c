#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Versions are reserved in the database many at a time, as Martlet does it. */
enum { VERSIONS = 4096 };

static sqlite3 *database;
static sqlite3_stmt *begin, *insert, *commit, *roll_back, *reserve_versions, *reserved_versions;
static int64_t last_version, reserved;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_waiting = PTHREAD_COND_INITIALIZER;
static struct insert *waiting, **waiting_end = &waiting, *done;
static int done_event;

void submit(struct insert *first, struct insert *last) {
    pthread_mutex_lock(&mutex);
    bool was_empty = !waiting;
    *waiting_end = first;
    waiting_end = &last->next;
    *waiting_end = NULL;
    pthread_mutex_unlock(&mutex);
    if (was_empty) pthread_cond_signal(&has_waiting);
}

struct insert *take_done(void) {
    uint64_t count;
    if (read(done_event, &count, sizeof count) < 0 && errno != EAGAIN) die("eventfd", strerror(errno));
    pthread_mutex_lock(&mutex);
    struct insert *list = done;
    done = NULL;
    pthread_mutex_unlock(&mutex);
    return list;
}

static bool run(sqlite3_stmt *statement) {
    sqlite3_step(statement);
    return sqlite3_reset(statement) == SQLITE_OK;
}

static void read_reserved(void) {
    if (sqlite3_step(reserved_versions) != SQLITE_ROW) die("martlet_versions", sqlite3_errmsg(database));
    reserved = sqlite3_column_int64(reserved_versions, 0);
    sqlite3_reset(reserved_versions);
}

static bool reserve_for(int64_t count) {
    if (last_version + count <= reserved) return true;
    reserved = last_version + count + VERSIONS;
    sqlite3_bind_int64(reserve_versions, 1, reserved);
    return run(reserve_versions);
}

/* An address that is taken undoes its own statement alone. Returns false for any other error. */
static bool insert_user(struct insert *user) {
    user->version = ++last_version;
    sqlite3_bind_text(insert, 1, user->name, user->name_count, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, user->email, user->email_count, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 3, user->version);
    sqlite3_step(insert);
    int code = sqlite3_reset(insert);
    user->status = code == SQLITE_OK ? 201 : 409;
    user->id = sqlite3_last_insert_rowid(database);
    return code == SQLITE_OK || code == SQLITE_CONSTRAINT_UNIQUE;
}

static bool insert_all(struct insert *batch) {
    int64_t count = 0;
    for (struct insert *user = batch; user; user = user->next) count++;
    if (!run(begin)) return false;
    bool is_good = reserve_for(count);
    for (struct insert *user = batch; user && is_good; user = user->next) is_good = insert_user(user);
    if (!is_good) {
        run(roll_back);
        read_reserved();
        return false;
    }
    /* What the disk has of a commit that failed is unknown, and so is what could be answered. */
    if (!run(commit)) die("commit", sqlite3_errmsg(database));
    return true;
}

static void *write_all(void *unused) {
    (void)unused;
    while (true) {
        pthread_mutex_lock(&mutex);
        while (!waiting) pthread_cond_wait(&has_waiting, &mutex);
        struct insert *batch = waiting, *last = batch;
        waiting = NULL;
        waiting_end = &waiting;
        pthread_mutex_unlock(&mutex);

        if (!insert_all(batch)) for (struct insert *user = batch; user; user = user->next) user->status = 503;

        while (last->next) last = last->next;
        pthread_mutex_lock(&mutex);
        last->next = done;
        done = batch;
        pthread_mutex_unlock(&mutex);
        uint64_t one = 1;
        if (write(done_event, &one, sizeof one) < 0) die("eventfd", strerror(errno));
    }
    return NULL;
}

int start_writer(const char *path) {
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        die(path, sqlite3_errmsg(database));
    sqlite3_extended_result_codes(database, 1);
    sqlite3_busy_timeout(database, 1000);
    const char *settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
    if (sqlite3_exec(database, settings, NULL, NULL, NULL) != SQLITE_OK) die(settings, sqlite3_errmsg(database));
    begin = prepare(database, "BEGIN IMMEDIATE");
    insert = prepare(database, "INSERT INTO users (name, email, _version) VALUES (?1, ?2, ?3)");
    commit = prepare(database, "COMMIT");
    roll_back = prepare(database, "ROLLBACK");
    reserve_versions = prepare(database, "UPDATE martlet_versions SET reserved = ?1");
    reserved_versions = prepare(database, "SELECT reserved FROM martlet_versions");
    read_reserved();
    last_version = reserved;
    done_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_t thread;
    if (done_event < 0 || pthread_create(&thread, NULL, write_all, NULL) != 0) die("the writer", "can't be started");
    return done_event;
}
