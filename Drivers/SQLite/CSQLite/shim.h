// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#ifndef MAINSTAY_CSQLITE_SHIM_H
#define MAINSTAY_CSQLITE_SHIM_H

#if __has_include(<sqlite3.h>)
#include <sqlite3.h>
#else
#error "sqlite3.h not found. Debian, Ubuntu: apt-get install libsqlite3-dev; Fedora: dnf install sqlite-devel; macOS: brew install sqlite"
#endif

// Swift imports neither variadic functions nor macros that cast.

static inline int mainstay_sqlite3_db_config(sqlite3 *db, int option, int value) {
    return sqlite3_db_config(db, option, value, (int *)0);
}

static inline int mainstay_sqlite3_bind_text(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 length) {
    return sqlite3_bind_text64(statement, index, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int mainstay_sqlite3_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 length) {
    return sqlite3_bind_blob64(statement, index, bytes, length, SQLITE_TRANSIENT);
}

// Extended result codes are macros with operators, which are not imported either.
static const int MAINSTAY_SQLITE_CONSTRAINT_UNIQUE = SQLITE_CONSTRAINT_UNIQUE;
static const int MAINSTAY_SQLITE_CONSTRAINT_PRIMARYKEY = SQLITE_CONSTRAINT_PRIMARYKEY;
static const int MAINSTAY_SQLITE_CONSTRAINT_ROWID = SQLITE_CONSTRAINT_ROWID;
static const int MAINSTAY_SQLITE_CONSTRAINT_FOREIGNKEY = SQLITE_CONSTRAINT_FOREIGNKEY;
static const int MAINSTAY_SQLITE_CONSTRAINT_NOTNULL = SQLITE_CONSTRAINT_NOTNULL;
static const int MAINSTAY_SQLITE_CONSTRAINT_CHECK = SQLITE_CONSTRAINT_CHECK;
static const int MAINSTAY_SQLITE_BUSY_SNAPSHOT = SQLITE_BUSY_SNAPSHOT;
static const int MAINSTAY_SQLITE_READONLY_DBMOVED = SQLITE_READONLY_DBMOVED;
static const int MAINSTAY_SQLITE_IOERR_FSYNC = SQLITE_IOERR_FSYNC;

#endif
