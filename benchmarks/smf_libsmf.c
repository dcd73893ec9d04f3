// SPDX-License-Identifier: MIT

// The peer libsmf (Debian: libsmf-dev), which keeps a file in memory and hands out its events in
// the order of time.

#include "smf_stream.h"

#include <smf.h>

uint64_t smf_libsmf_count(const char *path)
{
    smf_t *const smf = smf_load(path);
    uint64_t count = 0;
    if (!smf) {
        return 0;
    }
    while (smf_get_next_event(smf)) {
        ++count;
    }
    smf_delete(smf);
    return count;
}
