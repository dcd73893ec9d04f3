// SPDX-License-Identifier: MIT

#include "apps/midi_names.h"

#include "base/check.h"
#include "midi/event.h"

#include <stddef.h>
#include <stdio.h>

void km_note_name(char name[KM_NOTE_NAME_SIZE], uint8_t key)
{
    static const char *const names[12] = {"C",  "C#", "D",  "D#", "E",  "F",
                                          "F#", "G",  "G#", "A",  "A#", "B"};
    (void)snprintf(name, KM_NOTE_NAME_SIZE, "%s%d", names[key % 12], key / 12 - 1);
}

const char *km_program_name(uint8_t program)
{
    static const char *const names[128] = {
#define KM_PROGRAM(name) name,
#include "apps/programs.def"
#undef KM_PROGRAM
    };
    KM_CHECK(program < 128);
    return names[program];
}

const char *km_controller_name(uint8_t controller)
{
    static const char *const names[128] = {[0] = "bank",
                                           [1] = "modulation",
                                           [2] = "breath",
                                           [4] = "foot",
                                           [5] = "portamento time",
                                           [6] = "data entry",
                                           [7] = "volume",
                                           [8] = "balance",
                                           [10] = "pan",
                                           [11] = "expression",
                                           [12] = "effect 1",
                                           [13] = "effect 2",
                                           [32] = "bank, fine",
                                           [33] = "modulation, fine",
                                           [38] = "data entry, fine",
                                           [39] = "volume, fine",
                                           [42] = "pan, fine",
                                           [43] = "expression, fine",
                                           [64] = "sustain pedal",
                                           [65] = "portamento",
                                           [66] = "sostenuto pedal",
                                           [67] = "soft pedal",
                                           [68] = "legato",
                                           [69] = "hold 2",
                                           [70] = "sound variation",
                                           [71] = "timbre",
                                           [72] = "release time",
                                           [73] = "attack time",
                                           [74] = "brightness",
                                           [75] = "decay time",
                                           [76] = "vibrato rate",
                                           [77] = "vibrato depth",
                                           [78] = "vibrato delay",
                                           [84] = "portamento control",
                                           [91] = "reverb",
                                           [92] = "tremolo",
                                           [93] = "chorus",
                                           [94] = "detune",
                                           [95] = "phaser",
                                           [96] = "data increment",
                                           [97] = "data decrement",
                                           [98] = "NRPN, fine",
                                           [99] = "NRPN",
                                           [100] = "RPN, fine",
                                           [101] = "RPN",
                                           [120] = "all sound off",
                                           [121] = "reset all controllers",
                                           [122] = "local control",
                                           [123] = "all notes off",
                                           [124] = "omni off",
                                           [125] = "omni on",
                                           [126] = "mono",
                                           [127] = "poly"};
    return controller < 128 ? names[controller] : NULL;
}

const char *km_meta_name(uint8_t type)
{
    static const char *const names[128] = {[0x00] = "sequence number",
                                           [KM_META_TEXT] = "text",
                                           [KM_META_COPYRIGHT] = "copyright",
                                           [KM_META_TRACK_NAME] = "track name",
                                           [KM_META_INSTRUMENT] = "instrument",
                                           [KM_META_LYRIC] = "lyric",
                                           [KM_META_MARKER] = "marker",
                                           [KM_META_CUE] = "cue point",
                                           [0x08] = "program name",
                                           [0x09] = "device name",
                                           [0x20] = "channel prefix",
                                           [0x21] = "port",
                                           [0x54] = "SMPTE offset",
                                           [0x7F] = "sequencer-specific"};
    return type < 128 ? names[type] : NULL;
}

const char *km_event_type_name(uint8_t type)
{
    static const char *const names[KM_EVENT_TYPES_COUNT] = {
        [KM_EVENT_NOTE_OFF] = "note_off",
        [KM_EVENT_TEMPO] = "tempo",
        [KM_EVENT_TIME_SIGNATURE] = "time_signature",
        [KM_EVENT_KEY_SIGNATURE] = "key_signature",
        [KM_EVENT_META] = "meta",
        [KM_EVENT_SYSEX] = "sysex",
        [KM_EVENT_UMP] = "ump",
        [KM_EVENT_PROGRAM] = "program",
        [KM_EVENT_CONTROL] = "control",
        [KM_EVENT_PITCH_BEND] = "pitch_bend",
        [KM_EVENT_CHANNEL_PRESSURE] = "channel_pressure",
        [KM_EVENT_KEY_PRESSURE] = "key_pressure",
        [KM_EVENT_NOTE_ON] = "note_on",
        [KM_EVENT_END_OF_TRACK] = "end_of_track",
    };
    KM_CHECK(type < KM_EVENT_TYPES_COUNT);
    return names[type];
}

const char *km_key_signature_name(int sharps, int is_minor)
{
    static const char *const names[2][15] = {
        {"C flat major", "G flat major", "D flat major", "A flat major", "E flat major",
         "B flat major", "F major", "C major", "G major", "D major", "A major", "E major",
         "B major", "F sharp major", "C sharp major"},
        {"A flat minor", "E flat minor", "B flat minor", "F minor", "C minor", "G minor", "D minor",
         "A minor", "E minor", "B minor", "F sharp minor", "C sharp minor", "G sharp minor",
         "D sharp minor", "A sharp minor"}};
    KM_CHECK(sharps >= -7 && sharps <= 7);
    return names[is_minor != 0][sharps + 7];
}
