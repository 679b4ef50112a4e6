// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0
//
// The peers on several threads.

#include "peers.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

// What the caller of `peer_handover` and the owner of the peer share. A semaphore each way is as fast as a bare futex:
// one system call to wake and one to sleep, and no mutex to wake up into.
typedef struct {
    peer *peer;
    sem_t asked, answered;
    int number;
    int is_over;
    int failed;
    double sum;
} exchange;

static void await(sem_t *semaphore) {
    while (sem_wait(semaphore) && errno == EINTR) {
    }
}

static void *answer(void *argument) {
    exchange *shared = argument;
    for (;;) {
        await(&shared->asked);
        if (shared->is_over) return NULL;
        shared->failed = shared->peer->point(shared->peer, shared->number, 1, &shared->sum);
        sem_post(&shared->answered);
    }
}

int peer_handover(peer *self, int count, double *sum) {
    exchange shared = {.peer = self, .sum = *sum};
    sem_init(&shared.asked, 0, 0);
    sem_init(&shared.answered, 0, 0);
    pthread_t owner;
    int failed = pthread_create(&owner, NULL, answer, &shared);
    if (!failed) {
        for (int number = 0; number < count && !shared.failed; number++) {
            shared.number = number;
            sem_post(&shared.asked);
            await(&shared.answered);
        }
        failed = shared.failed;
        shared.is_over = 1;
        sem_post(&shared.asked);
        pthread_join(owner, NULL);
    }
    sem_destroy(&shared.asked);
    sem_destroy(&shared.answered);
    *sum = shared.sum;
    return failed;
}

typedef struct {
    peer *peer;
    int first, count;
    int failed;
    pthread_t thread;
} share;

static void *read_share(void *argument) {
    share *self = argument;
    // On the thread's own stack: no cache line goes back and forth between the threads.
    double sum = 0;
    self->failed = self->peer->point(self->peer, self->first, self->count, &sum);
    return NULL;
}

int peer_concurrent(peer *peers[], int peers_count, int count_each) {
    share *shares = calloc(peers_count, sizeof *shares);
    int started = 0, failed = 0;
    while (started < peers_count && !failed) {
        share *next = &shares[started];
        *next = (share){.peer = peers[started], .first = started * count_each, .count = count_each};
        failed = pthread_create(&next->thread, NULL, read_share, next);
        if (!failed) started++;
    }
    for (int index = 0; index < started; index++) {
        pthread_join(shares[index].thread, NULL);
        failed |= shares[index].failed;
    }
    free(shares);
    return failed;
}
