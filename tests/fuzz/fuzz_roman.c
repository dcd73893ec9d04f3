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

static void check_voicing(const struct km_voicing *voicing, struct km_chord chord, int bass,
                          const struct km_voicing_rules *rules)
{
    EXPECT(voicing->count == (chord.quality == KM_CHORD_NONE ? 0 : rules->voices));
    for (int voice = 0; voice < voicing->count; ++voice) {
        const uint8_t pitch = voicing->pitches[voice];
        EXPECT(pitch >= rules->lowest && pitch <= rules->highest && pitch > bass);
        EXPECT(km_chord_pitches(chord) >> (pitch % 12) & 1U);
        EXPECT(voice == 0 || pitch >= voicing->pitches[voice - 1]);
    }
}

static void check_voices(const uint8_t *input, size_t size)
{
    enum { HEADER = 4, ROW = 4, CHORDS_MAX = 40 };
    if (size < HEADER) {
        return;
    }
    const uint8_t lowest = input[0] % (128 - KM_VOICING_RANGE_MIN);
    const int spare = 127 - KM_VOICING_RANGE_MIN - lowest;
    const struct km_voicing_rules rules = {
        .voices = (uint8_t)(1 + input[1] % KM_VOICES_MAX),
        .lowest = lowest,
        .highest = (uint8_t)(lowest + KM_VOICING_RANGE_MIN + (spare > 0 ? input[2] % spare : 0)),
        .key = {input[3] % 12, input[3] / 12 % KM_MODES_COUNT},
        .allows_parallels = input[1] & 0x40U,
        .leaves_tendencies = input[1] & 0x20U,
    };
    struct km_chord chords[CHORDS_MAX];
    uint8_t bass[CHORDS_MAX];
    struct km_voicing voicings[CHORDS_MAX];
    size_t count = 0;
    for (size_t i = HEADER; i + ROW <= size && count < CHORDS_MAX; i += ROW, ++count) {
        const uint8_t quality = input[i + 1] % KM_CHORD_QUALITIES_COUNT;
        chords[count] = (struct km_chord){input[i] % 12, quality, input[i + 2] % 12};
        chords[count] = quality == KM_CHORD_NONE ? (struct km_chord){0} : chords[count];
        bass[count] = (uint8_t)(input[i + 3] % (lowest + KM_VOICING_BASS_REACH + 1));
    }
    km_voicing_lead(chords, bass, count, &rules, voicings);
    for (size_t i = 0; i < count; ++i) {
        check_voicing(&voicings[i], chords[i], bass[i], &rules);
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
