#define _GNU_SOURCE
#include "floor.h"

#include <strings.h>

/* A decimal number of up to 18 digits, all of the text. */
static bool number(const char *text, const char *end, int64_t *value) {
    if (text == end || end - text > 18) return false;
    for (*value = 0; text < end; text++) {
        if (*text < '0' || *text > '9') return false;
        *value = *value * 10 + (*text - '0');
    }
    return true;
}

static bool is_text(const char *text, const char *end, const char *what) {
    size_t length = strlen(what);
    return (size_t)(end - text) == length && memcmp(text, what, length) == 0;
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
        if (is_text(text, value, "limit") && !request->has_limit) {
            request->has_limit = number(value + 1, next, &request->limit);
            if (!request->has_limit || request->limit < 1 || request->limit > ROWS_LIMIT) return 400;
        } else if (is_text(text, value, "cursor") && !request->has_after) {
            request->has_after = number(value + 1, next, &request->after);
            if (!request->has_after) return 400;
        } else {
            return 400;
        }
        text = next + (next < end);
    }
    return 200;
}

/* Where a request ends has to be known beyond doubt. What looked like its body could be the next request to somebody else. */
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
        if (is_named(line, colon, "Content-Type")) request->is_json = is_named(value, last, "application/json");
        if (is_named(line, colon, "Transfer-Encoding") || is_named(line, colon, "Expect")) return false;
        if (is_named(line, colon, "Content-Length")) {
            if (request->has_length || !number(value, last, &request->length)) return false;
            request->has_length = true;
        }
        line = stop + 2;
    }
    return hosts == 1;
}

/* What the path, with its query, and the method lead to. */
static int parse_target(const char *path, const char *end, struct request *request) {
    const char *query = memchr(path, '?', end - path), *path_end = query ? query : end;
    const char *method_end = request->method + request->method_count;
    bool is_get = is_text(request->method, method_end, "GET");
    if (is_text(path, path_end, "/users")) {
        request->route = LIST;
        if (is_get) return query ? parse_query(query + 1, end, request) : 200;
        if (!is_text(request->method, method_end, "POST")) return 405;
        request->route = CREATE;
        return query ? 400 : !request->has_length ? 411 : request->is_json ? 201 : 415;
    }
    if (path_end - path < 8 || memcmp(path, "/users/", 7) != 0 || memchr(path + 7, '/', path_end - path - 7)) return 404;
    request->route = RECORD;
    if (!is_get) return 405;
    /* A key has one spelling. */
    if (query || !number(path + 7, path_end, &request->id) || (path[7] == '0' && path_end - path > 8)) return 400;
    return 200;
}

int parse_head(const char *head, const char *end, struct request *request) {
    const char *stop = memmem(head, end - head, "\r\n", 2);
    const char *target = memchr(head, ' ', stop - head);
    const char *version = target++ ? memchr(target, ' ', stop - target) : NULL;
    bool is_good = version && is_text(version, stop, " HTTP/1.1") && parse_fields(stop + 2, end, request);
    for (const char *at = head; is_good && at < target - 1; at++) is_good = *at >= 'A' && *at <= 'Z';
    if (!is_good || request->length > BODY_LIMIT) {
        request->closes = true;
        request->length = 0;
        return is_good ? 413 : 400;
    }
    request->method = head;
    request->method_count = target - 1 - head;
    int status = parse_target(target, version, request);
    return request->length > 0 && request->route != CREATE && status < 300 ? 400 : status;
}
