// SPDX-License-Identifier: MIT

// A solo piano and a string quartet: what hands and bows can do, and that all that a plan says of a
// song is heard from them too.

#include "unit/session/heard_song.h"

#include <stdlib.h>
#include <string.h>

enum { FINGERS = 5, TENTH = 16, QUARTET_VOICES = 4 };

static struct brief brief_of(uint64_t seed, uint8_t ensemble)
{
    return (struct brief){
        .valence = (double)(seed * 3 % 9) / 4 - 1,
        .arousal = (double)(seed * 5 % 7) / 3 - 1,
        .chaos = (double)(seed % 3) / 4,
        .seed = seed,
        .wishes = {.has_ensemble = true,
                   .ensemble = ensemble,
                   .has_bars = true,
                   .bars = (uint16_t)(KM_PLAN_BARS_MIN + seed % 21),
                   .has_genre = seed % 2 == 0,
                   .genre = (uint8_t)(seed / 2 % KM_GENRES_COUNT)},
    };
}

// 2,000 songs of all ensembles: compose_brief finds each note that the part's instrument does not
// have.
static void no_note_is_out_of_its_instruments_range(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2000; ++seed) {
        struct brief brief = brief_of(seed, (uint8_t)(seed % KM_ENSEMBLES_COUNT));
        brief.wishes.has_mode = seed % 5 == 0;
        brief.wishes.mode = (uint8_t)(seed / 5 % KM_MODES_COUNT);
        brief.wishes.rules = seed % 4 == 3 ? 1U << seed / 4 % KM_RULES_COUNT : 0;
        compose_brief(&brief);
    }
}

static void any_instrument_in_a_plan_is_played_in_its_range(void **state)
{
    (void)state;
    for (unsigned int program = 0; program < 128; ++program) {
        const struct brief brief = brief_of(program, KM_ENSEMBLE_BAND);
        make_plan(&brief);
        for (int part = 0; part < KM_PART_DRUMS; ++part) {
            plan.parts[part].is_on = true;
            plan.parts[part].program = (uint8_t)program;
        }
        compose();
    }
}

static void chamber_music_has_its_players_and_no_drums(void **state)
{
    (void)state;
    static const bool are_on[KM_ENSEMBLES_COUNT][KM_PARTS_COUNT] = {
        [KM_ENSEMBLE_SOLO_PIANO] = {[KM_PART_MELODY] = true, [KM_PART_CHORDS] = true},
        [KM_ENSEMBLE_STRING_QUARTET] = {[KM_PART_MELODY] = true,
                                        [KM_PART_COUNTER] = true,
                                        [KM_PART_PAD] = true,
                                        [KM_PART_BASS] = true},
    };
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const uint8_t ensemble =
            seed % 2 == 0 ? KM_ENSEMBLE_SOLO_PIANO : KM_ENSEMBLE_STRING_QUARTET;
        const struct brief brief = brief_of(seed, ensemble);
        compose_brief(&brief);
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            assert_int_equal(plan.parts[part].is_on, are_on[ensemble][part]);
            assert_true(!plan.parts[part].is_on || read_notes((enum km_part)part) > 0);
        }
    }
}

// ---- Piano

// Of a brief without groove, so that what is struck together is found together.
static struct brief plain_piano(uint64_t seed)
{
    struct brief brief = brief_of(seed, KM_ENSEMBLE_SOLO_PIANO);
    brief.chaos = 0;
    return brief;
}

static void expect_playable(enum km_part hand)
{
    const int count = read_notes(hand);
    for (int i = 0; i < count; ++i) {
        int lowest = notes[i].key;
        int highest = notes[i].key;
        int fingers = 0;
        for (int j = i; j >= 0 && notes[j].start == notes[i].start; --j) {
            lowest = notes[j].key < lowest ? notes[j].key : lowest;
            highest = notes[j].key > highest ? notes[j].key : highest;
            ++fingers;
        }
        assert_true(fingers <= FINGERS);
        assert_true(highest - lowest <= TENTH);
    }
}

static void a_hand_strikes_what_a_hand_can_reach(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 150; ++seed) {
        const struct brief brief = plain_piano(seed);
        compose_brief(&brief);
        expect_playable(KM_PART_MELODY);
        expect_playable(KM_PART_CHORDS);
    }
}

static void the_hands_do_not_collide(void **state)
{
    (void)state;
    static struct heard right[NOTES_MAX];
    for (uint64_t seed = 0; seed < 100; ++seed) {
        const struct brief brief = plain_piano(seed);
        compose_brief(&brief);
        const int right_count = read_notes(KM_PART_MELODY);
        memcpy(right, notes, (size_t)right_count * sizeof(right[0]));
        const int left_count = read_notes(KM_PART_CHORDS);
        int first = 0;
        for (int i = 0; i < left_count; ++i) {
            while (first < right_count && right[first].start + 8U * KM_PPQ < notes[i].start) {
                ++first;
            }
            for (int j = first; j < right_count && right[j].start < notes[i].end; ++j) {
                assert_true(right[j].end <= notes[i].start || right[j].key > notes[i].key);
            }
        }
    }
}

static int controls_of(enum km_part part, uint8_t number, struct km_event *events, int most)
{
    const struct km_midi_track *const track = &file.tracks[km_song_track(&plan, part)];
    int count = 0;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_CONTROL && event->number == number) {
            assert_true(count < most);
            events[count++] = *event;
        }
    }
    return count;
}

enum { CONTROLS_MAX = 4096, SUSTAIN = 64, EXPRESSION = 11 };

// At each change of harmony the dampers fall; the last thing that the pedal does is to go up.
static void the_pedal_changes_with_the_harmony(void **state)
{
    (void)state;
    static struct km_event controls[CONTROLS_MAX];
    int pedalled = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const struct brief brief = plain_piano(seed);
        compose_brief(&brief);
        const int count = controls_of(KM_PART_CHORDS, SUSTAIN, controls, CONTROLS_MAX);
        assert_true(count > 0);
        assert_int_equal(controls[count - 1].value, 0);
        pedalled += count > 1;
        for (int chord = 0; count > 1 && chord < plan.chord_count; ++chord) {
            int rises = 0;
            for (int i = 0; i < count; ++i) {
                rises +=
                    controls[i].tick == plan.chords[chord].start_tick && controls[i].value == 0;
            }
            assert_int_equal(rises, 1);
        }
    }
    assert_true(pedalled > 20 && pedalled < 60); // Not where it is short and loud.
}

// Left hands of one song, and of all, are of many kinds.
static void left_hands_differ_with_the_feeling(void **state)
{
    (void)state;
    double calm = 0;
    double excited = 0;
    for (uint64_t seed = 0; seed < 30; ++seed) {
        struct brief brief = plain_piano(seed);
        brief.wishes.has_tempo = true;
        brief.wishes.tempo_bpm = 90;
        brief.arousal = -0.9;
        compose_brief(&brief);
        calm += read_notes(KM_PART_CHORDS) / (double)plan.length_bars;
        brief.arousal = 0.9;
        compose_brief(&brief);
        excited += read_notes(KM_PART_CHORDS) / (double)plan.length_bars;
    }
    assert_true(excited > 2 * calm);
}

// ---- Quartet

static const enum km_part quartet[QUARTET_VOICES] = {KM_PART_MELODY, KM_PART_COUNTER, KM_PART_PAD,
                                                     KM_PART_BASS};

static void each_bow_plays_one_note_at_a_time(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 150; ++seed) {
        const struct brief brief = brief_of(seed, KM_ENSEMBLE_STRING_QUARTET);
        compose_brief(&brief);
        for (int voice = 0; voice < QUARTET_VOICES; ++voice) {
            const int count = read_notes(quartet[voice]);
            for (int i = 1; i < count; ++i) {
                assert_true(notes[i].start >= notes[i - 1].end);
            }
        }
    }
}

// The key that sounds at a tick, or 0.
static int key_at(int count, uint32_t tick)
{
    for (int i = 0; i < count; ++i) {
        if (notes[i].start <= tick && tick < notes[i].end) {
            return notes[i].key;
        }
    }
    return 0;
}

// Keys of the lower three just before and at each change of harmony; 0 where one rests.
struct change {
    int before[3], after[3]; // Second violin, viola, cello.
};

static struct change changes[KM_PLAN_CHORDS_MAX];

static void read_changes(void)
{
    for (int voice = 0; voice < 3; ++voice) {
        const int count = read_notes(quartet[voice + 1]);
        for (int i = 1; i < plan.chord_count; ++i) {
            const uint32_t tick = plan.chords[i].start_tick;
            changes[i].before[voice] = key_at(count, tick - 20);
            changes[i].after[voice] = key_at(count, tick);
        }
    }
}

static bool is_parallel(const struct change *change, int upper, int lower)
{
    const int before = change->before[upper] - change->before[lower];
    const int after = change->after[upper] - change->after[lower];
    const bool sound = change->before[upper] > 0 && change->before[lower] > 0 &&
                       change->after[upper] > 0 && change->after[lower] > 0;
    const bool move = change->before[upper] != change->after[upper] &&
                      change->before[lower] != change->after[lower];
    return sound && move && (before - after) % 12 == 0 &&
           (abs(after) % 12 == 0 || abs(after) % 12 == 7);
}

static void the_lower_voices_make_no_parallel_fifths_or_octaves(void **state)
{
    (void)state;
    int seen = 0;
    int parallels = 0;
    int crossings = 0;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        struct brief brief = brief_of(seed, KM_ENSEMBLE_STRING_QUARTET);
        brief.chaos = 0;
        make_plan(&brief);
        if ((plan.rules >> KM_RULE_HARMONY_PARALLEL_MOTION & 1U) != 0) {
            continue;
        }
        compose();
        read_changes();
        for (int i = 1; i < plan.chord_count; ++i) {
            const struct change *const change = &changes[i];
            parallels +=
                is_parallel(change, 0, 1) + is_parallel(change, 0, 2) + is_parallel(change, 1, 2);
            crossings += change->after[0] > 0 && change->after[0] <= change->after[1];
            crossings += change->after[1] > 0 && change->after[1] <= change->after[2];
            seen += change->after[1] > 0 && change->after[2] > 0;
        }
    }
    assert_true(seen > 2000);
    assert_int_equal(parallels, 0);
    assert_int_equal(crossings, 0);
}

// What the three lower voices sound at a chord's beginning; how many of them do.
static int lower_voices(int chord, km_pitch_set *heard)
{
    int sounding = 0;
    *heard = 0;
    for (int voice = 0; voice < 3; ++voice) {
        const int key = changes[chord].after[voice];
        sounding += key > 0;
        *heard = (km_pitch_set)(*heard | (key > 0 ? 1U << key % 12 : 0));
    }
    return sounding;
}

// Notes of the chord at its beginning, and between them its third where second violin, viola and
// cello all play.
static void the_lower_voices_tell_the_chord(void **state)
{
    (void)state;
    int full = 0;
    int with_third = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        struct brief brief = brief_of(seed, KM_ENSEMBLE_STRING_QUARTET);
        brief.chaos = 0;
        make_plan(&brief);
        if (plan.rules != 0) {
            continue;
        }
        compose();
        read_changes();
        for (int i = 1; i < plan.chord_count; ++i) {
            const struct km_chord chord = plan.chords[i].chord;
            const km_pitch_set pitches = km_chord_pitches(chord);
            km_pitch_set heard;
            const int sounding = lower_voices(i, &heard);
            assert_true((heard & ~pitches) == 0);
            const unsigned int thirds = 1U << (chord.root + 3) % 12 | 1U << (chord.root + 4) % 12;
            if (sounding == 3 && (pitches & thirds) != 0) {
                ++full;
                with_third += (heard & thirds) != 0;
            }
        }
    }
    assert_true(full > 300);
    assert_true(with_third * 100 >= full * 97);
}

// ---- What holds for all

// Tries a part's next variations; whether one of them is another part, while all others stay.
static bool another_variation_differs(int varied, const uint64_t hashes[KM_PARTS_COUNT])
{
    bool is_other = false; // By one variation or the next: a few notes may fall alike.
    for (uint16_t variation = 1; variation <= 2; ++variation) {
        plan.parts[varied].variation = variation;
        compose();
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            const bool is_same =
                !plan.parts[part].is_on || notes_hash((enum km_part)part) == hashes[part];
            assert_true(is_same || part == varied);
            is_other = is_other || !is_same;
        }
    }
    return is_other;
}

// Another variation is another part, and the others stay note for note.
static void a_varied_part_leaves_the_others(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 12; ++seed) {
        struct brief brief = brief_of(seed, (uint8_t)(seed % KM_ENSEMBLES_COUNT));
        brief.wishes.bars = 24;
        make_plan(&brief);
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            // All of a band's.
            plan.parts[part].is_on = plan.parts[part].is_on || seed % KM_ENSEMBLES_COUNT == 0;
        }
        compose();
        uint64_t hashes[KM_PARTS_COUNT] = {0};
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            hashes[part] = plan.parts[part].is_on ? notes_hash((enum km_part)part) : 0;
        }
        for (int varied = 0; varied < KM_PARTS_COUNT; ++varied) {
            if (!plan.parts[varied].is_on) {
                continue;
            }
            const bool is_other = another_variation_differs(varied, hashes);
            // A few notes may have one way to be played.
            assert_true(is_other || notes_of_part(&plan, &file, (enum km_part)varied) < 16);
            plan.parts[varied].variation = 0;
        }
    }
}

// Nothing sounds in a silence, not even under a pedal.
static void silence_is_silent(void **state)
{
    (void)state;
    static struct km_event controls[CONTROLS_MAX];
    for (uint64_t seed = 0; seed < 45; ++seed) {
        struct brief brief = brief_of(seed, (uint8_t)(seed % KM_ENSEMBLES_COUNT));
        brief.chaos = 0;
        brief.wishes.bars = 24;
        brief.wishes.silence_s = 8;
        compose_brief(&brief);
        int silence = 0;
        while (silence < plan.section_count && plan.sections[silence].kind != KM_SECTION_SILENCE) {
            ++silence;
        }
        assert_true(silence < plan.section_count);
        const uint32_t start = plan.sections[silence].first_bar * km_plan_bar_ticks(&plan);
        const uint32_t end = start + plan.sections[silence].bar_count * km_plan_bar_ticks(&plan);
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            const int count = read_notes((enum km_part)part);
            for (int i = 0; i < count; ++i) {
                assert_true(notes[i].end <= start || notes[i].start >= end);
            }
        }
        const bool is_piano = plan.ensemble == KM_ENSEMBLE_SOLO_PIANO;
        const int count =
            is_piano ? controls_of(KM_PART_CHORDS, SUSTAIN, controls, CONTROLS_MAX) : 0;
        for (int i = 0; i < count; ++i) {
            assert_true(controls[i].tick < start || controls[i].tick >= end ||
                        controls[i].value == 0);
        }
    }
}

static uint64_t song_hash(const struct brief *brief)
{
    compose_brief(brief);
    uint64_t hash = 0;
    for (size_t t = 0; t < file.track_count; ++t) {
        hash = hash * 31 + hash_of_bytes((const unsigned char *)file.tracks[t].events,
                                         file.tracks[t].count * sizeof(struct km_event));
    }
    return hash;
}

static void broken_rules_are_heard_from_every_ensemble(void **state)
{
    (void)state;
    int unchanged = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        struct brief brief =
            brief_of(seed, seed % 2 == 0 ? KM_ENSEMBLE_SOLO_PIANO : KM_ENSEMBLE_STRING_QUARTET);
        brief.wishes.bars = (uint16_t)(16 + seed % 9);
        brief.wishes.keeps_rules = true; // None that the feeling asks for.
        const uint64_t plain = song_hash(&brief);
        for (unsigned int rule = 0; rule < KM_RULES_COUNT; ++rule) {
            brief.wishes.rules = 1U << rule;
            if (!km_rule_missing((enum km_rule)rule) && song_hash(&brief) == plain) {
                print_error("seed %llu: %s changes nothing\n", (unsigned long long)seed,
                            km_rule_names()[rule]);
                ++unchanged;
            }
        }
    }
    assert_int_equal(unchanged, 0);
}

static void rules_of_balance_are_heard_from_every_ensemble(void **state)
{
    (void)state;
    static const enum km_part inner[KM_ENSEMBLES_COUNT] = {KM_PART_CHORDS, KM_PART_CHORDS,
                                                           KM_PART_PAD};
    for (uint64_t seed = 0; seed < 30; ++seed) {
        const uint8_t ensemble = (uint8_t)(seed % KM_ENSEMBLES_COUNT);
        struct brief brief = brief_of(seed, ensemble);
        brief.arousal = 0.3;
        brief.wishes.keeps_rules = true;
        compose_brief(&brief);
        assert_true(mean_velocity(KM_PART_MELODY) > mean_velocity(inner[ensemble]));
        const double before = mean_velocity(inner[ensemble]);
        const double bass = mean_velocity(KM_PART_BASS);
        brief.wishes.rules = 1U << KM_RULE_ARRANGEMENT_BURIED_VOCALS;
        compose_brief(&brief);
        assert_true(mean_velocity(KM_PART_MELODY) + 8 < mean_velocity(inner[ensemble]));
        brief.wishes.rules = 1U << KM_RULE_ARRANGEMENT_UNBALANCED_DYNAMICS;
        compose_brief(&brief);
        assert_true(mean_velocity(inner[ensemble]) > before + 20 ||
                    mean_velocity(KM_PART_BASS) > bass + 20);
    }
}

// What marks the beat beside the tune is moved by a sixteenth, and the tune is not.
static void displacement_moves_what_marks_the_beat(void **state)
{
    (void)state;
    static const enum km_part inner[] = {KM_PART_CHORDS, KM_PART_CHORDS, KM_PART_PAD};
    for (uint64_t seed = 0; seed < 30; ++seed) {
        struct brief brief = brief_of(seed, (uint8_t)(seed % KM_ENSEMBLES_COUNT));
        brief.chaos = 0;
        brief.wishes.keeps_rules = true;
        compose_brief(&brief);
        (void)read_notes(inner[plan.ensemble]);
        const uint32_t first = notes[0].start;
        const uint64_t tune = notes_hash(KM_PART_MELODY);
        brief.wishes.rules = 1U << KM_RULE_RHYTHM_CONSTANT_DISPLACEMENT;
        compose_brief(&brief);
        (void)read_notes(inner[plan.ensemble]);
        assert_int_equal(notes[0].start, first + 120);
        assert_true(notes_hash(KM_PART_MELODY) == tune);
    }
}

static void chamber_music_fails_cleanly_without_memory(void **state)
{
    (void)state;
    for (int ensemble = 0; ensemble < KM_ENSEMBLES_COUNT; ++ensemble) {
        const struct brief brief = brief_of(4, (uint8_t)ensemble);
        make_plan(&brief);
        bool is_done = false;
        for (uint64_t fail_at = 1; !is_done; ++fail_at) {
            assert_true(fail_at < 1000);
            const struct km_heap_config config = {.fail_at = fail_at};
            struct km_heap *const heap = km_heap_new(&config);
            assert_non_null(heap);
            struct km_midi_file song;
            km_midi_file_init(&song, heap, 1, KM_PPQ);
            const enum km_status status = km_song_compose(&plan, NULL, &song, NULL);
            is_done = status == KM_OK;
            assert_true(is_done || status == KM_ERROR_NO_MEMORY);
            assert_true(is_done || song.track_count == 0);
            km_midi_file_release(&song);
            km_heap_free(heap); // Checks that nothing is left.
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(no_note_is_out_of_its_instruments_range),
        SONG_TEST(any_instrument_in_a_plan_is_played_in_its_range),
        SONG_TEST(chamber_music_has_its_players_and_no_drums),
        SONG_TEST(a_hand_strikes_what_a_hand_can_reach),
        SONG_TEST(the_hands_do_not_collide),
        SONG_TEST(the_pedal_changes_with_the_harmony),
        SONG_TEST(left_hands_differ_with_the_feeling),
        SONG_TEST(each_bow_plays_one_note_at_a_time),
        SONG_TEST(the_lower_voices_make_no_parallel_fifths_or_octaves),
        SONG_TEST(the_lower_voices_tell_the_chord),
        SONG_TEST(a_varied_part_leaves_the_others),
        SONG_TEST(silence_is_silent),
        SONG_TEST(broken_rules_are_heard_from_every_ensemble),
        SONG_TEST(rules_of_balance_are_heard_from_every_ensemble),
        SONG_TEST(displacement_moves_what_marks_the_beat),
        SONG_TEST(chamber_music_fails_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
