// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#include "peers.h"

#include <endian.h>
#include <postgresql/libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t int64_of(const char *value) {
    uint64_t big;
    memcpy(&big, value, 8);
    return (int64_t)be64toh(big);
}

static int scan(peer *self, double *sum) {
    PGresult *result = PQexecPrepared(self->connection, "scan", 0, NULL, NULL, NULL, 1);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) return 1;
    int rows = PQntuples(result);
    for (int row = 0; row < rows; row++) {
        char *name = strndup(PQgetvalue(result, row, 1), PQgetlength(result, row, 1));
        char *email = strndup(PQgetvalue(result, row, 2), PQgetlength(result, row, 2));
        uint32_t age;
        memcpy(&age, PQgetvalue(result, row, 3), 4);
        int64_t bits = int64_of(PQgetvalue(result, row, 4));
        double score;
        memcpy(&score, &bits, 8);
        *sum += int64_of(PQgetvalue(result, row, 0)) + (int32_t)be32toh(age) + score;
        *sum += PQgetvalue(result, row, 5)[0] + name[0] + email[0];
        free(name);
        free(email);
    }
    PQclear(result);
    return 0;
}

static int execute(peer *self, const char *sql) {
    PGresult *result = PQexec(self->connection, sql);
    int failed = PQresultStatus(result) != PGRES_COMMAND_OK;
    PQclear(result);
    return failed;
}

#define COLUMNS 5

static int prepare_insert(peer *self) {
    char *sql = malloc(PEER_BATCH * 60 + 200), *end = sql;
    end += sprintf(end, "INSERT INTO bench_targets (name, email, age, score, active) VALUES ");
    for (int row = 0; row < PEER_BATCH; row++) {
        int first = row * COLUMNS;
        end += sprintf(end, "%s($%d, $%d, $%d, $%d, $%d)", row ? ", " : "", first + 1, first + 2, first + 3, first + 4,
                       first + 5);
    }
    sprintf(end, " RETURNING id");
    PGresult *result = PQprepare(self->connection, "insert", sql, 0, NULL);
    int failed = PQresultStatus(result) != PGRES_COMMAND_OK;
    PQclear(result);
    free(sql);
    return failed;
}

typedef struct {
    char name[64], email[64];
    uint32_t age;
    uint64_t score;
    char active;
} row_values;

static int insert(peer *self, int batches) {
    static const char *values[PEER_BATCH * COLUMNS];
    static int lengths[PEER_BATCH * COLUMNS], formats[PEER_BATCH * COLUMNS];
    static row_values rows[PEER_BATCH];
    if (execute(self, "BEGIN")) return 1;
    int64_t last = 0;
    for (int batch = 0; batch < batches; batch++) {
        for (int index = 0; index < PEER_BATCH; index++) {
            int row = batch * PEER_BATCH + index, first = index * COLUMNS;
            row_values *value = &rows[index];
            peer_name(value->name, sizeof value->name, row);
            peer_email(value->email, sizeof value->email, row);
            value->age = htobe32(row % 90);
            double score = row / 2.0;
            memcpy(&value->score, &score, 8);
            value->score = htobe64(value->score);
            value->active = row % 2;
            const char *pointers[] = {value->name, value->email, (char *)&value->age, (char *)&value->score, &value->active};
            int sizes[] = {(int)strlen(value->name), (int)strlen(value->email), 4, 8, 1};
            for (int column = 0; column < COLUMNS; column++) {
                values[first + column] = pointers[column];
                lengths[first + column] = sizes[column];
                formats[first + column] = 1;
            }
        }
        PGresult *result =
            PQexecPrepared(self->connection, "insert", PEER_BATCH * COLUMNS, values, lengths, formats, 1);
        if (PQresultStatus(result) != PGRES_TUPLES_OK) return 2;
        for (int row = 0; row < PQntuples(result); row++) last += int64_of(PQgetvalue(result, row, 0));
        PQclear(result);
    }
    return last == 0;
}

static int undo(peer *self) { return execute(self, "ROLLBACK"); }

static void close_peer(peer *self) { PQfinish(self->connection); }

int peer_open_postgresql(peer *self, const char *url) {
    *self = (peer){.scan = scan, .insert = insert, .undo = undo, .close = close_peer};
    self->connection = PQconnectdb(url);
    if (PQstatus(self->connection) != CONNECTION_OK) return 1;
    PGresult *result =
        PQprepare(self->connection, "scan", "SELECT id, name, email, age, score, active FROM bench_rows", 0, NULL);
    int failed = PQresultStatus(result) != PGRES_COMMAND_OK;
    PQclear(result);
    return failed || prepare_insert(self);
}
