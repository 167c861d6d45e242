#include "floor.h"

/* RFC 8259, section 7: what follows a backslash, and what it means. */
static const char marks[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";

void put_string(struct buffer *to, const char *text, size_t count) {
    reserve(to, 6 * count + 2);
    char *out = to->bytes + to->count;
    *out++ = '"';
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = text[i];
        if (byte >= ' ' && byte != '"' && byte != '\\') { *out++ = byte; continue; }
        const char *meaning = memchr(meanings, byte, sizeof meanings - 1);
        *out++ = '\\';
        if (meaning) *out++ = marks[meaning - meanings];
        else out += sprintf(out, "u%04x", byte);
    }
    *out++ = '"';
    to->count = out - to->bytes;
}

/* ---- Reading JSON ---- */

struct text {
    const unsigned char *at, *end;
};

static void skip_white_space(struct text *text) {
    while (text->at < text->end && memchr(" \t\n\r", *text->at, 4)) text->at++;
}

/* Takes the byte, after white space. */
static bool take(struct text *text, unsigned char byte) {
    skip_white_space(text);
    if (text->at == text->end || *text->at != byte) return false;
    text->at++;
    return true;
}

static bool take_hexadecimal(struct text *text, uint32_t *value) {
    if (text->end - text->at < 4) return false;
    *value = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = memchr(digits, *text->at++, sizeof digits - 1);
        if (!digit) return false;
        *value = *value << 4 | ((digit - digits) & 15);
    }
    return true;
}

/* What follows a backslash. A surrogate alone is no scalar. */
static bool take_escape(struct text *text, uint32_t *scalar) {
    if (text->at == text->end) return false;
    const char *mark = memchr(marks, *text->at, sizeof marks - 1);
    if (mark) { text->at++; *scalar = meanings[mark - marks]; return true; }
    uint32_t low;
    if (*text->at++ != 'u') return false;
    if (!take_hexadecimal(text, scalar)) return false;
    if (*scalar < 0xD800 || *scalar > 0xDFFF) return true;
    if (*scalar > 0xDBFF || text->end - text->at < 2 || text->at[0] != '\\' || text->at[1] != 'u') return false;
    text->at += 2;
    if (!take_hexadecimal(text, &low) || low < 0xDC00 || low > 0xDFFF) return false;
    *scalar = 0x10000 + ((*scalar - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

/* The scalar that begins with `first`, which is above 0x7F. RFC 3629, section 4. */
static bool take_utf8(struct text *text, unsigned char first, uint32_t *scalar) {
    int more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (first < 0xC2 || first > 0xF4 || text->end - text->at < more) return false;
    *scalar = first & (0x3F >> more);
    for (int i = 0; i < more; i++) {
        if ((*text->at & 0xC0) != 0x80) return false;
        *scalar = *scalar << 6 | (*text->at++ & 0x3F);
    }
    return more == 1 || (more == 2 ? *scalar >= 0x800 && (*scalar < 0xD800 || *scalar > 0xDFFF)
                                   : *scalar >= 0x10000 && *scalar <= 0x10FFFF);
}

static size_t write_utf8(char *out, uint32_t scalar) {
    if (scalar < 0x80) { out[0] = scalar; return 1; }
    int more = scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
    for (int i = more; i > 0; i--, scalar >>= 6) out[i] = 0x80 | (scalar & 0x3F);
    out[0] = (0xFF00 >> (more + 1) & 0xFF) | scalar;
    return more + 1;
}

struct string {
    char *bytes;
    size_t capacity, count, scalars;
    bool fits;             /* no longer than `capacity`, and without U+0000 */
};

/* Takes a string with its quotes. One that doesn't fit is read to its end all the same: it may still be no JSON. */
static bool take_string(struct text *text, struct string *string) {
    string->count = string->scalars = 0;
    string->fits = true;
    if (!take(text, '"')) return false;
    while (text->at < text->end) {
        unsigned char byte = *text->at++;
        uint32_t scalar = byte;
        if (byte == '"') return true;
        if (byte < ' ') return false;
        if (byte == '\\' ? !take_escape(text, &scalar) : byte > 0x7F && !take_utf8(text, byte, &scalar)) return false;
        if (scalar == 0 || string->capacity - string->count < 4) string->fits = false;
        else string->count += write_utf8(string->bytes + string->count, scalar);
        string->scalars++;
    }
    return false;
}

/* ---- What a user may be ---- */

static bool is_letter_or_digit(unsigned char byte) {
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

static bool is_label(const char *start, const char *end) {
    if (end == start || end - start > 63 || *start == '-' || end[-1] == '-') return false;
    for (; start < end; start++) if (!is_letter_or_digit(*start) && *start != '-') return false;
    return true;
}

/* https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address */
static bool is_email(const char *text, size_t count) {
    static const char others[] = ".!#$%&'*+/=?^_`{|}~-";
    const char *end = text + count, *at = memchr(text, '@', count), *dot;
    if (!at || at == text) return false;
    for (; text < at; text++)
        if (!is_letter_or_digit(*text) && !memchr(others, *text, sizeof others - 1)) return false;
    for (text++; (dot = memchr(text, '.', end - text)); text = dot + 1) if (!is_label(text, dot)) return false;
    return is_label(text, end);
}

int parse_user(const char *bytes, size_t count, struct insert *user) {
    struct text text = {(const unsigned char *)bytes, (const unsigned char *)bytes + count};
    char key_bytes[16];
    struct string key = {.bytes = key_bytes, .capacity = sizeof key_bytes};
    struct string name = {.bytes = user->name, .capacity = sizeof user->name};
    struct string email = {.bytes = user->email, .capacity = sizeof user->email};
    bool has_name = false, has_email = false;
    if (!take(&text, '{')) return 400;
    bool is_empty = take(&text, '}');
    while (!is_empty) {
        if (!take_string(&text, &key)) return 400;
        bool is_name = key.fits && key.count == 4 && memcmp(key_bytes, "name", 4) == 0;
        bool is_address = key.fits && key.count == 5 && memcmp(key_bytes, "email", 5) == 0;
        if (!take(&text, ':')) return 400;
        /* Another member, or another type: refused before the rest is read. */
        skip_white_space(&text);
        if ((!is_name && !is_address) || text.at == text.end || *text.at != '"') return 422;
        if ((is_name && has_name) || (is_address && has_email)) return 400;
        if (!take_string(&text, is_name ? &name : &email)) return 400;
        has_name |= is_name;
        has_email |= is_address;
        if (take(&text, '}')) break;
        if (!take(&text, ',')) return 400;
    }
    skip_white_space(&text);
    if (text.at < text.end) return 400;
    if (!has_name || !name.fits || name.scalars < 1 || name.scalars > NAME_LIMIT) return 422;
    if (!has_email || !email.fits || !is_email(email.bytes, email.count)) return 422;
    user->name_count = name.count;
    user->email_count = email.count;
    return 201;
}
