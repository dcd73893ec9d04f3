// SPDX-License-Identifier: MIT

// Another division: ticks of another length, at the same times.

#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "midi/edit_scale_private.h"
#include "midi/edit_settings_private.h"
#include "midi/tempo_map.h"

// How ticks of the input become ticks of the output.
struct ticks {
    uint16_t from;
    uint16_t to;
    struct km_tempo_map source; ///< Of the input, where either side counts seconds.
    struct km_tempo_map target; ///< Of the output.
};

struct job {
    uint16_t division;
    struct ticks ticks;
    struct km_midi_scale *scale;
};

static uint64_t to_tick_by_ratio(const void *context, uint64_t tick)
{
    const struct ticks *const ticks = context;
    return km_midi_scaled(tick, ticks->from, ticks->to);
}

static uint64_t rounded(double value)
{
    return (uint64_t)(value + 0.5);
}

static uint64_t to_tick_by_seconds(const void *context, uint64_t tick)
{
    const struct ticks *const ticks = context;
    // The target's change has the same index.
    const size_t index = km_tempo_map_index(&ticks->source, tick);
    const struct km_tempo_change *const source = &ticks->source.changes[index];
    const struct km_tempo_change *const target = &ticks->target.changes[index];
    const double seconds =
        source->seconds + (double)(tick - source->tick) * source->seconds_per_tick;
    const double since = seconds - target->seconds;
    return target->tick + (since > 0.0 ? rounded(since / target->seconds_per_tick) : 0);
}

static double seconds_per_tick(uint16_t division, uint32_t tempo)
{
    const double ticks = km_midi_division_ticks(division);
    if (!km_midi_division_is_smpte(division)) {
        return tempo / (ticks * 1e6);
    }
    const uint32_t frames = km_midi_division_frames(division);
    return frames == 29 ? 1001.0 / (30000.0 * ticks) : 1.0 / (frames * ticks);
}

// Adds the tempo that holds from a tick of the input on. Where it begins in the output is rounded,
// and later ticks are counted from the rounded place: times stay within half a tick.
static void add_change(struct ticks *ticks, uint64_t tick, uint32_t tempo)
{
    struct km_tempo_map *const source = &ticks->source;
    struct km_tempo_map *const target = &ticks->target;
    struct km_tempo_change from = {.tick = tick,
                                   .seconds_per_tick = seconds_per_tick(ticks->from, tempo)};
    struct km_tempo_change to = {.seconds_per_tick = seconds_per_tick(ticks->to, tempo)};
    if (source->count > 0) {
        const struct km_tempo_change *const before = &source->changes[source->count - 1];
        const struct km_tempo_change *const written = &target->changes[target->count - 1];
        from.seconds = before->seconds + (double)(tick - before->tick) * before->seconds_per_tick;
        to.tick = to_tick_by_seconds(ticks, tick);
        to.seconds =
            written->seconds + (double)(to.tick - written->tick) * written->seconds_per_tick;
    }
    source->changes[source->count++] = from;
    target->changes[target->count++] = to;
}

static enum km_status make_maps(struct km_midi_run *run, struct ticks *ticks,
                                const struct km_midi_settings *settings)
{
    const size_t room = settings->count + 1;
    struct km_tempo_change *const changes =
        km_heap_allocate_array(run->edit->heap, KM_ACCOUNT_WORKING, 2 * room, sizeof(*changes));
    if (!changes) {
        return km_heap_refusal(run->edit->heap, run->error);
    }
    ticks->source.changes = changes;
    ticks->target.changes = changes + room;
    add_change(ticks, 0, KM_TEMPO_DEFAULT);
    for (size_t i = 0; i < settings->count; ++i) {
        const struct km_event *const event = &settings->events[i];
        if (event->type == KM_EVENT_TEMPO) {
            add_change(ticks, event->tick, event->detail);
        }
    }
    return KM_OK;
}

static enum km_status read_tempos(struct km_midi_run *run, struct job *job)
{
    struct km_midi_settings settings;
    enum km_status status = km_midi_settings_read(run, &settings);
    if (status != KM_OK) {
        return status;
    }
    job->ticks.from = settings.division;
    const bool counts_seconds =
        km_midi_division_is_smpte(settings.division) || km_midi_division_is_smpte(job->division);
    job->scale->context = &job->ticks;
    job->scale->to_tick = counts_seconds ? to_tick_by_seconds : to_tick_by_ratio;
    if (counts_seconds && run->header.format == 2) {
        status = km_error_set(run->error, KM_ERROR_UNSUPPORTED,
                              "format 2 has a tempo for each track: split it before its division "
                              "changes between beats and SMPTE time");
    } else if (counts_seconds) {
        status = make_maps(run, &job->ticks, &settings);
    }
    km_midi_settings_release(&settings);
    return status;
}

static enum km_status begin_track(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    km_midi_scale_begin(job->scale);
    return km_midi_run_begin_track(run);
}

static enum km_status take_event(void *context, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form)
{
    struct job *const job = context;
    return km_midi_scale_event(job->scale, run, event, form);
}

static enum km_status end_track(void *context, struct km_midi_run *run, uint64_t tick)
{
    struct job *const job = context;
    return km_midi_scale_end(job->scale, run, tick);
}

static enum km_status pass(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    if (!run->is_writing) {
        run->bytes_total = 3 * run->source.size;
        const enum km_status status = read_tempos(run, job);
        if (status != KM_OK) {
            return status;
        }
    }
    run->division = job->division;
    const struct km_midi_steps steps = {.context = job,
                                        .begin_track = begin_track,
                                        .event = take_event,
                                        .end_track = end_track,
                                        .keeps_around = true};
    return km_midi_run_feed(run, &steps);
}

enum km_status km_midi_convert_division(const struct km_midi_edit *edit, uint16_t division,
                                        struct km_midi_edit_report *report, struct km_error *error)
{
    KM_CHECK(km_midi_division_is_valid(division));
    struct job job = {.division = division, .ticks = {.to = division}};
    job.scale = km_heap_allocate(edit->heap, KM_ACCOUNT_WORKING, sizeof(*job.scale));
    if (!job.scale) {
        return km_heap_refusal(edit->heap, error);
    }
    const enum km_status status = km_midi_run_twice(edit, pass, &job, report, error);
    km_heap_release(edit->heap, job.ticks.source.changes);
    km_heap_release(edit->heap, job.scale);
    return status;
}
