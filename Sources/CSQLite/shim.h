// The system's SQLite C library (https://www.sqlite.org/c3ref/intro.html).
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast macro, which Swift cannot import. The library copies the text before it returns.
// A null pointer would bind NULL where the empty text is meant.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, text ? text : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
