// SPDX-License-Identifier: MIT

// Any text as a roman numeral in any key (the first byte): what is understood can be written and
// read back as the same chord, and means the same a step higher in the key a step higher. The other
// bytes drive the voice leader, whose answers are checked note by note.

#include "support/expect.h"
#include "theory/roman.h"
#include "theory/voicing.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

static void check_numeral(const char *text, struct km_key key)
{
    struct km_chord chord = {77, 77, 77};
    struct km_error error = {0};
    if (km_roman_parse(text, key, &chord, &error) != KM_OK) {
        EXPECT(chord.root == 77 && error.message[0] != '\0');
        return;
    }
    EXPECT(chord.root < 12 && chord.bass < 12 && chord.quality < KM_CHORD_QUALITIES_COUNT);
    char roman[KM_ROMAN_SIZE];
    EXPECT(km_roman_format(chord, key, roman) == strlen(roman));
    struct km_chord again;
    EXPECT(km_roman_parse(roman, key, &again, NULL) == KM_OK);
    EXPECT(memcmp(&again, &chord, sizeof(chord)) == 0);

    key.tonic = (uint8_t)((key.tonic + 1) % 12);
    EXPECT(km_roman_parse(text, key, &again, NULL) == KM_OK);
    const int step = chord.quality == KM_CHORD_NONE ? 0 : 1;
    EXPECT(again.root == (chord.root + step) % 12 && again.bass == (chord.bass + step) % 12);
}

static void check_voices(const uint8_t *input, size_t size)
{
    struct km_voicing before = {.count = 0};
    for (size_t i = 0; i + 5 < size && i < 60; i += 6) {
        const uint8_t lowest = input[i] % 109;
        const struct km_voicing_rules rules = {
            .voices = (uint8_t)(1 + input[i + 1] % KM_VOICES_MAX),
            .lowest = lowest,
            .highest = (uint8_t)(lowest + 19 + input[i + 2] % (109 - lowest)),
            .has_bass = input[i + 1] & 0x80U,
            .allows_parallels = input[i + 1] & 0x40U,
        };
        const struct km_chord chord = {(uint8_t)(input[i + 3] % 12),
                                       (uint8_t)(1 + input[i + 4] % (KM_CHORD_QUALITIES_COUNT - 1)),
                                       (uint8_t)(input[i + 5] % 12)};
        struct km_voicing next;
        EXPECT(km_voicing_next(&before, chord, &rules, &next) >= 0);
        EXPECT(next.count == rules.voices);
        for (int voice = 0; voice < next.count; ++voice) {
            const uint8_t pitch = next.pitches[voice];
            EXPECT(pitch >= rules.lowest && pitch <= rules.highest);
            EXPECT(km_chord_pitches(chord) >> (pitch % 12) & 1U);
            EXPECT(voice == 0 || pitch >= next.pitches[voice - 1]);
        }
        EXPECT(!rules.has_bass || next.pitches[0] % 12 == chord.bass);
        before = next;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    if (input_size == 0) {
        return 0;
    }
    char text[256];
    const size_t size = input_size - 1 < sizeof(text) - 1 ? input_size - 1 : sizeof(text) - 1;
    memcpy(text, input + 1, size);
    text[size] = '\0';
    check_numeral(text, (struct km_key){input[0] % 12, input[0] / 12 % KM_MODES_COUNT});
    check_voices(input, input_size);
    return 0;
}
