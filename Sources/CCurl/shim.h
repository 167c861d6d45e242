// What Swift can't import of libcurl: its variadic functions, one wrapper for each type of argument that an option takes.
// The names are in parentheses to get the functions, not the type-checking macros of the same names.
#include <curl/curl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static inline CURLcode curl_shim_set_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode curl_shim_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode curl_shim_set_string(CURL *easy, CURLoption option, const char *value) {
    return (curl_easy_setopt)(easy, option, value);
}

// Bytes that libcurl copies (CURLOPT_COPYPOSTFIELDS, after CURLOPT_POSTFIELDSIZE_LARGE) or fills (CURLOPT_ERRORBUFFER),
// and what it hands to callbacks.
static inline CURLcode curl_shim_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode curl_shim_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(easy, option, value);
}

// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION have the same type.
static inline CURLcode curl_shim_set_data_callback(CURL *easy, CURLoption option, curl_write_callback callback) {
    return (curl_easy_setopt)(easy, option, callback);
}

static inline CURLcode curl_shim_set_prereq_callback(CURL *easy, curl_prereq_callback callback) {
    return (curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, callback);
}

// CURLOPT_OPENSOCKETFUNCTION: like libcurl's own, but a child of this process doesn't inherit the socket. It would keep
// the connection open after we close it.
static inline curl_socket_t curl_shim_open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)data;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static inline CURLcode curl_shim_set_uninherited_sockets(CURL *easy) {
    return (curl_easy_setopt)(easy, CURLOPT_OPENSOCKETFUNCTION, curl_shim_open_socket);
}

static inline CURLcode curl_shim_get_long(CURL *easy, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLMcode curl_shim_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

// As /proc and debuggers show the calling thread; 15 bytes at the most. prctl(2) is variadic too.
static inline void curl_shim_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
