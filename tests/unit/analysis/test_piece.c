// SPDX-License-Identifier: MIT

#include "analysis/piece.h"

#include "base/random.h"
#include "heap/heap.h"
#include "midi/notes.h"
#include "midi/tempo_map.h"
#include "support/cmocka.h"
#include "unit/midi/midi_random.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_SIZE_MAX = 1 << 22, PATH_SIZE = 1024, RANDOM_FILES = 60 };

static struct km_piece piece_of(struct fixture *fixture)
{
    struct km_piece piece;
    assert_int_equal(km_piece_of_file(&piece, fixture->heap, &fixture->file, &fixture->error),
                     KM_OK);
    return piece;
}

static void expect_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * (1.0 + fabs(b)))) {
        fail_msg("%.12g is not %.12g", a, b);
    }
}

// ---- The reference: pairs of notes and the map of tempos, as the module midi makes them

struct expected {
    struct km_note note;
    uint32_t track;
};

static int compare_expected(const void *left, const void *right)
{
    const struct expected *const a = left;
    const struct expected *const b = right;
    const uint64_t keys[2][4] = {{a->note.tick, a->track, a->note.key, 0},
                                 {b->note.tick, b->track, b->note.key, 0}};
    for (size_t i = 0; i < 3; ++i) {
        if (keys[0][i] != keys[1][i]) {
            return keys[0][i] < keys[1][i] ? -1 : 1;
        }
    }
    return a < b ? -1 : 1; // Mergesort of the C library keeps this order.
}

static size_t gather(const struct km_midi_file *file, struct expected **all)
{
    size_t count = 0;
    *all = calloc(1, sizeof(**all));
    assert_non_null(*all);
    for (size_t t = 0; t < file->track_count; ++t) {
        struct km_notes notes;
        assert_int_equal(km_notes_init(&notes, file, t), KM_OK);
        *all = realloc(*all, (count + notes.count + 1) * sizeof(**all));
        assert_non_null(*all);
        for (size_t i = 0; i < notes.count; ++i) {
            (*all)[count++] = (struct expected){notes.notes[i], (uint32_t)t};
        }
        km_notes_release(&notes);
    }
    qsort(*all, count, sizeof(**all), compare_expected);
    return count;
}

static void expect_same_notes(const struct km_midi_file *file, const struct km_piece *piece)
{
    struct expected *all = NULL;
    const size_t count = gather(file, &all);
    struct km_tempo_map map;
    assert_int_equal(km_tempo_map_init(&map, file), KM_OK);
    assert_int_equal(piece->note_count, count);
    size_t of_parts = 0;
    for (size_t i = 0; i < count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        assert_int_equal(note->key, all[i].note.key);
        assert_int_equal(note->track, all[i].track);
        expect_near(note->start_s, km_tempo_map_seconds(&map, all[i].note.tick));
        expect_near(km_piece_seconds(piece, note->start_beat), note->start_s);
        assert_true(note->end_beat >= note->start_beat && note->end_s >= note->start_s);
        assert_true(note->sound_end_beat >= note->end_beat);
        assert_true(note->sound_end_beat <= piece->end_beat);
        assert_true(note->sound_end_s <= piece->end_s);
        assert_int_equal(piece->parts[note->part].channel, note->channel);
    }
    for (size_t i = 0; i < piece->part_count; ++i) {
        of_parts += piece->parts[i].note_count;
    }
    assert_int_equal(of_parts, count);
    km_tempo_map_release(&map);
    free(all);
}

// Lengths and velocities, which may come in another order where one key begins twice at one place.
static void expect_same_sums(const struct km_midi_file *file, const struct km_piece *piece)
{
    struct expected *all = NULL;
    const size_t count = gather(file, &all);
    struct km_tempo_map map;
    assert_int_equal(km_tempo_map_init(&map, file), KM_OK);
    double sums[2][2] = {{0}};
    for (size_t i = 0; i < count; ++i) {
        sums[0][0] += piece->notes[i].end_s;
        sums[0][1] += piece->notes[i].velocity;
        sums[1][0] += km_tempo_map_seconds(&map, all[i].note.end);
        sums[1][1] += all[i].note.velocity;
    }
    expect_near(sums[0][0], sums[1][0]);
    expect_near(sums[0][1], sums[1][1]);
    km_tempo_map_release(&map);
    free(all);
}

static void random_files_have_the_notes_that_midi_pairs(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 1, "piece");
    for (int i = 0; i < RANDOM_FILES; ++i) {
        struct fixture fixture = fixture_of(1, 0);
        fill_randomly(&fixture.file, &random, 5, 400);
        fixture.file.format = fixture.file.format == 2 ? 1 : fixture.file.format;
        struct km_piece piece = piece_of(&fixture);
        expect_same_notes(&fixture.file, &piece);
        expect_same_sums(&fixture.file, &piece);
        km_piece_release(&piece);
        fixture_release(&fixture);
    }
}

// ---- Files of the world

static size_t load(const char *path, unsigned char *bytes)
{
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(bytes, 1, FILE_SIZE_MAX, file);
    fclose(file);
    return size;
}

static void check_file(const char *path, unsigned char *bytes)
{
    struct fixture fixture = fixture_of(1, 0);
    const size_t size = load(path, bytes);
    if (km_midi_file_read(&fixture.file, bytes, size, NULL, &fixture.error) == KM_OK &&
        fixture.file.format != 2) {
        struct km_piece piece = piece_of(&fixture);
        expect_same_notes(&fixture.file, &piece);
        expect_same_sums(&fixture.file, &piece);
        km_piece_release(&piece);
    }
    fixture_release(&fixture);
}

static size_t check_folder(const char *folder, unsigned char *bytes)
{
    const char *const data = getenv("KMIDI_DATA");
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/%s", data ? data : "", folder);
    DIR *const directory = opendir(path);
    size_t count = 0;
    for (struct dirent *entry = directory ? readdir(directory) : NULL; entry;
         entry = readdir(directory)) {
        const char *const end = strrchr(entry->d_name, '.');
        if (end && strcmp(end, ".mid") == 0) {
            snprintf(path, sizeof(path), "%s/%s/%s", data, folder, entry->d_name);
            check_file(path, bytes);
            ++count;
        }
    }
    if (directory) {
        closedir(directory);
    }
    return count;
}

static void files_of_the_world_have_the_notes_that_midi_pairs(void **state)
{
    (void)state;
    static const char *const folders[] = {"midi_small/amads", "midi_small/muspy",
                                          "midi_small/partitura", "midi_small/note_seq",
                                          "justkeydding/features"};
    unsigned char *const bytes = malloc(FILE_SIZE_MAX);
    assert_non_null(bytes);
    size_t count = 0;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); ++i) {
        count += check_folder(folders[i], bytes);
    }
    free(bytes);
    if (count == 0) {
        print_message("# skipped: KMIDI_DATA is not there\n");
        skip();
    }
    assert_in_range(count, 80, 1000);
}

// ---- Pedal, against a simple player

static struct km_event control(uint64_t tick, uint8_t channel, uint8_t number, uint8_t value)
{
    return (struct km_event){tick, KM_EVENT_CONTROL, channel, number, value, 0};
}

enum { PEDAL_KEYS = 4, PEDAL_TICKS = 400 };

// Plays the track tick by tick; tells for each note, in the order of note-ons, when it stops.
struct player {
    int sounding[PEDAL_KEYS]; // Index of the note, or -1.
    bool is_held[PEDAL_KEYS]; // Its key is up, the pedal holds it.
    double ends[PEDAL_TICKS];
    int count;
    bool is_down;
};

static void stop(struct player *player, int key, uint64_t tick)
{
    if (player->sounding[key] >= 0) {
        player->ends[player->sounding[key]] = (double)tick;
        player->sounding[key] = -1;
    }
}

static void lift_pedal(struct player *player, uint64_t tick)
{
    for (int key = 0; key < PEDAL_KEYS; ++key) {
        if (player->is_held[key]) {
            player->is_held[key] = false;
            stop(player, key, tick);
        }
    }
}

static void play(struct player *player, const struct km_event *event)
{
    const int key = event->number % PEDAL_KEYS;
    if (event->type == KM_EVENT_NOTE_ON) {
        stop(player, key, event->tick);
        player->is_held[key] = false;
        player->sounding[key] = player->count++;
    } else if (event->type == KM_EVENT_NOTE_OFF && player->is_down) {
        player->is_held[key] = player->sounding[key] >= 0;
    } else if (event->type == KM_EVENT_NOTE_OFF) {
        stop(player, key, event->tick);
    } else if (event->type == KM_EVENT_CONTROL && event->number == 64) {
        player->is_down = event->value >= 64;
        if (!player->is_down) {
            lift_pedal(player, event->tick);
        }
    }
}

static void check_pedal(struct km_random *random)
{
    struct fixture fixture = fixture_of(1, 1);
    fixture.file.division = 1;
    struct player player = {.sounding = {-1, -1, -1, -1}};
    bool is_key_down[PEDAL_KEYS] = {false};
    for (uint64_t tick = 1; tick < PEDAL_TICKS - 1; ++tick) {
        const uint8_t key = (uint8_t)km_random_below(random, PEDAL_KEYS);
        struct km_event event =
            is_key_down[key] ? note_off(tick, 0, key, 64) : note_on(tick, 0, key, 64);
        if (km_random_chance(random, 0.2)) {
            event = control(tick, 0, 64, (uint8_t)km_random_below(random, 128));
        } else {
            is_key_down[key] = !is_key_down[key];
        }
        add(&fixture.file, 0, event);
        play(&player, &event);
    }
    for (int key = 0; key < PEDAL_KEYS; ++key) { // All is let go in the end.
        const struct km_event off = note_off(PEDAL_TICKS - 1, 0, (uint8_t)key, 64);
        add(&fixture.file, 0, off);
        play(&player, &off);
    }
    lift_pedal(&player, PEDAL_TICKS - 1);
    struct km_piece piece = piece_of(&fixture);
    assert_int_equal(piece.note_count, player.count);
    double last = 0;
    for (int i = 0; i < player.count; ++i) {
        last = fmax(last, piece.notes[i].end_beat);
    }
    for (int i = 0; i < player.count; ++i) {
        expect_near(piece.notes[i].sound_end_beat, fmin(player.ends[i], last));
    }
    km_piece_release(&piece);
    fixture_release(&fixture);
}

static void the_pedal_holds_notes_as_a_player_would(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 2, "pedal");
    for (int round = 0; round < 200; ++round) {
        check_pedal(&random);
    }
}

static void resetting_controllers_lifts_the_pedal(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 2);
    add(&fixture.file, 0, control(0, 3, 64, 127)); // On another track than the notes.
    add(&fixture.file, 0, control(960, 3, 121, 0));
    add(&fixture.file, 1, note_on(0, 3, 60, 64));
    add(&fixture.file, 1, note_off(240, 3, 60, 64));
    add(&fixture.file, 1, note_on(1920, 3, 62, 64));
    add(&fixture.file, 1, note_off(2400, 3, 62, 64));
    struct km_piece piece = piece_of(&fixture);
    expect_near(piece.notes[0].sound_end_beat, 2.0);
    expect_near(piece.notes[1].sound_end_beat, 5.0);
    km_piece_release(&piece);
    fixture_release(&fixture);
}

// Whatever stands first in the file: at one place a note ends before the pedal moves.
static void a_pedal_that_comes_with_the_end_of_a_note_does_not_hold_it(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    add(&fixture.file, 0, note_on(0, 0, 60, 64));
    add(&fixture.file, 0, control(480, 0, 64, 127));
    add(&fixture.file, 0, note_off(480, 0, 60, 64));
    add(&fixture.file, 0, note_on(480, 0, 62, 64));
    add(&fixture.file, 0, note_off(960, 0, 62, 64));
    add(&fixture.file, 0, control(960, 0, 64, 0));
    add(&fixture.file, 0, note_on(1440, 0, 64, 64));
    add(&fixture.file, 0, note_off(1920, 0, 64, 64));
    struct km_piece piece = piece_of(&fixture);
    expect_near(piece.notes[0].sound_end_beat, 1.0);
    expect_near(piece.notes[1].sound_end_beat, 2.0);
    km_piece_release(&piece);
    fixture_release(&fixture);
}

static void two_tracks_move_the_pedal_of_one_channel(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 3);
    add(&fixture.file, 0, control(0, 0, 64, 127));
    add(&fixture.file, 0, control(1440, 0, 64, 0));
    add(&fixture.file, 1, control(300, 0, 64, 127)); // Down already.
    add(&fixture.file, 1, control(600, 0, 64, 0));
    add(&fixture.file, 2, note_on(0, 0, 60, 64));
    add(&fixture.file, 2, note_off(240, 0, 60, 64));
    add(&fixture.file, 2, note_on(600, 0, 62, 64));
    add(&fixture.file, 2, note_off(960, 0, 62, 64));
    struct km_piece piece = piece_of(&fixture);
    expect_near(piece.notes[0].sound_end_beat, 1.25);
    expect_near(piece.notes[1].sound_end_beat, 2.0);
    km_piece_release(&piece);
    fixture.file.tracks[1].count -= 1; // The second track never lets go.
    piece = piece_of(&fixture);
    expect_near(piece.notes[0].sound_end_beat, 2.0); // When the last note ends,
    km_piece_release(&piece);
    fixture.file.tracks[1].events[0] = control(100, 0, 64, 0); // and, let go by it alone,
    piece = piece_of(&fixture);
    expect_near(piece.notes[0].sound_end_beat, 0.5); // when its key is.
    km_piece_release(&piece);
    fixture_release(&fixture);
}

// ---- Bars

// Walks from bar to bar.
static void expect_bars(const struct km_piece *piece, double end)
{
    double start = 0;
    uint32_t index = 0;
    size_t metre = 0;
    while (start < end) {
        const struct km_piece_metre *const holds = &piece->metres[metre];
        double beats = 4.0 * holds->numerator / holds->denominator;
        const bool is_last = metre + 1 == piece->metre_count;
        if (!is_last && piece->metres[metre + 1].beat < start + beats) {
            beats = piece->metres[metre + 1].beat - start;
        }
        for (int i = 0; i < 4; ++i) {
            const struct km_piece_bar bar = km_piece_bar_at(piece, start + beats * i / 4);
            assert_int_equal(bar.index, index);
            expect_near(bar.start_beat, start);
            expect_near(bar.beats, beats);
            assert_int_equal(bar.metre.numerator, holds->numerator);
        }
        start += beats;
        ++index;
        metre += !is_last && piece->metres[metre + 1].beat <= start;
    }
}

static struct km_event metre(uint64_t tick, uint8_t numerator, uint8_t denominator_log2)
{
    return (struct km_event){tick, KM_EVENT_TIME_SIGNATURE, 0, numerator, denominator_log2, 0};
}

static void bars_follow_changing_metres(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 3, "bars");
    for (int round = 0; round < 100; ++round) {
        struct fixture fixture = fixture_of(1, 1);
        uint64_t tick = 0;
        for (int i = 0; i < 8; ++i) {
            // Often in the middle of a bar: 60 ticks are a 32nd.
            add(&fixture.file, 0,
                metre(tick, (uint8_t)(1 + km_random_below(&random, 13)),
                      (uint8_t)km_random_below(&random, 6)));
            tick += 60 * (uint64_t)km_random_below(&random, 300);
        }
        struct km_piece piece = piece_of(&fixture);
        assert_true(piece.metre_count >= 1 && piece.metres[0].beat == 0);
        expect_bars(&piece, 300);
        km_piece_release(&piece);
        fixture_release(&fixture);
    }
}

static void an_upbeat_is_a_bar_of_its_own(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    add(&fixture.file, 0, metre(0, 1, 2));
    add(&fixture.file, 0, metre(480, 3, 2));
    add(&fixture.file, 0, metre(1920, 3, 2)); // Says it again: no new metre.
    add(&fixture.file, 0, metre(4320, 3, 2)); // In the middle of a bar: it begins one.
    struct km_piece piece = piece_of(&fixture);
    assert_int_equal(piece.metre_count, 3);
    assert_int_equal(km_piece_bar_at(&piece, 0.5).index, 0);
    assert_int_equal(km_piece_bar_at(&piece, 1).index, 1);
    assert_int_equal(km_piece_bar_at(&piece, 8.9).index, 3);
    expect_near(km_piece_bar_at(&piece, 8.9).beats, 2.0);
    assert_int_equal(km_piece_bar_at(&piece, 9).index, 4);
    assert_int_equal(km_piece_bar_at(&piece, -1).index, 0);
    assert_int_equal(km_piece_bar_at(&piece, 1e300).index, UINT32_MAX);
    km_piece_release(&piece);
    fixture_release(&fixture);
}

// ---- Time

static void seconds_and_beats_are_each_others_way_back(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    for (uint64_t i = 0; i < 50; ++i) {
        add(&fixture.file, 0,
            (struct km_event){.tick = i * 700,
                              .type = KM_EVENT_TEMPO,
                              .detail = 200000 + (uint32_t)(i * 37 % 11) * 90000});
    }
    struct km_piece piece = piece_of(&fixture);
    double last = -1;
    for (int i = 0; i < 270; ++i) {
        const double beat = i * 0.37;
        const double seconds = km_piece_seconds(&piece, beat);
        assert_true(seconds > last);
        expect_near(km_piece_beat(&piece, seconds), beat);
        last = seconds;
    }
    km_piece_release(&piece);
    fixture_release(&fixture);
}

static void smpte_time_has_quarter_notes_of_half_a_second(void **state)
{
    (void)state;
    static const uint16_t divisions[] = {0xE728, 0xE350, 0xE808, 0xE204};
    for (size_t i = 0; i < sizeof(divisions) / sizeof(divisions[0]); ++i) {
        struct fixture fixture = fixture_of(1, 1);
        fixture.file.division = divisions[i];
        add(&fixture.file, 0, (struct km_event){.type = KM_EVENT_TEMPO, .detail = 1000});
        add(&fixture.file, 0, note_on(5000, 0, 60, 64));
        add(&fixture.file, 0, note_off(12345, 0, 60, 64));
        struct km_piece piece = piece_of(&fixture);
        expect_same_notes(&fixture.file, &piece);
        expect_near(piece.notes[0].start_beat, 2.0 * piece.notes[0].start_s);
        assert_int_equal(piece.tempo_count, 1);
        expect_near(piece.tempos[0].bpm, 120);
        km_piece_release(&piece);
        fixture_release(&fixture);
    }
}

static void tracks_of_format_2_follow_each_other(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(2, 2);
    add(&fixture.file, 0, (struct km_event){.type = KM_EVENT_TEMPO, .detail = 1000000});
    add(&fixture.file, 0, note_on(0, 0, 60, 64));
    add(&fixture.file, 0, note_off(480, 0, 60, 64));
    add(&fixture.file, 0, end_of_track(960));
    add(&fixture.file, 1, note_on(480, 0, 62, 64));
    add(&fixture.file, 1, note_off(960, 0, 62, 64));
    struct km_piece piece = piece_of(&fixture);
    expect_near(piece.notes[1].start_beat, 3.0);
    expect_near(piece.notes[1].start_s, 2.5); // At 120 again.
    km_piece_release(&piece);
    fixture_release(&fixture);
}

// ---- Who plays

static struct km_event program(uint64_t tick, uint8_t channel, uint8_t number)
{
    return (struct km_event){tick, KM_EVENT_PROGRAM, channel, number, 0, 0};
}

static void add_short_note(struct km_midi_file *file, size_t track, uint64_t tick, uint8_t channel)
{
    add(file, track, note_on(tick, channel, 60, 64));
    add(file, track, note_off(tick + 1, channel, 60, 64));
}

static void programs_and_drum_kits_are_found(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 2);
    add(&fixture.file, 0, program(0, 1, 33));
    add(&fixture.file, 0, program(100, 1, 40));
    add(&fixture.file, 0, control(0, 2, 0, 127)); // XG's bank of drums.
    add(&fixture.file, 0, program(1, 2, 8));
    add_sysex(&fixture.file, 0, 50, 0xF0,
              "\x41\x10\x42\x12\x40\x1B\x15\x01\x0F\xF7");                     // Channel 12.
    add_sysex(&fixture.file, 0, 50, 0xF0, "\x43\x10\x4C\x08\x05\x07\x02\xF7"); // Channel 6.
    add_sysex(&fixture.file, 0, 50, 0xF0, "\x41\x10\x42\x12\x40\x15\x15\x02\x0F\xF7"); // Channel 5.
    assert_int_equal(km_midi_track_sort(&fixture.file, 0), KM_OK);
    for (uint64_t tick = 10; tick <= 110; tick += 100) {
        for (uint8_t channel = 0; channel < 16; ++channel) {
            add_short_note(&fixture.file, 1, tick, channel);
        }
    }
    assert_int_equal(km_midi_track_sort(&fixture.file, 1), KM_OK);
    struct km_piece piece = piece_of(&fixture);
    assert_int_equal(piece.note_count, 32);
    for (size_t i = 0; i < 32; ++i) {
        const struct km_piece_note *const note = &piece.notes[i];
        const bool is_late = note->start_beat > 0.1;
        const bool is_made_drum =
            is_late && (note->channel == 11 || note->channel == 5 || note->channel == 4);
        assert_int_equal(note->is_drum, note->channel == 9 || note->channel == 2 || is_made_drum);
        assert_int_equal(note->program, note->channel == 1   ? (is_late ? 40 : 33)
                                        : note->channel == 2 ? 8
                                                             : 0);
    }
    assert_int_equal(piece.parts[1].program, 33);
    assert_true(piece.parts[9].is_drum && piece.parts[2].is_drum && !piece.parts[5].is_drum);
    km_piece_release(&piece);
    fixture_release(&fixture);
}

static void names_are_made_utf8(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 3);
    add_text(&fixture.file, 0, 0, KM_META_TRACK_NAME, "F\xFCr Elise\r\n");
    add_text(&fixture.file, 0, 0, KM_META_TRACK_NAME, "not this");
    add_short_note(&fixture.file, 1, 0, 0);
    add_text(&fixture.file, 1, 9, KM_META_TRACK_NAME, "\xE6\x82\xB2\xE3\x81\x97\xE3\x81\xBF");
    add_short_note(&fixture.file, 2, 0, 0);
    struct km_piece piece = piece_of(&fixture);
    assert_string_equal(piece.title, "F\xC3\xBCr Elise");
    assert_int_equal(piece.part_count, 2);
    assert_string_equal(piece.parts[0].name, "\xE6\x82\xB2\xE3\x81\x97\xE3\x81\xBF");
    assert_string_equal(piece.parts[1].name, "");
    km_piece_release(&piece);
    fixture_release(&fixture);
}

static void more_parts_than_are_kept_share_the_last(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 70);
    for (size_t i = 0; i < 70; ++i) {
        add_short_note(&fixture.file, i, i, (uint8_t)(i % 16));
    }
    struct km_piece piece = piece_of(&fixture);
    assert_int_equal(piece.part_count, KM_PIECE_PARTS_MAX);
    assert_int_equal(piece.notes[63].part, 63);
    assert_int_equal(piece.notes[69].part, 63);
    assert_int_equal(piece.parts[63].note_count, 7);
    km_piece_release(&piece);
    fixture_release(&fixture);
}

static void the_name_of_the_only_track_is_the_piece_s(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 2);
    add_text(&fixture.file, 0, 0, KM_META_TRACK_NAME, "Sonata");
    add_short_note(&fixture.file, 0, 0, 0);
    struct km_piece piece = piece_of(&fixture);
    assert_string_equal(piece.title, "Sonata");
    assert_string_equal(piece.parts[0].name, "");
    km_piece_release(&piece);
    add_short_note(&fixture.file, 1, 0, 0);
    piece = piece_of(&fixture);
    assert_string_equal(piece.parts[0].name, "Sonata");
    km_piece_release(&piece);
    fixture_release(&fixture);
}

static void a_part_without_a_name_has_its_family_s(void **state)
{
    (void)state;
    struct km_piece_part part = {.program = 41};
    assert_string_equal(km_piece_part_name(&part), "Strings");
    part.program = 127;
    assert_string_equal(km_piece_part_name(&part), "Effects");
    part.is_drum = true;
    assert_string_equal(km_piece_part_name(&part), "Drums");
    snprintf(part.name, sizeof(part.name), "Kit");
    assert_string_equal(km_piece_part_name(&part), "Kit");
}

// ---- Whole pieces

static uint32_t bars_of_note(uint64_t start, uint64_t end)
{
    struct fixture fixture = fixture_of(1, 1);
    add(&fixture.file, 0, note_on(start, 0, 60, 64));
    add(&fixture.file, 0, note_off(end, 0, 60, 64));
    struct km_piece piece = piece_of(&fixture);
    const uint32_t bars = km_piece_bars(&piece);
    km_piece_release(&piece);
    fixture_release(&fixture);
    return bars;
}

static void a_note_that_rings_over_the_bar_line_makes_no_bar(void **state)
{
    (void)state;
    assert_int_equal(bars_of_note(0, 0), 1);
    assert_int_equal(bars_of_note(0, 1920), 1);
    assert_int_equal(bars_of_note(0, 1920 + 230), 1);
    assert_int_equal(bars_of_note(0, 1920 + 250), 2);
    assert_int_equal(bars_of_note(1920, 1920), 2); // But one that begins there does.
    assert_int_equal(bars_of_note(1919, 1921), 1);
    assert_int_equal(bars_of_note(1ULL << 50, 1ULL << 50), UINT32_MAX);
}

static void the_mean_tempo_fills_the_time(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    add(&fixture.file, 0, (struct km_event){.type = KM_EVENT_TEMPO, .detail = 1000000});
    add(&fixture.file, 0, note_on(0, 0, 60, 64));
    add(&fixture.file, 0, (struct km_event){.tick = 480, .type = KM_EVENT_TEMPO, .detail = 500000});
    add(&fixture.file, 0, note_off(1920, 0, 60, 64));
    struct km_piece piece = piece_of(&fixture);
    expect_near(km_piece_mean_bpm(&piece), 4 * 60 / 2.5);
    piece.end_s = piece.end_beat = 0;
    expect_near(km_piece_mean_bpm(&piece), 60);
    km_piece_release(&piece);
    fixture_release(&fixture);
}

// ---- Limits

static void a_file_without_notes_is_a_piece_too(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 0);
    struct km_piece piece = piece_of(&fixture);
    assert_int_equal(piece.note_count, 0);
    assert_int_equal(piece.metre_count, 1);
    assert_int_equal(piece.tempo_count, 1);
    expect_near(piece.tempos[0].bpm, 120);
    expect_near(piece.end_s, 0);
    km_piece_release(&piece);
    fixture_release(&fixture);
}

static void too_many_notes_are_refused_in_a_sentence(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    assert_int_equal(km_midi_file_reserve(&fixture.file, 0, KM_PIECE_NOTES_MAX + 1), KM_OK);
    for (uint64_t i = 0; i <= KM_PIECE_NOTES_MAX; ++i) {
        add(&fixture.file, 0, note_on(i / 9, 0, 60, 64));
    }
    struct km_piece piece;
    assert_int_equal(km_piece_of_file(&piece, fixture.heap, &fixture.file, &fixture.error),
                     KM_ERROR_TOO_LARGE);
    assert_string_equal(fixture.error.message,
                        "more than 1048576 notes: too many to analyse at once");
    fixture.file.tracks[0].count -= 1;
    assert_int_equal(km_piece_of_file(&piece, fixture.heap, &fixture.file, &fixture.error), KM_OK);
    assert_int_equal(piece.note_count, KM_PIECE_NOTES_MAX);
    km_piece_release(&piece);
    fixture_release(&fixture);
}

static void failing_memory_leaves_nothing(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 3);
    struct km_random random;
    km_random_init(&random, 4, "memory");
    for (size_t i = 0; i < 3; ++i) {
        fill_track(&fixture.file, i, &random, 3000);
    }
    enum km_status status = KM_ERROR_NO_MEMORY;
    struct km_piece piece = {.end_s = -7};
    uint64_t attempt = 0;
    while (status != KM_OK) {
        km_heap_fail_at(fixture.heap, ++attempt);
        status = km_piece_of_file(&piece, fixture.heap, &fixture.file, &fixture.error);
        assert_true(status == KM_OK || (status == KM_ERROR_NO_MEMORY && piece.end_s == -7 &&
                                        fixture.error.message[0] != '\0'));
    }
    km_heap_fail_at(fixture.heap, 0);
    assert_in_range(attempt, 6, 40);
    km_piece_release(&piece);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_files_have_the_notes_that_midi_pairs),
        cmocka_unit_test(files_of_the_world_have_the_notes_that_midi_pairs),
        cmocka_unit_test(the_pedal_holds_notes_as_a_player_would),
        cmocka_unit_test(resetting_controllers_lifts_the_pedal),
        cmocka_unit_test(a_pedal_that_comes_with_the_end_of_a_note_does_not_hold_it),
        cmocka_unit_test(two_tracks_move_the_pedal_of_one_channel),
        cmocka_unit_test(bars_follow_changing_metres),
        cmocka_unit_test(an_upbeat_is_a_bar_of_its_own),
        cmocka_unit_test(seconds_and_beats_are_each_others_way_back),
        cmocka_unit_test(smpte_time_has_quarter_notes_of_half_a_second),
        cmocka_unit_test(tracks_of_format_2_follow_each_other),
        cmocka_unit_test(programs_and_drum_kits_are_found),
        cmocka_unit_test(names_are_made_utf8),
        cmocka_unit_test(more_parts_than_are_kept_share_the_last),
        cmocka_unit_test(the_name_of_the_only_track_is_the_piece_s),
        cmocka_unit_test(a_part_without_a_name_has_its_family_s),
        cmocka_unit_test(a_note_that_rings_over_the_bar_line_makes_no_bar),
        cmocka_unit_test(the_mean_tempo_fills_the_time),
        cmocka_unit_test(a_file_without_notes_is_a_piece_too),
        cmocka_unit_test(too_many_notes_are_refused_in_a_sentence),
        cmocka_unit_test(failing_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
