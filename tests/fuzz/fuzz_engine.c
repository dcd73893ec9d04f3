// SPDX-License-Identifier: MIT

// Commands, chunks and live bytes at random: no sample is beyond reason, no chunk is lost, and
// after a stop all is silent.
// The input bytes are the operations, with what each needs after it; see `operate`.

#include "engine/control.h"
#include "engine/process.h"
#include "engine/setup.h"
#include "heap/heap.h"
#include "support/expect.h"

#include <stdbool.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { CHUNKS = 12, OPERATIONS_MAX = 200, FRAMES_MAX = 1024, TONES = 3, PERIOD = 50 };

struct tone {
    struct km_instrument instrument;
    struct km_region region;
    uint16_t key_regions[KM_KEYS_COUNT];
    int16_t sample[2 * KM_SAMPLE_MARGIN + PERIOD];
    bool is_retiring;
};

struct scene {
    const uint8_t *input;
    size_t left;
    struct km_engine *engine;
    struct tone tones[TONES];
};

static uint32_t take(struct scene *scene)
{
    if (scene->left == 0) {
        return 0;
    }
    scene->left -= 1;
    return *scene->input++;
}

static void make_tone(struct tone *tone)
{
    struct km_region *const region = &tone->region;
    *tone = (struct tone){.instrument = {.region_count = 1}};
#define KM_GENERATOR(NAME, number, low, high, preset) region->generators[number] = (preset);
#include "font/generators.def"
#undef KM_GENERATOR
    region->key_high = region->velocity_high = 127;
    region->loop_mode = KM_LOOP_ALWAYS;
    region->root_key = 60;
    region->fixed_key = region->fixed_velocity = -1;
    region->rate_hz = 48000;
    region->end = region->loop_end = PERIOD;
    region->stereo_region = -1;
    region->frames = tone->sample + KM_SAMPLE_MARGIN;
    for (int i = 0; i < PERIOD; ++i) {
        tone->sample[KM_SAMPLE_MARGIN + i] = (int16_t)(i * 1000 - 25000);
    }
    tone->instrument.regions = region;
    tone->instrument.key_regions = tone->key_regions;
    for (uint32_t key = 0; key <= KM_KEYS_COUNT; ++key) {
        tone->instrument.key_starts[key] = key;
    }
}

static struct km_event take_event(struct scene *scene, uint64_t tick)
{
    const uint32_t kind = take(scene);
    return (struct km_event){.tick = tick,
                             .type = (uint8_t)(kind % (KM_EVENT_TYPES_COUNT + 1)),
                             .channel = (uint8_t)(kind / 16),
                             .number = (uint8_t)take(scene),
                             .value = (uint8_t)take(scene),
                             .detail = take(scene) << 8 | kind};
}

static void send_chunk(struct scene *scene)
{
    struct km_chunk *const chunk = km_engine_chunk_take(scene->engine);
    if (!chunk) {
        return;
    }
    const uint32_t flags = take(scene);
    const uint32_t count = take(scene);
    chunk->epoch = take(scene) % 8;
    chunk->bar = take(scene) % 4;
    chunk->begins_bar = (flags & 1U) == 0;
    chunk->ends_bar = (flags & 2U) == 0;
    chunk->jumps = (flags & 4U) != 0;
    chunk->resets = (flags & 8U) != 0;
    chunk->ends_music = (flags & 16U) != 0;
    chunk->division = 1 + take(scene) * 8;
    chunk->tempo = 1 + take(scene) * 1000;
    uint64_t tick = take(scene);
    chunk->start_tick = tick;
    for (uint32_t i = 0; i < count && i < KM_CHUNK_EVENTS_MAX; ++i) {
        tick += take(scene) % 16;
        chunk->events[chunk->event_count++] = take_event(scene, tick);
    }
    chunk->end_tick = (flags & 32U) != 0 ? UINT64_MAX : tick + take(scene);
    km_engine_chunk_send(scene->engine, chunk);
}

static void render(struct scene *scene)
{
    static float left[FRAMES_MAX];
    static float right[FRAMES_MAX];
    struct km_live_event live[8] = {{0}};
    const uint32_t frames = 1 + take(scene) * 4; // Up to FRAMES_MAX.
    const uint32_t count = take(scene) % 8;
    for (uint32_t i = 0; i < count; ++i) {
        live[i].frame = take(scene) * 4;
        live[i].size = (uint8_t)(take(scene) % (KM_LIVE_MESSAGE_MAX + 2));
        for (uint32_t byte = 0; byte < KM_LIVE_MESSAGE_MAX && byte < live[i].size; ++byte) {
            live[i].bytes[byte] = (uint8_t)take(scene);
        }
    }
    km_engine_process(
        scene->engine,
        &(const struct km_audio_block){
            .left = left, .right = right, .frames = frames, .event_count = count, .events = live});
    for (uint32_t i = 0; i < frames; ++i) { // A NaN is not within either.
        EXPECT(left[i] >= -100 && left[i] <= 100);
        EXPECT(right[i] >= -100 && right[i] <= 100);
    }
}

static void change_instrument(struct scene *scene)
{
    const uint32_t what = take(scene);
    struct tone *const tone = &scene->tones[what % TONES];
    if (tone->is_retiring) {
        return;
    }
    if (what % 2 == 1) {
        tone->is_retiring = km_engine_retire_instrument(scene->engine, &tone->instrument);
    } else if (!km_engine_set_instrument(scene->engine, (uint16_t)(what / 64 * 64), 0,
                                         &tone->instrument)) {
        render(scene);
    }
}

static void collect(struct scene *scene)
{
    struct km_notice notice;
    while (km_engine_collect(scene->engine, &notice)) {
        for (uint32_t i = 0; i < TONES; ++i) {
            if (notice.kind == KM_NOTICE_INSTRUMENT_FREE &&
                notice.instrument == &scene->tones[i].instrument) {
                EXPECT(scene->tones[i].is_retiring);
                make_tone(&scene->tones[i]);
            }
        }
    }
}

static bool steer(struct scene *scene, uint32_t which)
{
    struct km_engine *const engine = scene->engine;
    switch (which) {
    case 0:
        return km_engine_pause(engine);
    case 1:
        return km_engine_stop(engine);
    case 2:
        return km_engine_jump(engine, take(scene) % 8);
    case 3:
        return km_engine_set_volume(engine, (float)take(scene) / 100);
    case 4:
        return km_engine_set_mutes(engine, take(scene));
    case 5:
        return km_engine_set_tempo_scale(engine, (float)take(scene) / 50);
    case 6:
        return km_engine_set_production(
            engine,
            &(const struct km_production){.mud_db = (float)(take(scene) % 10),
                                          .room_noise_percent = (float)(take(scene) % 2),
                                          .drive = (float)(take(scene) % 3) / 2,
                                          .width = (float)(take(scene) % 3) / 2},
            (float)(take(scene) % 31));
    default:
        return km_engine_play(engine);
    }
}

static void operate(struct scene *scene)
{
    const uint32_t operation = take(scene) % 24;
    if (operation < 8) {
        (void)steer(scene, operation);
    } else if (operation < 14) {
        send_chunk(scene);
    } else if (operation < 21) {
        render(scene);
    } else if (operation < 23) {
        change_instrument(scene);
    } else {
        collect(scene);
    }
    const struct km_engine_status status = km_engine_status(scene->engine);
    EXPECT(km_engine_chunks_free(scene->engine) <= CHUNKS);
    EXPECT(status.chunks_waiting <= CHUNKS);
    EXPECT(status.voices <= 32 * 2 + 64);
}

static void expect_rest(struct scene *scene)
{
    while (!km_engine_stop(scene->engine)) {
        render(scene);
    }
    for (uint32_t i = 0; i < 16; ++i) {
        static const uint8_t quantum[] = {16, 0};
        scene->input = quantum;
        scene->left = sizeof(quantum);
        render(scene);
        collect(scene);
    }
    const struct km_engine_status status = km_engine_status(scene->engine);
    EXPECT(km_engine_chunks_free(scene->engine) == CHUNKS);
    EXPECT(status.transport == KM_TRANSPORT_STOPPED);
    for (uint32_t i = 0; i < TONES; ++i) {
        EXPECT(!scene->tones[i].is_retiring);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static struct scene scene;
    scene = (struct scene){.input = input, .left = input_size};
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    const struct km_engine_config config = {.rate_hz = 48000,
                                            .voices = 32,
                                            .path = KM_VECTOR_SCALAR,
                                            .chunks = CHUNKS,
                                            .sample_pool_bytes = 4096,
                                            .without_lock = true};
    EXPECT(km_engine_new(heap, &config, &scene.engine, NULL) == KM_OK);
    for (uint32_t i = 0; i < TONES; ++i) {
        make_tone(&scene.tones[i]);
    }
    EXPECT(km_engine_set_instrument(scene.engine, 0, 0, &scene.tones[0].instrument));
    EXPECT(km_engine_play(scene.engine));
    for (uint32_t i = 0; scene.left > 0 && i < OPERATIONS_MAX; ++i) {
        operate(&scene);
    }
    scene.left = 0;
    expect_rest(&scene);
    km_engine_free(scene.engine);
    km_heap_free(heap);
    return 0;
}
