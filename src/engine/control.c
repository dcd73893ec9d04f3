// SPDX-License-Identifier: MIT

#include "engine/control.h"

#include "base/check.h"
#include "base/math.h"
#include "engine/engine_private.h"
#include "rt/latest.h"

#include <string.h>

enum { TEMPO_MAX = 0xFFFFFF, DIVISION_MAX = 1 << 20, PROGRAM_MAX = 127 };

static void put_free(struct km_engine *engine, uint32_t index)
{
    struct km_engine_control *const control = &engine->control;
    KM_CHECK(control->free_count < engine->chunk_count);
    control->free_chunks[control->free_count++] = index;
}

static void take_back(struct km_engine *engine)
{
    uint32_t index = 0;
    while (km_ring_read(engine->returned, &index, sizeof(index))) {
        put_free(engine, index);
    }
}

struct km_chunk *km_engine_chunk_take(struct km_engine *engine)
{
    struct km_engine_control *const control = &engine->control;
    take_back(engine);
    if (control->free_count == 0) {
        return NULL;
    }
    const uint32_t index = control->free_chunks[--control->free_count];
    struct km_chunk *const chunk = &engine->chunks[index];
    control->is_taken[index] = true;
    memset(chunk, 0, offsetof(struct km_chunk, events));
    return chunk;
}

// The number of a chunk that the caller has, who has it no longer.
static uint32_t let_go(struct km_engine *engine, const struct km_chunk *chunk)
{
    KM_CHECK(chunk >= engine->chunks && chunk < engine->chunks + engine->chunk_count);
    const uint32_t index = (uint32_t)(chunk - engine->chunks);
    KM_CHECK(engine->control.is_taken[index]);
    engine->control.is_taken[index] = false;
    return index;
}

static bool ticks_ascend(const struct km_chunk *chunk)
{
    uint64_t tick = chunk->start_tick;
    for (uint32_t i = 0; i < chunk->event_count; ++i) {
        if (chunk->events[i].tick < tick) {
            return false;
        }
        tick = chunk->events[i].tick;
    }
    return tick <= chunk->end_tick;
}

void km_engine_chunk_send(struct km_engine *engine, struct km_chunk *chunk)
{
    KM_CHECK(chunk->event_count <= KM_CHUNK_EVENTS_MAX);
    KM_CHECK(chunk->division > 0 && chunk->division <= DIVISION_MAX);
    KM_CHECK(chunk->tempo > 0 && chunk->tempo <= TEMPO_MAX);
    KM_CHECK(chunk->start_tick <= chunk->end_tick);
    KM_CHECK(ticks_ascend(chunk));
    const struct km_message message = {.kind = KM_MESSAGE_CHUNK, .number = let_go(engine, chunk)};
    const bool fits = km_ring_write(engine->messages, &message, sizeof(message));
    KM_CHECK(fits); // Commands leave room for all chunks.
}

void km_engine_chunk_give(struct km_engine *engine, struct km_chunk *chunk)
{
    put_free(engine, let_go(engine, chunk));
}

uint32_t km_engine_chunks(const struct km_engine *engine)
{
    return engine->chunk_count;
}

uint32_t km_engine_chunks_free(struct km_engine *engine)
{
    take_back(engine);
    return engine->control.free_count;
}

static bool send(struct km_engine *engine, const struct km_message *message)
{
    const uint32_t kept = engine->chunk_count * (uint32_t)sizeof(*message); // For chunks.
    return km_ring_write_space(engine->messages) >= kept + sizeof(*message) &&
           km_ring_write(engine->messages, message, sizeof(*message));
}

bool km_engine_set_instrument(struct km_engine *engine, uint16_t bank, uint8_t program,
                              const struct km_instrument *instrument)
{
    KM_CHECK(program <= PROGRAM_MAX);
    return send(engine, &(const struct km_message){.kind = KM_MESSAGE_SET_INSTRUMENT,
                                                   .number = (uint32_t)bank << 8 | program,
                                                   .as.instrument = instrument});
}

bool km_engine_retire_instrument(struct km_engine *engine, const struct km_instrument *instrument)
{
    KM_CHECK(instrument);
    if (engine->control.retiring == KM_ENGINE_RETIRING_MAX ||
        !send(engine,
              &(const struct km_message){.kind = KM_MESSAGE_RETIRE, .as.instrument = instrument})) {
        return false;
    }
    engine->control.retiring += 1;
    return true;
}

bool km_engine_collect(struct km_engine *engine, struct km_notice *notice)
{
    take_back(engine);
    if (!km_ring_read(engine->notices, notice, sizeof(*notice))) {
        return false;
    }
    if (notice->kind == KM_NOTICE_INSTRUMENT_FREE) {
        KM_CHECK(engine->control.retiring > 0);
        engine->control.retiring -= 1;
    }
    return true;
}

static bool send_plain(struct km_engine *engine, enum km_message_kind kind, uint32_t number)
{
    return send(engine, &(const struct km_message){.kind = kind, .number = number});
}

bool km_engine_play(struct km_engine *engine)
{
    return send_plain(engine, KM_MESSAGE_PLAY, 0);
}

bool km_engine_pause(struct km_engine *engine)
{
    return send_plain(engine, KM_MESSAGE_PAUSE, 0);
}

bool km_engine_stop(struct km_engine *engine)
{
    return send_plain(engine, KM_MESSAGE_STOP, 0);
}

bool km_engine_jump(struct km_engine *engine, uint32_t epoch)
{
    return send_plain(engine, KM_MESSAGE_JUMP, epoch);
}

bool km_engine_set_volume(struct km_engine *engine, float gain)
{
    return send(engine, &(const struct km_message){
                            .kind = KM_MESSAGE_VOLUME,
                            .as.value = (float)km_clamp((double)gain, 0, KM_ENGINE_VOLUME_MAX)});
}

bool km_engine_set_mutes(struct km_engine *engine, uint32_t channels)
{
    return send_plain(engine, KM_MESSAGE_MUTES, channels);
}

bool km_engine_set_tempo_scale(struct km_engine *engine, float scale)
{
    const double held = km_clamp((double)scale, KM_TEMPO_SCALE_MIN, KM_TEMPO_SCALE_MAX);
    return send(engine, &(const struct km_message){.kind = KM_MESSAGE_TEMPO_SCALE,
                                                   .as.value = (float)held});
}

bool km_engine_set_production(struct km_engine *engine, const struct km_production *production,
                              float pitch_drift_cents)
{
    return send(engine, &(const struct km_message){.kind = KM_MESSAGE_PRODUCTION,
                                                   .as.sound.production = *production,
                                                   .as.sound.drift_cents = pitch_drift_cents});
}

struct km_engine_status km_engine_status(struct km_engine *engine)
{
    struct km_engine_status status;
    memcpy(&status, km_latest_read(engine->latest), sizeof(status));
    status.guard_events = km_guard_count_all(&engine->guard) - engine->control.guard_events;
    return status;
}
