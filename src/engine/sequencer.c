// SPDX-License-Identifier: MIT

// Plays chunks: which comes next, and each event at its frame.

#include "engine/engine_private.h"

// Pedals that hold notes; those that a chunk pressed are let go where its music ends.
static const uint8_t held_pedals[] = {64, 66, 67, 69};

enum { HELD_PEDALS_COUNT = sizeof(held_pedals) / sizeof(held_pedals[0]), PEDAL_DOWN = 64 };

void km_sequencer_init(struct km_engine *engine)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    sequencer->playing = KM_ENGINE_SLOT_NONE;
    sequencer->is_fresh = true;
    sequencer->tempo = KM_TEMPO_DEFAULT;
    sequencer->tempo_scale = 1.0f;
}

static void set_tempo(struct km_engine *engine, double tempo, uint32_t division)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    sequencer->tempo = tempo;
    km_clock_set_tempo(&sequencer->clock, tempo, division,
                       (double)engine->rate_hz / (double)sequencer->tempo_scale);
}

// The place in this quantum of what happens at a frame: late things happen at once, and nothing
// before what has happened already.
static uint32_t offset_of(struct km_engine *engine, uint64_t frame)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    const uint64_t begin = engine->transport.rendered;
    const uint32_t offset = frame > begin ? (uint32_t)(frame - begin) : 0;
    if (offset > sequencer->offset_least) {
        sequencer->offset_least = offset;
    }
    return sequencer->offset_least;
}

static void note_pedal(struct km_sequencer *sequencer, const struct km_event *event)
{
    uint8_t *const pedals = &sequencer->pedals_down[event->channel % KM_CHANNELS_COUNT];
    for (uint32_t i = 0; i < HELD_PEDALS_COUNT; ++i) {
        if (event->number == held_pedals[i]) {
            const uint32_t bit = 1U << i;
            const uint32_t others = *pedals & ~bit;
            *pedals = (uint8_t)(event->value >= PEDAL_DOWN ? others | bit : others);
        }
    }
}

// Remembers which keys and pedals are down.
static void note_state(struct km_sequencer *sequencer, const struct km_event *event)
{
    uint64_t *const keys =
        &sequencer->keys_down[event->channel % KM_CHANNELS_COUNT][event->number / 64 % 2];
    const uint64_t key = UINT64_C(1) << event->number % 64;
    if (event->type == KM_EVENT_NOTE_ON) {
        *keys |= key;
    } else if (event->type == KM_EVENT_NOTE_OFF) {
        *keys &= ~key;
    } else if (event->type == KM_EVENT_CONTROL) {
        note_pedal(sequencer, event);
    }
}

static void let_go_pedals(struct km_engine *engine, uint8_t channel, uint32_t offset)
{
    for (uint32_t i = 0; i < HELD_PEDALS_COUNT; ++i) {
        if ((engine->sequencer.pedals_down[channel] >> i & 1U) != 0) {
            const struct km_event event = {
                .type = KM_EVENT_CONTROL, .channel = channel, .number = held_pedals[i]};
            km_synth_event(engine->synth, &event, offset);
        }
    }
    engine->sequencer.pedals_down[channel] = 0;
}

static void let_go_keys(struct km_engine *engine, uint8_t channel, uint32_t offset)
{
    for (uint32_t half = 0; half < 2; ++half) {
        uint64_t keys = engine->sequencer.keys_down[channel][half];
        for (; keys != 0; keys &= keys - 1) {
            const struct km_event event = {
                .type = KM_EVENT_NOTE_OFF,
                .channel = channel,
                .number = (uint8_t)(half * 64 + (uint32_t)__builtin_ctzll(keys)),
                .value = KM_RELEASE_VELOCITY};
            km_synth_event(engine->synth, &event, offset);
        }
        engine->sequencer.keys_down[channel][half] = 0;
    }
}

// Lets go what the music that is left holds, but not what a live player does.
static void let_go(struct km_engine *engine, uint32_t offset)
{
    for (uint32_t channel = 0; channel < KM_CHANNELS_COUNT; ++channel) {
        let_go_keys(engine, (uint8_t)channel, offset);
        let_go_pedals(engine, (uint8_t)channel, offset);
    }
}

void km_wishes_grant(struct km_engine *engine)
{
    struct km_wishes *const wishes = &engine->wishes;
    if (wishes->has_mutes) {
        km_synth_set_mutes(engine->synth, wishes->mutes);
    }
    if (wishes->has_tempo_scale) {
        engine->sequencer.tempo_scale = wishes->tempo_scale;
    }
    if (wishes->has_production) {
        km_master_set_production(engine->master, &wishes->production);
        km_synth_set_pitch_drift(engine->synth, wishes->drift_cents);
        engine->transport.has_room_noise = wishes->production.room_noise_percent > 0;
    }
    wishes->has_mutes = false;
    wishes->has_tempo_scale = false;
    wishes->has_production = false;
}

static void begin_chunk(struct km_engine *engine, uint32_t slot)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    const struct km_chunk *const chunk = &engine->chunks[slot];
    const bool is_other =
        !sequencer->is_fresh && (chunk->epoch != sequencer->epoch || chunk->jumps);
    km_orders_carry_out(engine, engine->queue.slots[slot].number);
    km_queue_drop(engine, chunk->epoch);
    if (is_other || chunk->resets) {
        let_go(engine, offset_of(engine, sequencer->clock.frame));
    }
    if (chunk->resets) {
        km_synth_silence(engine->synth, true);
    }
    if (chunk->begins_bar) {
        km_wishes_grant(engine);
    }
    sequencer->playing = slot;
    sequencer->event = 0;
    sequencer->is_fresh = false;
    sequencer->is_within_bar = true;
    sequencer->is_starving = false;
    sequencer->epoch = chunk->epoch;
    sequencer->clock.tick = chunk->start_tick;
    sequencer->clock.seconds = chunk->start_seconds;
    sequencer->tick_end = chunk->end_tick;
    sequencer->bar = chunk->bar;
    sequencer->chord = chunk->chord;
    sequencer->section = chunk->section;
    sequencer->beats_per_bar = chunk->beats_per_bar;
    set_tempo(engine, chunk->tempo, chunk->division);
    engine->transport.phase = KM_PHASE_PLAYING;
}

// Whether a bar of another epoch than that which plays may follow now. At the start, bar_next is
// the lowest bar.
static bool may_follow(const struct km_sequencer *sequencer, const struct km_chunk *chunk)
{
    return chunk->begins_bar && (chunk->jumps || chunk->bar == sequencer->bar_next);
}

// Whether a chunk waits for nothing: its bar is past, or it goes on with a bar that has not begun.
static bool is_past(const struct km_sequencer *sequencer, const struct km_chunk *chunk)
{
    return !chunk->begins_bar || (!chunk->jumps && chunk->bar < sequencer->bar_next);
}

// Takes the chunk of an epoch that may follow now, or gives KM_ENGINE_SLOT_NONE. What will never
// be played goes back.
static uint32_t take_of_epoch(struct km_engine *engine, uint32_t index)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    struct km_chunk_queue *const queue = &engine->queue;
    if (!sequencer->is_fresh && queue->epochs[index].epoch == sequencer->epoch) {
        return km_queue_take(engine, index);
    }
    const uint32_t count_before = queue->epoch_count;
    while (queue->epoch_count == count_before) {
        const struct km_chunk *const chunk = &engine->chunks[queue->epochs[index].head];
        if (may_follow(sequencer, chunk)) {
            return km_queue_take(engine, index);
        }
        if (!is_past(sequencer, chunk)) {
            break;
        }
        km_queue_return(engine, km_queue_take(engine, index));
    }
    return KM_ENGINE_SLOT_NONE;
}

// Within a bar, what follows is the rest of it; only if that is not there, another epoch.
static uint32_t take_within_bar(struct km_engine *engine)
{
    const struct km_chunk_queue *const queue = &engine->queue;
    const struct km_sequencer *const sequencer = &engine->sequencer;
    if (sequencer->is_fresh || !sequencer->is_within_bar || queue->epoch_count == 0 ||
        queue->epochs[0].epoch != sequencer->epoch) {
        return KM_ENGINE_SLOT_NONE;
    }
    return km_queue_take(engine, 0);
}

// At the start nothing is past: the lowest bar that waits comes next.
static void find_first_bar(struct km_engine *engine)
{
    const struct km_chunk_queue *const queue = &engine->queue;
    uint64_t first = UINT64_MAX;
    for (uint32_t i = 0; i < queue->epoch_count; ++i) {
        const struct km_chunk *const chunk = &engine->chunks[queue->epochs[i].head];
        if (chunk->begins_bar && chunk->bar < first) {
            first = chunk->bar;
        }
    }
    engine->sequencer.bar_next = first < UINT64_MAX ? first : 0;
}

// Begins the next chunk at the clock's frame, if there is one.
static bool begin_next(struct km_engine *engine)
{
    uint32_t slot = take_within_bar(engine);
    if (engine->sequencer.is_fresh) {
        find_first_bar(engine);
    }
    for (uint32_t i = engine->queue.epoch_count; slot == KM_ENGINE_SLOT_NONE && i-- > 0;) {
        slot = take_of_epoch(engine, i);
    }
    if (slot == KM_ENGINE_SLOT_NONE) {
        return false;
    }
    begin_chunk(engine, slot);
    return true;
}

static void end_chunk(struct km_engine *engine)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    const struct km_chunk *const chunk = &engine->chunks[sequencer->playing];
    const bool ends_music = chunk->ends_music;
    km_clock_advance(&sequencer->clock, chunk->end_tick);
    sequencer->is_within_bar = !chunk->ends_bar && !ends_music;
    sequencer->bar_next = (uint64_t)chunk->bar + 1;
    km_queue_return(engine, sequencer->playing);
    sequencer->playing = KM_ENGINE_SLOT_NONE;
    if (ends_music) {
        let_go(engine, offset_of(engine, sequencer->clock.frame));
        km_queue_drop(engine, (uint64_t)sequencer->epoch + 1);
        km_transport_end_music(engine);
    }
}

static void play_event(struct km_engine *engine, const struct km_event *event, uint64_t frame)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    engine->counts.events_late += frame < engine->transport.rendered;
    sequencer->event += 1;
    if (event->type == KM_EVENT_TEMPO) {
        const double tempo = (double)event->detail + (double)event->value / 100.0;
        km_clock_advance(&sequencer->clock, event->tick);
        set_tempo(engine, tempo > 0 ? tempo : 1, engine->chunks[sequencer->playing].division);
        return;
    }
    note_state(sequencer, event);
    km_synth_event(engine->synth, event, offset_of(engine, frame));
}

// What plays next happens at a frame before the end: an event, or the chunk's end.
static bool step(struct km_engine *engine, uint64_t frame_end)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    const struct km_chunk *const chunk = &engine->chunks[sequencer->playing];
    const bool has_event = sequencer->event < chunk->event_count;
    const uint64_t tick = has_event ? chunk->events[sequencer->event].tick : chunk->end_tick;
    const uint64_t frame = km_clock_frame(&sequencer->clock, tick);
    if (frame >= frame_end) {
        return false;
    }
    if (has_event) {
        play_event(engine, &chunk->events[sequencer->event], frame);
    } else {
        end_chunk(engine);
    }
    return true;
}

// Nothing is there to play: time stands still.
static void starve(struct km_engine *engine)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    const bool is_awaited = !sequencer->is_fresh && engine->transport.phase == KM_PHASE_PLAYING;
    if (is_awaited && !sequencer->is_starving) {
        engine->counts.starvations += 1;
        sequencer->is_starving = true;
    }
}

// One event, or the beginning or end of a chunk, before the end. False: there is none.
static bool go_on(struct km_engine *engine, uint64_t frame_end)
{
    if (km_sequencer_is_busy(engine)) {
        return step(engine, frame_end);
    }
    const bool has_begun = begin_next(engine);
    if (!has_begun) {
        starve(engine);
    }
    return has_begun;
}

void km_sequencer_run(struct km_engine *engine, uint64_t frame_end)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    while (sequencer->budget > 0 && go_on(engine, frame_end)) {
        --sequencer->budget;
    }
}

void km_sequencer_leave(struct km_engine *engine, uint64_t epoch)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    if (sequencer->playing != KM_ENGINE_SLOT_NONE) {
        km_queue_return(engine, sequencer->playing);
        sequencer->playing = KM_ENGINE_SLOT_NONE;
    }
    km_queue_drop(engine, epoch);
    let_go(engine, sequencer->offset_least);
    sequencer->is_fresh = true;
    sequencer->is_starving = false;
}
