// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#include "peers.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SELECT "SELECT id, name, email, age, score, active FROM bench_rows"
#define INSERT "INSERT INTO bench_targets (name, email, age, score, active) VALUES (?, ?, ?, ?, ?)"

typedef struct {
    sqlite3_stmt *point, *insert;
} statements;

void peer_name(char *buffer, int size, int number) { snprintf(buffer, size, "name of %d", number); }

void peer_email(char *buffer, int size, int number) { snprintf(buffer, size, "user%d@example.com", number); }

static peer_row read_row(sqlite3_stmt *statement) {
    return (peer_row){
        .id = sqlite3_column_int64(statement, 0),
        .name = strndup((const char *)sqlite3_column_text(statement, 1), sqlite3_column_bytes(statement, 1)),
        .email = strndup((const char *)sqlite3_column_text(statement, 2), sqlite3_column_bytes(statement, 2)),
        .age = sqlite3_column_int(statement, 3),
        .score = sqlite3_column_double(statement, 4),
        .active = sqlite3_column_int(statement, 5),
    };
}

static int scan(peer *self, peer_rows *kept, double *sum) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(self->connection, SELECT, -1, &statement, NULL)) return 1;
    int status;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) peer_take(read_row(statement), kept, sum);
    sqlite3_finalize(statement);
    return status != SQLITE_DONE;
}

static int point(peer *self, int first, int count, double *sum) {
    sqlite3_stmt *statement = ((statements *)self->state)->point;
    for (int number = first; number < first + count; number++) {
        sqlite3_bind_int64(statement, 1, peer_key(number));
        int status = sqlite3_step(statement);
        if (status == SQLITE_ROW) peer_take(read_row(statement), NULL, sum);
        // The key is unique, so there is no second row to look for. This ends the statement's transaction.
        if (sqlite3_reset(statement) || status != SQLITE_ROW) return 1;
    }
    return 0;
}

// Inserts the row with a number; name and email have to last until the next.
static int insert_row(sqlite3_stmt *statement, int row, char name[64], char email[64]) {
    peer_name(name, 64, row);
    peer_email(email, 64, row);
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, email, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, row % 90);
    sqlite3_bind_double(statement, 4, row / 2.0);
    sqlite3_bind_int(statement, 5, row % 2);
    sqlite3_step(statement);
    return sqlite3_reset(statement);
}

static int begin(peer *self) { return sqlite3_exec(self->connection, "BEGIN IMMEDIATE", NULL, NULL, NULL); }

static int begin_reading(peer *self) { return sqlite3_exec(self->connection, "BEGIN", NULL, NULL, NULL); }

static int insert(peer *self, int batches) {
    sqlite3_stmt *statement;
    char name[64], email[64];
    if (begin(self)) return 1;
    if (sqlite3_prepare_v2(self->connection, INSERT, -1, &statement, NULL)) return 2;
    sqlite3_int64 last = 0;
    for (int row = 0; row < batches * PEER_BATCH; row++) {
        if (insert_row(statement, row, name, email)) return 3;
        last += sqlite3_last_insert_rowid(self->connection);
    }
    sqlite3_finalize(statement);
    return last == 0;
}

// There is nothing faster than this for many rows either: no statement leaves the process.
static int insert_each(peer *self, int count) {
    sqlite3_stmt *statement = ((statements *)self->state)->insert;
    char name[64], email[64];
    int failed = 0;
    for (int row = 0; row < count && !failed; row++) failed = insert_row(statement, row, name, email);
    // The statement outlives the strings.
    sqlite3_clear_bindings(statement);
    return failed;
}

static int undo(peer *self) { return sqlite3_exec(self->connection, "ROLLBACK", NULL, NULL, NULL); }

static void close_peer(peer *self) {
    statements *state = self->state;
    sqlite3_finalize(state->point);
    sqlite3_finalize(state->insert);
    sqlite3_close(self->connection);
    free(state);
}

static int prepare(peer *self, const char *sql, sqlite3_stmt **statement) {
    return sqlite3_prepare_v3(self->connection, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
}

int peer_open_sqlite(peer *self, const char *path) {
    statements *state = calloc(1, sizeof *state);
    *self = (peer){
        .state = state,
        .scan = scan,
        .point = point,
        .begin = begin,
        .begin_reading = begin_reading,
        .insert = insert,
        .insert_each = insert_each,
        .bulk = insert_each,
        .undo = undo,
        .close = close_peer,
    };
    // One thread at a time uses a peer, so SQLite needn't lock a mutex in each call.
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, (sqlite3 **)&self->connection, flags, NULL)) return 1;
    return prepare(self, SELECT " WHERE id = ?", &state->point)
        || prepare(self, INSERT, &state->insert);
}
