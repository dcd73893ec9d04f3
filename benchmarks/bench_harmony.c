// SPDX-License-Identifier: MIT

// Harmony: chord from notes, chord from text, the next voicing, the key of a histogram.

#include "base/random.h"
#include "harness.h"
#include "theory/chord.h"
#include "theory/harmony.h"
#include "theory/key_finder.h"
#include "theory/voicing.h"

#include <stdio.h>
#include <stdlib.h>

enum { ITEMS_COUNT = 1024, NOTES_MAX = 4 };

// What the runs work on: filled once from a seed, so that every run does the same.
struct material {
    uint8_t notes[ITEMS_COUNT][NOTES_MAX];
    size_t counts[ITEMS_COUNT];
    char symbols[ITEMS_COUNT][KM_CHORD_SYMBOL_SIZE];
    struct km_chord chords[ITEMS_COUNT];
    float histograms[ITEMS_COUNT][12];
};

// One chord, its notes scattered over three octaves: any inversion.
static void fill_item(struct material *material, int item, struct km_chord chord,
                      struct km_random *random)
{
    const km_pitch_set pitches = km_chord_pitches(chord);
    for (uint8_t pitch = 0; pitch < 12; ++pitch) {
        material->histograms[item][pitch] = (float)km_random_unit(random);
        if (pitches >> pitch & 1U) {
            const uint32_t octave = km_random_below(random, 3);
            material->notes[item][material->counts[item]++] = (uint8_t)(48 + pitch + 12 * octave);
        }
    }
    chord = km_chord_of_notes(material->notes[item], material->counts[item]).chord;
    material->chords[item] = chord;
    km_chord_format(chord, (struct km_key){0, KM_MODE_IONIAN}, material->symbols[item]);
}

// Chords as songs have them: triads and sevenths.
static void fill(struct material *material)
{
    static const enum km_chord_quality qualities[] = {
        KM_CHORD_MAJOR,         KM_CHORD_MINOR,          KM_CHORD_DIMINISHED,
        KM_CHORD_SUS4,          KM_CHORD_MAJOR_SEVENTH,  KM_CHORD_DOMINANT_SEVENTH,
        KM_CHORD_MINOR_SEVENTH, KM_CHORD_HALF_DIMINISHED};
    struct km_random random;
    km_random_init(&random, 1, "bench");
    for (int i = 0; i < ITEMS_COUNT; ++i) {
        const uint8_t root = (uint8_t)km_random_below(&random, 12);
        const uint8_t quality = (uint8_t)qualities[km_random_below(&random, 8)];
        fill_item(material, i, (struct km_chord){root, quality, root}, &random);
    }
}

static void name_chords(void *context, uint64_t repetitions)
{
    const struct material *const material = context;
    for (uint64_t i = 0; i < repetitions; ++i) {
        const size_t item = i % ITEMS_COUNT;
        const struct km_chord_found found =
            km_chord_of_notes(material->notes[item], material->counts[item]);
        km_bench_keep(&found);
    }
}

static void parse_symbols(void *context, uint64_t repetitions)
{
    const struct material *const material = context;
    for (uint64_t i = 0; i < repetitions; ++i) {
        struct km_chord chord;
        if (km_chord_parse(material->symbols[i % ITEMS_COUNT], &chord, NULL) != KM_OK) {
            abort();
        }
        km_bench_keep(&chord);
    }
}

// A song of 64 chords at a time, above their roots; the time is a chord's.
static void lead_voices(void *context, uint64_t repetitions)
{
    enum { SONG = 64 };
    static const struct km_voicing_rules rules = {.voices = 4, .lowest = 48, .highest = 68};
    const struct material *const material = context;
    for (uint64_t i = 0; i < repetitions; i += SONG) {
        uint8_t bass[SONG];
        struct km_voicing voicings[SONG];
        const struct km_chord *const chords = &material->chords[i % ITEMS_COUNT];
        for (int j = 0; j < SONG; ++j) {
            bass[j] = (uint8_t)(36 + chords[j].bass);
        }
        km_voicing_lead(chords, bass, SONG, &rules, voicings);
        km_bench_keep(voicings);
    }
}

static void find_keys(void *context, uint64_t repetitions)
{
    const struct material *const material = context;
    for (uint64_t i = 0; i < repetitions; ++i) {
        const struct km_key_found found =
            km_key_of_histogram(material->histograms[i % ITEMS_COUNT]);
        km_bench_keep(&found);
    }
}

struct playing {
    uint8_t key;
    bool is_on;
};

// The n-th event: the notes of one chord down, then up, then those of the next.
static struct playing playing_at(const struct material *material, uint64_t n)
{
    enum { EVENTS = 2 * NOTES_MAX };
    const size_t item = n / EVENTS % ITEMS_COUNT;
    const size_t note = n % NOTES_MAX % material->counts[item];
    return (struct playing){material->notes[item][note], n % EVENTS < NOTES_MAX};
}

// Playing: of 1,024 events each strikes a key of a chord, or lets one go; after each event chord
// and key are asked for, as a display would.
static void play(void *context, uint64_t repetitions)
{
    const struct material *const material = context;
    struct km_harmony harmony;
    km_harmony_init(&harmony);
    uint64_t time_us = 0;
    for (uint64_t i = 0; i < repetitions; ++i) {
        const struct playing event = playing_at(material, i);
        time_us += 50000;
        if (event.is_on) {
            km_harmony_note_on(&harmony, event.key, 80, time_us);
        } else {
            km_harmony_note_off(&harmony, event.key, time_us);
        }
        const struct km_chord_found chord = km_harmony_chord(&harmony);
        const struct km_key_found key = km_harmony_key(&harmony);
        km_bench_keep(&chord);
        km_bench_keep(&key);
    }
}

// All that has been played of late, gone through anew: what is held, and a histogram.
static size_t recollect(const struct material *material, uint64_t end, uint8_t notes[129],
                        float weights[12])
{
    enum { WINDOW = 320 };
    bool is_down[128] = {false};
    for (uint64_t i = end < WINDOW ? 0 : end - WINDOW; i <= end; ++i) {
        const struct playing event = playing_at(material, i);
        is_down[event.key] = event.is_on;
        weights[event.key % 12] += 0.05F;
    }
    size_t count = 0;
    for (size_t key = 0; key < 128; ++key) {
        notes[count] = (uint8_t)key;
        count += is_down[key];
    }
    return count;
}

// The same without keeping anything but the last sixteen seconds' events.
static void play_naively(void *context, uint64_t repetitions)
{
    for (uint64_t i = 0; i < repetitions; ++i) {
        uint8_t notes[129];
        float weights[12] = {0};
        const size_t count = recollect(context, i, notes, weights);
        const struct km_chord_found chord = km_chord_of_notes(notes, count);
        const struct km_key_found key = km_key_of_histogram(weights);
        km_bench_keep(&chord);
        km_bench_keep(&key);
    }
}

// Every quality on all twelve roots, from its notes in close position: how many roots are right.
// A set that is also a plainer chord over this bass (Cm7#5 is Abadd9 over C) has that one's root,
// and counts if its notes are the same.
static int right_roots(int *names)
{
    int right = 0;
    for (int i = 12; i < 12 * KM_CHORD_QUALITIES_COUNT; ++i) {
        const struct km_chord chord = {(uint8_t)(i % 12), (uint8_t)(i / 12), (uint8_t)(i % 12)};
        const km_pitch_set pitches = km_chord_pitches(chord);
        const struct km_chord found = km_chord_of_pitches(pitches, chord.root).chord;
        const bool is_same = found.root == chord.root && found.quality == chord.quality;
        *names += is_same;
        right += is_same || km_chord_pitches(found) == pitches;
    }
    return right;
}

int main(int argument_count, char **arguments)
{
    struct km_bench *const bench = km_bench_start(
        "harmony", "chords from notes and text, voice leading, keys", argument_count, arguments);
    struct material *const material = calloc(1, sizeof(*material));
    if (!material) {
        return EXIT_FAILURE;
    }
    fill(material);
    const uint64_t unit = km_bench_is_quick(bench) ? 1 : 100;
    const double chord_ns = km_bench_median_ns(bench, name_chords, material, 5000 * unit);
    const double parse_ns = km_bench_median_ns(bench, parse_symbols, material, 500 * unit);
    const double voice_leading_ns = km_bench_median_ns(bench, lead_voices, material, 100 * unit);
    const double key_ns = km_bench_median_ns(bench, find_keys, material, 100 * unit);
    km_bench_metric(bench, "chord_ns", chord_ns, "ns");
    km_bench_metric(bench, "parse_ns", parse_ns, "ns");
    km_bench_metric(bench, "voice_leading_ns", voice_leading_ns, "ns");
    const double live_ns = km_bench_median_ns(bench, play, material, 1000 * unit);
    const double naive_ns = km_bench_median_ns(bench, play_naively, material, 100 * unit);
    km_bench_metric(bench, "key_us", key_ns / 1000.0, "us");
    km_bench_metric(bench, "live_event_ns", live_ns, "ns");
    km_bench_metric(bench, "live_naive_ns", naive_ns, "ns");
    int names = 0;
    km_bench_metric(bench, "roots_right", right_roots(&names), "");
    km_bench_metric(bench, "roots_of", 12 * (KM_CHORD_QUALITIES_COUNT - 1), "");
    km_bench_metric(bench, "named_as_written", names, "");
    free(material);
    return km_bench_finish(bench);
}
