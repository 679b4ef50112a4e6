// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0
//
// The same work by hand, on the C library of each database. The functions return 0, or another number if something
// failed.

#ifndef MAINSTAY_PEERS_H
#define MAINSTAY_PEERS_H

// How many rows a statement of several rows inserts.
#define PEER_BATCH 1024

// How many rows bench_rows holds: those with the keys 0..<PEER_ROWS.
#define PEER_ROWS 100000

typedef struct peer peer;

// A row of bench_rows, with strings of its own.
typedef struct {
    long long id;
    char *name, *email;
    int age;
    double score;
    int active;
} peer_row;

// Rows that are kept.
typedef struct {
    peer_row *rows;
    int count, capacity;
} peer_rows;

// Adds up what a row holds, and frees its strings; or keeps it, if there are rows to keep it with.
void peer_take(peer_row row, peer_rows *kept, double *sum);

// Its functions are to be called by one thread at a time. The tables have to exist when a peer is opened, because that
// prepares the statements.
struct peer {
    void *connection;
    // What a database's functions keep from call to call.
    void *state;
    // Reads all rows of bench_rows, copies their strings, and adds up what they hold, or keeps them.
    int (*scan)(peer *, peer_rows *kept, double *sum);
    // Reads the rows of bench_rows with the keys of the numbers first..<first + count, one after the other by a
    // prepared statement, and adds up as `scan` does. Each is a transaction of its own unless one was begun.
    int (*point)(peer *, int first, int count, double *sum);
    // Begins a transaction that writes, or one that only reads; `undo` ends either.
    int (*begin)(peer *);
    int (*begin_reading)(peer *);
    // Inserts so many batches of rows and reads their keys, in a transaction that is rolled back by `undo`.
    int (*insert)(peer *, int batches);
    // Inserts the rows 0..<count by a prepared statement of one row, each in a round trip of its own, and reads no
    // keys. In the transaction that `begin` began.
    int (*insert_each)(peer *, int count);
    // Inserts the rows 0..<count the fastest way there is if nobody needs their keys. In the transaction that `begin`
    // began.
    int (*bulk)(peer *, int count);
    int (*undo)(peer *);
    void (*close)(peer *);
};

int peer_open_sqlite(peer *, const char *path);
int peer_open_postgresql(peer *, const char *url);
int peer_open_mariadb(peer *, const char *host, const char *user, const char *password, const char *database, int port);

// The values of the row with a number.
void peer_name(char *buffer, int size, int number);
void peer_email(char *buffer, int size, int number);

// The key that `point` reads for a number: each key once in PEER_ROWS numbers, and neighbors far apart.
static inline int peer_key(int number) { return (int)((long long)number * 7919 % PEER_ROWS); }

// Reads all rows and keeps them, and then adds up what they hold.
int peer_scan_kept(peer *, double *sum);

// Has one thread own the peer and reads a point for each of the numbers 0..<count on it: the caller hands each over and
// sleeps until it is done.
int peer_handover(peer *, int count, double *sum);

// Reads so many points on each of the peers at the same time, each on a thread of its own.
int peer_concurrent(peer *peers[], int peers_count, int count_each);

// Counts the calls that allocate memory, of all threads and libraries, while it is on.
void peer_count_allocations(int on);
// How many were counted so far, in all; -1 where they can't be counted.
long long peer_allocations(void);

// Begins to count the instructions that this process executes in user space; to be called before it makes threads.
// Unlike the others, it returns 0 if the machine counts none.
int peer_open_instruction_counter(void);
// How many were counted so far, on threads that ended too; -1 without a counter.
long long peer_instructions(void);

#endif
