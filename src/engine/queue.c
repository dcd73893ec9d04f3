// SPDX-License-Identifier: MIT

// Chunks that wait for their bar: one queue for each epoch.

#include "engine/engine_private.h"

#include "base/check.h"

#include <string.h>

void km_queue_return(struct km_engine *engine, uint32_t slot)
{
    // There is room: the ring holds as many numbers as there are chunks.
    const bool fits = km_ring_write(engine->returned, &slot, sizeof(slot));
    KM_CHECK(fits);
}

static void remove_epoch(struct km_chunk_queue *queue, uint32_t index)
{
    queue->epoch_count -= 1;
    memmove(&queue->epochs[index], &queue->epochs[index + 1],
            (queue->epoch_count - index) * sizeof(queue->epochs[0]));
}

uint32_t km_queue_take(struct km_engine *engine, uint32_t index)
{
    struct km_chunk_queue *const queue = &engine->queue;
    struct km_epoch_queue *const epoch = &queue->epochs[index];
    const uint32_t slot = epoch->head;
    epoch->head = queue->slots[slot].next;
    queue->waiting -= 1;
    if (epoch->head == KM_ENGINE_SLOT_NONE) {
        remove_epoch(queue, index);
    }
    return slot;
}

// Returns all chunks of an epoch, which is gone then.
static void return_epoch(struct km_engine *engine, uint32_t index)
{
    const uint32_t count_before = engine->queue.epoch_count;
    while (engine->queue.epoch_count == count_before) {
        km_queue_return(engine, km_queue_take(engine, index));
    }
}

void km_queue_drop(struct km_engine *engine, uint64_t epoch)
{
    struct km_chunk_queue *const queue = &engine->queue;
    while (queue->epoch_count > 0 && queue->epochs[0].epoch < epoch) {
        return_epoch(engine, 0);
    }
    queue->epoch_least = epoch;
}

// The epoch that must make room: the oldest, but not that which plays.
static uint32_t epoch_to_give_up(const struct km_engine *engine)
{
    const struct km_sequencer *const sequencer = &engine->sequencer;
    return !sequencer->is_fresh && engine->queue.epochs[0].epoch == sequencer->epoch ? 1 : 0;
}

// How many epochs that wait are not newer than this one.
static uint32_t count_up_to(const struct km_chunk_queue *queue, uint32_t epoch)
{
    uint32_t count = queue->epoch_count; // Newer ones mostly come later.
    while (count > 0 && queue->epochs[count - 1].epoch > epoch) {
        --count;
    }
    return count;
}

// The epoch's queue, which is made if it is not there; it has no chunks then.
static struct km_epoch_queue *find_or_make(struct km_engine *engine, uint32_t epoch)
{
    struct km_chunk_queue *const queue = &engine->queue;
    uint32_t index = count_up_to(queue, epoch);
    if (index > 0 && queue->epochs[index - 1].epoch == epoch) {
        return &queue->epochs[index - 1];
    }
    if (queue->epoch_count == KM_ENGINE_EPOCHS_MAX) {
        return_epoch(engine, epoch_to_give_up(engine));
        index = count_up_to(queue, epoch);
    }
    memmove(&queue->epochs[index + 1], &queue->epochs[index],
            (queue->epoch_count - index) * sizeof(queue->epochs[0]));
    queue->epoch_count += 1;
    queue->epochs[index] = (struct km_epoch_queue){
        .epoch = epoch, .head = KM_ENGINE_SLOT_NONE, .tail = KM_ENGINE_SLOT_NONE};
    return &queue->epochs[index];
}

void km_queue_add(struct km_engine *engine, uint32_t slot)
{
    struct km_chunk_queue *const queue = &engine->queue;
    const uint32_t epoch = engine->chunks[slot].epoch;
    queue->arrivals += 1;
    if (epoch < queue->epoch_least) {
        km_queue_return(engine, slot);
        return;
    }
    queue->slots[slot] = (struct km_slot){.number = queue->arrivals, .next = KM_ENGINE_SLOT_NONE};
    struct km_epoch_queue *const of_epoch = find_or_make(engine, epoch);
    if (of_epoch->head == KM_ENGINE_SLOT_NONE) {
        of_epoch->head = slot;
    } else {
        queue->slots[of_epoch->tail].next = slot;
    }
    of_epoch->tail = slot;
    queue->waiting += 1;
}

uint64_t km_queue_oldest(const struct km_engine *engine)
{
    const struct km_chunk_queue *const queue = &engine->queue;
    const uint32_t playing = engine->sequencer.playing;
    uint64_t oldest = UINT64_MAX;
    if (playing != KM_ENGINE_SLOT_NONE) {
        oldest = queue->slots[playing].number;
    }
    for (uint32_t i = 0; i < queue->epoch_count; ++i) {
        const uint64_t number = queue->slots[queue->epochs[i].head].number;
        oldest = number < oldest ? number : oldest;
    }
    return oldest;
}
