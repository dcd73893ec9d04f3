// SPDX-License-Identifier: MIT

// Names the chord of some MIDI notes, the lowest of which is the bass.
//     gcc chord.c -o chord $(pkg-config --cflags --libs kmidi) && ./chord 52 55 60

#include <kmidi/theory/chord.h>
#include <kmidi/theory/scale.h>
#include <stdio.h>
#include <stdlib.h>

enum { NOTES_MAX = 16 };

int main(int argc, char **argv)
{
    uint8_t notes[NOTES_MAX] = {52, 55, 60}; // E G C
    size_t count = argc > 1 ? 0 : 3;
    for (int i = 1; i < argc && count < NOTES_MAX; ++i) {
        notes[count] = (uint8_t)(strtoul(argv[i], NULL, 10) % 128);
        ++count;
    }

    struct km_key key;
    struct km_error error;
    bool has_mode = false;
    if (km_key_parse("C", &key, &has_mode, &error) != KM_OK) { // Spells Eb or D#.
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    const struct km_chord_found found = km_chord_of_notes(notes, count);
    char symbol[KM_CHORD_SYMBOL_SIZE];
    km_chord_format(found.chord, key, symbol);
    printf("%s, confidence %.2f\n", symbol, (double)found.confidence);
    return 0;
}
