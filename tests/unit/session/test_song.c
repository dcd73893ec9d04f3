// SPDX-License-Identifier: MIT

// Properties of composed songs: validity, cues, broken rules, and golden bytes.

#include "session/song.h"

#include "unit/session/heard_song.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_SIZE_MAX = 1 << 19, SWEEP_SEEDS_COUNT = 600 };

static unsigned char bytes[FILE_SIZE_MAX];

static void every_genre_mode_and_rule_gives_a_valid_song(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 330; ++seed) {
        const struct brief brief = {
            .valence = (double)(seed % 5) / 2 - 1,
            .arousal = (double)(seed % 7) / 3 - 1,
            .chaos = (double)(seed % 4) / 3,
            .vulnerability = (double)(seed % 3) / 2,
            .seed = seed,
            .wishes = {.has_mode = true,
                       .mode = (uint8_t)(seed % KM_MODES_COUNT),
                       .has_genre = true,
                       .genre = (uint8_t)(seed % KM_GENRES_COUNT),
                       .has_tempo = seed % 2 == 0,
                       .tempo_bpm = seed % 4 == 0 ? KM_PLAN_TEMPO_MIN : KM_PLAN_TEMPO_MAX,
                       .has_bars = true,
                       .bars = (uint16_t)(KM_PLAN_BARS_MIN + seed % 40),
                       .rules = seed % 22 == 21 ? (1U << KM_RULES_COUNT) - 1U : 1U << seed % 22},
        };
        compose_brief(&brief);
    }
}

static void every_metre_gives_a_valid_song(void **state)
{
    (void)state;
    unsigned int metres = 0;
    for (uint64_t seed = 0; seed < 150; ++seed) {
        const struct brief brief = {.valence = 0.2, .arousal = -0.1, .chaos = 1.0, .seed = seed};
        compose_brief(&brief);
        metres |= 1U << (plan.beats_per_bar + (plan.beat_unit == 8 ? 10 : 0));
    }
    assert_int_equal(metres,
                     1U << 2 | 1U << 3 | 1U << 4 | 1U << 5 | 1U << 16 | 1U << 17 | 1U << 22);
}

static void the_longest_song_is_valid(void **state)
{
    (void)state;
    const struct brief brief = {.valence = 0.5,
                                .arousal = 1.0,
                                .chaos = 0.5,
                                .wishes = {.has_bars = true, .bars = KM_PLAN_BARS_MAX}};
    compose_brief(&brief);
}

// How many notes of the accompaniment begin in a bar.
static int accompaniment_onsets(uint32_t bar)
{
    const uint32_t start = bar * km_plan_bar_ticks(&plan);
    int onsets = 0;
    for (int part = KM_PART_CHORDS; part < KM_PARTS_COUNT; ++part) {
        const int count = read_notes((enum km_part)part);
        for (int i = 0; i < count; ++i) {
            onsets += notes[i].start >= start && notes[i].start < start + km_plan_bar_ticks(&plan);
        }
    }
    return onsets;
}

// Beats are dropped up to the last bar but one, and the last arrives.
static void the_longest_song_drops_beats_and_arrives(void **state)
{
    (void)state;
    const uint32_t last = KM_PLAN_BARS_MAX - 1;
    int late_drops = 0;
    for (uint64_t seed = 0; seed < 20; ++seed) {
        struct brief brief = {
            .arousal = 1.0, .seed = seed, .wishes = {.has_bars = true, .bars = KM_PLAN_BARS_MAX}};
        compose_brief(&brief);
        assert_true(plan.complexity <= 0.0F); // Everything is on the grid.
        const int before_last = accompaniment_onsets(last - 1);
        const int at_last = accompaniment_onsets(last);
        brief.wishes.rules = 1U << KM_RULE_RHYTHM_DROPPED_BEATS;
        compose_brief(&brief);
        assert_true(accompaniment_onsets(last) >= at_last);
        late_drops += accompaniment_onsets(last - 1) < before_last;
    }
    assert_true(late_drops > 0);
}

struct sums {
    double onsets, velocity, length, notes, seconds;
};

// What is heard of pitched parts over many seeds.
static struct sums sums_at(double valence, double arousal)
{
    struct sums sums = {0};
    for (uint64_t seed = 0; seed < 30; ++seed) {
        const struct brief brief = {
            .valence = valence, .arousal = arousal, .chaos = 0.3, .seed = seed};
        compose_brief(&brief);
        const double tick = 60.0 / plan.tempo_bpm / KM_PPQ;
        sums.seconds += tick * (double)km_plan_length_ticks(&plan);
        for (int part = KM_PART_MELODY; part <= KM_PART_BASS; ++part) {
            const int count = read_notes((enum km_part)part);
            uint32_t last = UINT32_MAX;
            for (int i = 0; i < count; ++i) {
                sums.velocity += notes[i].velocity;
                sums.length += (double)(notes[i].end - notes[i].start) * tick;
                sums.onsets += notes[i].start != last;
                last = notes[i].start;
            }
            sums.notes += count;
        }
    }
    return sums;
}

// As human pianists do (EMOPIA): more onsets, louder and shorter notes.
static void arousal_is_heard_in_onsets_loudness_and_length(void **state)
{
    (void)state;
    for (int valence = -1; valence <= 1; ++valence) {
        struct sums before = sums_at(valence * 0.7, -0.8);
        for (int arousal = 0; arousal <= 1; ++arousal) {
            const struct sums now = sums_at(valence * 0.7, arousal * 0.8);
            assert_true(now.onsets / now.seconds > before.onsets / before.seconds);
            assert_true(now.velocity / now.notes > before.velocity / before.notes);
            assert_true(now.length / now.notes < before.length / before.notes);
            before = now;
        }
    }
}

static struct brief lively_brief(uint64_t seed, uint32_t rules)
{
    return (struct brief){
        .valence = 0.3,
        .arousal = 0.4,
        .seed = seed,
        .wishes = {.rules = rules, .has_genre = true, .genre = KM_GENRE_ART_ROCK}};
}

static void composes_with(uint64_t seed, uint32_t rules)
{
    const struct brief brief = lively_brief(seed, rules);
    compose_brief(&brief);
}

static void rules_of_arrangement_are_heard(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; ++seed) {
        composes_with(seed, 0);
        const double chords = mean_velocity(KM_PART_CHORDS);
        const double bass = mean_velocity(KM_PART_BASS);
        assert_true(mean_velocity(KM_PART_MELODY) > chords);
        composes_with(seed, 1U << KM_RULE_ARRANGEMENT_BURIED_VOCALS);
        assert_true(mean_velocity(KM_PART_MELODY) + 8 < mean_velocity(KM_PART_CHORDS));
        composes_with(seed, 1U << KM_RULE_ARRANGEMENT_UNBALANCED_DYNAMICS);
        assert_true(mean_velocity(KM_PART_CHORDS) > chords + 20 ||
                    mean_velocity(KM_PART_BASS) > bass + 20);
    }
}

static void rules_of_rhythm_are_heard(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; ++seed) {
        composes_with(seed, 0);
        const int hits =
            notes_of_part(&plan, &file, KM_PART_DRUMS) + notes_of_part(&plan, &file, KM_PART_BASS);
        composes_with(seed, 1U << KM_RULE_RHYTHM_DROPPED_BEATS);
        assert_true(notes_of_part(&plan, &file, KM_PART_DRUMS) +
                        notes_of_part(&plan, &file, KM_PART_BASS) <
                    hits);

        // Every chord of the song is off the eighths that all of them are on otherwise.
        composes_with(seed, 1U << KM_RULE_RHYTHM_CONSTANT_DISPLACEMENT);
        int count = read_notes(KM_PART_CHORDS);
        for (int i = 0; i < count; ++i) {
            assert_true(notes[i].start >= 120);
        }
        const uint32_t displaced = notes[0].start;
        composes_with(seed, 0);
        (void)read_notes(KM_PART_CHORDS);
        assert_int_equal(displaced, notes[0].start + 120);

        // Threes run against twos, or twos against threes.
        composes_with(seed, 1U << KM_RULE_RHYTHM_POLYRHYTHMIC_LAYERS);
        count = read_notes(KM_PART_CHORDS);
        int off_beats = 0;
        for (int i = 0; i < count; ++i) {
            off_beats += notes[i].start % (plan.beat_unit == 8 ? 720 : 480) != 0;
        }
        assert_true(off_beats * 2 > count);
    }
}

// The song's bytes for these rules, as a hash.
static uint64_t song_hash(struct brief *brief, uint32_t rules)
{
    brief->wishes.rules = rules;
    compose_brief(brief);
    struct km_sink_memory memory = {.bytes = bytes, .size = sizeof(bytes)};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_midi_file_write(&file, &sink, NULL), KM_OK);
    return hash_of_bytes(bytes, memory.used);
}

// Short songs have little room for a rule; what the plan says is applied changes them all the same.
static void every_applied_rule_changes_every_song(void **state)
{
    (void)state;
    int unchanged = 0;
    for (uint64_t seed = 0; seed < SWEEP_SEEDS_COUNT; ++seed) {
        struct brief brief = {
            .valence = (double)(seed * 3 % 9) / 4 - 1,
            .arousal = (double)(seed * 5 % 7) / 3 - 1,
            .chaos = (double)(seed % 2) / 4,
            .seed = seed,
            .wishes = {.has_bars = true,
                       .bars = (uint16_t)(KM_PLAN_BARS_MIN + seed % 13),
                       .has_mode = seed % 2 == 1,
                       .mode = (uint8_t)(seed / 2 % KM_MODES_COUNT),
                       .has_genre = seed % 3 == 1,
                       .genre = (uint8_t)(seed / 3 % KM_GENRES_COUNT)},
        };
        const uint64_t plain = song_hash(&brief, 0);
        for (unsigned int rule = 0; rule < KM_RULES_COUNT; ++rule) {
            if (km_rule_missing((enum km_rule)rule)) {
                continue;
            }
            if (song_hash(&brief, 1U << rule) == plain) {
                print_error("seed %llu: %s changes nothing\n", (unsigned long long)seed,
                            km_rule_names()[rule]);
                ++unchanged;
            }
        }
    }
    assert_int_equal(unchanged, 0);
}

static void tempo_breathes_when_asked(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10; ++seed) {
        composes_with(seed, 1U << KM_RULE_RHYTHM_TEMPO_FLUCTUATION);
        double low = 1e9;
        double high = 0;
        for (size_t i = 0; i < file.tracks[0].count; ++i) {
            const struct km_event *const event = &file.tracks[0].events[i];
            if (event->type == KM_EVENT_TEMPO) {
                const double bpm = 60000000.0 / event->detail;
                low = bpm < low ? bpm : low;
                high = bpm > high ? bpm : high;
            }
        }
        assert_true(high > plan.tempo_bpm + 4.5 && high < plan.tempo_bpm + 5.5);
        assert_true(low < plan.tempo_bpm - 4.5);
    }
}

// The keys that begin at a tick, and the lowest of them.
static void keys_at(int count, uint32_t tick, bool keys[128], int *lowest)
{
    memset(keys, 0, 128 * sizeof(keys[0]));
    *lowest = 127;
    for (int i = 0; i < count; ++i) {
        if (notes[i].start == tick) {
            keys[notes[i].key] = true;
            *lowest = notes[i].key < *lowest ? notes[i].key : *lowest;
        }
    }
}

// Every chord stands on its root with the octave over it: both move alike.
static void voices_move_in_parallel_when_asked(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; ++seed) {
        struct brief brief = lively_brief(seed, 1U << KM_RULE_HARMONY_PARALLEL_MOTION);
        brief.arousal = -0.9; // Held chords.
        brief.wishes.genre = KM_GENRE_CHAMBER_POP;
        compose_brief(&brief);
        const int count = read_notes(KM_PART_CHORDS);
        for (int i = 0; i < plan.chord_count; ++i) {
            bool keys[128];
            int lowest;
            keys_at(count, plan.chords[i].start_tick, keys, &lowest);
            assert_int_equal(lowest % 12, plan.chords[i].chord.root);
            assert_true(keys[lowest + 12]);
        }
    }
}

// Streams are split by part: other drums, another bass, the same melody.
static void changing_the_accompaniment_leaves_the_melody(void **state)
{
    (void)state;
    const struct brief brief = lively_brief(5, 0);
    compose_brief(&brief);
    const uint64_t melody = notes_hash(KM_PART_MELODY);
    const uint64_t drums = notes_hash(KM_PART_DRUMS);
    for (int genre = 0; genre < KM_GENRES_COUNT; ++genre) {
        plan.genre = (uint8_t)genre; // Of the plan itself: all else stays.
        compose();
        assert_true(notes_hash(KM_PART_MELODY) == melody);
    }
    plan.genre = KM_GENRE_POST_PUNK;
    compose();
    assert_true(notes_hash(KM_PART_DRUMS) != drums);
}

static void very_quiet_songs_have_no_drums(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; ++seed) {
        const struct brief quiet = {.valence = -0.6, .arousal = -0.9, .seed = seed};
        compose_brief(&quiet);
        assert_int_equal(notes_of_part(&plan, &file, KM_PART_DRUMS), 0);
        const struct brief loud = {.valence = -0.6, .arousal = 0.9, .seed = seed};
        compose_brief(&loud);
        assert_true(notes_of_part(&plan, &file, KM_PART_DRUMS) > 50);
    }
}

// From the lowest E, which is foreign to B flat, into F: the step must not go below the string.
static void basses_stay_on_their_strings(void **state)
{
    (void)state;
    static const struct km_chord turns[] = {
        {.root = 7, .quality = KM_CHORD_MINOR, .bass = 7},
        {.root = 0, .quality = KM_CHORD_DOMINANT_SEVENTH, .bass = 4},
        {.root = 5, .quality = KM_CHORD_MAJOR, .bass = 5}};
    for (uint64_t seed = 0; seed < 20; ++seed) {
        const struct brief brief = {.valence = 0.2,
                                    .arousal = 0.2,
                                    .seed = seed,
                                    .wishes = {.has_tonic = true,
                                               .tonic = 10,
                                               .has_mode = true,
                                               .mode = KM_MODE_IONIAN,
                                               .has_genre = true,
                                               .genre = KM_GENRE_CINEMATIC_NEO_SOUL}};
        make_plan(&brief);
        for (int i = 0; i < plan.chord_count; ++i) {
            plan.chords[i].chord = turns[i % 3];
        }
        compose();
    }
}

static int count_of(int type, int number)
{
    int count = 0;
    for (size_t i = 0; i < file.tracks[0].count; ++i) {
        const struct km_event *const event = &file.tracks[0].events[i];
        count += event->type == type && (number < 0 || event->number == number);
    }
    return count;
}

static void the_first_track_conducts(void **state)
{
    (void)state;
    composes_with(3, 0);
    assert_true(count_of(KM_EVENT_TEMPO, -1) >= 1);
    assert_int_equal(count_of(KM_EVENT_TIME_SIGNATURE, plan.beats_per_bar), 1);
    assert_int_equal(count_of(KM_EVENT_KEY_SIGNATURE, -1), 1);
    assert_int_equal(count_of(KM_EVENT_META, KM_META_TRACK_NAME), 1);
    assert_int_equal(count_of(KM_EVENT_META, KM_META_MARKER), plan.section_count);
    km_midi_file_release(&file);
    assert_int_equal(km_song_compose(&plan, NULL, &file, NULL), KM_OK); // A song without a title.
    assert_int_equal(count_of(KM_EVENT_META, KM_META_TRACK_NAME), 0);
    km_midi_file_release(&file);
}

static void fails_cleanly_without_memory(void **state)
{
    const struct brief brief = lively_brief(1, 0);
    make_plan(&brief);
    bool is_done = false;
    uint64_t fail_at = 1;
    for (; !is_done; ++fail_at) {
        assert_true(fail_at < 1000);
        const struct km_heap_config config = {.fail_at = fail_at};
        struct km_heap *const heap = km_heap_new(&config);
        assert_non_null(heap);
        struct km_midi_file song;
        km_midi_file_init(&song, heap, 1, KM_PPQ);
        struct km_error error = {0};
        const enum km_status status = km_song_compose(&plan, "Song", &song, &error);
        is_done = status == KM_OK;
        if (!is_done) {
            assert_int_equal(status, KM_ERROR_NO_MEMORY);
            assert_true(error.message[0] != '\0');
            assert_int_equal(song.track_count, 0);
            assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 0);
        }
        km_midi_file_release(&song);
        km_heap_free(heap); // Checks that nothing is left.
    }
    assert_true(fail_at > 10);
    (void)state;
}

/// Songs whose bytes every compiler and every level of optimisation must give. When the music is
/// changed on purpose: tools/pin_songs.sh pins them anew.
static const struct {
    double valence, arousal, chaos, vulnerability;
    uint64_t seed, hash;
} golden[] = {
#include "unit/session/golden_songs.def"
};

static void songs_are_the_same_bytes_everywhere(void **state)
{
    (void)state;
    const bool prints = getenv("KMIDI_GOLDEN") != NULL;
    for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); ++i) {
        const struct brief brief = {.valence = golden[i].valence,
                                    .arousal = golden[i].arousal,
                                    .chaos = golden[i].chaos,
                                    .vulnerability = golden[i].vulnerability,
                                    .seed = golden[i].seed};
        compose_brief(&brief);
        struct km_sink_memory memory = {.bytes = bytes, .size = sizeof(bytes)};
        struct km_sink sink = km_sink_to_memory(&memory);
        assert_int_equal(km_midi_file_write(&file, &sink, NULL), KM_OK);
        const uint64_t hash = hash_of_bytes(bytes, memory.used);
        if (prints) {
            printf("{%.1f, %.1f, %.1f, %.1f, %llu, 0x%016llXULL},\n", golden[i].valence,
                   golden[i].arousal, golden[i].chaos, golden[i].vulnerability,
                   (unsigned long long)golden[i].seed, (unsigned long long)hash);
        } else {
            assert_true(hash == golden[i].hash);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(every_genre_mode_and_rule_gives_a_valid_song),
        SONG_TEST(every_metre_gives_a_valid_song),
        SONG_TEST(the_longest_song_is_valid),
        SONG_TEST(the_longest_song_drops_beats_and_arrives),
        SONG_TEST(arousal_is_heard_in_onsets_loudness_and_length),
        SONG_TEST(rules_of_arrangement_are_heard),
        SONG_TEST(rules_of_rhythm_are_heard),
        SONG_TEST(every_applied_rule_changes_every_song),
        SONG_TEST(tempo_breathes_when_asked),
        SONG_TEST(voices_move_in_parallel_when_asked),
        SONG_TEST(changing_the_accompaniment_leaves_the_melody),
        SONG_TEST(very_quiet_songs_have_no_drums),
        SONG_TEST(basses_stay_on_their_strings),
        SONG_TEST(the_first_track_conducts),
        SONG_TEST(fails_cleanly_without_memory),
        SONG_TEST(songs_are_the_same_bytes_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
