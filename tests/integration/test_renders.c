// SPDX-License-Identifier: MIT

// Golden renders: music through composer or file, feed, engine, synth and effects, as hashes of the
// samples. Every vector path and every block size gives the same ones, and so does every compiler
// and level of optimisation: each build's run of this test compares with the same table.

#include "affect/affect.h"
#include "base/sha256.h"
#include "engine/control.h"
#include "engine/feed.h"
#include "engine/instruments.h"
#include "engine/process.h"
#include "engine/setup.h"
#include "font/bank.h"
#include "font/font.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "session/planner_private.h"
#include "session/song.h"
#include "support/cmocka.h"
#include "support/sanitized.h"
#include "support/soundfont.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RATE_HZ = 48000,
    SECONDS = 4,
    FRAMES = RATE_HZ * SECONDS,
    BLOCK = 64,
    ODD_BLOCK = 61,
    DIVISION = 480,
    EVENTS_TICKS = 2 * DIVISION * SECONDS,
    PROGRAMS = 128,
    SINES = 16,
};

// A render's music: a feeling to compose from, or all kinds of events at random.
struct render {
    const char *name;
    bool is_random;
    double valence, arousal, chaos;
    uint64_t seed;
    enum km_interpolation interpolation;
};

static const struct render renders[] = {
    {"calm", false, .5, -.5, .1, 1, KM_INTERPOLATION_4POINT},
    {"angry", false, -.7, .9, .8, 2, KM_INTERPOLATION_4POINT},
    {"grief", false, -.9, -.3, .3, 3, KM_INTERPOLATION_LINEAR},
    {"joy", false, .9, .6, .4, 4, KM_INTERPOLATION_7POINT},
    {"all controls", true, 0, 0, 0, 0, KM_INTERPOLATION_4POINT},
};

static const struct {
    const char *name;
    const char *hash;
} golden[] = {
#include "integration/renders.def"
    {NULL, NULL},
};

// All that a render plays with.
struct player {
    struct km_heap *heap;
    struct km_font *font;
    struct km_engine *engine;
    struct km_bank *bank;
    struct km_instruments *instruments;
    struct km_midi_file file;
    struct km_feed_file *music;
    struct km_feed *feed;
};

// A font that does not depend on what is installed: sines, saws, and each program another one.
static void write_font(char path[TEST_FONT_PATH_SIZE])
{
    static struct test_font font;
    test_font_begin(&font);
    uint16_t samples[SINES];
    for (uint32_t i = 0; i < SINES; ++i) {
        const uint32_t period = 60 + 11 * i;
        samples[i] = i % 2 ? test_font_add_saw(&font, 44100, period, 20)
                           : test_font_add_sine(&font, 32000, period, 20);
    }
    for (uint32_t i = 0; i < PROGRAMS; ++i) {
        test_font_add_tone(&font, 0, (uint16_t)i, samples[i % SINES]);
    }
    test_font_add_tone(&font, KM_BANK_DRUMS, 0, samples[3]);
    test_font_write_temporary(&font, path);
}

static void expect(enum km_status status, const struct km_error *error)
{
    if (status != KM_OK) {
        fail_msg("%s", error->message);
    }
}

static uint8_t random_below(uint32_t *state, uint32_t count)
{
    *state = *state * 1664525U + 1013904223U; // Numerical Recipes.
    return (uint8_t)((*state >> 16) % count);
}

// Notes on all channels, and all that a channel can be told meanwhile.
static struct km_event random_event(uint32_t *state, uint64_t tick)
{
    static const uint8_t types[] = {
        KM_EVENT_NOTE_ON,      KM_EVENT_NOTE_ON, KM_EVENT_NOTE_OFF,   KM_EVENT_PROGRAM,
        KM_EVENT_CONTROL,      KM_EVENT_CONTROL, KM_EVENT_PITCH_BEND, KM_EVENT_CHANNEL_PRESSURE,
        KM_EVENT_KEY_PRESSURE, KM_EVENT_NOTE_ON};
    static const uint8_t controllers[] = {1,  7,  8,  10, 11, 64, 66,  67, 91,
                                          93, 65, 84, 5,  0,  6,  100, 101};
    struct km_event event = {.tick = tick,
                             .type = types[random_below(state, sizeof(types))],
                             .channel = random_below(state, KM_CHANNELS_COUNT)};
    event.number = event.type == KM_EVENT_CONTROL
                       ? controllers[random_below(state, sizeof(controllers))]
                       : random_below(state, 128);
    event.value = (uint8_t)(1 + random_below(state, 127));
    event.detail = event.type == KM_EVENT_PITCH_BEND ? 128U * random_below(state, 128) : 0;
    return event;
}

static void make_events(struct km_midi_file *file)
{
    uint32_t state = 1;
    assert_int_equal(km_midi_file_add_track(file), KM_OK);
    for (uint64_t tick = 0; tick < EVENTS_TICKS; tick += 8) {
        assert_int_equal(km_midi_file_add(file, 0, random_event(&state, tick)), KM_OK);
    }
}

static void compose(const struct render *render, struct km_midi_file *file)
{
    static struct km_harmony_plan plan;
    struct km_affect affect;
    struct km_error error = {0};
    km_affect_of_point(render->valence, render->arousal, &affect);
    const struct km_plan_intent intent = {
        .affect = &affect, .motivation = 2, .chaos = render->chaos, .vulnerability = .3};
    const struct km_plan_wishes wishes = {0};
    expect(km_plan_generate(&intent, &wishes, render->seed, &plan, &error), &error);
    expect(km_song_compose(&plan, render->name, file, &error), &error);
}

static void player_open(struct player *player, const struct render *render,
                        enum km_vector_path path)
{
    struct km_error error = {0};
    char font[TEST_FONT_PATH_SIZE];
    *player = (struct player){.heap = km_heap_new(NULL)};
    assert_non_null(player->heap);
    km_midi_file_init(&player->file, player->heap, 1, DIVISION);
    if (render->is_random) {
        make_events(&player->file);
    } else {
        compose(render, &player->file);
    }
    write_font(font);
    expect(km_font_open(player->heap, font, &player->font, NULL, &error), &error);
    (void)remove(font);
    const struct km_engine_config config = {.rate_hz = RATE_HZ,
                                            .voices = 64,
                                            .interpolation = render->interpolation,
                                            .path = path,
                                            .sample_pool_bytes = 1 << 20,
                                            .seed = 1,
                                            .without_lock = true};
    expect(km_engine_new(player->heap, &config, &player->engine, &error), &error);
    size_t size = 0;
    void *const pool = km_engine_pool(player->engine, &size);
    player->bank = km_bank_new(player->heap, player->font, pool, size);
    assert_non_null(player->bank);
    player->instruments = km_instruments_new(player->heap, player->engine, player->bank);
    player->music = km_feed_file_new(player->heap, &player->file);
    assert_non_null(player->instruments);
    assert_non_null(player->music);
    const struct km_feed_config feed = {.source = km_feed_source_file(player->music),
                                        .engine = player->engine,
                                        .instruments = player->instruments,
                                        .epoch = 1};
    expect(km_feed_new(player->heap, &feed, &player->feed, &error), &error);
    assert_true(km_engine_play(player->engine));
}

static void player_close(struct player *player)
{
    km_feed_free(player->feed);
    km_feed_file_free(player->music);
    km_instruments_free(player->instruments);
    km_bank_free(player->bank);
    km_engine_free(player->engine);
    km_font_free(player->font);
    km_midi_file_release(&player->file);
    km_heap_free(player->heap);
}

static void hash_of(const struct render *render, enum km_vector_path path, uint32_t block_frames,
                    char hash[KM_SHA256_TEXT_SIZE])
{
    struct player player;
    struct km_sha256 sum;
    float left[BLOCK];
    float right[BLOCK];
    player_open(&player, render, path);
    km_sha256_init(&sum);
    struct km_sha256 sum_right = sum;
    float loudest = 0;
    for (uint32_t done = 0; done < FRAMES;) {
        bool is_done = false;
        struct km_error error = {0};
        expect(km_feed_pump(player.feed, &is_done, &error), &error);
        expect(km_instruments_collect(player.instruments, &error), &error);
        const uint32_t rest = FRAMES - done;
        const uint32_t count = rest < block_frames ? rest : block_frames;
        km_engine_process(player.engine, &(const struct km_audio_block){
                                             .left = left, .right = right, .frames = count});
        km_sha256_add(&sum, left, count * sizeof(left[0]));
        km_sha256_add(&sum_right, right, count * sizeof(right[0]));
        for (uint32_t i = 0; i < count; ++i) {
            loudest = left[i] > loudest ? left[i] : loudest;
        }
        done += count;
    }
    player_close(&player);
    assert_true(loudest > .01F && loudest <= 1);
    km_sha256_finish(&sum_right, hash);
    km_sha256_add(&sum, hash, KM_SHA256_TEXT_SIZE - 1);
    km_sha256_finish(&sum, hash);
}

static const char *golden_hash(const char *name)
{
    for (size_t i = 0; golden[i].name; ++i) {
        if (strcmp(golden[i].name, name) == 0) {
            return golden[i].hash;
        }
    }
    return "none";
}

static void samples_are_the_golden_ones(void **state)
{
    (void)state;
    const bool prints = getenv("KMIDI_GOLDEN") != NULL;
    for (size_t i = 0; i < sizeof(renders) / sizeof(renders[0]); ++i) {
        char hash[KM_SHA256_TEXT_SIZE];
        hash_of(&renders[i], KM_VECTOR_SCALAR, BLOCK, hash);
        if (prints) {
            printf("{\"%s\", \"%s\"},\n", renders[i].name, hash);
        } else {
            assert_string_equal(hash, golden_hash(renders[i].name));
        }
    }
}

static void every_vector_path_gives_the_same_samples(void **state)
{
    (void)state;
    const size_t count = KM_IS_SANITIZED ? 2 : sizeof(renders) / sizeof(renders[0]);
    for (size_t i = 0; i < count; ++i) {
        for (int number = KM_VECTOR_BEST; number < KM_VECTOR_PATHS_COUNT; ++number) {
            const enum km_vector_path path = (enum km_vector_path)number;
            char hash[KM_SHA256_TEXT_SIZE];
            if (km_vector_path_is_here(path)) {
                hash_of(&renders[i], path, number % 2 ? BLOCK : ODD_BLOCK, hash);
                assert_string_equal(hash, golden_hash(renders[i].name));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_the_golden_ones),
        cmocka_unit_test(every_vector_path_gives_the_same_samples),
    };
    const bool prints = getenv("KMIDI_GOLDEN") != NULL;
    return prints ? _cmocka_run_group_tests("renders", tests, 1, NULL, NULL)
                  : cmocka_run_group_tests_name("renders", tests, NULL, NULL);
}
