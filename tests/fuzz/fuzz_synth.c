// SPDX-License-Identifier: MIT

// Plays a stream of events and calls, four bytes each, on a synth with instruments made at random
// from the first byte: what comes out is finite, the books balance, and nothing sounds on.

#include "rt/arena.h"
#include "support/expect.h"
#include "support/tone.h"
#include "synth/synth.h"

#include <stdalign.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum {
    INSTRUMENTS = 3,
    VOICES_MAX = 40,
    SLOTS_MAX = VOICES_MAX + 32 + VOICES_MAX / 4,
    STEPS_MAX = 2000,
    MEMORY_SIZE = 1 << 20,
};

struct world {
    struct km_synth *synth;
    struct rig_instrument instruments[INSTRUMENTS];
    uint32_t offset; // Of the last event in the quantum.
};

static void render(struct world *world)
{
    alignas(64) struct km_synth_buses buses;
    float samples[4 * KM_QUANTUM_FRAMES];
    km_synth_render(world->synth, &buses);
    memcpy(samples, &buses, sizeof(samples));
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); ++i) {
        EXPECT(samples[i] > -1e6f && samples[i] < 1e6f); // False for NaN.
    }
    EXPECT(km_synth_counters(world->synth).voices_now <= SLOTS_MAX);
    world->offset = 0;
}

static void call(struct world *world, const uint8_t bytes[3])
{
    const struct km_instrument *const instrument =
        &world->instruments[bytes[1] % INSTRUMENTS].instrument;
    struct km_event event;
    switch (bytes[0] % 8) {
    case 0:
        km_synth_silence(world->synth, bytes[1] % 2 == 0);
        break;
    case 1:
        km_synth_release_all(world->synth);
        break;
    case 2:
        km_synth_set_mutes(world->synth, (uint32_t)bytes[1] << 8 | bytes[2]);
        break;
    case 3:
        km_synth_set_pitch_drift(world->synth, (float)bytes[1] / 8.0f);
        break;
    case 4:
        km_synth_forget_instrument(world->synth, instrument);
        render(world);
        EXPECT(!km_synth_uses(world->synth, instrument));
        break;
    case 5:
        EXPECT(km_synth_set_instrument(world->synth, bytes[2] % 2 ? 0 : KM_BANK_DRUMS,
                                       bytes[2] / 2 % 4, instrument));
        break;
    default:
        if (km_synth_sysex(bytes, 3, &event)) {
            km_synth_event(world->synth, &event, world->offset);
        }
        break;
    }
}

static void play(struct world *world, const uint8_t bytes[4])
{
    if (bytes[0] >= 240) {
        call(world, bytes + 1);
        return;
    }
    if (bytes[0] >= 224) {
        render(world);
        return;
    }
    static const uint8_t types[] = {KM_EVENT_NOTE_ON,
                                    KM_EVENT_NOTE_ON,
                                    KM_EVENT_NOTE_ON,
                                    KM_EVENT_NOTE_OFF,
                                    KM_EVENT_CONTROL,
                                    KM_EVENT_CONTROL,
                                    KM_EVENT_CHANNEL_PRESSURE,
                                    KM_EVENT_KEY_PRESSURE,
                                    KM_EVENT_PROGRAM,
                                    KM_EVENT_PITCH_BEND,
                                    KM_EVENT_SYSEX,
                                    KM_EVENT_META,
                                    KM_EVENT_TEMPO,
                                    KM_EVENT_NOTE_ON};
    const struct km_event event = {.type = types[bytes[0] / 16],
                                   .channel = bytes[0] % 16,
                                   .number = bytes[1],
                                   .value = bytes[2],
                                   .detail = bytes[2] * 64U + bytes[3]};
    world->offset += bytes[3] % 16;
    if (world->offset >= KM_QUANTUM_FRAMES) {
        render(world);
    }
    km_synth_event(world->synth, &event, world->offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static alignas(64) unsigned char memory[MEMORY_SIZE];
    static struct world world;
    if (input_size < 3) {
        return 0;
    }
    memset(memory, 0, sizeof(memory));
    struct km_arena arena;
    km_arena_init(&arena, memory, sizeof(memory));
    const struct km_synth_config config = {
        .rate_hz = input[1] % 2 ? 44100 : 192000,
        .voices = 1 + input[1] / 2 % VOICES_MAX,
        .interpolation = (enum km_interpolation)(input[2] % 3),
        .seed = input[0],
    };
    EXPECT(km_synth_size(&config) <= sizeof(memory));
    world.synth = km_synth_new(&arena, &config);
    EXPECT(world.synth);
    km_arena_seal(&arena);
    world.offset = 0;
    struct km_random random;
    km_random_init(&random, input[0], "fuzz");
    for (uint32_t i = 0; i < INSTRUMENTS; ++i) {
        rig_instrument_random(&world.instruments[i], &random);
        EXPECT(km_synth_set_instrument(world.synth, i == 2 ? KM_BANK_DRUMS : 0, (uint8_t)(i % 2),
                                       &world.instruments[i].instrument));
    }

    const size_t steps = (input_size - 3) / 4;
    for (size_t i = 0; i < steps && i < STEPS_MAX; ++i) {
        play(&world, input + 3 + 4 * i);
    }
    render(&world);
    km_synth_silence(world.synth, true);
    render(&world);
    EXPECT(km_synth_counters(world.synth).voices_now == 0);
    return 0;
}
