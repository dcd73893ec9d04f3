// SPDX-License-Identifier: MIT

#include "synth_load.h"

#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>

enum { HELD_KEY_LOW = 36, HELD_KEYS = 60, WINDOW = LOAD_QUANTA_PER_SECOND / 10, LATE_FRAMES = 400 };

const uint8_t load_programs[KM_CHANNELS_COUNT] = {0,  4, 16, 24, 32, 40, 48, 56,
                                                  60, 0, 73, 80, 89, 11, 52, 30};

static void *checked(void *memory)
{
    if (!memory) {
        fprintf(stderr, "bench_synth: no memory\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

static int compare_events(const void *a, const void *b)
{
    const struct km_event *const x = a;
    const struct km_event *const y = b;
    if (x->tick != y->tick) {
        return x->tick < y->tick ? -1 : 1;
    }
    return (x->type > y->type) - (x->type < y->type);
}

struct load load_coming_and_going(double notes_per_second, double seconds)
{
    const size_t rounds = (size_t)(notes_per_second * seconds / KM_CHANNELS_COUNT) + 1;
    struct load load = {
        .events = checked(calloc(2 * rounds * KM_CHANNELS_COUNT, sizeof(struct km_event)))};
    struct km_random random;
    km_random_init(&random, 1, "load");
    for (size_t round = 0; round < rounds; ++round) {
        const double start = (double)round * KM_CHANNELS_COUNT / notes_per_second;
        for (uint32_t channel = 0; channel < KM_CHANNELS_COUNT; ++channel) {
            const bool is_drum = channel == KM_CHANNEL_DRUMS;
            struct km_event event = {
                .tick = (uint64_t)(start * LOAD_RATE_HZ) + km_random_below(&random, LATE_FRAMES),
                .type = KM_EVENT_NOTE_ON,
                .channel = (uint8_t)channel,
                .number = (uint8_t)(is_drum ? 35 + km_random_below(&random, 46)
                                            : 36 + km_random_below(&random, 48)),
                .value = (uint8_t)(40 + km_random_below(&random, 88)),
            };
            load.events[load.count++] = event;
            event.tick += (uint64_t)LOAD_RATE_HZ / 2 * (1 + km_random_below(&random, 3));
            event.type = KM_EVENT_NOTE_OFF;
            event.value = KM_RELEASE_VELOCITY;
            load.events[load.count++] = event;
        }
    }
    qsort(load.events, load.count, sizeof(load.events[0]), compare_events);
    return load;
}

struct load load_held(void)
{
    struct load load = {
        .events = checked(calloc((size_t)KM_CHANNELS_COUNT * HELD_KEYS, sizeof(struct km_event)))};
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT * HELD_KEYS; ++i) {
        const struct km_event event = {.type = KM_EVENT_NOTE_ON,
                                       .channel = (uint8_t)(i % KM_CHANNELS_COUNT),
                                       .number = (uint8_t)(HELD_KEY_LOW + i / KM_CHANNELS_COUNT),
                                       .value = 90};
        if (event.channel != KM_CHANNEL_DRUMS) {
            load.events[load.count++] = event;
        }
    }
    return load;
}

void load_free(struct load *load)
{
    free(load->events);
    *load = (struct load){0};
}

void load_set_programs(const struct player *player, bool is_held)
{
    for (uint32_t channel = 0; channel < KM_CHANNELS_COUNT; ++channel) {
        const uint8_t held = channel & 1U ? 48 : 89;
        const struct km_event event = {
            .type = KM_EVENT_PROGRAM,
            .channel = (uint8_t)channel,
            .number = is_held && channel != KM_CHANNEL_DRUMS ? held : load_programs[channel]};
        player->event(player->context, &event, 0);
    }
}

static int compare_doubles(const void *a, const void *b)
{
    const double difference = *(const double *)a - *(const double *)b;
    return (difference > 0.0) - (difference < 0.0);
}

struct measured {
    double *ns;     // Of each quantum.
    double *voices; // In each quantum.
    size_t count;
};

// The median over windows of a tenth of a second: what other programs take does not count.
static double voices_per_core(const struct measured *measured)
{
    double rates[1024];
    size_t count = 0;
    const size_t window = measured->count < WINDOW ? measured->count : WINDOW;
    for (size_t start = 0; start + window <= measured->count && count < 1024; start += window) {
        double ns = 0.0, voices = 0.0;
        for (size_t i = start; i < start + window; ++i) {
            ns += measured->ns[i];
            voices += measured->voices[i];
        }
        rates[count++] = voices * (1e9 / LOAD_QUANTA_PER_SECOND) / ns;
    }
    qsort(rates, count, sizeof(rates[0]), compare_doubles);
    return rates[count / 2];
}

static struct load_figures figures_of(struct measured *measured)
{
    struct load_figures figures = {.voices_per_core = voices_per_core(measured)};
    for (size_t i = 0; i < measured->count; ++i) {
        figures.voices += measured->voices[i] / (double)measured->count;
    }
    qsort(measured->ns, measured->count, sizeof(measured->ns[0]), compare_doubles);
    figures.median_us = measured->ns[measured->count / 2] / 1000.0;
    figures.p999_us = measured->ns[(measured->count - 1) * 999 / 1000] / 1000.0;
    return figures;
}

static struct measured measured_of(double seconds)
{
    const size_t count = (size_t)(seconds * LOAD_QUANTA_PER_SECOND) + 1;
    return (struct measured){.ns = checked(calloc(count, sizeof(double))),
                             .voices = checked(calloc(count, sizeof(double))),
                             .count = count};
}

// Keeps the least time of each quantum, where it was measured before.
static void measure(const struct load *load, const struct player *player, double warm_seconds,
                    struct measured *measured)
{
    const size_t warm = (size_t)(warm_seconds * LOAD_QUANTA_PER_SECOND);
    size_t next = 0;
    for (size_t quantum = 0; quantum < warm + measured->count; ++quantum) {
        const uint64_t start = km_bench_cpu_ns();
        const uint64_t frame = quantum * KM_QUANTUM_FRAMES;
        while (next < load->count && load->events[next].tick < frame + KM_QUANTUM_FRAMES) {
            const struct km_event *const event = &load->events[next++];
            player->event(player->context, event, (uint32_t)(event->tick - frame));
        }
        player->render(player->context);
        if (quantum >= warm) {
            const double ns = (double)(km_bench_cpu_ns() - start);
            double *const least = &measured->ns[quantum - warm];
            *least = *least > 0.0 && *least < ns ? *least : ns;
            measured->voices[quantum - warm] = player->voices(player->context);
        }
    }
}

struct load_figures load_play(const struct load *load, const struct player *player,
                              double warm_seconds, double seconds)
{
    struct measured measured = measured_of(seconds);
    measure(load, player, warm_seconds, &measured);
    const struct load_figures figures = figures_of(&measured);
    free(measured.ns);
    free(measured.voices);
    return figures;
}

struct load_figures load_play_evenly(const struct load *load, struct player (*new_player)(void *),
                                     void *context, const double seconds[2])
{
    struct measured measured = measured_of(seconds[1]);
    for (int pass = 0; pass < LOAD_PASSES; ++pass) {
        const struct player player = new_player(context);
        load_set_programs(&player, false);
        measure(load, &player, seconds[0], &measured);
    }
    const struct load_figures figures = figures_of(&measured);
    free(measured.ns);
    free(measured.voices);
    return figures;
}
