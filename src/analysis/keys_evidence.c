// SPDX-License-Identifier: MIT

// Which key a whole piece is in: what sounds in all, how it begins and ends, and what the bass
// dwells on. Each is a figure for each of 24 keys; their weighted sums, as exponents, are the odds
// of the keys (a softmax regression). Albrecht and Shanahan 2013 found that beginnings and ends
// tell more than the whole; local keys and cadences were tried, too, and told nothing beyond these.

#include "analysis/keys_private.h"
#include "base/check.h"
#include "base/math.h"

enum { PITCHES = 12, KEYS = KM_KEY_SCORES_COUNT };

// The figures; each has a weight.
enum figure {
    WHOLE,             // Correlation of all notes with the profiles
    BEGINNING,         // of the first bars,
    ENDING,            // of the last bars
    FINAL_BASS_TONIC,  // The lowest of the last sounding notes is the tonic,
    FINAL_BASS_FIFTH,  // the fifth.
    FINAL_TOP_TONIC,   // The highest is the tonic.
    CLOSING_LOW_TONIC, // The lowest note of the last bar is the tonic.
    FINAL_THIRD,       // In major, share of the third of the key in the last chord
    FINAL_PICARDY,     // In minor, share of the major third
    FIRST_BASS_TONIC,  // The first bass note is the tonic,
    FIRST_BASS_FIFTH,  // the fifth.
    BASS_TONIC,        // Share of the bass's time on the tonic
    THIRDS_MAJOR,      // In major, balance of the major and minor third, -1 to 1
    THIRDS_MINOR,      // In minor, the same the other way round
    MINOR,             // It is a minor key.
    FIGURES_COUNT
};

// Made by tools/learn_keys.c from one half of the pieces at hand, tested on the other: see
// docs/analysis.md.
static const double learned[FIGURES_COUNT] = {
    [WHOLE] = 8.0,
    [BEGINNING] = 3.5,
    [ENDING] = 1.2,
    [FINAL_BASS_TONIC] = 1.5,
    [FINAL_BASS_FIFTH] = 0.5,
    [FINAL_TOP_TONIC] = 0.8,
    [CLOSING_LOW_TONIC] = 0.6,
    [FINAL_THIRD] = 1.9,
    [FINAL_PICARDY] = -0.6,
    [FIRST_BASS_TONIC] = 1.5,
    [FIRST_BASS_FIFTH] = 0.7,
    [BASS_TONIC] = 1.8,
    [THIRDS_MAJOR] = 0.8,
    [THIRDS_MINOR] = 3.0,
    [MINOR] = -1.1,
};

// What begins and ends the piece, and its bass.
struct evidence {
    float beginning[PITCHES], ending[PITCHES], final[PITCHES];
    float bass[PITCHES]; // How long it stays on each
    float bass_total, final_total;
    int first_bass, final_bass, final_top, closing_low; // Pitch classes; -1: none
};

enum { EDGE_BARS = 4, CLOSING_BARS = 2 };

static double overlap(const struct km_piece_note *note, double start, double end)
{
    const double from = note->start_beat > start ? note->start_beat : start;
    const double to = note->end_beat < end ? note->end_beat : end;
    return to > from ? to - from : 0.0;
}

// Follows the bass through notes in the order of their beginnings: the lowest of what is struck,
// until it has ended or a lower note comes.
static void follow_bass(struct evidence *evidence, const struct km_piece *piece)
{
    static const double together = 0.06; // Beats
    const struct km_piece_note *bass = NULL;
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (!km_note_is_pitched(note)) {
            continue;
        }
        const bool is_lower = !bass || note->key <= bass->key;
        const bool is_over = bass && bass->end_beat <= note->start_beat + together &&
                             note->start_beat > bass->start_beat + together;
        if (is_lower || is_over) {
            const double beats = note->end_beat - note->start_beat;
            const float share = beats < 4.0 ? (float)beats : 4.0F;
            evidence->first_bass = bass ? evidence->first_bass : note->key % PITCHES;
            evidence->bass[note->key % PITCHES] += share;
            evidence->bass_total += share;
            bass = note;
        }
    }
}

// Where the last note begins.
static double last_start_of(const struct km_piece *piece)
{
    for (size_t i = piece->note_count; i-- > 0;) {
        if (km_note_is_pitched(&piece->notes[i])) {
            return piece->notes[i].start_beat;
        }
    }
    return -1.0;
}

// The edges of what sounds last; above and below all keys as long as there is none.
struct edges {
    int low, high, closing;
};

static void widen(struct edges *edges, const struct km_piece_note *note, bool sounds_last,
                  bool closes)
{
    if (sounds_last) {
        edges->low = note->key < edges->low ? note->key : edges->low;
        edges->high = note->key > edges->high ? note->key : edges->high;
    }
    if (closes) {
        edges->closing = note->key < edges->closing ? note->key : edges->closing;
    }
}

// The notes that sound last, and the lowest of the last bar.
static void find_end(struct evidence *evidence, const struct km_piece *piece, double last_bar)
{
    enum { ABOVE_ALL = 128 };
    const double last_start = last_start_of(piece);
    struct edges edges = {ABOVE_ALL, -1, ABOVE_ALL};
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (!km_note_is_pitched(note)) {
            continue;
        }
        widen(&edges, note, note->end_beat > last_start + 0.01, note->start_beat >= last_bar);
        if (note->end_beat > last_start - 1.0) {
            evidence->final[note->key % PITCHES] += 1.0F;
            evidence->final_total += 1.0F;
        }
    }
    evidence->final_bass = edges.low < ABOVE_ALL ? edges.low % PITCHES : -1;
    evidence->final_top = edges.high >= 0 ? edges.high % PITCHES : -1;
    evidence->closing_low = edges.closing < ABOVE_ALL ? edges.closing % PITCHES : -1;
}

static bool is_sounding(const struct km_key_weights *weights)
{
    float sum = 0.0F;
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        sum += weights->pitch[pitch];
    }
    return sum > 0.0F;
}

// The first and the last frame in which something sounds.
static size_t first_sounding(const struct km_key_frames *frames)
{
    size_t first = 0;
    while (first + 1 < frames->count && !is_sounding(&frames->weights[first])) {
        ++first;
    }
    return first;
}

static size_t last_sounding(const struct km_key_frames *frames)
{
    size_t last = frames->count - 1;
    while (last > 0 && !is_sounding(&frames->weights[last])) {
        --last;
    }
    return last;
}

static void weigh_edges(struct evidence *evidence, const struct km_piece *piece,
                        const struct km_key_frames *frames)
{
    const size_t last = last_sounding(frames);
    const size_t sounding = first_sounding(frames);
    const size_t first = sounding < last ? sounding : last;
    const size_t begun = first + EDGE_BARS <= last ? first + EDGE_BARS : last + 1;
    const size_t ending = last + 1 > CLOSING_BARS ? last + 1 - CLOSING_BARS : 0;
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (!km_note_is_pitched(note)) {
            continue;
        }
        const int pitch = note->key % PITCHES;
        evidence->beginning[pitch] +=
            (float)overlap(note, frames->starts[first], frames->starts[begun]);
        evidence->ending[pitch] +=
            (float)overlap(note, frames->starts[ending], frames->starts[last + 1]);
    }
    find_end(evidence, piece, frames->starts[last]);
}

static double share(float part, float total)
{
    return total > 0.0F ? (double)part / (double)total : 0.0;
}

// The figures of one key that follow from notes alone.
static void weigh_notes(const struct evidence *evidence, const struct km_key_frames *frames,
                        int key, double figures[FIGURES_COUNT])
{
    const int tonic = key % PITCHES;
    const int fifth = (tonic + 7) % PITCHES;
    const bool is_minor = key >= PITCHES;
    const float minor_third = frames->total[(tonic + 3) % PITCHES];
    const float major_third = frames->total[(tonic + 4) % PITCHES];
    const double balance = share(major_third - minor_third, major_third + minor_third);
    const double final_major = share(evidence->final[(tonic + 4) % PITCHES], evidence->final_total);
    figures[FINAL_BASS_TONIC] = evidence->final_bass == tonic;
    figures[FINAL_BASS_FIFTH] = evidence->final_bass == fifth;
    figures[FINAL_TOP_TONIC] = evidence->final_top == tonic;
    figures[CLOSING_LOW_TONIC] = evidence->closing_low == tonic;
    figures[FINAL_THIRD] = is_minor ? 0.0 : final_major;
    figures[FINAL_PICARDY] = is_minor ? final_major : 0.0;
    figures[FIRST_BASS_TONIC] = evidence->first_bass == tonic;
    figures[FIRST_BASS_FIFTH] = evidence->first_bass == fifth;
    figures[BASS_TONIC] = share(evidence->bass[tonic], evidence->bass_total);
    figures[THIRDS_MAJOR] = is_minor ? 0.0 : balance;
    figures[THIRDS_MINOR] = is_minor ? -balance : 0.0;
    figures[MINOR] = is_minor;
}

static void find_figures(const struct evidence *evidence, const struct km_key_frames *frames,
                         double figures[KEYS][FIGURES_COUNT])
{
    float scores[3][KEYS];
    (void)km_key_scores(frames->total, scores[0]);
    (void)km_key_scores(evidence->beginning, scores[1]);
    (void)km_key_scores(evidence->ending, scores[2]);
    for (int key = 0; key < KEYS; ++key) {
        figures[key][WHOLE] = (double)scores[0][key];
        figures[key][BEGINNING] = (double)scores[1][key];
        figures[key][ENDING] = (double)scores[2][key];
        weigh_notes(evidence, frames, key, figures[key]);
    }
}

// All figures of all keys.
static void gather(const struct km_piece *piece, const struct km_key_frames *frames,
                   double figures[KEYS][FIGURES_COUNT])
{
    struct evidence evidence = {.first_bass = -1};
    follow_bass(&evidence, piece);
    weigh_edges(&evidence, piece, frames);
    find_figures(&evidence, frames, figures);
}

// The odds of a key as an exponent.
static double weigh_key(const double figures[FIGURES_COUNT])
{
    double odds = 0.0;
    for (int i = 0; i < FIGURES_COUNT; ++i) {
        odds += learned[i] * figures[i];
    }
    return odds;
}

void km_key_evidence_weigh(const struct km_piece *piece, const struct km_key_frames *frames,
                           double probabilities[KM_KEY_SCORES_COUNT])
{
    KM_CHECK(frames->count > 0);
    double figures[KEYS][FIGURES_COUNT];
    gather(piece, frames, figures);
    double most = -1e300;
    for (int key = 0; key < KEYS; ++key) {
        probabilities[key] = weigh_key(figures[key]);
        most = probabilities[key] > most ? probabilities[key] : most;
    }
    double sum = 0.0;
    for (int key = 0; key < KEYS; ++key) {
        probabilities[key] = km_exp(probabilities[key] - most);
        sum += probabilities[key];
    }
    for (int key = 0; key < KEYS; ++key) {
        probabilities[key] /= sum;
    }
}
