// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#ifndef MAINSTAY_CLIBPQ_SHIM_H
#define MAINSTAY_CLIBPQ_SHIM_H

#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#elif __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#error "libpq's header is missing. Debian, Ubuntu: apt-get install libpq-dev. Fedora: dnf install libpq-devel. macOS: brew install libpq"
#endif

#include <stdbool.h>

#ifndef LIBPQ_HAS_PIPELINING
#error "libpq is older than 14, whose pipeline mode is needed. Install a newer libpq-dev (libpq-devel, libpq)"
#endif

// The fields of an error, which are macros of character constants and so arrive in Swift without a common type.
static inline const char *mainstay_error_severity(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
}
static inline const char *mainstay_error_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
static inline const char *mainstay_error_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}
static inline const char *mainstay_error_detail(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
}
static inline const char *mainstay_error_hint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
}
static inline const char *mainstay_error_context(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONTEXT);
}
static inline const char *mainstay_error_position(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
}
static inline const char *mainstay_error_column(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
}
static inline const char *mainstay_error_constraint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}
static inline const char *mainstay_error_function(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
}

// libpq 17 hands over many rows at a time; an older one hands them over one by one.
#ifdef LIBPQ_HAS_CHUNK_MODE
static const ExecStatusType MAINSTAY_TUPLES_CHUNK = PGRES_TUPLES_CHUNK;
static inline int mainstay_read_in_batches(PGconn *connection) { return PQsetChunkedRowsMode(connection, 128); }
#else
static const ExecStatusType MAINSTAY_TUPLES_CHUNK = PGRES_SINGLE_TUPLE;
static inline int mainstay_read_in_batches(PGconn *connection) { return PQsetSingleRowMode(connection); }
#endif

// libpq 17 frees a statement by a message of the protocol, for which an older one has no function.
#ifdef LIBPQ_HAS_CLOSE_PREPARED
static inline int mainstay_close_prepared(PGconn *connection, const char *name, const char *deallocate) {
    (void)deallocate;
    return PQsendClosePrepared(connection, name);
}
#else
static inline int mainstay_close_prepared(PGconn *connection, const char *name, const char *deallocate) {
    (void)name;
    return PQsendQueryParams(connection, deallocate, 0, NULL, NULL, NULL, NULL, 0);
}
#endif

// What asks a server to cancel. libpq 17 encrypts the request like the connection; an older one sends it in clear.
#ifdef LIBPQ_HAS_ASYNC_CANCEL
typedef PGcancelConn mainstay_cancel;
static inline mainstay_cancel *mainstay_cancel_create(PGconn *connection) { return PQcancelCreate(connection); }
static inline bool mainstay_cancel_send(mainstay_cancel *cancel) {
    PQcancelReset(cancel);
    return PQcancelBlocking(cancel) == 1;
}
static inline void mainstay_cancel_free(mainstay_cancel *cancel) { PQcancelFinish(cancel); }
#else
typedef PGcancel mainstay_cancel;
static inline mainstay_cancel *mainstay_cancel_create(PGconn *connection) { return PQgetCancel(connection); }
static inline bool mainstay_cancel_send(mainstay_cancel *cancel) {
    char error[256];
    return PQcancel(cancel, error, sizeof(error)) == 1;
}
static inline void mainstay_cancel_free(mainstay_cancel *cancel) { PQfreeCancel(cancel); }
#endif

#endif
