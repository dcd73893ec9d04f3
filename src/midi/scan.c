// SPDX-License-Identifier: MIT

#include "midi/scan.h"

#include "base/check.h"
#include "base/input.h"
#include "heap/heap.h"
#include "midi/merged.h"
#include "midi/reader_private.h"
#include "midi/scan_private.h"
#include "midi/sounding.h"

enum {
    PROGRESS_STEP = 1 << 20, // Bytes between two calls.
    MERGED_EVENTS = 64,
};

// The reading, and what is known so far.
struct scanner {
    struct km_heap *heap;
    struct km_input *input;
    uint64_t begin; // Of the MIDI in the input.
    struct km_midi_reader *reader;
    struct km_error *error;
    struct km_midi_listener listener; // The caller's.
    const struct km_midi_progress *progress;
    uint64_t told; // Position at which progress was told.
    struct km_midi_scan scan;
    struct km_midi_scan_tempo tempo;
    uint64_t signature_tick; // Of the first time signature.
    bool has_signature;
    uint64_t kinds[KM_MIDI_PLAIN_KINDS]; // Plain events by kind.
    uint8_t has_sounded[KM_MIDI_SOUNDING_KEYS];
    struct km_midi_sounding sounding;
};

static void count_problem(void *context, const struct km_midi_problem *problem)
{
    struct scanner *const scanner = context;
    ++scanner->scan.problems;
    if (scanner->listener.tell) {
        scanner->listener.tell(scanner->listener.context, problem);
    }
}

// Counts plain events without a branch for each: what is rare, as a note-off of a key that is not
// down, is left to the reader.
static void scan_plain(struct scanner *scanner)
{
    enum {
        // Bit n: events of kind n press a key, or let it go.
        PRESSES = 1 << 3,
        LETS_GO = 1 << 0 | 1 << 1 | 1 << 2,
    };
    struct km_midi_plain plain;
    if (!km_midi_reader_plain(scanner->reader, &plain)) {
        return;
    }
    struct km_midi_sounding *const sounding = &scanner->sounding;
    const uint64_t offset = km_midi_reader_at(scanner->reader);
    const unsigned char *const begin = plain.at;
    const unsigned char *const end = plain.end;
    const unsigned char *at = begin; // These, not those in `plain`, which could be anywhere.
    uint64_t tick = plain.tick;
    uint32_t running = plain.running;
    uint32_t total = sounding->total;
    uint32_t most = scanner->scan.sounding_max;
    struct km_midi_message message;
    while (end - at >= KM_MIDI_PLAIN_AHEAD && km_midi_message_decode(at, running, &message)) {
        const uint32_t kind = km_midi_message_kind(&message);
        const uint32_t pressed = (uint32_t)PRESSES >> kind & 1U;
        const uint32_t let_go = (uint32_t)LETS_GO >> kind & 1U;
        const size_t key = (message.status & 0x0FU) * KM_KEYS_COUNT + message.first;
        const uint32_t down = sounding->counts[key];
        if (__builtin_expect(let_go > down, 0)) {
            break;
        }
        uint64_t is_first = 0U - (uint64_t)(pressed > down);
        __asm__("" : "+r"(is_first)); // Or compilers make a branch of it, which costs 4 ns.
        const uint64_t here = offset + (uint64_t)(at - begin);
        sounding->offsets[key] ^= (sounding->offsets[key] ^ here) & is_first;
        sounding->counts[key] = down + pressed - let_go;
        scanner->has_sounded[key] |= (uint8_t)pressed;
        ++scanner->kinds[kind];
        total += pressed - let_go;
        most = total > most ? total : most;
        at += message.size;
        tick += message.delta;
        running = message.status;
    }
    sounding->total = total;
    scanner->scan.sounding_max = most;
    plain.at = at;
    plain.tick = tick;
    plain.running = (unsigned char)running;
    km_midi_reader_skip_plain(scanner->reader, &plain);
}

static void scan_note(struct scanner *scanner, const struct km_midi_item *item)
{
    const struct km_event *const event = &item->event;
    if (!km_midi_sounding_note(&scanner->sounding, event, item->offset)) {
        count_problem(scanner, &(struct km_midi_problem){.fault = KM_MIDI_FAULT_ORPHAN_NOTE_OFF,
                                                         .offset = item->offset,
                                                         .track = item->track,
                                                         .tick = event->tick});
    }
    const uint32_t total = scanner->sounding.total;
    scanner->scan.sounding_max =
        total > scanner->scan.sounding_max ? total : scanner->scan.sounding_max;
    if (event->type == KM_EVENT_NOTE_ON) {
        scanner->has_sounded[event->channel * KM_KEYS_COUNT + event->number] = 1;
    }
}

static void end_track(struct scanner *scanner, const struct km_midi_item *item)
{
    const uint64_t tick = item->event.tick;
    const struct km_midi_listener listener = {.tell = count_problem, .context = scanner};
    scanner->scan.tick_end = tick > scanner->scan.tick_end ? tick : scanner->scan.tick_end;
    (void)km_midi_sounding_end(&scanner->sounding, item->track, tick, &listener);
    km_midi_scan_tempo_end_track(&scanner->tempo, tick);
}

static void scan_signature(struct scanner *scanner, const struct km_event *event)
{
    if (!scanner->has_signature || event->tick < scanner->signature_tick) {
        scanner->has_signature = true;
        scanner->signature_tick = event->tick;
        scanner->scan.numerator = event->number;
        scanner->scan.denominator_log2 = event->value;
    }
}

static enum km_status scan_event(struct scanner *scanner, const struct km_midi_item *item)
{
    const struct km_event *const event = &item->event;
    ++scanner->scan.counts[event->type];
    switch (event->type) {
    case KM_EVENT_NOTE_ON:
    case KM_EVENT_NOTE_OFF:
        scan_note(scanner, item);
        return KM_OK;
    case KM_EVENT_TEMPO:
        return km_midi_scan_tempo_add(&scanner->tempo, item->track, event);
    case KM_EVENT_TIME_SIGNATURE:
        scan_signature(scanner, event);
        return KM_OK;
    case KM_EVENT_END_OF_TRACK:
        end_track(scanner, item);
        return KM_OK;
    default:
        return KM_OK;
    }
}

static enum km_status scan_item(struct scanner *scanner, const struct km_midi_item *item)
{
    if (item->type == KM_MIDI_ITEM_TRACK && scanner->scan.tracks++ == 0) {
        scanner->scan.header = km_midi_reader_header(scanner->reader);
        km_midi_scan_tempo_init(&scanner->tempo, scanner->heap, &scanner->scan.header);
    }
    if (item->type != KM_MIDI_ITEM_EVENT) {
        return KM_OK;
    }
    const enum km_status status = scan_event(scanner, item);
    return status == KM_OK ? KM_OK : km_heap_refusal(scanner->heap, scanner->error);
}

static enum km_status tell_progress(struct scanner *scanner)
{
    const uint64_t position = km_midi_reader_position(scanner->reader);
    if (position - scanner->told < PROGRESS_STEP || !scanner->progress ||
        !scanner->progress->tell) {
        return KM_OK;
    }
    scanner->told = position;
    const uint64_t size = scanner->input->size;
    const uint64_t total = size > scanner->begin ? size - scanner->begin : 0;
    return scanner->progress->tell(scanner->progress->context, position, total)
               ? KM_OK
               : km_error_set(scanner->error, KM_ERROR_CLOSED, "stopped at byte %llu",
                              (unsigned long long)position);
}

static enum km_status scan_all(struct scanner *scanner)
{
    struct km_midi_item item;
    enum km_midi_step step =
        km_midi_reader_next_from(scanner->reader, scanner->input, &item, scanner->error);
    while (step == KM_MIDI_STEP_ITEM) {
        enum km_status status = scan_item(scanner, &item);
        if (status == KM_OK) {
            status = tell_progress(scanner);
        }
        if (status != KM_OK) {
            return status;
        }
        scan_plain(scanner);
        step = km_midi_reader_next_from(scanner->reader, scanner->input, &item, scanner->error);
    }
    return step == KM_MIDI_STEP_END ? KM_OK : scanner->reader->error.status;
}

static enum km_status add_tempos(struct scanner *scanner, const struct km_midi_merged_event *events,
                                 size_t count)
{
    enum km_status status = KM_OK;
    for (size_t i = 0; status == KM_OK && i < count; ++i) {
        if (events[i].event.type == KM_EVENT_TEMPO) {
            status = km_midi_scan_tempo_add(&scanner->tempo, 0, &events[i].event);
        }
    }
    return status;
}

static enum km_status scan_tempos_of(struct scanner *scanner, struct km_midi_merged *merged)
{
    struct km_midi_merged_event events[MERGED_EVENTS];
    size_t count = MERGED_EVENTS;
    enum km_status status = KM_OK;
    while (status == KM_OK && count > 0) {
        status = km_midi_merged_read(merged, events, MERGED_EVENTS, &count, scanner->error);
        if (status == KM_OK) {
            status = add_tempos(scanner, events, count);
        }
    }
    return status;
}

// Reads the file once more, in the order of time, for more tempo changes than are kept.
static enum km_status scan_tempos_again(struct scanner *scanner)
{
    struct km_input *const input = scanner->input;
    if (input->is_stream) {
        return km_error_set(scanner->error, KM_ERROR_TOO_LARGE,
                            "more than %d tempo changes on several tracks of a stream: "
                            "give the name of a file",
                            KM_MIDI_SCAN_TEMPOS_MAX);
    }
    const uint64_t end = input->position;
    input->position = scanner->begin;
    struct km_midi_merged *merged = NULL;
    enum km_status status = km_midi_merged_new(scanner->heap, input, NULL, &merged, scanner->error);
    if (status == KM_OK) {
        km_midi_scan_tempo_again(&scanner->tempo);
        status = scan_tempos_of(scanner, merged);
    }
    km_midi_merged_free(merged);
    input->position = end;
    return status;
}

static void count_kinds(struct scanner *scanner)
{
    struct km_midi_scan *const scan = &scanner->scan;
    for (uint32_t kind = 0; kind < KM_MIDI_PLAIN_KINDS; ++kind) {
        const struct km_midi_message message = {.status = KM_STATUS_NOTE_OFF | (kind & 14U) << 3,
                                                .second = kind & 1U};
        scan->counts[km_midi_message_event(&message).type] += scanner->kinds[kind];
    }
    for (size_t i = 0; i < KM_EVENT_TYPES_COUNT; ++i) {
        scan->events += scan->counts[i];
    }
}

static void find_range(struct scanner *scanner)
{
    struct km_midi_scan *const scan = &scanner->scan;
    scan->key_low = KM_KEYS_COUNT - 1;
    for (unsigned int i = 0; i < KM_MIDI_SOUNDING_KEYS; ++i) {
        if (scanner->has_sounded[i]) {
            const uint8_t key = i % KM_KEYS_COUNT;
            scan->channels |= (uint16_t)(1U << i / KM_KEYS_COUNT);
            scan->key_low = key < scan->key_low ? key : scan->key_low;
            scan->key_high = key > scan->key_high ? key : scan->key_high;
        }
    }
}

static enum km_status finish(struct scanner *scanner)
{
    struct km_midi_scan *const scan = &scanner->scan;
    scan->header = km_midi_reader_header(scanner->reader);
    scan->size = km_midi_reader_position(scanner->reader);
    if (scan->tracks == 0) {
        km_midi_scan_tempo_init(&scanner->tempo, scanner->heap, &scan->header);
    }
    count_kinds(scanner);
    find_range(scanner);
    enum km_status status =
        km_midi_scan_tempo_is_lost(&scanner->tempo) ? scan_tempos_again(scanner) : KM_OK;
    if (status != KM_OK) {
        return status;
    }
    status = km_midi_scan_tempo_finish(&scanner->tempo, scan->tick_end);
    if (status != KM_OK) {
        return km_heap_refusal(scanner->heap, scanner->error);
    }
    scan->duration_s = scanner->tempo.pace.seconds;
    scan->bpm_first = scanner->tempo.pace.bpm_first;
    scan->bpm_min = scanner->tempo.pace.bpm_min;
    scan->bpm_max = scanner->tempo.pace.bpm_max;
    return KM_OK;
}

// NOLINTNEXTLINE(readability-function-size): where from, how, whom to tell and where to are six.
enum km_status km_midi_scan_input(struct km_heap *heap, struct km_input *input,
                                  const struct km_midi_reader_config *config,
                                  const struct km_midi_progress *progress,
                                  struct km_midi_scan *scan, struct km_error *error)
{
    KM_CHECK(heap);
    KM_CHECK(input);
    KM_CHECK(scan);
    struct scanner *const scanner = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*scanner));
    if (!scanner) {
        return km_heap_refusal(heap, error);
    }
    scanner->heap = heap;
    scanner->input = input;
    scanner->begin = input->position;
    scanner->error = error;
    scanner->progress = progress;
    scanner->scan.numerator = 4;
    scanner->scan.denominator_log2 = 2;
    struct km_midi_reader_config own = config ? *config : (struct km_midi_reader_config){0};
    scanner->listener = own.listener;
    own.listener = (struct km_midi_listener){.tell = count_problem, .context = scanner};
    scanner->reader = km_midi_reader_new(heap, &own);
    enum km_status status = scanner->reader ? scan_all(scanner) : km_heap_refusal(heap, error);
    if (status == KM_OK) {
        status = finish(scanner);
    }
    if (status == KM_OK) {
        *scan = scanner->scan;
    }
    km_midi_scan_tempo_release(&scanner->tempo);
    km_midi_reader_free(scanner->reader);
    km_heap_release(heap, scanner);
    return status;
}
