// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0
//
// The same work by hand, on the C library of each database. The functions return 0, or another number if something failed.

#ifndef MAINSTAY_PEERS_H
#define MAINSTAY_PEERS_H

// How many rows a statement of several rows inserts.
#define PEER_BATCH 1024

typedef struct peer peer;

struct peer {
    void *connection;
    // Reads all rows of bench_rows, copies their strings, and adds up what they hold.
    int (*scan)(peer *, double *sum);
    // Inserts so many batches of rows and reads their keys, in a transaction that is rolled back by `undo`.
    int (*insert)(peer *, int batches);
    int (*undo)(peer *);
    void (*close)(peer *);
};

int peer_open_sqlite(peer *, const char *path);
int peer_open_postgresql(peer *, const char *url);
int peer_open_mariadb(peer *, const char *host, const char *user, const char *password, const char *database, int port);

// The values of the row with a number.
void peer_name(char *buffer, int size, int number);
void peer_email(char *buffer, int size, int number);

#endif
