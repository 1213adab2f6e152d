// libcurl. Swift calls no functions with a variable number of arguments, so options are set through these.
#include <curl/curl.h>

static inline CURLcode CCurl_setText(CURL *transfer, CURLoption option, const char *value) {
    return curl_easy_setopt(transfer, option, value);
}

static inline CURLcode CCurl_setNumber(CURL *transfer, CURLoption option, long value) {
    return curl_easy_setopt(transfer, option, value);
}

static inline CURLcode CCurl_setList(CURL *transfer, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(transfer, option, value);
}

static inline CURLcode CCurl_setBytes(CURL *transfer, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(transfer, option, &blob);
}

typedef size_t (*CCurl_Reader)(char *buffer, size_t size, size_t count, void *source);

static inline CURLcode CCurl_setReader(CURL *transfer, CCurl_Reader reader, void *source) {
    CURLcode code = curl_easy_setopt(transfer, CURLOPT_READFUNCTION, reader);
    return code != CURLE_OK ? code : curl_easy_setopt(transfer, CURLOPT_READDATA, source);
}

static inline CURLcode CCurl_responseCode(CURL *transfer, long *code) {
    return curl_easy_getinfo(transfer, CURLINFO_RESPONSE_CODE, code);
}

// The first call makes the library ready; it must not be made by two threads at once.
static inline CURLcode CCurl_start(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}
