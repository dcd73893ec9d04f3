// SPDX-License-Identifier: MIT

/// What must hold of all that is found in any piece: spans stand in order and without gaps, shares
/// are shares, and the picture is well-formed.
#ifndef KM_TESTS_ANALYSIS_EXPECTED_H
#define KM_TESTS_ANALYSIS_EXPECTED_H

#include "analysis/analysis.h"
#include "heap/heap.h"
#include "plot/analysis.h"
#include "support/expect.h"
#include "support/xml.h"

#include <math.h>
#include <string.h>

static inline void expect_share(double share)
{
    EXPECT(share >= 0.0 && share <= 1.0);
}

static inline bool differ(struct km_chord a, struct km_chord b)
{
    return a.root != b.root || a.quality != b.quality || a.bass != b.bass;
}

static inline void expect_harmony(const struct km_keys *keys, const struct km_chords *chords)
{
    expect_share((double)keys->whole.confidence);
    expect_share((double)keys->scale_confidence);
    for (size_t i = 0; i < keys->count; ++i) {
        EXPECT(keys->spans[i].start_beat < keys->spans[i].end_beat);
        EXPECT(i == 0 || keys->spans[i].start_beat == keys->spans[i - 1].end_beat);
        expect_share((double)keys->spans[i].confidence);
    }
    for (size_t i = 0; i < chords->count; ++i) {
        EXPECT(chords->spans[i].start_beat < chords->spans[i].end_beat);
        EXPECT(i == 0 || chords->spans[i].start_beat == chords->spans[i - 1].end_beat);
        EXPECT(i == 0 || differ(chords->spans[i - 1].chord, chords->spans[i].chord));
        expect_share((double)chords->spans[i].confidence);
    }
}

static inline void expect_sections(const struct km_sections *sections)
{
    EXPECT(sections->count <= KM_SECTIONS_MAX);
    for (size_t i = 0; i < sections->count; ++i) {
        EXPECT(sections->spans[i].start_beat < sections->spans[i].end_beat);
        EXPECT(i == 0 || sections->spans[i].start_beat == sections->spans[i - 1].end_beat);
        expect_share((double)sections->spans[i].likeness);
    }
}

static inline void expect_picture(const struct km_analysis_picture *picture)
{
    static char svg[KM_PICTURE_SIZE_MAX + 1];
    struct km_sink_memory memory = {.bytes = (unsigned char *)svg, .size = KM_PICTURE_SIZE_MAX};
    struct km_sink sink = km_sink_to_memory(&memory);
    EXPECT(km_analysis_write_svg(picture, &sink) == KM_OK);
    svg[memory.used] = '\0';
    EXPECT(xml_is_well_formed(svg));
    EXPECT(!strstr(svg, "\"nan") && !strstr(svg, " nan") && !strstr(svg, ">nan"));
}

/// Finds all there is to find.
static inline void expect_analysed(struct km_piece *piece)
{
    static struct km_sections sections;
    struct km_keys keys;
    struct km_chords chords;
    struct km_heard heard;
    memset(&sections, 0, sizeof(sections));
    if (piece->is_performed) {
        EXPECT(km_piece_find_beats(piece) == KM_OK);
    }
    EXPECT(km_keys_find(&keys, piece) == KM_OK);
    EXPECT(km_chords_find(&chords, piece, &keys) == KM_OK);
    if (piece->note_count > 0) {
        EXPECT(km_sections_find(&sections, piece, &chords) == KM_OK);
    }
    EXPECT(km_heard_find(&heard, piece, &keys) == KM_OK);
    EXPECT(isfinite(piece->end_beat) && isfinite(piece->end_s));
    EXPECT(heard.valence >= -1.0 && heard.valence <= 1.0);
    EXPECT(heard.arousal >= -1.0 && heard.arousal <= 1.0);
    expect_harmony(&keys, &chords);
    expect_sections(&sections);
    const struct km_analysis_picture picture = {.piece = piece,
                                                .keys = &keys,
                                                .chords = &chords,
                                                .sections = &sections,
                                                .heard = &heard,
                                                .title = "fuzz"};
    expect_picture(&picture);
    km_chords_release(&chords);
    km_keys_release(&keys);
}

#endif
