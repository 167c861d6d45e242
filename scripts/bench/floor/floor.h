/* What the parts of floor share. See floor.c. */
#pragma once
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline void die(const char *what, const char *why) {
    fprintf(stderr, "floor: %s: %s\n", what, why);
    exit(1);
}

struct buffer {
    char *bytes;
    size_t count, capacity;
};

static inline void reserve(struct buffer *to, size_t more) {
    if (to->capacity - to->count >= more) return;
    to->capacity = to->capacity * 2 > to->count + more ? to->capacity * 2 : to->count + more;
    to->bytes = realloc(to->bytes, to->capacity);
    if (!to->bytes) die("realloc", "no memory");
}

static inline void put(struct buffer *to, const void *bytes, size_t count) {
    reserve(to, count);
    memcpy(to->bytes + to->count, bytes, count);
    to->count += count;
}

#define PUT(to, literal) put(to, literal, sizeof literal - 1)

static inline void put_text(struct buffer *to, const char *text) {
    put(to, text, strlen(text));
}

static inline void put_integer(struct buffer *to, int64_t value) {
    char digits[20], *end = digits + sizeof digits, *start = end;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do *--start = '0' + rest % 10; while (rest /= 10);
    if (value < 0) *--start = '-';
    put(to, start, end - start);
}

static inline void put_number(struct buffer *to, const char *before, int64_t value) {
    put_text(to, before);
    put_integer(to, value);
}

/* With leading zeros. */
static inline void put_digits(struct buffer *to, uint64_t value, unsigned base, int digits) {
    char text[20];
    for (int i = digits; i-- > 0; value /= base) text[i] = "0123456789abcdef"[value % base];
    put(to, text, digits);
}

static inline sqlite3_stmt *prepare(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(database));
    return statement;
}

/* ---- request.c ---- */

enum {
    HEAD_LIMIT = 8192, BODY_LIMIT = 16384,    /* bytes of one request */
    ROWS_LIMIT = 1000,
};

enum route { UNKNOWN, LIST, RECORD, CREATE };

struct request {
    enum route route;
    const char *method;
    size_t method_count;
    int64_t limit, after, id, length;
    bool has_limit, has_after, has_length, is_json, closes;
};

/* Returns the status that the request's head deserves, which ends with an empty line at `end`. After a bad one, where the next
 * one begins is unknown: the connection ends. */
int parse_head(const char *head, const char *end, struct request *request);

/* ---- users.c ---- */

enum {
    NAME_LIMIT = 200,      /* Unicode scalars */
    EMAIL_LIMIT = 1792,    /* bytes: what Martlet lets an index hold */
};

/* An insert: what a client has sent, then its result. */
struct insert {
    char name[4 * NAME_LIMIT], email[EMAIL_LIMIT];
    size_t name_count, email_count;
    int status;            /* 201, 409, or 503 where the database has refused the whole batch */
    int64_t id, version;
    int descriptor;        /* of its connection, which `closes` after the answer */
    bool closes;
    struct timespec start;
    struct insert *next;
};

/* Reads `{"name":…,"email":…}`. Returns 201, 400 for what isn't JSON, 422 for what isn't a user. */
int parse_user(const char *text, size_t count, struct insert *user);

/* Writes a text, which is UTF-8, as JSON. */
void put_string(struct buffer *to, const char *text, size_t count);

/* ---- writer.c ---- */

/* Returns a descriptor that can be read from when inserts are done. */
int start_writer(const char *database);

/* Hands over a list, from its first to its last. */
void submit(struct insert *first, struct insert *last);

/* The list of those that are done: committed, or refused. */
struct insert *take_done(void);
