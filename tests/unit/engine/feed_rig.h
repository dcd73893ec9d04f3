// SPDX-License-Identifier: MIT

/// An engine with a bank over a small font, and MIDI files made by hand. What is sent can be looked
/// at instead of played.
#ifndef KM_TESTS_ENGINE_FEED_RIG_H
#define KM_TESTS_ENGINE_FEED_RIG_H

#include "engine/engine_private.h"
#include "engine/feed.h"
#include "engine/instruments.h"
#include "font/bank.h"
#include "font/font.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "support/cmocka.h"
#include "support/soundfont.h"

#include <stdlib.h>

enum {
    RIG_PROGRAMS = 8, ///< Of bank 0; and program 0 of bank 5 and of the drums.
    RIG_POOL = 1 << 18,
    RIG_DIVISION = 480,
    RIG_BAR = 4 * RIG_DIVISION,
    RIG_SENT_MAX = 4096,
};

/// A chunk that was sent, or another message.
struct rig_sent {
    uint32_t kind; ///< enum km_message_kind
    uint32_t number;
    struct km_chunk chunk;
};

struct feed_rig {
    struct km_heap *heap;
    struct km_engine *engine;
    struct km_font *font;
    struct km_bank *bank;
    struct km_instruments *instruments;
    struct km_midi_file file;
    struct km_feed_file *music;
    struct km_feed *feed;
    struct rig_sent *sent; ///< By rig_look.
    uint32_t sent_count;
};

static inline struct km_font *rig_font(struct km_heap *heap)
{
    static struct test_font font;
    char path[TEST_FONT_PATH_SIZE];
    test_font_begin(&font);
    for (uint32_t i = 0; i < RIG_PROGRAMS; ++i) {
        test_font_add_tone(&font, 0, (uint16_t)i, test_font_add_sine(&font, 44100, 60 + i, 40));
    }
    test_font_add_tone(&font, 5, 0, test_font_add_sine(&font, 44100, 90, 40));
    test_font_add_tone(&font, KM_BANK_DRUMS, 0, test_font_add_sine(&font, 44100, 100, 40));
    test_font_write_temporary(&font, path);
    struct km_font *opened = NULL;
    struct km_error error = {0};
    if (km_font_open(heap, path, &opened, NULL, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(remove(path), 0);
    return opened;
}

static inline void feed_rig_init(struct feed_rig *rig, size_t pool_bytes, uint32_t chunks)
{
    *rig = (struct feed_rig){.heap = km_heap_new(NULL)};
    assert_non_null(rig->heap);
    const struct km_engine_config config = {.rate_hz = 48000,
                                            .voices = 64,
                                            .path = KM_VECTOR_SCALAR,
                                            .without_reverb = true,
                                            .without_chorus = true,
                                            .without_limiter = true,
                                            .sample_pool_bytes = pool_bytes,
                                            .chunks = chunks,
                                            .without_lock = true};
    assert_int_equal(km_engine_new(rig->heap, &config, &rig->engine, NULL), KM_OK);
    rig->font = rig_font(rig->heap);
    size_t size = 0;
    void *const pool = km_engine_pool(rig->engine, &size);
    rig->bank = km_bank_new(rig->heap, rig->font, pool, size);
    assert_non_null(rig->bank);
    rig->instruments = km_instruments_new(rig->heap, rig->engine, rig->bank);
    assert_non_null(rig->instruments);
    km_midi_file_init(&rig->file, rig->heap, 1, RIG_DIVISION);
    assert_int_equal(km_midi_file_add_track(&rig->file), KM_OK);
    rig->sent = calloc(RIG_SENT_MAX, sizeof(*rig->sent));
    assert_non_null(rig->sent);
}

static inline void feed_rig_release(struct feed_rig *rig)
{
    km_feed_free(rig->feed);
    km_feed_file_free(rig->music);
    km_midi_file_release(&rig->file);
    km_instruments_free(rig->instruments);
    km_bank_free(rig->bank);
    km_font_free(rig->font);
    km_engine_free(rig->engine);
    km_heap_free(rig->heap);
    free(rig->sent);
}

static inline void rig_put(struct feed_rig *rig, struct km_event event)
{
    assert_int_equal(km_midi_file_add(&rig->file, 0, event), KM_OK);
}

static inline void rig_put_note(struct feed_rig *rig, uint64_t tick, uint8_t channel, uint8_t key,
                                uint32_t ticks)
{
    rig_put(rig, (struct km_event){.tick = tick,
                                   .type = KM_EVENT_NOTE_ON,
                                   .channel = channel,
                                   .number = key,
                                   .value = 100});
    rig_put(rig, (struct km_event){.tick = tick + ticks,
                                   .type = KM_EVENT_NOTE_OFF,
                                   .channel = channel,
                                   .number = key,
                                   .value = 64});
}

static inline void rig_put_control(struct feed_rig *rig, uint64_t tick, uint8_t channel,
                                   uint8_t number, uint8_t value)
{
    rig_put(rig, (struct km_event){.tick = tick,
                                   .type = KM_EVENT_CONTROL,
                                   .channel = channel,
                                   .number = number,
                                   .value = value});
}

static inline void rig_put_program(struct feed_rig *rig, uint64_t tick, uint8_t channel,
                                   uint8_t program)
{
    rig_put(rig,
            (struct km_event){
                .tick = tick, .type = KM_EVENT_PROGRAM, .channel = channel, .number = program});
}

static inline void rig_put_meter(struct feed_rig *rig, uint64_t tick, uint8_t numerator,
                                 uint8_t denominator_log2)
{
    rig_put(rig, (struct km_event){.tick = tick,
                                   .type = KM_EVENT_TIME_SIGNATURE,
                                   .number = numerator,
                                   .value = denominator_log2});
}

static inline void rig_put_sysex(struct feed_rig *rig, uint64_t tick, const void *bytes,
                                 size_t size)
{
    uint32_t offset = 0;
    assert_int_equal(km_midi_file_add_payload(&rig->file, bytes, size, &offset), KM_OK);
    rig_put(rig, (struct km_event){
                     .tick = tick, .type = KM_EVENT_SYSEX, .number = 0xF0, .detail = offset});
}

static inline void rig_put_end(struct feed_rig *rig, uint64_t tick)
{
    rig_put(rig, (struct km_event){.tick = tick, .type = KM_EVENT_END_OF_TRACK});
}

/// A feed of the file, whose tracks are sorted first.
static inline void rig_begin(struct feed_rig *rig)
{
    for (size_t track = 0; track < rig->file.track_count; ++track) {
        assert_int_equal(km_midi_track_sort(&rig->file, track), KM_OK);
    }
    rig->music = km_feed_file_new(rig->heap, &rig->file);
    assert_non_null(rig->music);
    const struct km_feed_config config = {.source = km_feed_source_file(rig->music),
                                          .engine = rig->engine,
                                          .instruments = rig->instruments,
                                          .epoch = 1};
    assert_int_equal(km_feed_new(rig->heap, &config, &rig->feed, NULL), KM_OK);
}

static inline bool rig_pump(struct feed_rig *rig)
{
    bool is_done = false;
    struct km_error error = {0};
    if (km_feed_pump(rig->feed, &is_done, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
    return is_done;
}

/// Takes what was sent from the ring, as the audio thread would, and keeps it in rig->sent.
static inline void rig_look(struct feed_rig *rig)
{
    struct km_message message;
    while (km_ring_read(rig->engine->messages, &message, sizeof(message))) {
        assert_true(rig->sent_count < RIG_SENT_MAX);
        struct rig_sent *const sent = &rig->sent[rig->sent_count++];
        sent->kind = message.kind;
        sent->number = message.number;
        if (message.kind == KM_MESSAGE_CHUNK) {
            sent->chunk = rig->engine->chunks[message.number];
            km_queue_return(rig->engine, message.number);
        }
    }
}

/// Pumps and looks until the music has been sent, or so much that nobody wants to see more.
static inline void rig_look_at_all(struct feed_rig *rig, uint32_t sent_max)
{
    bool is_done = false;
    rig->sent_count = 0;
    while (!is_done && rig->sent_count < sent_max) {
        is_done = rig_pump(rig);
        rig_look(rig);
    }
}

/// The n-th chunk that was sent.
static inline const struct km_chunk *rig_chunk(const struct feed_rig *rig, uint32_t index)
{
    for (uint32_t i = 0; i < rig->sent_count; ++i) {
        if (rig->sent[i].kind == KM_MESSAGE_CHUNK && index-- == 0) {
            return &rig->sent[i].chunk;
        }
    }
    fail_msg("there are not so many chunks");
    return &rig->sent[0].chunk;
}

static inline uint32_t rig_chunks(const struct feed_rig *rig)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rig->sent_count; ++i) {
        count += rig->sent[i].kind == KM_MESSAGE_CHUNK;
    }
    return count;
}

#endif
