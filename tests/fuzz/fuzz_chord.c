// SPDX-License-Identifier: MIT

// Any text as a chord symbol: what is understood can be written and read back as the same chord in
// every key, its notes are found as a chord of the same notes, and errors stay within the text.

#include "base/text.h"
#include "support/expect.h"
#include "theory/chord.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

static void check_chord(struct km_chord chord)
{
    EXPECT(chord.root < 12 && chord.bass < 12 && chord.quality < KM_CHORD_QUALITIES_COUNT);
    for (uint8_t tonic = 0; tonic < 12; ++tonic) {
        char symbol[KM_CHORD_SYMBOL_SIZE];
        const struct km_key key = {tonic, (uint8_t)(tonic % KM_MODES_COUNT)};
        EXPECT(km_chord_format(chord, key, symbol) == strlen(symbol));
        struct km_chord again;
        EXPECT(km_chord_parse(symbol, &again, NULL) == KM_OK);
        EXPECT(memcmp(&again, &chord, sizeof(chord)) == 0);
    }
    const km_pitch_set pitches = km_chord_pitches(chord);
    const struct km_chord_found found = km_chord_of_pitches(pitches, chord.bass);
    EXPECT(found.chord.bass == chord.bass);
    EXPECT(found.confidence > 0.0F && found.confidence <= 1.0F);
    EXPECT(found.confidence < 1.0F || km_chord_pitches(found.chord) == pitches);
}

// The notes as the bytes say, against a search of the set note by note.
static void check_notes(const uint8_t *notes, size_t count)
{
    const struct km_chord_found found = km_chord_of_notes(notes, count);
    if (count == 0) {
        EXPECT(found.chord.quality == KM_CHORD_NONE);
        return;
    }
    uint8_t lowest = notes[0];
    km_pitch_set pitches = 0;
    for (size_t i = 0; i < count; ++i) {
        lowest = notes[i] < lowest ? notes[i] : lowest;
        pitches |= (km_pitch_set)(1U << (notes[i] % 12));
    }
    EXPECT(found.chord.bass == lowest % 12);
    EXPECT((found.confidence == 1.0F) ==
           (km_chord_pitches((struct km_chord){found.chord.root, found.chord.quality,
                                               found.chord.root}) == pitches));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    char text[256];
    const size_t size = input_size < sizeof(text) - 1 ? input_size : sizeof(text) - 1;
    memcpy(text, input, size);
    text[size] = '\0';
    struct km_chord chord = {77, 77, 77};
    struct km_error error = {0};
    const enum km_status status = km_chord_parse(text, &chord, &error);
    if (status == KM_OK) {
        check_chord(chord);
    } else {
        EXPECT(chord.root == 77 && chord.quality == 77 && chord.bass == 77);
        EXPECT(error.status == status && error.message[0] != '\0');
    }
    check_notes(input, input_size);
    struct km_key key;
    bool has_mode = false;
    if (km_key_parse(text, &key, &has_mode, NULL) == KM_OK) {
        EXPECT(key.tonic < 12 && key.mode < KM_MODES_COUNT);
    }
    return 0;
}
