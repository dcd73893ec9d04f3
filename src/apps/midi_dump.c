// SPDX-License-Identifier: MIT

// kmidi midi dump: every event of a MIDI file, readable.

#include "apps/midi_dump_line.h"
#include "apps/midi_problems.h"
#include "midi/division.h"
#include "midi/merged.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { EVENTS_AT_ONCE = 256 };

struct settings {
    bool is_strict;
    bool is_merged;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--merged",
     .help = "all tracks in the order of time, with bars, beats and seconds",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, is_merged),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--strict",
     .help = "stop at what would have to be repaired",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, is_strict),
     .given_offset = KM_OPTION_NOT_NOTED},
    {0},
};

// From ticks to bars and seconds, while events come in the order of time.
struct clock {
    uint16_t division;
    uint64_t tick; // Of the last change of tempo, and the seconds until then.
    double seconds;
    double seconds_per_tick;
    uint64_t bar_tick; // Of the last change of metre, and the bars until then.
    uint64_t bars;
    uint64_t beat_ticks;
    uint64_t bar_ticks;
};

static void set_metre(struct clock *clock, uint64_t tick, uint32_t numerator,
                      uint32_t denominator_log2)
{
    const uint64_t whole = (uint64_t)clock->division * 4;
    if (clock->bar_ticks > 0) { // A bar that is cut counts as one.
        clock->bars += (tick - clock->bar_tick + clock->bar_ticks - 1) / clock->bar_ticks;
    }
    const uint64_t beat = whole >> denominator_log2;
    clock->bar_tick = tick;
    clock->beat_ticks = beat > 0 ? beat : 1;
    clock->bar_ticks = clock->beat_ticks * numerator;
}

static void set_tempo(struct clock *clock, uint64_t tick, double seconds_per_quarter)
{
    clock->seconds += (double)(tick - clock->tick) * clock->seconds_per_tick;
    clock->tick = tick;
    clock->seconds_per_tick = seconds_per_quarter / clock->division;
}

static struct clock clock_of(uint16_t division)
{
    struct clock clock = {.division = division};
    if (km_midi_division_is_smpte(division)) {
        const uint32_t frames = km_midi_division_frames(division);
        const double rate = frames == 29 ? 30000.0 / 1001.0 : frames;
        clock.seconds_per_tick = 1.0 / (rate * km_midi_division_ticks(division));
        return clock;
    }
    set_tempo(&clock, 0, KM_TEMPO_DEFAULT / 1e6);
    set_metre(&clock, 0, 4, 2);
    return clock;
}

static struct km_dump_time time_of(struct clock *clock, const struct km_event *event)
{
    const bool has_bars = !km_midi_division_is_smpte(clock->division);
    if (has_bars && event->type == KM_EVENT_TEMPO) {
        set_tempo(clock, event->tick, (event->detail + event->value / 100.0) / 1e6);
    } else if (has_bars && event->type == KM_EVENT_TIME_SIGNATURE) {
        set_metre(clock, event->tick, event->number, event->value);
    }
    struct km_dump_time time = {.is_known = true, .has_bars = has_bars};
    time.seconds = clock->seconds + (double)(event->tick - clock->tick) * clock->seconds_per_tick;
    if (has_bars) {
        const uint64_t since = event->tick - clock->bar_tick;
        time.bar = 1 + clock->bars + since / clock->bar_ticks;
        time.beat = 1.0 + (double)(since % clock->bar_ticks) / (double)clock->beat_ticks;
    }
    return time;
}

// A dump on its way.
struct job {
    struct km_context *context;
    const char *path;
    struct km_midi_reader_config config;
    struct km_midi_problems problems;
    struct clock clock;
    bool has_clock;  // Events come in the order of time.
    bool is_waiting; // `dumped` waits for the rest of its payload.
    struct km_dump_event dumped;
};

static void print(struct job *job)
{
    if (job->has_clock) {
        job->dumped.time = time_of(&job->clock, &job->dumped.event);
    }
    if (job->context->wants_json) {
        km_dump_print_json(&job->dumped);
    } else {
        km_dump_print_text(&job->dumped);
    }
    job->is_waiting = false;
}

static void take_header(struct job *job, const struct km_midi_header *header, bool is_merged)
{
    // The tracks of format 2 are pieces of their own.
    job->has_clock = is_merged ? header->format != 2 : header->is_clip || header->format == 0;
    job->clock = clock_of(header->division);
    job->dumped.has_offset = !is_merged;
    job->dumped.has_group = header->is_clip;
    if (!job->context->wants_json) {
        printf("# %s, %u %s\n", header->is_clip ? "MIDI 2.0 clip" : "Standard MIDI File",
               (unsigned)km_midi_division_ticks(header->division),
               km_midi_division_is_smpte(header->division) ? "ticks a frame"
                                                           : "ticks a quarter note");
        printf("# %strack      tick%s  event\n", is_merged ? "" : "   byte ",
               job->has_clock ? "  bar:beat  seconds" : "");
    }
}

static void take_event(struct job *job, const struct km_midi_item *item)
{
    struct km_dump_event *const dumped = &job->dumped;
    dumped->event = item->event;
    dumped->track = item->track;
    dumped->offset = item->offset;
    dumped->group = item->group;
    dumped->payload_kept = 0;
    dumped->payload_size = km_event_has_payload(&item->event) ? item->payload_left : 0;
    job->is_waiting = true;
    if (item->payload_left == 0) {
        print(job);
    }
}

static void take_payload(struct job *job, const struct km_midi_item *item)
{
    struct km_dump_event *const dumped = &job->dumped;
    const size_t room = sizeof(dumped->payload) - dumped->payload_kept;
    const size_t size = item->size < room ? item->size : room;
    memcpy(dumped->payload + dumped->payload_kept, item->bytes, size);
    dumped->payload_kept += size;
    if (item->payload_left == 0 && job->is_waiting) {
        print(job);
    }
}

static void take_item(struct job *job, const struct km_midi_reader *reader,
                      const struct km_midi_item *item)
{
    if (item->type == KM_MIDI_ITEM_HEADER) {
        const struct km_midi_header header = km_midi_reader_header(reader);
        take_header(job, &header, false);
    } else if (item->type == KM_MIDI_ITEM_EVENT) {
        take_event(job, item);
    } else if (item->type == KM_MIDI_ITEM_PAYLOAD) {
        take_payload(job, item);
    }
}

// In the order of the file.
static enum km_status dump_input(struct job *job, struct km_input *input, struct km_error *error)
{
    struct km_midi_reader *const reader = km_midi_reader_new(job->context->heap, &job->config);
    if (!reader) {
        return km_error_set(error, KM_ERROR_NO_MEMORY, "no memory to read it");
    }
    struct km_midi_item item;
    enum km_midi_step step = km_midi_reader_next_from(reader, input, &item, error);
    while (step == KM_MIDI_STEP_ITEM && !ferror(stdout)) { // Nobody may read on.
        take_item(job, reader, &item);
        step = km_midi_reader_next_from(reader, input, &item, error);
    }
    km_midi_reader_free(reader);
    return step == KM_MIDI_STEP_FAILED ? error->status : KM_OK;
}

static enum km_status dump_merged_event(struct job *job, struct km_midi_merged *merged,
                                        const struct km_midi_merged_event *event,
                                        struct km_error *error)
{
    struct km_dump_event *const dumped = &job->dumped;
    dumped->event = event->event;
    dumped->track = event->track;
    dumped->payload_kept = 0;
    dumped->payload_size = km_event_has_payload(&event->event) ? event->event.detail : 0;
    enum km_status status = KM_OK;
    if (dumped->payload_size > 0) {
        dumped->payload_kept = dumped->payload_size < sizeof(dumped->payload)
                                   ? (size_t)dumped->payload_size
                                   : sizeof(dumped->payload);
        status =
            km_midi_merged_payload(merged, event, 0, dumped->payload, dumped->payload_kept, error);
    }
    if (status == KM_OK) {
        print(job);
    }
    return status;
}

static enum km_status read_merged(struct job *job, struct km_midi_merged *merged,
                                  struct km_error *error)
{
    struct km_midi_merged_event events[EVENTS_AT_ONCE];
    size_t count = 0;
    do {
        enum km_status status = km_midi_merged_read(merged, events, EVENTS_AT_ONCE, &count, error);
        for (size_t i = 0; i < count && status == KM_OK && !ferror(stdout); ++i) {
            status = dump_merged_event(job, merged, &events[i], error);
        }
        if (status != KM_OK) {
            return status;
        }
    } while (count > 0 && !ferror(stdout));
    return KM_OK;
}

// In the order of time.
static enum km_status dump_merged(struct job *job, struct km_input *input, struct km_error *error)
{
    struct km_midi_merged *merged = NULL;
    enum km_status status =
        km_midi_merged_new(job->context->heap, input, &job->config, &merged, error);
    if (status != KM_OK) {
        return status;
    }
    const struct km_midi_header header = km_midi_merged_header(merged);
    take_header(job, &header, true);
    status = read_merged(job, merged, error);
    km_midi_merged_free(merged);
    return status;
}

static enum km_status dump(struct job *job, bool is_merged, struct km_error *error)
{
    struct km_input input;
    enum km_status status = km_input_open(&input, job->path, error);
    if (status != KM_OK) {
        return status;
    }
    const uint64_t begin = input.is_stream ? 0 : input.position;
    status = is_merged ? dump_merged(job, &input, error) : KM_ERROR_UNSUPPORTED;
    if (status == KM_ERROR_UNSUPPORTED) { // A clip is in the order of time as it is.
        input.position = is_merged ? begin : input.position;
        job->problems = (struct km_midi_problems){0};
        status = dump_input(job, &input, error);
    }
    km_input_close(&input);
    return status == KM_OK ? KM_OK : km_midi_in_file(job->path, status, error);
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct settings *const settings = settings_given;
    struct job job = {.context = context, .path = arguments->values[0]};
    job.config = (struct km_midi_reader_config){
        .listener = km_midi_problems_listener(&job.problems), .is_strict = settings->is_strict};
    struct km_error error;
    if (dump(&job, settings->is_merged, &error) != KM_OK) {
        (void)fflush(stdout); // What there was before it.
        return km_report_error("midi dump", &error);
    }
    if (job.problems.total > 0) {
        (void)fprintf(stderr, "kmidi midi dump: %s: %" PRIu64 " %s; kmidi midi check tells more\n",
                      km_midi_shown_name(job.path), job.problems.total,
                      job.problems.total == 1 ? "problem" : "problems");
    }
    return KM_EXIT_DONE;
}

const struct km_command km_command_midi_dump = {
    .name = "midi dump",
    .synopsis = "X.mid [--merged] [--strict]",
    .summary = "Show every event of a MIDI file, readable or as JSON lines",
    .details =
        "In the order of the file, with the byte where each event stands, its track (from 0) and "
        "tick; with --merged all tracks in the order of time, with bar:beat and seconds. Format 0 "
        "and MIDI 2.0 clips are in the order of time already. Keys have their names (C4 is key "
        "60), controllers and programs too (General MIDI). Channels and programs count from 1.\n\n"
        "With --json each event is one line; of values of MIDI 2.0 value16 or value32 has all "
        "bits. Texts that are not UTF-8 are read as Latin-1; of texts and SysEx messages the first "
        "4,096 bytes are shown. Memory stays small at any size. X.mid may be - for standard input.",
    .example = "kmidi midi dump song.mid | head\n"
               "kmidi midi dump song.mid --merged --json",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
