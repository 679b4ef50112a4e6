// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#include "peers.h"

#include <mariadb/mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 5

static int scan(peer *self, double *sum) {
    MYSQL_STMT *statement = mysql_stmt_init(self->connection);
    const char *sql = "SELECT id, name, email, age, score, active FROM bench_rows";
    if (mysql_stmt_prepare(statement, sql, strlen(sql)) || mysql_stmt_execute(statement)) return 1;
    long long id;
    int age;
    double score;
    signed char active;
    char name[64], email[64];
    unsigned long name_length, email_length;
    MYSQL_BIND binds[] = {
        {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &id},
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = name, .buffer_length = sizeof name, .length = &name_length},
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = email, .buffer_length = sizeof email, .length = &email_length},
        {.buffer_type = MYSQL_TYPE_LONG, .buffer = &age},
        {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &score},
        {.buffer_type = MYSQL_TYPE_TINY, .buffer = &active},
    };
    if (mysql_stmt_bind_result(statement, binds)) return 2;
    int status;
    while ((status = mysql_stmt_fetch(statement)) == 0) {
        char *name_copy = strndup(name, name_length), *email_copy = strndup(email, email_length);
        *sum += id + age + score + active + name_copy[0] + email_copy[0];
        free(name_copy);
        free(email_copy);
    }
    mysql_stmt_close(statement);
    return status != MYSQL_NO_DATA;
}

typedef struct {
    char name[64], email[64];
    unsigned long name_length, email_length;
    int age;
    double score;
    signed char active;
} row_values;

static int insert(peer *self, int batches) {
    static MYSQL_BIND binds[PEER_BATCH * COLUMNS];
    static row_values rows[PEER_BATCH];
    if (mysql_query(self->connection, "START TRANSACTION")) return 1;
    char *sql = malloc(PEER_BATCH * 20 + 200), *end = sql;
    end += sprintf(end, "INSERT INTO bench_targets (name, email, age, score, active) VALUES ");
    for (int row = 0; row < PEER_BATCH; row++) end += sprintf(end, "%s(?, ?, ?, ?, ?)", row ? ", " : "");
    sprintf(end, " RETURNING id");
    MYSQL_STMT *statement = mysql_stmt_init(self->connection);
    if (mysql_stmt_prepare(statement, sql, strlen(sql))) return 2;
    free(sql);
    memset(binds, 0, sizeof binds);
    long long last = 0, id = 0;
    for (int batch = 0; batch < batches; batch++) {
        for (int index = 0; index < PEER_BATCH; index++) {
            int row = batch * PEER_BATCH + index;
            row_values *value = &rows[index];
            MYSQL_BIND *bind = &binds[index * COLUMNS];
            peer_name(value->name, sizeof value->name, row);
            peer_email(value->email, sizeof value->email, row);
            value->name_length = strlen(value->name);
            value->email_length = strlen(value->email);
            value->age = row % 90;
            value->score = row / 2.0;
            value->active = row % 2;
            bind[0] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING, .buffer = value->name, .length = &value->name_length};
            bind[1] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING, .buffer = value->email, .length = &value->email_length};
            bind[2] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONG, .buffer = &value->age};
            bind[3] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &value->score};
            bind[4] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_TINY, .buffer = &value->active};
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

static int undo(peer *self) { return mysql_query(self->connection, "ROLLBACK"); }

static void close_peer(peer *self) { mysql_close(self->connection); }

int peer_open_mariadb(peer *self, const char *host, const char *user, const char *password, const char *database, int port) {
    *self = (peer){.scan = scan, .insert = insert, .undo = undo, .close = close_peer};
    self->connection = mysql_init(NULL);
    if (!mysql_real_connect(self->connection, host, user, password, database, port, NULL, 0)) return 1;
    return mysql_set_character_set(self->connection, "utf8mb4");
}
