// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0
//
// Counts allocations: these functions take the place of glibc's for the whole program and the libraries it uses.

#include "peers.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__GLIBC__)

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static atomic_int is_counting;
static atomic_llong allocations;

// While nothing is to be counted, all that this costs is a branch.
static inline void count(void) {
    if (__builtin_expect(atomic_load_explicit(&is_counting, memory_order_relaxed), 0))
        atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count();
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) || alignment == 0 || alignment & (alignment - 1)) return EINVAL;
    count();
    // This function returns its error, and leaves errno alone.
    int before = errno;
    void *memory = __libc_memalign(alignment, size);
    errno = before;
    if (!memory) return ENOMEM;
    *result = memory;
    return 0;
}

void peer_count_allocations(int on) { atomic_store_explicit(&is_counting, on, memory_order_relaxed); }

long long peer_allocations(void) { return atomic_load_explicit(&allocations, memory_order_relaxed); }

#else

void peer_count_allocations(int on) { (void)on; }

long long peer_allocations(void) { return -1; }

#endif
