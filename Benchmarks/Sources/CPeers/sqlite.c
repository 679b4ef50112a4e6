// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#include "peers.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void peer_name(char *buffer, int size, int number) { snprintf(buffer, size, "name of %d", number); }

void peer_email(char *buffer, int size, int number) { snprintf(buffer, size, "user%d@example.com", number); }

static int scan(peer *self, double *sum) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(self->connection, "SELECT id, name, email, age, score, active FROM bench_rows", -1, &statement,
                           NULL))
        return 1;
    int status;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
        char *name = strndup((const char *)sqlite3_column_text(statement, 1), sqlite3_column_bytes(statement, 1));
        char *email = strndup((const char *)sqlite3_column_text(statement, 2), sqlite3_column_bytes(statement, 2));
        *sum += sqlite3_column_int64(statement, 0) + sqlite3_column_int64(statement, 3);
        *sum += sqlite3_column_double(statement, 4) + sqlite3_column_int(statement, 5) + name[0] + email[0];
        free(name);
        free(email);
    }
    sqlite3_finalize(statement);
    return status != SQLITE_DONE;
}

static int insert(peer *self, int batches) {
    sqlite3_stmt *statement;
    if (sqlite3_exec(self->connection, "BEGIN IMMEDIATE", NULL, NULL, NULL)) return 1;
    if (sqlite3_prepare_v2(self->connection,
                           "INSERT INTO bench_targets (name, email, age, score, active) VALUES (?, ?, ?, ?, ?)", -1,
                           &statement, NULL))
        return 2;
    sqlite3_int64 last = 0;
    for (int row = 0; row < batches * PEER_BATCH; row++) {
        char name[64], email[64];
        peer_name(name, sizeof name, row);
        peer_email(email, sizeof email, row);
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 2, email, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 3, row % 90);
        sqlite3_bind_double(statement, 4, row / 2.0);
        sqlite3_bind_int(statement, 5, row % 2);
        if (sqlite3_step(statement) != SQLITE_DONE) return 3;
        sqlite3_reset(statement);
        last += sqlite3_last_insert_rowid(self->connection);
    }
    sqlite3_finalize(statement);
    return last == 0;
}

static int undo(peer *self) { return sqlite3_exec(self->connection, "ROLLBACK", NULL, NULL, NULL); }

static void close_peer(peer *self) { sqlite3_close(self->connection); }

int peer_open_sqlite(peer *self, const char *path) {
    *self = (peer){.scan = scan, .insert = insert, .undo = undo, .close = close_peer};
    return sqlite3_open(path, (sqlite3 **)&self->connection);
}
