// SPDX-License-Identifier: MIT

// The cases that the promise names, each as what a control thread does between callbacks.

#include "promise/stage.h"
#include "support/expect.h"

#include <stddef.h>

enum { BARS_AHEAD = 3, EVENTS_PER_BAR = KM_CHUNK_EVENTS_MAX };

static bool every(const struct stage *stage, uint64_t blocks)
{
    return stage->blocks % blocks == 0;
}

static bool is_hungry(struct stage *stage)
{
    return km_engine_status(stage->engine).chunks_waiting < BARS_AHEAD;
}

static struct km_event random_note(struct stage *stage, uint64_t tick)
{
    const bool on = stage_random(stage, 3) > 0;
    return (struct km_event){.tick = tick,
                             .type = on ? KM_EVENT_NOTE_ON : KM_EVENT_NOTE_OFF,
                             .channel = (uint8_t)stage_random(stage, KM_CHANNELS_COUNT),
                             .number = (uint8_t)(24 + stage_random(stage, 80)),
                             .value = (uint8_t)(1 + stage_random(stage, 127))};
}

static struct km_event random_control(struct stage *stage, uint64_t tick)
{
    static const uint8_t types[] = {KM_EVENT_CONTROL, KM_EVENT_CONTROL, KM_EVENT_PITCH_BEND,
                                    KM_EVENT_CHANNEL_PRESSURE, KM_EVENT_KEY_PRESSURE};
    return (struct km_event){.tick = tick,
                             .type = types[stage_random(stage, sizeof(types))],
                             .channel = (uint8_t)stage_random(stage, KM_CHANNELS_COUNT),
                             .number = (uint8_t)stage_random(stage, 128),
                             .value = (uint8_t)stage_random(stage, 128),
                             .detail = stage_random(stage, 16384)};
}

static struct km_event random_program(struct stage *stage, uint64_t tick)
{
    const bool bank = stage_random(stage, 4) == 0;
    return (struct km_event){.tick = tick,
                             .type = bank ? KM_EVENT_CONTROL : KM_EVENT_PROGRAM,
                             .channel = (uint8_t)stage_random(stage, KM_CHANNELS_COUNT),
                             .number = (uint8_t)(bank ? 0 : stage_random(stage, 128)),
                             .value = (uint8_t)(bank ? stage_random(stage, 3) : 0)};
}

// Fills a bar with events over its whole length; those of `other` are one in `one_in`.
static void fill_bar(struct stage *stage, struct km_chunk *chunk, uint32_t one_in,
                     struct km_event (*other)(struct stage *, uint64_t))
{
    const uint64_t ticks = chunk->end_tick - chunk->start_tick;
    for (uint32_t i = 0; i < EVENTS_PER_BAR; ++i) {
        const uint64_t tick = chunk->start_tick + ticks * i / EVENTS_PER_BAR;
        const bool is_other = one_in && stage_random(stage, one_in) == 0;
        const struct km_event event = is_other ? other(stage, tick) : random_note(stage, tick);
        stage_add(chunk, &event);
    }
}

static void feed(struct stage *stage, uint32_t one_in,
                 struct km_event (*other)(struct stage *, uint64_t))
{
    struct km_chunk *const chunk = is_hungry(stage) ? stage_bar(stage) : NULL;
    if (chunk) {
        fill_bar(stage, chunk, one_in, other);
        km_engine_chunk_send(stage->engine, chunk);
    }
}

static void note_storm(struct stage *stage)
{
    feed(stage, 0, NULL);
}

static void program_changes(struct stage *stage)
{
    feed(stage, 4, random_program);
}

// Instruments come and go, of both fonts, while notes use them.
static void soundfont_changes(struct stage *stage)
{
    feed(stage, 4, random_program);
    if (every(stage, 20)) {
        stage_retire_one(stage);
    }
    if (every(stage, 10)) {
        const uint16_t bank = stage_random(stage, 8) == 0 ? KM_BANK_DRUMS : 0;
        const int font = (int)stage_random(stage, STAGE_FONTS);
        (void)!stage_load(stage, font, bank, (uint8_t)stage_random(stage, 128));
    }
}

static float random_part(struct stage *stage)
{
    return (float)stage_random(stage, 1001) / 1000;
}

static void parameter_sweeps(struct stage *stage)
{
    feed(stage, 2, random_control);
    struct km_engine *const engine = stage->engine;
    if (every(stage, 3)) {
        (void)!km_engine_set_volume(engine, 2 * random_part(stage));
    }
    if (every(stage, 50)) {
        (void)!km_engine_set_mutes(engine, stage_random(stage, 0x10000));
        (void)!km_engine_set_tempo_scale(engine, .25F + 3.75F * random_part(stage));
    }
    if (every(stage, 30)) {
        const struct km_production production = {.mud_db = 9 * random_part(stage),
                                                 .room_noise_percent = random_part(stage),
                                                 .drive = random_part(stage),
                                                 .width = random_part(stage)};
        (void)!km_engine_set_production(engine, &production, 30 * random_part(stage));
    }
}

// Another song: its first bar is number 0, jumps, and resets the channels.
static struct km_chunk *next_song(struct stage *stage)
{
    ++stage->epoch;
    stage->bar = 0;
    stage->tick = 0;
    struct km_chunk *const chunk = stage_bar(stage);
    if (chunk) {
        chunk->resets = true;
    }
    return chunk;
}

static void send_song(struct stage *stage)
{
    struct km_chunk *const chunk = next_song(stage);
    if (chunk) {
        fill_bar(stage, chunk, 10, random_control);
        km_engine_chunk_send(stage->engine, chunk);
    }
}

static void song_changes(struct stage *stage)
{
    feed(stage, 10, random_control);
    if (every(stage, 700)) { // At the next bar line.
        send_song(stage);
    }
    if (every(stage, 1130)) { // At once.
        send_song(stage);
        (void)!km_engine_jump(stage->engine, stage->epoch);
    }
}

static void seeks(struct stage *stage)
{
    feed(stage, 10, random_program);
    if (every(stage, 97)) {
        ++stage->epoch;
        stage->bar = stage_random(stage, 1000);
        stage->tick = (uint64_t)stage->bar * 4 * STAGE_DIVISION;
        struct km_chunk *const chunk = stage_bar(stage);
        if (chunk) {
            chunk->jumps = chunk->resets = true;
            fill_bar(stage, chunk, 0, NULL);
            km_engine_chunk_send(stage->engine, chunk);
        }
        (void)!km_engine_jump(stage->engine, stage->epoch);
    }
}

static void loops(struct stage *stage)
{
    if (stage->bar >= 2) {
        stage->bar = 0;
        stage->tick = 0;
    }
    feed(stage, 0, NULL);
}

static void transport(struct stage *stage)
{
    feed(stage, 8, random_program);
    const uint32_t command = stage_random(stage, 200);
    if (command == 0) {
        (void)!km_engine_pause(stage->engine);
    } else if (command == 1 && stage_random(stage, 4) == 0) {
        (void)!km_engine_stop(stage->engine);
    } else if (command < 8) {
        (void)!km_engine_play(stage->engine);
    }
}

static void live_input(struct stage *stage)
{
    feed(stage, 0, NULL);
    stage->live_count = stage_random(stage, 64);
    for (uint32_t i = 0; i < stage->live_count; ++i) {
        struct km_live_event *const event = &stage->live[i];
        event->frame = i * STAGE_BLOCK_FRAMES / stage->live_count;
        event->size = 3;
        event->bytes[0] = (uint8_t)(0x80 + stage_random(stage, 0x70));
        event->bytes[1] = (uint8_t)stage_random(stage, 128);
        event->bytes[2] = (uint8_t)stage_random(stage, 128);
    }
}

// More than can be played: bars of one tick with all their events at once, live input at its
// maximum, and at times nothing at all.
static void overload(struct stage *stage)
{
    if (stage->blocks % 2000 < 1500 && is_hungry(stage)) {
        struct km_chunk *const chunk = stage_bar(stage);
        if (chunk) {
            chunk->end_tick = chunk->start_tick + 1 + stage_random(stage, 20);
            stage->tick = chunk->end_tick;
            for (uint32_t i = 0; i < EVENTS_PER_BAR; ++i) {
                const struct km_event event = random_note(stage, chunk->start_tick);
                stage_add(chunk, &event);
            }
            km_engine_chunk_send(stage->engine, chunk);
        }
    }
    stage->live_count = every(stage, 7) ? KM_LIVE_EVENTS_MAX : 0;
    for (uint32_t i = 0; i < stage->live_count; ++i) {
        stage->live[i] = (struct km_live_event){
            .size = 3, .bytes = {(uint8_t)(0x90 + i % 16), (uint8_t)(i % 128), 100}};
    }
}

const struct stage_case *stage_case(int index)
{
    static const struct stage_case cases[] = {
        {"note storms", 256, note_storm},
        {"voice stealing", 16, note_storm},
        {"program changes", 256, program_changes},
        {"soundfont changes", 256, soundfont_changes},
        {"parameter sweeps", 128, parameter_sweeps},
        {"song changes", 256, song_changes},
        {"seeks", 256, seeks},
        {"loops", 256, loops},
        {"transport", 256, transport},
        {"live input", 128, live_input},
        {"overload", 256, overload},
    };
    return index < (int)(sizeof(cases) / sizeof(cases[0])) ? &cases[index] : NULL;
}
