// SPDX-License-Identifier: MIT

/// The newest snapshot from one writer thread for one reader thread: a triple buffer.
///
/// Neither side ever waits, and neither sees a snapshot while the other touches it: the writer
/// fills a slot of its own, the reader looks at a slot of its own, and the third is exchanged
/// between them. Snapshots that nobody read in time are lost; that is the point. The memory is the
/// arena's.
#ifndef KM_RT_LATEST_H
#define KM_RT_LATEST_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_arena;
struct km_latest;

enum { KM_LATEST_SIZE_MAX = 1 << 26 };

/// Bytes of arena that a triple buffer takes, from a place that is aligned to 64 bytes.  [setup]
size_t km_latest_size(uint32_t size);

/// Creates a triple buffer of snapshots of `size` bytes, 1 to KM_LATEST_SIZE_MAX.  [setup]
/// The first snapshot is all zeros. Returns null, and takes nothing from the arena, if it lacks
/// room.
KM_NODISCARD struct km_latest *km_latest_new(struct km_arena *arena, uint32_t size);

/// The slot to fill in place, aligned to a cache line. It holds some older snapshot: write all of
/// it.  [writer]
KM_RT void *km_latest_slot(struct km_latest *latest);

/// Makes what the slot holds the newest snapshot. The slot is the reader's from here on: ask for
/// the next one.  [writer]
KM_RT void km_latest_publish(struct km_latest *latest);

/// Copies `snapshot`, of the size given to km_latest_new, into the slot and publishes it.  [writer]
KM_RT void km_latest_write(struct km_latest *latest, const void *snapshot);

/// The newest snapshot. It stays as it is until the next call of km_latest_read.  [reader]
KM_RT const void *km_latest_read(struct km_latest *latest);

/// Whether the next km_latest_read gives a snapshot that was not read before.  [reader]
KM_RT bool km_latest_has_news(const struct km_latest *latest);

KM_C_END

#endif
