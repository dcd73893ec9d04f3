// SPDX-License-Identifier: MIT

// The KM_RT functions that are compiled into their callers, as functions that check_rt_symbols can
// look at.

#include "rt/ring.h"

bool rt_inline_write(struct km_ring *ring, const void *message, uint32_t size);
bool rt_inline_read(struct km_ring *ring, void *target, uint32_t size);

bool rt_inline_write(struct km_ring *ring, const void *message, uint32_t size)
{
    return km_ring_write(ring, message, size);
}

bool rt_inline_read(struct km_ring *ring, void *target, uint32_t size)
{
    return km_ring_read(ring, target, size);
}
