// SPDX-License-Identifier: MIT

#include "apps/midi_dump_line.h"

#include "apps/midi_names.h"
#include "base/text.h"
#include "midi/resolution.h"
#include "midi/valid.h"

#include <inttypes.h>
#include <stdio.h>

enum { HEX_SHOWN = 32, MICROSECONDS_PER_MINUTE = 60000000 };

// One character in quotes: JSON's escapes, and nothing that moves a terminal.
static void print_character(uint32_t character)
{
    if (character == '"' || character == '\\') {
        printf("\\%c", (int)character);
    } else if (character == '\n') {
        printf("\\n");
    } else if (character < 0x20 || (character >= 0x7F && character < 0xA0)) {
        printf("\\u%04" PRIx32, character);
    } else {
        char bytes[4];
        printf("%.*s", (int)km_text_encode(bytes, character), bytes);
    }
}

// Text in quotes, always UTF-8: what is none is read as Latin-1, which older files use.
static void print_text(const unsigned char *bytes, size_t size, bool is_cut)
{
    const char *const text = (const char *)bytes;
    size_t end = size;
    if (is_cut) { // Not within a character.
        while (end > 0 && size - end < 3 && (bytes[end - 1] & 0xC0U) == 0x80) {
            --end;
        }
        end -= end > 0 && bytes[end - 1] >= 0xC0 ? 1 : 0;
    }
    const bool is_utf8 = km_text_is_utf8(text, end);
    putchar('"');
    for (size_t at = 0; at < end;) {
        print_character(is_utf8 ? km_text_next(text, end, &at) : bytes[at++]);
    }
    printf(is_cut ? "..." : "");
    putchar('"');
}

static void print_hex(const unsigned char *bytes, size_t size, const char *between)
{
    for (size_t i = 0; i < size; ++i) {
        printf("%s%02X", i > 0 ? between : "", bytes[i]);
    }
}

static bool is_text(const struct km_event *event)
{
    return event->type == KM_EVENT_META && event->number >= KM_META_TEXT && event->number <= 0x0F;
}

static void print_real(double value, int decimals)
{
    char text[KM_TEXT_REAL_SIZE];
    km_text_format_real(text, value, decimals);
    printf("%s", text);
}

// Beats a minute, of a tempo with its hundredths of a microsecond.
static double bpm_of(const struct km_event *tempo)
{
    return (double)MICROSECONDS_PER_MINUTE / ((double)tempo->detail + tempo->value / 100.0);
}

static void print_payload(const struct km_dump_event *dumped)
{
    if (is_text(&dumped->event)) {
        print_text(dumped->payload, dumped->payload_kept,
                   dumped->payload_kept < dumped->payload_size);
        return;
    }
    const size_t shown = dumped->payload_kept < HEX_SHOWN ? dumped->payload_kept : HEX_SHOWN;
    print_hex(dumped->payload, shown, " ");
    if (shown < dumped->payload_size) {
        printf(" ... (%" PRIu64 " bytes)", dumped->payload_size);
    }
}

static void print_number(const struct km_event *event)
{
    char note[KM_NOTE_NAME_SIZE];
    km_note_name(note, event->number & 0x7FU);
    const char *const controller = km_controller_name(event->number);
    switch (event->type) {
    case KM_EVENT_NOTE_ON:
    case KM_EVENT_NOTE_OFF:
        printf("%s (%d), velocity %d", note, event->number, event->value);
        break;
    case KM_EVENT_KEY_PRESSURE:
        printf("%s (%d), %d", note, event->number, event->value);
        break;
    case KM_EVENT_CONTROL:
        printf("%d%s%s%s: %d", event->number, controller ? " (" : "", controller ? controller : "",
               controller ? ")" : "", event->value);
        break;
    case KM_EVENT_PROGRAM:
        printf("%d (%s)", event->number + 1, km_program_name(event->number & 0x7FU));
        break;
    case KM_EVENT_PITCH_BEND:
        printf("%+d", (int)km_event_bend14(event) - KM_PITCH_BEND_NONE);
        break;
    default: // KM_EVENT_CHANNEL_PRESSURE
        printf("%d", event->value);
        break;
    }
}

static void print_setting(const struct km_event *event)
{
    if (event->type == KM_EVENT_TEMPO) {
        print_real(bpm_of(event), 3);
        printf(" beats a minute (%" PRIu32 " us)", event->detail);
    } else if (event->type == KM_EVENT_TIME_SIGNATURE) {
        printf("%d/%" PRIu32, event->number, UINT32_C(1) << event->value);
    } else if (event->type == KM_EVENT_KEY_SIGNATURE) {
        printf("%s", km_key_signature_name((int8_t)event->number, event->value));
    }
}

static void print_time(const struct km_dump_time *time)
{
    if (!time->is_known) {
        return;
    }
    if (time->has_bars) {
        char beat[KM_TEXT_REAL_SIZE];
        km_text_format_real(beat, time->beat, 3);
        printf("  %4" PRIu64 ":%-6s", time->bar, beat);
    }
    char seconds[KM_TEXT_REAL_SIZE];
    km_text_format_real(seconds, time->seconds, 3);
    printf(" %9s s", seconds);
}

void km_dump_print_text(const struct km_dump_event *dumped)
{
    const struct km_event *const event = &dumped->event;
    if (dumped->has_offset) {
        printf("%9" PRIu64 " ", dumped->offset);
    }
    printf("%5" PRIu32 " %9" PRIu64, dumped->track, event->tick);
    print_time(&dumped->time);
    if (dumped->has_group) {
        printf("  group %2d", dumped->group + 1);
    }
    if (km_event_has_channel(event)) {
        printf("  ch %2d  %-16s ", event->channel + 1, km_event_type_name(event->type));
        print_number(event);
    } else if (km_event_has_payload(event)) {
        const char *const name = event->type == KM_EVENT_META ? km_meta_name(event->number) : NULL;
        printf("         %-16s ", name ? name : km_event_type_name(event->type));
        if (!name && event->type != KM_EVENT_UMP) {
            printf("%02X: ", event->number);
        }
        print_payload(dumped);
    } else {
        printf("         %-16s ", km_event_type_name(event->type));
        print_setting(event);
    }
    putchar('\n');
}

static void print_json_number(const struct km_event *event)
{
    printf(",\"channel\":%d", event->channel + 1);
    if (event->type == KM_EVENT_PITCH_BEND) {
        printf(",\"value\":%d", (int)km_event_bend14(event) - KM_PITCH_BEND_NONE);
        if (event->detail > 0x3FFF) {
            printf(",\"value32\":%" PRIu32, km_event_bend32(event));
        }
        return;
    }
    if (event->type != KM_EVENT_CHANNEL_PRESSURE) {
        printf(",\"number\":%d", event->number);
    }
    const bool is_note = event->type == KM_EVENT_NOTE_ON || event->type == KM_EVENT_NOTE_OFF;
    if (is_note || event->type == KM_EVENT_KEY_PRESSURE) {
        char note[KM_NOTE_NAME_SIZE];
        km_note_name(note, event->number & 0x7FU);
        printf(",\"name\":\"%s\"", note);
    } else if (event->type == KM_EVENT_PROGRAM) {
        printf(",\"name\":\"%s\"", km_program_name(event->number & 0x7FU));
        return;
    } else if (km_controller_name(event->number) && event->type == KM_EVENT_CONTROL) {
        printf(",\"name\":\"%s\"", km_controller_name(event->number));
    }
    printf(",\"value\":%d", event->value);
    if (event->detail > 0 && is_note) {
        printf(",\"value16\":%d", km_event_velocity16(event));
    } else if (event->detail > 0) {
        printf(",\"value32\":%" PRIu32, km_event_value32(event));
    }
}

static void print_json_payload(const struct km_dump_event *dumped)
{
    const struct km_event *const event = &dumped->event;
    printf(",\"number\":%d,\"size\":%" PRIu64, event->number, dumped->payload_size);
    if (event->type == KM_EVENT_META && km_meta_name(event->number)) {
        printf(",\"name\":\"%s\"", km_meta_name(event->number));
    }
    if (is_text(event)) {
        printf(",\"text\":");
        print_payload(dumped);
    } else {
        printf(",\"bytes\":\"");
        print_hex(dumped->payload, dumped->payload_kept, "");
        printf("\"");
    }
}

static void print_json_setting(const struct km_event *event)
{
    if (event->type == KM_EVENT_TEMPO) {
        printf(",\"bpm\":");
        print_real(bpm_of(event), 6);
        printf(",\"us_per_quarter\":%" PRIu32, event->detail);
    } else if (event->type == KM_EVENT_TIME_SIGNATURE) {
        printf(",\"numerator\":%d,\"denominator\":%" PRIu32, event->number,
               UINT32_C(1) << event->value);
    } else if (event->type == KM_EVENT_KEY_SIGNATURE) {
        printf(",\"sharps\":%d,\"name\":\"%s\"", (int8_t)event->number,
               km_key_signature_name((int8_t)event->number, event->value));
    }
}

void km_dump_print_json(const struct km_dump_event *dumped)
{
    const struct km_event *const event = &dumped->event;
    printf("{\"track\":%" PRIu32 ",\"tick\":%" PRIu64, dumped->track, event->tick);
    if (dumped->has_offset) {
        printf(",\"offset\":%" PRIu64, dumped->offset);
    }
    if (dumped->time.is_known) {
        printf(",\"seconds\":");
        print_real(dumped->time.seconds, 6);
        if (dumped->time.has_bars) {
            printf(",\"bar\":%" PRIu64 ",\"beat\":", dumped->time.bar);
            print_real(dumped->time.beat, 6);
        }
    }
    if (dumped->has_group) {
        printf(",\"group\":%d", dumped->group + 1);
    }
    printf(",\"type\":\"%s\"", km_event_type_name(event->type));
    if (km_event_has_channel(event)) {
        print_json_number(event);
    } else if (km_event_has_payload(event)) {
        print_json_payload(dumped);
    } else {
        print_json_setting(event);
    }
    printf("}\n");
}
