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

static peer_row read_row(const PGresult *result, int row) {
    uint32_t age;
    memcpy(&age, PQgetvalue(result, row, 3), 4);
    int64_t bits = int64_of(PQgetvalue(result, row, 4));
    double score;
    memcpy(&score, &bits, 8);
    return (peer_row){
        .id = int64_of(PQgetvalue(result, row, 0)),
        .name = strndup(PQgetvalue(result, row, 1), PQgetlength(result, row, 1)),
        .email = strndup(PQgetvalue(result, row, 2), PQgetlength(result, row, 2)),
        .age = (int32_t)be32toh(age),
        .score = score,
        .active = PQgetvalue(result, row, 5)[0],
    };
}

static int scan(peer *self, peer_rows *kept, double *sum) {
    PGresult *result = PQexecPrepared(self->connection, "scan", 0, NULL, NULL, NULL, 1);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) return 1;
    int rows = PQntuples(result);
    for (int row = 0; row < rows; row++) peer_take(read_row(result, row), kept, sum);
    PQclear(result);
    return 0;
}

static int point(peer *self, int first, int count, double *sum) {
    for (int number = first; number < first + count; number++) {
        uint64_t key = htobe64(peer_key(number));
        const char *value = (char *)&key;
        int length = sizeof key, format = 1;
        PGresult *result = PQexecPrepared(self->connection, "point", 1, &value, &length, &format, 1);
        int found = PQntuples(result) == 1;
        if (found) peer_take(read_row(result, 0), NULL, sum);
        PQclear(result);
        if (!found) return 1;
    }
    return 0;
}

static int execute(peer *self, const char *sql) {
    PGresult *result = PQexec(self->connection, sql);
    int failed = PQresultStatus(result) != PGRES_COMMAND_OK;
    PQclear(result);
    return failed;
}

#define COLUMNS 5

static int prepare(peer *self, const char *name, const char *sql) {
    PGresult *result = PQprepare(self->connection, name, sql, 0, NULL);
    int failed = PQresultStatus(result) != PGRES_COMMAND_OK;
    PQclear(result);
    return failed;
}

static int prepare_insert(peer *self) {
    char *sql = malloc(PEER_BATCH * 60 + 200), *end = sql;
    end += sprintf(end, "INSERT INTO bench_targets (name, email, age, score, active) VALUES ");
    for (int row = 0; row < PEER_BATCH; row++) {
        int first = row * COLUMNS;
        end += sprintf(end, "%s($%d, $%d, $%d, $%d, $%d)", row ? ", " : "", first + 1, first + 2, first + 3, first + 4,
                       first + 5);
    }
    sprintf(end, " RETURNING id");
    int failed = prepare(self, "insert", sql);
    free(sql);
    return failed;
}

typedef struct {
    char name[64], email[64];
    uint32_t age;
    uint64_t score;
    char active;
} row_values;

// Makes the row with a number, and points the parameters of its columns at it.
static void fill(row_values *value, int row, const char **values, int *lengths, int *formats) {
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
        values[column] = pointers[column];
        lengths[column] = sizes[column];
        formats[column] = 1;
    }
}

static int begin(peer *self) { return execute(self, "BEGIN"); }

static int begin_reading(peer *self) { return execute(self, "BEGIN READ ONLY"); }

static int insert(peer *self, int batches) {
    static const char *values[PEER_BATCH * COLUMNS];
    static int lengths[PEER_BATCH * COLUMNS], formats[PEER_BATCH * COLUMNS];
    static row_values rows[PEER_BATCH];
    if (begin(self)) return 1;
    int64_t last = 0;
    for (int batch = 0; batch < batches; batch++) {
        for (int index = 0; index < PEER_BATCH; index++) {
            int row = batch * PEER_BATCH + index, first = index * COLUMNS;
            fill(&rows[index], row, values + first, lengths + first, formats + first);
        }
        PGresult *result =
            PQexecPrepared(self->connection, "insert", PEER_BATCH * COLUMNS, values, lengths, formats, 1);
        if (PQresultStatus(result) != PGRES_TUPLES_OK) return 2;
        for (int row = 0; row < PQntuples(result); row++) last += int64_of(PQgetvalue(result, row, 0));
        PQclear(result);
    }
    return last == 0;
}

static int insert_each(peer *self, int count) {
    const char *values[COLUMNS];
    int lengths[COLUMNS], formats[COLUMNS];
    row_values value;
    for (int row = 0; row < count; row++) {
        fill(&value, row, values, lengths, formats);
        PGresult *result = PQexecPrepared(self->connection, "insert_each", COLUMNS, values, lengths, formats, 1);
        int failed = PQresultStatus(result) != PGRES_COMMAND_OK;
        PQclear(result);
        if (failed) return 1;
    }
    return 0;
}

static char *put16(char *end, uint16_t value) {
    value = htobe16(value);
    return (char *)memcpy(end, &value, 2) + 2;
}

static char *put32(char *end, uint32_t value) {
    value = htobe32(value);
    return (char *)memcpy(end, &value, 4) + 4;
}

static char *put64(char *end, uint64_t value) {
    value = htobe64(value);
    return (char *)memcpy(end, &value, 8) + 8;
}

// A string is made where it is sent from, behind its length.
static char *put_text(char *end, void (*make)(char *, int, int), int row) {
    make(end + 4, 64, row);
    uint32_t length = strlen(end + 4);
    return put32(end, length) + length;
}

static char *put_row(char *end, int row) {
    double score = row / 2.0;
    uint64_t bits;
    memcpy(&bits, &score, 8);
    end = put16(end, COLUMNS);
    end = put_text(end, peer_name, row);
    end = put_text(end, peer_email, row);
    end = put32(put32(end, 4), row % 90);
    end = put64(put32(end, 8), bits);
    end = put32(end, 1);
    *end++ = row % 2;
    return end;
}

#define CHUNK 65536

static int bulk(peer *self, int count) {
    // A signature, and no flags and no extension: 19 bytes with the string's own end.
    static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
    PGresult *result =
        PQexec(self->connection, "COPY bench_targets (name, email, age, score, active) FROM STDIN (FORMAT binary)");
    int failed = PQresultStatus(result) != PGRES_COPY_IN;
    PQclear(result);
    if (failed) return 1;
    // With room for the row in which a chunk becomes full, and for the trailer.
    char *chunk = malloc(CHUNK + 256), *end = chunk + sizeof header;
    memcpy(chunk, header, sizeof header);
    for (int row = 0; row < count && !failed; row++) {
        end = put_row(end, row);
        if (end - chunk < CHUNK) continue;
        failed = PQputCopyData(self->connection, chunk, end - chunk) != 1;
        end = chunk;
    }
    end = put16(end, -1);
    failed |= PQputCopyData(self->connection, chunk, end - chunk) != 1;
    free(chunk);
    failed |= PQputCopyEnd(self->connection, NULL) != 1;
    while ((result = PQgetResult(self->connection))) {
        failed |= PQresultStatus(result) != PGRES_COMMAND_OK;
        PQclear(result);
    }
    return failed;
}

static int undo(peer *self) { return execute(self, "ROLLBACK"); }

static void close_peer(peer *self) { PQfinish(self->connection); }

int peer_open_postgresql(peer *self, const char *url) {
    *self = (peer){
        .scan = scan,
        .point = point,
        .begin = begin,
        .begin_reading = begin_reading,
        .insert = insert,
        .insert_each = insert_each,
        .bulk = bulk,
        .undo = undo,
        .close = close_peer,
    };
    self->connection = PQconnectdb(url);
    if (PQstatus(self->connection) != CONNECTION_OK) return 1;
    return prepare(self, "scan", "SELECT id, name, email, age, score, active FROM bench_rows")
        || prepare(self, "point", "SELECT id, name, email, age, score, active FROM bench_rows WHERE id = $1")
        || prepare(self, "insert_each",
                   "INSERT INTO bench_targets (name, email, age, score, active) VALUES ($1, $2, $3, $4, $5)")
        || prepare_insert(self);
}
