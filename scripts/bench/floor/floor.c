/* The floor under Martlet: what its most frequent requests cost where nothing is done but them. See scripts/bench/lists.
 *
 * floor DATABASE PORT [log|gather]: serves the table `users` of a database that Martlet has made, on the loopback interface, to
 * HTTP/1.1 clients that keep their connections and may send requests ahead: GET /users, GET /users/{id} and POST /users.
 * One thread with one epoll and prepared statements reads and answers, JSON written by hand; one thread writes. One
 * line a request, as Martlet's: with `log` each is written at once, with `gather` within 10 ms, with others, as Martlet does
 * it. The program keeps what is owed to clients all the same: every request is parsed and refused where
 * it is wrong, every answer is read from the database or was committed to the disk, every string is escaped, and what a
 * client can make it hold is bounded. A cursor is the last key as it is. Problems have no words, and there are no deadlines.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>


enum {
    OUTPUT_LIMIT = 1 << 16,    /* bytes of answers, above which the client has to take them before it gets more */
    CONNECTION_LIMIT = 1024,   /* by descriptor */
    LOG_LIMIT = 1 << 16, LOG_PAUSE = 10,  /* bytes of lines, and milliseconds, that wait to be written together */
    ROWS = 100,
};

/* ---- Reading ---- */

static sqlite3 *database;
static sqlite3_stmt *first_page, *next_page, *by_id;
static struct buffer output, body, lines;
static bool logs;

/* Locks the file as Martlet does, which otherwise could open it meanwhile. Its descriptor stays open: closing it would drop
 * SQLite's own locks. */
static void open_database(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || flock(descriptor, LOCK_EX | LOCK_NB) < 0) die(path, strerror(errno));
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        die(path, sqlite3_errmsg(database));
    first_page = prepare(database, "SELECT id, name, email FROM users ORDER BY id LIMIT ?1");
    next_page = prepare(database, "SELECT id, name, email FROM users WHERE id > ?2 ORDER BY id LIMIT ?1");
    by_id = prepare(database, "SELECT id, name, email, _version FROM users WHERE id = ?1");
}

static void put_user(int64_t id, const char *name, size_t name_count, const char *email, size_t email_count) {
    put_number(&body, "{\"id\":", id);
    PUT(&body, ",\"name\":");
    put_string(&body, name, name_count);
    PUT(&body, ",\"email\":");
    put_string(&body, email, email_count);
    PUT(&body, "}");
}

/* The database holds UTF-8 alone: whoever has written it has looked. */
static void put_row(sqlite3_stmt *row) {
    const char *name = (const char *)sqlite3_column_text(row, 1), *email = (const char *)sqlite3_column_text(row, 2);
    put_user(sqlite3_column_int64(row, 0), name, sqlite3_column_bytes(row, 1), email, sqlite3_column_bytes(row, 2));
}

/* Writes the rows into `body`, and whether there are more. One more is read than is shown, to know. */
static int list(const struct request *request, int64_t *last, bool *has_more) {
    sqlite3_stmt *statement = request->has_after ? next_page : first_page;
    int64_t limit = request->has_limit ? request->limit : ROWS, rows = 0;
    int code;
    sqlite3_bind_int64(statement, 1, limit + 1);
    if (request->has_after) sqlite3_bind_int64(statement, 2, request->after);
    PUT(&body, "[");
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && rows < limit) {
        *last = sqlite3_column_int64(statement, 0);
        if (rows++ > 0) PUT(&body, ",");
        put_row(statement);
    }
    PUT(&body, "]");
    *has_more = code == SQLITE_ROW;
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? 200 : 500;
}

static int record(int64_t id, int64_t *version) {
    sqlite3_bind_int64(by_id, 1, id);
    int code = sqlite3_step(by_id);
    if (code == SQLITE_ROW) {
        put_row(by_id);
        *version = sqlite3_column_int64(by_id, 3);
    }
    sqlite3_reset(by_id);
    return code == SQLITE_ROW ? 200 : code == SQLITE_DONE ? 404 : 500;
}

/* ---- The answer ---- */

/* Made once a second. */
static char date[64], log_time[32];

static void tell_time(const struct timespec *now) {
    static time_t second;
    if (now->tv_sec == second) return;
    second = now->tv_sec;
    struct tm parts;
    gmtime_r(&second, &parts);
    strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    strftime(log_time, sizeof log_time, "%Y-%m-%dT%H:%M:%S.", &parts);
}

/* A UUID of version 7 (RFC 9562, section 5.7): the time, then a random number that is counted up. */
static void put_request_id(struct buffer *to, const struct timespec *now) {
    static uint64_t low;
    if (!low && getrandom(&low, sizeof low, 0) != sizeof low) die("getrandom", strerror(errno));
    low++;
    uint64_t milliseconds = now->tv_sec * 1000 + now->tv_nsec / 1000000;
    put_digits(to, milliseconds >> 16, 16, 8);
    PUT(to, "-");
    put_digits(to, milliseconds, 16, 4);
    PUT(to, "-7000-");
    put_digits(to, 0x8000 | (low >> 48 & 0x3FFF), 16, 4);
    PUT(to, "-");
    put_digits(to, low, 16, 12);
}

/* Lines wait to be written together, up to so many bytes: the last ones are lost with a killed process. */
static size_t log_limit;
static struct timespec first_line;

static int64_t microseconds(const struct timespec *start, const struct timespec *end) {
    return (end->tv_sec - start->tv_sec) * 1000000 + (end->tv_nsec - start->tv_nsec) / 1000;
}

static void write_lines(void) {
    if (write(STDERR_FILENO, lines.bytes, lines.count) < 0) { /* Nobody is left to be told. */ }
    lines.count = 0;
}

static const char *const route_patterns[] = {"-", "/users", "/users/{id}", "/users"};

static void add_line(const struct request *request, int status, size_t bytes, const char *id, const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t duration = microseconds(start, &now);
    tell_time(&now);
    if (lines.count == 0) first_line = now;
    PUT(&lines, "{\"time\":\"");
    put_text(&lines, log_time);
    put_digits(&lines, now.tv_nsec / 1000, 10, 6);
    put_number(&lines, "Z\",\"level\":\"info\",\"label\":\"floor\",\"message\":\"request\",\"metadata\":{\"bytes\":\"", bytes);
    put_number(&lines, "\",\"durationMs\":\"", duration / 1000);
    PUT(&lines, ".");
    put_digits(&lines, duration % 1000, 10, 3);
    PUT(&lines, "\",\"method\":");
    put_string(&lines, request->method, request->method_count);
    PUT(&lines, ",\"requestId\":\"");
    put(&lines, id, 36);
    PUT(&lines, "\",\"route\":\"");
    put_text(&lines, route_patterns[request->route]);
    put_number(&lines, "\",\"status\":\"", status);
    PUT(&lines, "\"}}\n");
    if (lines.count > log_limit) write_lines();
}

/* `created`, if anything, is what a POST has created. */
static void answer(const struct request *request, int status, const struct insert *created, const struct timespec *start) {
    int64_t last = 0, version = 0;
    bool has_more = false;
    body.count = 0;
    if (status == 200) status = request->route == LIST ? list(request, &last, &has_more) : record(request->id, &version);
    if (status == 201) {
        version = created->version;
        put_user(created->id, created->name, created->name_count, created->email, created->email_count);
    }
    bool is_good = status < 300;
    if (!is_good) {
        body.count = 0;
        put_number(&body, "{\"type\":\"about:blank\",\"status\":", status);
        PUT(&body, "}");
    }
    put_number(&output, "HTTP/1.1 ", status);
    put_text(&output, status == 200 ? " OK\r\n" : status == 201 ? " Created\r\n" : " \r\n");
    if (is_good) PUT(&output, "Content-Type: application/json\r\n");
    else PUT(&output, "Content-Type: application/problem+json\r\n");
    PUT(&output, "Cache-Control: private, no-cache\r\nVary: Accept, Prefer\r\nX-Content-Type-Options: nosniff\r\n");
    put_text(&output, date);
    PUT(&output, "X-Request-Id: ");
    put_request_id(&output, start);
    size_t id = output.count - 36;
    if (is_good && request->route != LIST) {
        put_number(&output, "\r\nETag: \"", version);
        PUT(&output, "-1eb5ece6\"");  /* The checksum that Martlet makes of the fields' names and types. */
    }
    if (status == 201) {
        put_number(&output, "\r\nLocation: /users/", created->id);
    }
    if (status == 405 && request->route == RECORD) PUT(&output, "\r\nAllow: GET");
    else if (status == 405) PUT(&output, "\r\nAllow: GET, POST");
    if (has_more) {
        PUT(&output, "\r\nLink: </users?");
        if (request->has_limit) put_number(&output, "limit=", request->limit);
        put_number(&output, request->has_limit ? "&cursor=" : "cursor=", last);
        PUT(&output, ">; rel=\"next\"");
    }
    put_number(&output, "\r\nContent-Length: ", body.count);
    if (request->closes) PUT(&output, "\r\nConnection: close");
    PUT(&output, "\r\n\r\n");
    put(&output, body.bytes, body.count);
    if (logs) add_line(request, status, body.count, output.bytes + id, start);
}

/* ---- Connections ---- */

struct connection {
    bool is_open, closes;
    bool is_readable;          /* there may be more to receive */
    bool is_ending;            /* there is an end to receive, or an error */
    /* An insert is with the writer: no other request is looked at meanwhile, and the descriptor stays open. */
    bool waits;
    size_t received, sent;
    char input[HEAD_LIMIT + BODY_LIMIT];
    /* What the client hasn't taken yet of its answers, of which `sent` bytes are gone: no more are made meanwhile. */
    struct buffer unsent;
    struct insert insert;
};

static struct connection connections[CONNECTION_LIMIT];
static int loop;
/* Inserts of this turn of the loop, to be handed over together. */
static struct insert *first_insert, *last_insert;

static void close_connection(int descriptor) {
    struct connection *connection = &connections[descriptor];
    close(descriptor);
    free(connection->unsent.bytes);
    memset(&connection->unsent, 0, sizeof connection->unsent);
    connection->is_open = connection->closes = connection->is_ending = false;
    connection->received = connection->sent = 0;
}

/* Sends what there is, and keeps what isn't taken. Returns whether all is. */
static bool flush(int descriptor) {
    struct connection *connection = &connections[descriptor];
    struct buffer *unsent = &connection->unsent, *from = unsent->count > 0 ? unsent : &output;
    if (from == unsent) put(unsent, output.bytes, output.count);
    ssize_t sent = 0;
    if (from->count > 0) sent = send(descriptor, from->bytes + connection->sent, from->count - connection->sent, MSG_NOSIGNAL);
    bool is_lost = sent < 0 && errno != EAGAIN;
    if (sent > 0) connection->sent += sent;
    if (is_lost) connection->closes = true;
    if (is_lost || connection->sent == from->count) {
        connection->sent = unsent->count = output.count = 0;
        return true;
    }
    if (from == &output) {
        put(unsent, output.bytes + connection->sent, output.count - connection->sent);
        connection->sent = 0;
    }
    output.count = 0;
    return false;
}

/* Answers the request at `*start`, or begins its insert. Returns false while it isn't there whole. */
static bool take_request(int descriptor, char **start, char *end) {
    struct connection *connection = &connections[descriptor];
    struct insert *insert = &connection->insert;
    struct request request = {.method = "-", .method_count = 1};
    struct timespec now;
    char *stop = memmem(*start, end - *start, "\r\n\r\n", 4), *content = stop ? stop + 4 : end;
    int status = 431;
    if (content - *start > HEAD_LIMIT) {
        request.closes = true;
    } else {
        if (!stop) return false;
        status = parse_head(*start, stop + 2, &request);
        if (end - content < request.length) return false;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    tell_time(&now);
    if (status == 201) status = parse_user(content, request.length, insert);
    if (status == 201) {
        connection->waits = true;
        insert->descriptor = descriptor;
        insert->closes = request.closes;
        insert->start = now;
        if (first_insert) last_insert->next = insert;
        else first_insert = insert;
        last_insert = insert;
    } else {
        connection->closes = request.closes;
        answer(&request, status, NULL, &now);
    }
    *start = content + request.length;
    return true;
}

/* Answers the requests that are there whole. Returns whether there were any. */
static bool serve(int descriptor) {
    struct connection *connection = &connections[descriptor];
    char *start = connection->input, *end = start + connection->received;
    while (!connection->closes && !connection->waits && output.count <= OUTPUT_LIMIT)
        if (!take_request(descriptor, &start, end)) break;
    connection->received = end - start;
    if (start == connection->input) return false;
    memmove(connection->input, start, connection->received);
    return true;
}

/* Returns whether there is something new. */
static bool receive(int descriptor) {
    struct connection *connection = &connections[descriptor];
    size_t room = sizeof connection->input - connection->received;
    if (!connection->is_readable) return false;
    ssize_t count = recv(descriptor, connection->input + connection->received, room, 0);
    connection->is_readable = count == (ssize_t)room || connection->is_ending;
    if (count < 0 && errno == EAGAIN) return false;
    if (count > 0) connection->received += count;
    else connection->closes = true;
    return true;
}

/* Does what can be done without waiting for the client or the writer. */
static void go_on(int descriptor) {
    struct connection *connection = &connections[descriptor];
    while (flush(descriptor) && !connection->waits) {
        if (connection->closes) return close_connection(descriptor);
        if (!serve(descriptor) && !receive(descriptor)) return;
    }
}

/* Answers the inserts that are committed or refused. */
static void finish_inserts(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    tell_time(&now);
    for (struct insert *insert = take_done(), *next; insert; insert = next) {
        next = insert->next;
        struct connection *connection = &connections[insert->descriptor];
        struct request request = {.route = CREATE, .method = "POST", .method_count = 4, .closes = insert->closes};
        connection->waits = false;
        connection->closes |= insert->closes;
        answer(&request, insert->status, insert, &insert->start);
        go_on(insert->descriptor);
    }
}

static void watch(int descriptor, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, descriptor, &event) < 0) die("epoll_ctl", strerror(errno));
}

static void take_connections(int listener) {
    int descriptor, one = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (descriptor >= CONNECTION_LIMIT) { close(descriptor); continue; }
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        connections[descriptor].is_open = true;
        watch(descriptor, EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET);
    }
}

static int listen_on(int port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, CONNECTION_LIMIT) < 0)
        die("bind", strerror(errno));
    return listener;
}

/* Writes the lines that have waited long enough. Returns the milliseconds until others have, or -1. */
static int write_old_lines(void) {
    if (lines.count == 0) return -1;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t waited = microseconds(&first_line, &now);
    /* Below zero after the clock was set back. */
    if (waited >= 0 && waited < LOG_PAUSE * 1000) return LOG_PAUSE - waited / 1000;
    write_lines();
    return -1;
}

int main(int count, char **arguments) {
    if (count < 3) die("usage", "floor DATABASE PORT [log|gather]");
    logs = count > 3;
    log_limit = logs && strcmp(arguments[3], "gather") == 0 ? LOG_LIMIT : 0;
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    open_database(arguments[1]);
    int done = start_writer(arguments[1]), listener = listen_on(atoi(arguments[2]));
    loop = epoll_create1(EPOLL_CLOEXEC);
    watch(listener, EPOLLIN);
    watch(done, EPOLLIN);
    for (;;) {
        struct epoll_event events[64];
        int ready = epoll_wait(loop, events, 64, write_old_lines());
        if (ready < 0 && errno != EINTR) die("epoll_wait", strerror(errno));
        for (int i = 0; i < ready; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor == listener) { take_connections(listener); continue; }
            if (descriptor == done) { finish_inserts(); continue; }
            /* One that an insert before it has closed. */
            if (!connections[descriptor].is_open) continue;
            connections[descriptor].is_readable = true;
            if (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) connections[descriptor].is_ending = true;
            go_on(descriptor);
        }
        if (first_insert) submit(first_insert, last_insert);
        first_insert = NULL;
    }
}
