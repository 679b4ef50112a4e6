// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0
//
// Counts instructions, which vary less from run to run than time does.

#include "peers.h"

#if defined(__linux__)

#include <linux/perf_event.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static int counter = -1;

long long peer_instructions(void) {
    uint64_t value;
    // With `inherit`, this is the sum over all threads that were made since.
    if (counter < 0 || read(counter, &value, sizeof value) != sizeof value) return -1;
    return (long long)value;
}

int peer_open_instruction_counter(void) {
    if (counter >= 0) return 1;
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof attributes,
        .config = PERF_COUNT_HW_INSTRUCTIONS,
        .inherit = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };
    counter = (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (counter < 0) return 0;
    // Some virtual machines open one that never counts.
    if (peer_instructions() > 0) return 1;
    close(counter);
    counter = -1;
    return 0;
}

#else

int peer_open_instruction_counter(void) { return 0; }

long long peer_instructions(void) { return -1; }

#endif
