// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#include "peers.h"

#include <mariadb/mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 5

#define SELECT "SELECT id, name, email, age, score, active FROM bench_rows"
#define INSERT "INSERT INTO bench_targets (name, email, age, score, active) VALUES "

// A row that is read, or a row to insert.
typedef struct {
    long long id;
    char name[64], email[64];
    unsigned long name_length, email_length;
    int age;
    double score;
    signed char active;
} row_values;

// The statements that are prepared once, and what they are bound to.
typedef struct {
    MYSQL_STMT *point, *insert, *bulk;
    row_values read, written;
    long long key;
} statements;

static peer_row copy(const row_values *row) {
    return (peer_row){
        .id = row->id,
        .name = strndup(row->name, row->name_length),
        .email = strndup(row->email, row->email_length),
        .age = row->age,
        .score = row->score,
        .active = row->active,
    };
}

static MYSQL_STMT *prepare(peer *self, const char *sql) {
    MYSQL_STMT *statement = mysql_stmt_init(self->connection);
    if (mysql_stmt_prepare(statement, sql, strlen(sql)) == 0) return statement;
    mysql_stmt_close(statement);
    return NULL;
}

static int bind_result(MYSQL_STMT *statement, row_values *row) {
    MYSQL_BIND binds[] = {
        {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &row->id},
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = row->name, .buffer_length = 64, .length = &row->name_length},
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = row->email, .buffer_length = 64, .length = &row->email_length},
        {.buffer_type = MYSQL_TYPE_LONG, .buffer = &row->age},
        {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &row->score},
        {.buffer_type = MYSQL_TYPE_TINY, .buffer = &row->active},
    };
    return mysql_stmt_bind_result(statement, binds);
}

static int scan(peer *self, peer_rows *kept, double *sum) {
    row_values row;
    MYSQL_STMT *statement = prepare(self, SELECT);
    if (!statement || mysql_stmt_execute(statement)) return 1;
    if (bind_result(statement, &row)) return 2;
    int status;
    while ((status = mysql_stmt_fetch(statement)) == 0) peer_take(copy(&row), kept, sum);
    mysql_stmt_close(statement);
    return status != MYSQL_NO_DATA;
}

static int point(peer *self, int first, int count, double *sum) {
    statements *state = self->state;
    for (int number = first; number < first + count; number++) {
        state->key = peer_key(number);
        if (mysql_stmt_execute(state->point) || mysql_stmt_fetch(state->point)) return 1;
        peer_take(copy(&state->read), NULL, sum);
        // Reads the end of the result, which has come with the row.
        if (mysql_stmt_fetch(state->point) != MYSQL_NO_DATA) return 2;
    }
    return 0;
}

// Makes the row with a number.
static void fill(row_values *value, int row) {
    peer_name(value->name, sizeof value->name, row);
    peer_email(value->email, sizeof value->email, row);
    value->name_length = strlen(value->name);
    value->email_length = strlen(value->email);
    value->age = row % 90;
    value->score = row / 2.0;
    value->active = row % 2;
}

// Points the parameters of a row's columns at it.
static void bind_row(MYSQL_BIND *bind, row_values *value) {
    bind[0] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING, .buffer = value->name, .length = &value->name_length};
    bind[1] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING, .buffer = value->email, .length = &value->email_length};
    bind[2] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONG, .buffer = &value->age};
    bind[3] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &value->score};
    bind[4] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_TINY, .buffer = &value->active};
}

static int begin(peer *self) { return mysql_query(self->connection, "START TRANSACTION"); }

static int begin_reading(peer *self) { return mysql_query(self->connection, "START TRANSACTION READ ONLY"); }

static int insert(peer *self, int batches) {
    static MYSQL_BIND binds[PEER_BATCH * COLUMNS];
    static row_values rows[PEER_BATCH];
    if (begin(self)) return 1;
    char *sql = malloc(PEER_BATCH * 20 + 200), *end = sql;
    end += sprintf(end, INSERT);
    for (int row = 0; row < PEER_BATCH; row++) end += sprintf(end, "%s(?, ?, ?, ?, ?)", row ? ", " : "");
    sprintf(end, " RETURNING id");
    MYSQL_STMT *statement = prepare(self, sql);
    if (!statement) return 2;
    free(sql);
    memset(binds, 0, sizeof binds);
    long long last = 0, id = 0;
    for (int batch = 0; batch < batches; batch++) {
        for (int index = 0; index < PEER_BATCH; index++) {
            fill(&rows[index], batch * PEER_BATCH + index);
            bind_row(&binds[index * COLUMNS], &rows[index]);
        }
        MYSQL_BIND result = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &id};
        if (mysql_stmt_bind_param(statement, binds) || mysql_stmt_execute(statement)) return 3;
        if (mysql_stmt_bind_result(statement, &result) || mysql_stmt_store_result(statement)) return 4;
        while (mysql_stmt_fetch(statement) == 0) last += id;
        mysql_stmt_free_result(statement);
    }
    mysql_stmt_close(statement);
    return last == 0;
}

static int insert_each(peer *self, int count) {
    statements *state = self->state;
    for (int row = 0; row < count; row++) {
        fill(&state->written, row);
        if (mysql_stmt_execute(state->insert)) return 1;
    }
    return 0;
}

#define CHUNK 10000

// The columns of a chunk, as the library takes arrays: numbers one after the other, strings by pointers and lengths.
typedef struct {
    char names[CHUNK][24], emails[CHUNK][32];
    char *name[CHUNK], *email[CHUNK];
    unsigned long name_length[CHUNK], email_length[CHUNK];
    int age[CHUNK];
    double score[CHUNK];
    signed char active[CHUNK];
} chunk_values;

static void fill_chunk(chunk_values *chunk, int first, unsigned int rows) {
    for (unsigned int index = 0; index < rows; index++) {
        int row = first + index;
        peer_name(chunk->names[index], sizeof chunk->names[index], row);
        peer_email(chunk->emails[index], sizeof chunk->emails[index], row);
        chunk->name[index] = chunk->names[index];
        chunk->email[index] = chunk->emails[index];
        chunk->name_length[index] = strlen(chunk->names[index]);
        chunk->email_length[index] = strlen(chunk->emails[index]);
        chunk->age[index] = row % 90;
        chunk->score[index] = row / 2.0;
        chunk->active[index] = row % 2;
    }
}

static int bulk(peer *self, int count) {
    MYSQL_STMT *statement = ((statements *)self->state)->bulk;
    chunk_values *chunk = malloc(sizeof *chunk);
    MYSQL_BIND binds[COLUMNS] = {
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = chunk->name, .length = chunk->name_length},
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = chunk->email, .length = chunk->email_length},
        {.buffer_type = MYSQL_TYPE_LONG, .buffer = chunk->age},
        {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = chunk->score},
        {.buffer_type = MYSQL_TYPE_TINY, .buffer = chunk->active},
    };
    int failed = 0;
    for (int first = 0; first < count && !failed; first += CHUNK) {
        unsigned int rows = count - first < CHUNK ? count - first : CHUNK;
        fill_chunk(chunk, first, rows);
        failed = mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &rows) || mysql_stmt_bind_param(statement, binds)
            || mysql_stmt_execute(statement);
    }
    free(chunk);
    return failed;
}

static int undo(peer *self) { return mysql_query(self->connection, "ROLLBACK"); }

static void close_peer(peer *self) {
    statements *state = self->state;
    if (state->point) mysql_stmt_close(state->point);
    if (state->insert) mysql_stmt_close(state->insert);
    if (state->bulk) mysql_stmt_close(state->bulk);
    mysql_close(self->connection);
    free(state);
}

static int prepare_statements(peer *self) {
    statements *state = self->state;
    MYSQL_BIND key = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &state->key}, binds[COLUMNS];
    state->point = prepare(self, SELECT " WHERE id = ?");
    state->insert = prepare(self, INSERT "(?, ?, ?, ?, ?)");
    state->bulk = prepare(self, INSERT "(?, ?, ?, ?, ?)");
    if (!state->point || !state->insert || !state->bulk) return 1;
    bind_row(binds, &state->written);
    return mysql_stmt_bind_param(state->point, &key) || bind_result(state->point, &state->read)
        || mysql_stmt_bind_param(state->insert, binds);
}

int peer_open_mariadb(peer *self, const char *host, const char *user, const char *password, const char *database,
                      int port) {
    *self = (peer){
        .state = calloc(1, sizeof(statements)),
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
    self->connection = mysql_init(NULL);
    if (!mysql_real_connect(self->connection, host, user, password, database, port, NULL, 0)) return 1;
    return mysql_set_character_set(self->connection, "utf8mb4") || prepare_statements(self);
}
