// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#include "peers.h"

#include <stdlib.h>

void peer_take(peer_row row, peer_rows *kept, double *sum) {
    if (kept) {
        if (kept->count == kept->capacity) {
            kept->capacity = kept->capacity ? kept->capacity * 2 : 64;
            kept->rows = realloc(kept->rows, kept->capacity * sizeof row);
        }
        kept->rows[kept->count++] = row;
        return;
    }
    *sum += row.id + row.age + row.score + row.active + row.name[0] + row.email[0];
    free(row.name);
    free(row.email);
}

int peer_scan_kept(peer *self, double *sum) {
    peer_rows kept = {0};
    int failed = self->scan(self, &kept, sum);
    for (int index = 0; index < kept.count; index++) peer_take(kept.rows[index], NULL, sum);
    free(kept.rows);
    return failed;
}
