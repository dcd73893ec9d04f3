// SPDX-License-Identifier: MIT

// The chords of a piece, over time.

#include "analysis/chords_private.h"
#include "base/check.h"
#include "heap/heap.h"
#include "theory/likelihood.h"

enum { PITCHES = 12, NO_KEY = 128, NO_CHORD = 255, THIRDS = 0x018 };

bool km_quality_is_suspended(uint8_t quality)
{
    return quality == KM_CHORD_SUS4 || quality == KM_CHORD_SUS4_SEVENTH;
}

// The stretch's chord by what lasts in it: a sixth, a ninth or a suspension over the same bass says
// more than the triad or seventh that was found, if the notes are just that chord's.
static struct km_chord name_of(struct km_chord found, const float weights[PITCHES])
{
    float sum = 0.0F;
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        sum += weights[pitch];
    }
    uint32_t set = 0;
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        set |= (weights[pitch] > KM_LASTING_SHARE * sum ? 1U : 0U) << pitch;
    }
    if (!(set >> found.bass & 1U)) {
        return found;
    }
    const struct km_chord_found named = km_chord_of_pitches((km_pitch_set)set, found.bass);
    const bool suspends =
        km_quality_is_suspended(named.chord.quality) && named.chord.root == found.bass;
    const km_pitch_set quality = km_chord_pitches((struct km_chord){0, named.chord.quality, 0});
    const bool agrees = named.chord.root == found.root && (quality & THIRDS) != 0;
    return named.confidence == 1.0F && (suspends || agrees) ? named.chord : found;
}

// The bass with which a chord begins, if it is the chord's: one that comes to its fifth later is
// still in root position.
static uint8_t bass_of(const struct km_chord_cells *cells, const struct km_chord_stretch *stretch,
                       uint8_t lowest)
{
    float weights[PITCHES];
    const uint8_t first =
        km_chord_cells_between(cells, stretch->first, stretch->first + 1, weights);
    const struct km_chord chord = km_likely_chord(stretch->chord, 0);
    const struct km_chord rooted = {chord.root, chord.quality, chord.root};
    const bool is_own = first != NO_KEY && (km_chord_pitches(rooted) >> first % PITCHES & 1U) != 0;
    return (is_own ? first : lowest) % PITCHES;
}

// The bass of an inversion is a note of the chord; any other bass is a foreign note.
static struct km_chord with_own_bass(struct km_chord chord)
{
    const struct km_chord rooted = {chord.root, chord.quality, chord.root};
    const bool is_own = km_chord_pitches(rooted) >> chord.bass & 1U;
    return is_own ? chord : rooted;
}

static struct km_chord_span span_of(const struct km_chord_cells *cells, const struct km_keys *keys,
                                    const struct km_chord_stretch *stretch)
{
    const double start = cells->starts[stretch->first];
    const double end = cells->starts[stretch->end];
    struct km_chord_span span = {.start_beat = start,
                                 .end_beat = end,
                                 .key = km_keys_at(keys, 0.5 * (start + end)),
                                 .confidence = stretch->confidence};
    if (stretch->chord != NO_CHORD) {
        float weights[PITCHES];
        const uint8_t lowest = km_chord_cells_between(cells, stretch->first, stretch->end, weights);
        const struct km_chord found =
            km_likely_chord(stretch->chord, bass_of(cells, stretch, lowest));
        span.chord = with_own_bass(name_of(found, weights));
    }
    return span;
}

static bool is_same(struct km_chord a, struct km_chord b)
{
    return a.root == b.root && a.quality == b.quality && a.bass == b.bass;
}

// A triad shortly after the seventh chord on its root still has that seventh.
static bool goes_on(const struct km_chord_span *last, const struct km_chord_span *span)
{
    static const double short_beats = 1.0;
    const struct km_chord before = {last->chord.root, last->chord.quality, last->chord.root};
    const struct km_chord after = {span->chord.root, span->chord.quality, span->chord.root};
    return is_same(last->chord, span->chord) ||
           (before.root == after.root && span->end_beat - span->start_beat <= short_beats &&
            after.quality != KM_CHORD_NONE && before.quality != KM_CHORD_NONE &&
            (km_chord_pitches(after) & ~km_chord_pitches(before)) == 0);
}

// Makes one of a span and the next.
static void join(struct km_chord_span *span, const struct km_chord_span *next)
{
    const float longer = (float)(next->end_beat - next->start_beat);
    const float before = (float)(span->end_beat - span->start_beat);
    span->confidence = (span->confidence * before + next->confidence * longer) / (before + longer);
    span->end_beat = next->end_beat;
}

// Spans of the stretches; of neighbours that are the same chord one is made.
static enum km_status make_spans(struct km_chords *chords, const struct km_chord_cells *cells,
                                 const struct km_keys *keys,
                                 const struct km_chord_stretch *stretches, size_t count)
{
    chords->spans =
        km_heap_allocate_array(chords->heap, KM_ACCOUNT_WORKING, count, sizeof(*chords->spans));
    if (!chords->spans) {
        return KM_ERROR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; ++i) {
        const struct km_chord_span span = span_of(cells, keys, &stretches[i]);
        struct km_chord_span *const last =
            chords->count > 0 ? &chords->spans[chords->count - 1] : NULL;
        if (last && goes_on(last, &span)) {
            join(last, &span);
        } else {
            chords->spans[chords->count++] = span;
        }
    }
    return KM_OK;
}

// Which of its four notes is a diminished seventh's root tells what follows: it leads up to the
// next root, or is the leading tone of the key.
static void find_leading_tones(struct km_chords *chords)
{
    for (size_t i = 0; i + 1 < chords->count; ++i) {
        struct km_chord *const chord = &chords->spans[i].chord;
        const struct km_chord next = chords->spans[i + 1].chord;
        const km_pitch_set set = km_chord_pitches(*chord);
        const uint8_t to_next = (uint8_t)((next.root + 11) % PITCHES);
        const uint8_t to_tonic = (uint8_t)((chords->spans[i].key.tonic + 11) % PITCHES);
        if (chord->quality != KM_CHORD_DIMINISHED_SEVENTH) {
            continue;
        }
        if (next.quality != KM_CHORD_NONE && (set >> to_next & 1U) != 0) {
            chord->root = to_next;
        } else if (set >> to_tonic & 1U) {
            chord->root = to_tonic;
        }
    }
}

// Diminished sevenths may have become the same when their roots were told.
static void join_same(struct km_chords *chords)
{
    size_t count = 0;
    for (size_t i = 0; i < chords->count; ++i) {
        if (count > 0 && is_same(chords->spans[count - 1].chord, chords->spans[i].chord)) {
            join(&chords->spans[count - 1], &chords->spans[i]);
        } else {
            chords->spans[count++] = chords->spans[i];
        }
    }
    chords->count = count;
}

enum km_status km_chords_find(struct km_chords *chords, const struct km_piece *piece,
                              const struct km_keys *keys)
{
    KM_CHECK(chords && keys);
    KM_CHECK(piece && piece->heap);
    struct km_chord_cells cells;
    enum km_status status = km_chord_cells_make(&cells, piece);
    if (status != KM_OK) {
        return status;
    }
    struct km_chord_stretch *const stretches =
        km_heap_allocate_array(piece->heap, KM_ACCOUNT_WORKING, cells.count, sizeof(*stretches));
    const size_t count = stretches ? km_chord_cells_cut(&cells, keys, stretches) : 0;
    struct km_chords found = {.heap = piece->heap};
    status = count > 0 ? make_spans(&found, &cells, keys, stretches, count) : KM_ERROR_NO_MEMORY;
    km_heap_release(piece->heap, stretches);
    km_chord_cells_release(&cells);
    if (status == KM_OK) {
        find_leading_tones(&found);
        join_same(&found);
        km_chords_explain(&found, piece);
        *chords = found;
    }
    return status;
}

void km_chords_release(struct km_chords *chords)
{
    KM_CHECK(chords);
    km_heap_release(chords->heap, chords->spans);
    *chords = (struct km_chords){0};
}
