/* The floor under Martlet's lists: what `GET /users?limit=50` costs where nothing is done but that. See scripts/bench/lists.
 *
 * floor DATABASE PORT [log]: serves the table `users` of a database that Martlet has made, on the loopback interface, to
 * HTTP/1.1 clients that keep their connections and may send requests ahead. One thread, one epoll, two prepared statements,
 * JSON written by hand; with `log` one line a request, as Martlet's. It keeps what is owed to clients all the same: every
 * request is parsed and refused where it is wrong, every answer is read from the database, every string is escaped, and what
 * a client can make it hold is bounded. A cursor is the last key as it is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD_LIMIT = 8192,         /* bytes of one request, which has no body */
    OUTPUT_LIMIT = 1 << 16,    /* bytes of answers, above which the client has to take them before it gets more */
    CONNECTION_LIMIT = 1024,   /* by descriptor */
    ROWS = 100, ROWS_LIMIT = 1000,
};

static void die(const char *what, const char *why) {
    fprintf(stderr, "floor: %s: %s\n", what, why);
    exit(1);
}

/* ---- Bytes ---- */

struct buffer {
    char *bytes;
    size_t count, capacity;
};

static void reserve(struct buffer *to, size_t more) {
    if (to->capacity - to->count >= more) return;
    to->capacity = to->capacity * 2 > to->count + more ? to->capacity * 2 : to->count + more;
    to->bytes = realloc(to->bytes, to->capacity);
    if (!to->bytes) die("realloc", "no memory");
}

static void put(struct buffer *to, const void *bytes, size_t count) {
    reserve(to, count);
    memcpy(to->bytes + to->count, bytes, count);
    to->count += count;
}

#define PUT(to, literal) put(to, literal, sizeof literal - 1)

static void put_integer(struct buffer *to, int64_t value) {
    char digits[20], *end = digits + sizeof digits, *start = end;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do *--start = '0' + rest % 10; while (rest /= 10);
    if (value < 0) *--start = '-';
    put(to, start, end - start);
}

static void put_hexadecimal(struct buffer *to, uint64_t value, int digits) {
    char text[16];
    for (int i = digits; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
    put(to, text, digits);
}

/* RFC 8259, section 7. The database holds UTF-8 alone: Martlet has looked. */
static void put_string(struct buffer *to, const unsigned char *text, size_t count) {
    reserve(to, 6 * count + 2);
    char *out = to->bytes + to->count;
    *out++ = '"';
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = text[i];
        if (byte >= ' ' && byte != '"' && byte != '\\') { *out++ = byte; continue; }
        *out++ = '\\';
        switch (byte) {
        case '\b': *out++ = 'b'; break;
        case '\t': *out++ = 't'; break;
        case '\n': *out++ = 'n'; break;
        case '\f': *out++ = 'f'; break;
        case '\r': *out++ = 'r'; break;
        case '"': case '\\': *out++ = byte; break;
        default: out += sprintf(out, "u%04x", byte);
        }
    }
    *out++ = '"';
    to->count = out - to->bytes;
}

/* ---- The request ---- */

struct request {
    int64_t limit, after;
    bool has_limit, has_after, closes;
};

/* A decimal number of up to 18 digits, all of the text. */
static bool number(const char *text, const char *end, int64_t *value) {
    if (text == end || end - text > 18) return false;
    for (*value = 0; text < end; text++) {
        if (*text < '0' || *text > '9') return false;
        *value = *value * 10 + (*text - '0');
    }
    return true;
}

static bool is_named(const char *name, const char *end, const char *what) {
    size_t length = strlen(what);
    return (size_t)(end - name) == length && strncasecmp(name, what, length) == 0;
}

static int parse_query(const char *text, const char *end, struct request *request) {
    while (text < end) {
        const char *next = memchr(text, '&', end - text);
        if (!next) next = end;
        const char *value = memchr(text, '=', next - text);
        if (!value) return 400;
        size_t length = value++ - text;
        if (length == 5 && memcmp(text, "limit", 5) == 0 && !request->has_limit) {
            request->has_limit = number(value, next, &request->limit);
            if (!request->has_limit || request->limit < 1 || request->limit > ROWS_LIMIT) return 400;
        } else if (length == 6 && memcmp(text, "cursor", 6) == 0 && !request->has_after) {
            request->has_after = number(value, next, &request->after);
            if (!request->has_after) return 400;
        } else {
            return 400;
        }
        text = next + (next < end);
    }
    return 200;
}

static bool parse_fields(const char *line, const char *end, struct request *request) {
    int hosts = 0;
    while (line < end) {
        const char *stop = memmem(line, end - line, "\r\n", 2), *colon = memchr(line, ':', stop - line);
        if (!colon || colon == line) return false;
        for (const char *at = line; at < colon; at++) if (*at <= ' ' || *at >= 127) return false;
        const char *value = colon + 1, *last = stop;
        for (const char *at = value; at < stop; at++) if ((unsigned char)*at < ' ' && *at != '\t') return false;
        while (value < last && (*value == ' ' || *value == '\t')) value++;
        while (value < last && (last[-1] == ' ' || last[-1] == '\t')) last--;
        if (is_named(line, colon, "Host")) hosts++;
        if (is_named(line, colon, "Connection")) request->closes = is_named(value, last, "close");
        /* No request has a body. What looked like one could be the next request to somebody else. */
        if (is_named(line, colon, "Content-Length") || is_named(line, colon, "Transfer-Encoding")) return false;
        line = stop + 2;
    }
    return hosts == 1;
}

/* The status that the request's head, which ends with an empty line at `end`, deserves. */
static int parse(const char *head, const char *end, struct request *request) {
    const char *stop = memmem(head, end - head, "\r\n", 2);
    const char *target = memchr(head, ' ', stop - head);
    const char *version = target++ ? memchr(target, ' ', stop - target) : NULL;
    if (!version || stop - version != 9 || memcmp(version, " HTTP/1.1", 9) != 0) return 400;
    if (!parse_fields(stop + 2, end, request)) return 400;
    const char *query = memchr(target, '?', version - target), *path_end = query ? query : version;
    if (path_end - target != 6 || memcmp(target, "/users", 6) != 0) return 404;
    if (target - head != 4 || memcmp(head, "GET", 3) != 0) return 405;
    return query ? parse_query(query + 1, version, request) : 200;
}

/* ---- The answer ---- */

static sqlite3 *database;
static sqlite3_stmt *first_page, *next_page;
static struct buffer output, body, line;
static bool logs;

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(database));
    return statement;
}

static void open_database(const char *path) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        die(path, sqlite3_errmsg(database));
    first_page = prepare("SELECT id, name, email FROM users ORDER BY id LIMIT ?1");
    next_page = prepare("SELECT id, name, email FROM users WHERE id > ?2 ORDER BY id LIMIT ?1");
}

static void put_column(struct buffer *to, sqlite3_stmt *statement, int column) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    put_string(to, text, sqlite3_column_bytes(statement, column));
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
        PUT(&body, "{\"id\":");
        put_integer(&body, *last);
        PUT(&body, ",\"name\":");
        put_column(&body, statement, 1);
        PUT(&body, ",\"email\":");
        put_column(&body, statement, 2);
        PUT(&body, "}");
    }
    PUT(&body, "]");
    *has_more = code == SQLITE_ROW;
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? 200 : 500;
}

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
    put_hexadecimal(to, milliseconds >> 16, 8);
    PUT(to, "-");
    put_hexadecimal(to, milliseconds, 4);
    PUT(to, "-7000-");
    put_hexadecimal(to, 0x8000 | (low >> 48 & 0x3FFF), 4);
    PUT(to, "-");
    put_hexadecimal(to, low, 12);
}

static const char *reason(int status) {
    switch (status) {
    case 200: return " OK\r\n";
    case 400: return " Bad Request\r\n";
    case 404: return " Not Found\r\n";
    case 405: return " Method Not Allowed\r\nAllow: GET\r\n";
    default: return " Internal Server Error\r\n";
    }
}

/* Written at once, as Martlet does it. Were lines gathered, the last ones would be lost with the process. */
static void write_log(int status, size_t bytes, const char *id, const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t duration = (now.tv_sec - start->tv_sec) * 1000000 + (now.tv_nsec - start->tv_nsec) / 1000;
    line.count = 0;
    reserve(&line, 512);
    line.count = sprintf(line.bytes,
        "{\"time\":\"%s%06ldZ\",\"level\":\"info\",\"label\":\"floor\",\"message\":\"request\",\"metadata\":{\"bytes\":\"%zu\","
        "\"durationMs\":\"%ld.%03ld\",\"method\":\"GET\",\"requestId\":\"%.36s\",\"route\":\"/users\",\"status\":\"%d\"}}\n",
        log_time, now.tv_nsec / 1000, bytes, duration / 1000, duration % 1000, id, status);
    if (write(STDERR_FILENO, line.bytes, line.count) < 0) return; /* Nobody is left to be told. */
}

/* Appends the answer to `output`. A request that isn't HTTP ends its connection: where the next one begins is unknown. */
static void answer(const char *head, const char *end, bool *closes) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    tell_time(&now);
    struct request request = {0};
    int64_t last = 0;
    bool has_more = false;
    body.count = 0;
    int status = head ? parse(head, end, &request) : 400;
    if (status == 200) status = list(&request, &last, &has_more);
    if (status != 200) {
        body.count = 0;
        PUT(&body, "{\"type\":\"about:blank\",\"status\":");
        put_integer(&body, status);
        PUT(&body, "}");
    }
    *closes = request.closes || status == 400;
    PUT(&output, "HTTP/1.1 ");
    put_integer(&output, status);
    put(&output, reason(status), strlen(reason(status)));
    if (status == 200) PUT(&output, "Content-Type: application/json\r\n");
    else PUT(&output, "Content-Type: application/problem+json\r\n");
    PUT(&output, "Cache-Control: private, no-cache\r\nVary: Accept, Prefer\r\nX-Content-Type-Options: nosniff\r\n");
    put(&output, date, strlen(date));
    PUT(&output, "X-Request-Id: ");
    put_request_id(&output, &now);
    size_t id = output.count - 36;
    if (has_more) {
        PUT(&output, "\r\nLink: </users?");
        if (request.has_limit) {
            PUT(&output, "limit=");
            put_integer(&output, request.limit);
            PUT(&output, "&");
        }
        PUT(&output, "cursor=");
        put_integer(&output, last);
        PUT(&output, ">; rel=\"next\"");
    }
    PUT(&output, "\r\nContent-Length: ");
    put_integer(&output, body.count);
    if (*closes) PUT(&output, "\r\nConnection: close");
    PUT(&output, "\r\n\r\n");
    put(&output, body.bytes, body.count);
    if (logs) write_log(status, body.count, output.bytes + id, &now);
}

/* ---- Connections ---- */

struct connection {
    bool is_open, closes;
    size_t received;
    char input[HEAD_LIMIT];
    /* What the client hasn't taken yet of its answers: no more are made meanwhile. */
    struct buffer unsent;
    size_t sent;
};

static struct connection connections[CONNECTION_LIMIT];
static int loop;

static void watch(int descriptor, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(loop, operation, descriptor, &event) < 0) die("epoll_ctl", strerror(errno));
}

static void close_connection(int descriptor) {
    struct connection *connection = &connections[descriptor];
    close(descriptor);
    free(connection->unsent.bytes);
    memset(&connection->unsent, 0, sizeof connection->unsent);
    connection->is_open = connection->closes = false;
    connection->received = connection->sent = 0;
}

/* Sends `output`, and keeps what isn't taken. Returns whether there may be more. */
static bool flush(int descriptor) {
    struct connection *connection = &connections[descriptor];
    ssize_t sent = output.count ? send(descriptor, output.bytes, output.count, MSG_NOSIGNAL) : 0;
    if (sent < 0 && errno == EAGAIN) sent = 0;
    size_t rest = sent < 0 ? 0 : output.count - sent;
    if (rest > 0) {
        put(&connection->unsent, output.bytes + sent, rest);
        watch(descriptor, EPOLL_CTL_MOD, EPOLLOUT);
    } else if (sent < 0 || connection->closes) {
        close_connection(descriptor);
    }
    output.count = 0;
    return rest == 0 && connection->is_open;
}

/* Answers the requests that are there whole. */
static void serve(int descriptor) {
    struct connection *connection = &connections[descriptor];
    char *start = connection->input, *end = start + connection->received, *stop;
    while (!connection->closes && (stop = memmem(start, end - start, "\r\n\r\n", 4))) {
        answer(start, stop + 2, &connection->closes);
        start = stop + 4;
        if (output.count > OUTPUT_LIMIT && !flush(descriptor)) break;
    }
    if (!connection->is_open) return;
    connection->received = end - start;
    if (start > connection->input) memmove(connection->input, start, connection->received);
    if (connection->received == HEAD_LIMIT) answer(NULL, NULL, &connection->closes);
    if (connection->unsent.count == 0) flush(descriptor);
}

static void receive(int descriptor) {
    struct connection *connection = &connections[descriptor];
    ssize_t count = recv(descriptor, connection->input + connection->received, HEAD_LIMIT - connection->received, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return close_connection(descriptor);
    connection->received += count;
    serve(descriptor);
}

/* Goes on with what the client hasn't taken, and when it has, with its requests. */
static void go_on(int descriptor) {
    struct connection *connection = &connections[descriptor];
    struct buffer *unsent = &connection->unsent;
    ssize_t sent = send(descriptor, unsent->bytes + connection->sent, unsent->count - connection->sent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return close_connection(descriptor);
    connection->sent += sent;
    if (connection->sent < unsent->count) return;
    if (connection->closes) return close_connection(descriptor);
    connection->sent = unsent->count = 0;
    watch(descriptor, EPOLL_CTL_MOD, EPOLLIN);
    serve(descriptor);
}

static void take_connections(int listener) {
    int descriptor, one = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (descriptor >= CONNECTION_LIMIT) { close(descriptor); continue; }
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        connections[descriptor].is_open = true;
        watch(descriptor, EPOLL_CTL_ADD, EPOLLIN);
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

int main(int count, char **arguments) {
    if (count < 3) die("usage", "floor DATABASE PORT [log]");
    logs = count > 3 && strcmp(arguments[3], "log") == 0;
    open_database(arguments[1]);
    int listener = listen_on(atoi(arguments[2]));
    loop = epoll_create1(EPOLL_CLOEXEC);
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
    for (;;) {
        struct epoll_event events[64];
        int ready = epoll_wait(loop, events, 64, -1);
        if (ready < 0 && errno != EINTR) die("epoll_wait", strerror(errno));
        for (int i = 0; i < ready; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor == listener) take_connections(listener);
            else if (connections[descriptor].unsent.count > 0) go_on(descriptor);
            else receive(descriptor);
        }
    }
}
