// SPDX-License-Identifier: MIT

// What a listener hears of the melody, read from finished songs: it is sung, it is of its chords,
// its phrases end, it has one climax, and its sections are known again.

#include "session/song.h"

#include "unit/session/heard_song.h"
#include "unit/session/likeness.h"

#include <stdio.h>
#include <stdlib.h>

enum { SONGS_COUNT = 2000, SECTION_NOTES_MAX = 512, COMPARED_BARS_MAX = 8 };

// Counts over all songs of one quadrant of feeling: joy, anger, sadness, calm.
struct quadrant {
    int songs, climaxes;
    double notes, seconds; // While sung.
    double moves, within_two, over_seven, semitones, repeats;
    double leaps, recovered;
};

struct figures {
    struct quadrant quadrants[4];
    int over_octave, out_of_register, shared_peaks;
    int jarring, jarring_unresolved, leaps_to_foreign, downbeats, downbeats_foreign, tritones;
    int phrases, breathless, wrong_ends, final_wrong;
    int silent_notes;
    double kind_heights[KM_SECTION_KINDS_COUNT];
    int kind_notes[KM_SECTION_KINDS_COUNT];
    double same[4 * SONGS_COUNT], different[4 * SONGS_COUNT], other_song[SONGS_COUNT];
    int same_count, different_count, other_song_count, identical_returns;
    uint64_t hashes[SONGS_COUNT];
};

static struct figures figures;
static struct compared last_chorus[LIKENESS_NOTES_MAX];
static int last_chorus_count;

// Then the melody is foreign to its chords on purpose.
static bool is_in_two_keys(void)
{
    return km_plan_breaks(&plan, KM_RULE_HARMONY_POLYTONALITY);
}

static uint32_t bar_ticks(void)
{
    return km_plan_bar_ticks(&plan);
}

// On the grid: what the groove moved is moved back.
static uint32_t grid(uint32_t tick)
{
    return (tick + LIKENESS_GRID / 2) / LIKENESS_GRID * LIKENESS_GRID;
}

static km_pitch_set chord_at(uint32_t tick)
{
    static int index;
    index = index < plan.chord_count && plan.chords[index].start_tick <= tick ? index : 0;
    while (index + 1 < plan.chord_count && plan.chords[index + 1].start_tick <= tick) {
        ++index;
    }
    const km_pitch_set pitches = km_chord_pitches(plan.chords[index].chord);
    return pitches != 0 ? pitches : km_key_pitches(plan.key);
}

static bool is_in(km_pitch_set set, int key)
{
    return (set >> key % 12 & 1U) != 0;
}

static int section_of(uint32_t bar)
{
    int index = 0;
    for (int i = 0; i < plan.section_count; ++i) {
        index = plan.sections[i].first_bar <= bar ? i : index;
    }
    return index;
}

static bool is_sung(int section)
{
    return plan.sections[section].kind != KM_SECTION_INTRO &&
           plan.sections[section].kind != KM_SECTION_SILENCE;
}

// A step: of two semitones, or to the neighbour in a scale with wider ones.
static bool is_step(int from, int to)
{
    const int size = abs(to - from);
    if (size <= 2) {
        return size > 0;
    }
    const bool is_wide = plan.key.mode == KM_MODE_MAJOR_PENTATONIC ||
                         plan.key.mode == KM_MODE_MINOR_PENTATONIC ||
                         plan.key.mode == KM_MODE_BLUES;
    return is_wide && size == 3;
}

static struct quadrant *quadrant_of_song(void)
{
    const bool is_high = plan.affect.arousal >= 0.0F;
    const bool is_good = plan.affect.valence >= 0.0F;
    return &figures.quadrants[is_high ? (is_good ? 0 : 1) : (is_good ? 3 : 2)];
}

static void count_moves(int count, struct quadrant *quadrant)
{
    for (int i = 1; i < count; ++i) {
        const int move = notes[i].key - notes[i - 1].key;
        const int size = abs(move);
        const bool is_foreign = !is_in(chord_at(grid(notes[i].start)), notes[i].key);
        quadrant->moves += 1;
        quadrant->within_two += size <= 2;
        quadrant->over_seven += size > 7;
        quadrant->semitones += size;
        quadrant->repeats += size == 0;
        figures.over_octave += size > 12;
        figures.tritones += size == 6 && !is_in_two_keys();
        figures.leaps_to_foreign +=
            size > 0 && !is_step(notes[i - 1].key, notes[i].key) && is_foreign && !is_in_two_keys();
        if (size > 5 && i + 1 < count && notes[i + 1].start < notes[i].end + KM_PPQ) {
            const int next = notes[i + 1].key - notes[i].key;
            quadrant->leaps += 1;
            quadrant->recovered += (move > 0) == (next < 0) && next != 0;
        }
    }
}

static void count_chord_notes(int count)
{
    if (is_in_two_keys()) {
        return;
    }
    for (int i = 0; i < count; ++i) {
        const uint32_t tick = grid(notes[i].start);
        const bool is_foreign = !is_in(chord_at(tick), notes[i].key);
        figures.downbeats += tick % bar_ticks() == 0;
        figures.downbeats_foreign += is_foreign && tick % bar_ticks() == 0;
        figures.jarring += is_foreign;
        figures.jarring_unresolved +=
            is_foreign && (i + 1 == count || !is_step(notes[i].key, notes[i + 1].key));
        figures.out_of_register +=
            notes[i].key < plan.register_low || notes[i].key > plan.register_high;
    }
}

static void count_sections(int count)
{
    for (int i = 0; i < count; ++i) {
        const int section = section_of(grid(notes[i].start) / bar_ticks());
        const uint8_t kind = plan.sections[section].kind;
        figures.kind_heights[kind] += notes[i].key - plan.register_low;
        ++figures.kind_notes[kind];
        figures.silent_notes += kind == KM_SECTION_SILENCE;
    }
}

// Where the tension is highest while the voice sings.
static uint32_t peak_bar(void)
{
    int peak = -1;
    for (int bar = 0; bar < plan.length_bars; ++bar) {
        if (is_sung(section_of((uint32_t)bar)) &&
            (peak < 0 || plan.tension[bar] > plan.tension[peak])) {
            peak = bar;
        }
    }
    return (uint32_t)peak;
}

static void count_climax(int count, struct quadrant *quadrant)
{
    int highest = 0;
    for (int i = 0; i < count; ++i) {
        highest = notes[i].key > notes[highest].key ? i : highest;
    }
    for (int i = highest + 1; i < count; ++i) {
        if (notes[i].key == notes[highest].key) {
            ++figures.shared_peaks;
            break;
        }
    }
    const int bar = (int)(grid(notes[highest].start) / bar_ticks());
    const bool rises = highest > 0 && notes[highest - 1].key < notes[highest].key;
    quadrant->climaxes += rises && abs(bar - (int)peak_bar()) <= 1;
    ++quadrant->songs;
}

// The last note of a phrase's last bar after which there is a breath, of an eighth less what the
// groove may take; pick-ups of the next phrase come after it. -1: there is none.
static int last_of_phrase(int count, const struct km_plan_phrase *phrase)
{
    const uint32_t end = (phrase->first_bar + (uint32_t)phrase->bar_count) * bar_ticks();
    int last = -1;
    for (int i = 0; i < count; ++i) {
        const uint32_t tick = grid(notes[i].start);
        const bool has_breath = i + 1 == count || notes[i + 1].start >= notes[i].end + 200;
        if (tick + bar_ticks() >= end && tick < end && has_breath) {
            last = i;
        }
    }
    return last;
}

static bool ends_as_it_says(const struct km_plan_phrase *phrase, const struct heard *note)
{
    const uint32_t end = (phrase->first_bar + (uint32_t)phrase->bar_count) * bar_ticks();
    const km_pitch_set chord = chord_at(end - 1);
    const int third = plan.key.tonic + (km_mode_is_minor((enum km_mode)plan.key.mode) ? 3 : 4);
    switch (phrase->cadence) {
    case KM_CADENCE_AUTHENTIC:
    case KM_CADENCE_PLAGAL:
    case KM_CADENCE_MODAL:
        return note->key % 12 == plan.key.tonic || note->key % 12 == third % 12 ||
               is_in(chord, note->key); // A picardy third, or home without a third.
    case KM_CADENCE_HALF:
    case KM_CADENCE_OPEN:
        return is_in(chord, note->key) && note->key % 12 != plan.key.tonic;
    default:
        return is_in(chord, note->key);
    }
}

static void count_phrases(int count)
{
    for (int i = 0; i < plan.phrase_count; ++i) {
        const struct km_plan_phrase *const phrase = &plan.phrases[i];
        if (!is_sung(section_of(phrase->first_bar))) {
            continue;
        }
        const int last = last_of_phrase(count, phrase);
        ++figures.phrases;
        if (last < 0) {
            ++figures.breathless;
            continue;
        }
        if (!ends_as_it_says(phrase, &notes[last]) && !is_in_two_keys()) {
            ++figures.wrong_ends;
        }
    }
}

static int compare_section(int count, const struct km_plan_section *section, int bars,
                           struct compared *compared)
{
    const uint32_t begin = section->first_bar * bar_ticks();
    const uint32_t end = begin + (uint32_t)bars * bar_ticks();
    int found = 0;
    uint32_t before = begin;
    int key = 0;
    for (int i = 0; i < count && found < LIKENESS_NOTES_MAX; ++i) {
        const uint32_t tick = grid(notes[i].start);
        if (tick >= begin && tick < end) {
            compared[found++] =
                (struct compared){.interval = (int8_t)(key > 0 ? steps_of(notes[i].key - key) : 0),
                                  .gap = (int16_t)((tick - before) / LIKENESS_GRID)};
            before = tick;
            key = notes[i].key;
        }
    }
    return found;
}

static double likeness_of(int count, const struct km_plan_section *one,
                          const struct km_plan_section *other)
{
    static struct compared a[LIKENESS_NOTES_MAX];
    static struct compared b[LIKENESS_NOTES_MAX];
    int bars = one->bar_count < other->bar_count ? one->bar_count : other->bar_count;
    bars = bars < COMPARED_BARS_MAX ? bars : COMPARED_BARS_MAX;
    return likeness(a, compare_section(count, one, bars, a), b,
                    compare_section(count, other, bars, b));
}

static bool is_main(uint8_t kind)
{
    return kind == KM_SECTION_VERSE || kind == KM_SECTION_CHORUS || kind == KM_SECTION_BRIDGE ||
           kind == KM_SECTION_PRE_CHORUS || kind == KM_SECTION_DROP;
}

static void count_likeness(int count)
{
    const struct km_plan_section *first[KM_SECTION_KINDS_COUNT] = {NULL};
    for (int i = 0; i < plan.section_count; ++i) {
        const struct km_plan_section *const section = &plan.sections[i];
        if (!is_main(section->kind)) {
            continue;
        }
        if (first[section->kind]) {
            const double like = likeness_of(count, first[section->kind], section);
            figures.identical_returns += like >= 1;
            figures.same[figures.same_count++] = like;
            continue;
        }
        for (int kind = 0;
             kind < KM_SECTION_KINDS_COUNT && figures.different_count < 4 * SONGS_COUNT; ++kind) {
            // A drop is the chorus of its song.
            const bool is_kin = (kind == KM_SECTION_CHORUS && section->kind == KM_SECTION_DROP) ||
                                (kind == KM_SECTION_DROP && section->kind == KM_SECTION_CHORUS);
            if (first[kind] && !is_kin) {
                figures.different[figures.different_count++] =
                    likeness_of(count, first[kind], section);
            }
        }
        first[section->kind] = section;
    }
    static struct compared now[LIKENESS_NOTES_MAX];
    const struct km_plan_section *const verse = first[KM_SECTION_VERSE];
    if (verse) {
        const int now_count = compare_section(count, verse, 4, now);
        if (last_chorus_count > 0) {
            figures.other_song[figures.other_song_count++] =
                likeness(last_chorus, last_chorus_count, now, now_count);
        }
        memcpy(last_chorus, now, sizeof(now));
        last_chorus_count = now_count;
    }
}

static void count_song(int song)
{
    struct quadrant *const quadrant = quadrant_of_song();
    const int count = read_notes(KM_PART_MELODY);
    assert_true(count > 4);
    figures.hashes[song] = notes_hash(KM_PART_MELODY);
    quadrant->notes += count;
    for (int i = 0; i < plan.section_count; ++i) {
        quadrant->seconds += is_sung(i) ? (double)(plan.sections[i].bar_count * bar_ticks()) /
                                              KM_PPQ * 60 / plan.tempo_bpm
                                        : 0;
    }
    count_moves(count, quadrant);
    count_chord_notes(count);
    count_sections(count);
    count_climax(count, quadrant);
    count_phrases(count);
    count_likeness(count);
    const bool avoids = km_plan_breaks(&plan, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION);
    figures.final_wrong +=
        (!is_in_two_keys() && avoids == (notes[count - 1].key % 12 == plan.key.tonic)) ||
        notes[count - 1].end + 240 < km_plan_length_ticks(&plan);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_hashes(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static double mean_of(const double *values, int count)
{
    double sum = 0;
    for (int i = 0; i < count; ++i) {
        sum += values[i];
    }
    return count > 0 ? sum / count : 0;
}

// Mean key over the bottom of the register.
static double height_of(uint8_t kind)
{
    return figures.kind_notes[kind] > 0 ? figures.kind_heights[kind] / figures.kind_notes[kind] : 0;
}

// For whoever wants to know: with KMIDI_FIGURES set.
static void print_figures(void)
{
    for (int i = 0; i < 4; ++i) {
        const struct quadrant *const q = &figures.quadrants[i];
        printf("quadrant %d: climax %.3f, notes/s %.2f, within 2 semitones %.3f, over 7 %.4f, "
               "mean %.2f, repeats %.3f, leaps taken back %.3f\n",
               i + 1, (double)q->climaxes / q->songs, q->notes / q->seconds,
               q->within_two / q->moves, q->over_seven / q->moves, q->semitones / q->moves,
               q->repeats / q->moves, q->recovered / q->leaps);
    }
    printf("foreign to the chord %d, on downbeats %d of %d; phrases %d\n", figures.jarring,
           figures.downbeats_foreign, figures.downbeats, figures.phrases);
    for (int kind = 0; kind < KM_SECTION_KINDS_COUNT; ++kind) {
        printf("%s %.2f (%d) ", km_section_name((enum km_section_kind)kind),
               height_of((uint8_t)kind), figures.kind_notes[kind]);
    }
    printf("\nalike: same %.3f p5 %.3f (%d of %d identical), different %.3f p95 %.3f, "
           "other song %.3f p95 %.3f\n",
           mean_of(figures.same, figures.same_count), figures.same[figures.same_count / 20],
           figures.identical_returns, figures.same_count,
           mean_of(figures.different, figures.different_count),
           figures.different[figures.different_count * 19 / 20],
           mean_of(figures.other_song, figures.other_song_count),
           figures.other_song[figures.other_song_count * 19 / 20]);
}

// 2,000 songs of all feelings, half of them on the grid, composed once for all tests.
static int sing_songs(void **state)
{
    (void)set_up(state);
    for (uint64_t seed = 0; seed < SONGS_COUNT; ++seed) {
        const struct brief brief = {
            .valence = (double)(seed * 7 % 20) / 10 - 0.95,
            .arousal = (double)(seed * 13 % 19) / 9.5 - 0.95,
            .chaos = seed % 2 == 0 ? 0 : (double)(seed % 5) / 5,
            .seed = seed,
            .wishes = {.has_bars = true, .bars = (uint16_t)(16 + seed % 4 * 12)}};
        compose_brief(&brief);
        count_song((int)seed);
    }
    qsort(figures.same, (size_t)figures.same_count, sizeof(double), compare_doubles);
    qsort(figures.different, (size_t)figures.different_count, sizeof(double), compare_doubles);
    qsort(figures.other_song, (size_t)figures.other_song_count, sizeof(double), compare_doubles);
    qsort(figures.hashes, SONGS_COUNT, sizeof(uint64_t), compare_hashes);
    if (getenv("KMIDI_FIGURES")) {
        print_figures();
    }
    return 0;
}

static void no_voice_leaps_over_an_octave_or_leaves_its_register(void **state)
{
    (void)state;
    assert_int_equal(figures.over_octave, 0);
    assert_int_equal(figures.out_of_register, 0);
}

// Tunes of many cultures move mostly by step and seldom by more than a fifth (Huron 2006).
static void melodies_move_as_people_sing(void **state)
{
    (void)state;
    for (int i = 0; i < 4; ++i) {
        const struct quadrant *const q = &figures.quadrants[i];
        assert_true(q->songs > SONGS_COUNT / 8);
        assert_true(q->within_two > 0.55 * q->moves);
        assert_true(q->over_seven < 0.05 * q->moves);
        assert_true(q->repeats > 0.05 * q->moves && q->repeats < 0.3 * q->moves);
        assert_true(q->semitones > 1.7 * q->moves && q->semitones < 3.0 * q->moves);
        assert_true(q->recovered > 0.65 * q->leaps);
        assert_true(q->notes > 0.7 * q->seconds && q->notes < 4.0 * q->seconds);
    }
    assert_in_range(figures.tritones, 0, 4); // Of all songs
}

static void excited_songs_have_more_notes(void **state)
{
    (void)state;
    const struct quadrant *const q = figures.quadrants;
    assert_true(q[0].notes / q[0].seconds > 1.4 * q[3].notes / q[3].seconds);
    assert_true(q[1].notes / q[1].seconds > 1.4 * q[2].notes / q[2].seconds);
}

static void what_is_foreign_to_the_chord_comes_and_goes_by_step(void **state)
{
    (void)state;
    assert_true(figures.jarring > 0);
    assert_int_equal(figures.jarring_unresolved, 0);
    assert_int_equal(figures.leaps_to_foreign, 0);
    assert_true(figures.downbeats_foreign * 100 < figures.downbeats);
}

static void phrases_end_as_the_plan_says_and_breathe(void **state)
{
    (void)state;
    assert_true(figures.phrases > 10000);
    assert_int_equal(figures.wrong_ends, 0);
    assert_int_equal(figures.breathless, 0);
    assert_int_equal(figures.final_wrong, 0);
}

static void one_highest_note_is_reached_where_tension_peaks(void **state)
{
    (void)state;
    for (int i = 0; i < 4; ++i) {
        assert_true(figures.quadrants[i].climaxes * 100 >= figures.quadrants[i].songs * 95);
    }
    assert_true(figures.shared_peaks * 100 < SONGS_COUNT);
}

static void choruses_lie_higher_than_verses_and_breakdowns_lower(void **state)
{
    (void)state;
    assert_true(height_of(KM_SECTION_CHORUS) > height_of(KM_SECTION_VERSE) + 2);
    assert_true(height_of(KM_SECTION_PRE_CHORUS) > height_of(KM_SECTION_VERSE));
    assert_true(height_of(KM_SECTION_BREAKDOWN) < height_of(KM_SECTION_VERSE));
    assert_true(figures.kind_notes[KM_SECTION_INTRO] > 0); // Some songs hint at what comes.
    assert_int_equal(figures.silent_notes, 0);
}

static void sections_that_come_back_are_known_again(void **state)
{
    (void)state;
    assert_true(figures.same_count > SONGS_COUNT);
    assert_true(mean_of(figures.same, figures.same_count) > 0.8);
    assert_true(figures.same[figures.same_count / 20] > 0.7);
    // But most are varied.
    assert_true(figures.identical_returns * 2 < figures.same_count);
}

static void different_sections_and_songs_are_different(void **state)
{
    (void)state;
    assert_true(figures.different_count > SONGS_COUNT);
    assert_true(mean_of(figures.different, figures.different_count) < 0.4);
    assert_true(figures.different[figures.different_count * 19 / 20] < 0.51);
    assert_true(figures.other_song[figures.other_song_count * 19 / 20] < 0.5);
    for (int i = 1; i < SONGS_COUNT; ++i) {
        assert_true(figures.hashes[i] != figures.hashes[i - 1]);
    }
}

// Of the same feeling, that is: the seed alone makes another song.
static void no_two_seeds_sing_the_same(void **state)
{
    (void)state;
    static uint64_t hashes[200];
    for (uint64_t seed = 0; seed < 200; ++seed) {
        const struct brief brief = {.valence = -0.6, .arousal = -0.4, .seed = seed};
        compose_brief(&brief);
        hashes[seed] = notes_hash(KM_PART_MELODY);
    }
    qsort(hashes, 200, sizeof(uint64_t), compare_hashes);
    for (int i = 1; i < 200; ++i) {
        assert_true(hashes[i] != hashes[i - 1]);
    }
}

static void another_variation_is_another_melody_of_the_same_plan(void **state)
{
    (void)state;
    const struct brief brief = {.valence = 0.4, .arousal = 0.2, .seed = 9};
    compose_brief(&brief);
    const uint64_t melody = notes_hash(KM_PART_MELODY);
    const uint64_t chords = notes_hash(KM_PART_CHORDS);
    for (uint16_t variation = 1; variation < 20; ++variation) {
        plan.parts[KM_PART_MELODY].variation = variation;
        compose();
        assert_true(notes_hash(KM_PART_MELODY) != melody);
        assert_true(notes_hash(KM_PART_CHORDS) == chords);
    }
    plan.parts[KM_PART_MELODY].variation = 0;
    compose();
    assert_true(notes_hash(KM_PART_MELODY) == melody);
}

static void every_metre_is_sung(void **state)
{
    (void)state;
    static const uint8_t metres[][2] = {{4, 4}, {3, 4}, {6, 8}, {2, 4}, {12, 8}, {5, 4}, {7, 8}};
    for (uint64_t seed = 0; seed < 140; ++seed) {
        const struct brief brief = {.valence = (double)(seed % 5) / 2 - 1,
                                    .arousal = (double)(seed % 3) - 1,
                                    .seed = seed,
                                    .wishes = {.has_metre = true,
                                               .beats_per_bar = metres[seed % 7][0],
                                               .beat_unit = metres[seed % 7][1]}};
        compose_brief(&brief);
        const int count = read_notes(KM_PART_MELODY);
        assert_true(count * 2 > plan.length_bars);
        for (int i = 1; i < count; ++i) {
            assert_true(notes[i].start >= notes[i - 1].end); // One voice.
            assert_true(abs(notes[i].key - notes[i - 1].key) <= 12);
        }
        for (int i = 0; i < plan.phrase_count; ++i) {
            const struct km_plan_phrase *const phrase = &plan.phrases[i];
            assert_true(!is_sung(section_of(phrase->first_bar)) ||
                        last_of_phrase(count, phrase) >= 0);
        }
    }
}

static void nothing_is_sung_in_silence(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; ++seed) {
        const struct brief brief = {.seed = seed, .wishes = {.has_bars = true, .bars = 32}};
        make_plan(&brief);
        struct km_plan_section *const section = &plan.sections[plan.section_count / 2];
        section->kind = KM_SECTION_SILENCE;
        compose();
        const int count = read_notes(KM_PART_MELODY);
        for (int i = 0; i < count; ++i) {
            const uint32_t bar = grid(notes[i].start) / bar_ticks();
            assert_false(bar >= section->first_bar &&
                         bar < section->first_bar + section->bar_count);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_voice_leaps_over_an_octave_or_leaves_its_register),
        cmocka_unit_test(melodies_move_as_people_sing),
        cmocka_unit_test(excited_songs_have_more_notes),
        cmocka_unit_test(what_is_foreign_to_the_chord_comes_and_goes_by_step),
        cmocka_unit_test(phrases_end_as_the_plan_says_and_breathe),
        cmocka_unit_test(one_highest_note_is_reached_where_tension_peaks),
        cmocka_unit_test(choruses_lie_higher_than_verses_and_breakdowns_lower),
        cmocka_unit_test(sections_that_come_back_are_known_again),
        cmocka_unit_test(different_sections_and_songs_are_different),
        cmocka_unit_test(no_two_seeds_sing_the_same),
        cmocka_unit_test(another_variation_is_another_melody_of_the_same_plan),
        cmocka_unit_test(every_metre_is_sung),
        cmocka_unit_test(nothing_is_sung_in_silence),
    };
    return cmocka_run_group_tests(tests, sing_songs, release_file);
}
