// SPDX-License-Identifier: MIT

// What a track lacks is added, and what means nothing is left out, before an edit sees it.

#include "midi/edit_private.h"
#include "midi/status_bytes_private.h"
#include "midi/valid.h"

static const unsigned char sysex_end[] = {KM_STATUS_SYSEX_END};

static enum km_status pass_on(struct km_midi_run *run, const struct km_midi_steps *steps,
                              const struct km_event *event, const struct km_midi_form *form)
{
    return steps->event ? steps->event(steps->context, run, event, form)
                        : km_midi_run_emit(run, event, form);
}

static enum km_status pass_payload_on(struct km_midi_run *run, const struct km_midi_steps *steps,
                                      const void *bytes, size_t size)
{
    if (run->takes_payload) {
        km_midi_writer_payload(&run->writer, bytes, size);
    }
    return steps->payload ? steps->payload(steps->context, run, bytes, size) : KM_OK;
}

// Ends a SysEx message by a packet of one byte, after all that came since.
static enum km_status close_sysex(struct km_midi_run *run, const struct km_midi_steps *steps)
{
    const struct km_event end = {.tick = run->mend.tick,
                                 .type = KM_EVENT_SYSEX,
                                 .number = KM_STATUS_SYSEX_END,
                                 .detail = sizeof(sysex_end)};
    run->mend.has_open_sysex = false;
    ++run->report.added;
    const enum km_status status = pass_on(run, steps, &end, NULL);
    return status == KM_OK ? pass_payload_on(run, steps, sysex_end, sizeof(sysex_end)) : status;
}

static void begin_sysex(struct km_midi_mend *mend, const struct km_event *event)
{
    mend->is_in_sysex = true;
    mend->payload_left = event->detail;
    if (event->number == KM_STATUS_SYSEX) {
        mend->has_open_sysex = true; // Until its last byte says otherwise.
    }
}

// Whether a message that is open must end before this event.
static bool ends_sysex(const struct km_event *event)
{
    return km_event_has_channel(event) || event->type == KM_EVENT_END_OF_TRACK ||
           (event->type == KM_EVENT_SYSEX && event->number == KM_STATUS_SYSEX);
}

// Tells a problem that the reader does not look for; a strict run ends there.
static enum km_status tell(struct km_midi_run *run, const struct km_midi_problem *problem)
{
    const struct km_midi_reader_config *const config = &run->edit->reader;
    if (!run->is_told && config->listener.tell) {
        config->listener.tell(config->listener.context, problem);
    }
    if (!config->is_strict) {
        return KM_OK;
    }
    run->offset = problem->offset;
    return km_midi_run_refuse(run, KM_ERROR_INVALID, problem->tick,
                              km_midi_fault_what(problem->fault));
}

// Ends the notes on one key that nobody ended.
static enum km_status end_key(struct km_midi_run *run, const struct km_midi_steps *steps,
                              size_t key, uint64_t tick)
{
    struct km_midi_sounding *const sounding = &run->mend.sounding;
    const struct km_midi_problem problem = {.fault = KM_MIDI_FAULT_HANGING_NOTE,
                                            .offset = sounding->offsets[key],
                                            .track = run->track,
                                            .tick = tick};
    enum km_status status = tell(run, &problem);
    const struct km_event end = {.tick = tick,
                                 .type = KM_EVENT_NOTE_OFF,
                                 .channel = (uint8_t)(key / KM_KEYS_COUNT),
                                 .number = (uint8_t)(key % KM_KEYS_COUNT),
                                 .value = KM_RELEASE_VELOCITY};
    while (sounding->counts[key] > 0 && status == KM_OK) {
        (void)km_midi_sounding_note(sounding, &end, 0);
        ++run->report.added;
        status = pass_on(run, steps, &end, NULL);
    }
    return status;
}

static enum km_status end_notes(struct km_midi_run *run, const struct km_midi_steps *steps,
                                uint64_t tick)
{
    enum km_status status = KM_OK;
    for (size_t i = 0; run->mend.sounding.total > 0 && status == KM_OK; ++i) {
        status = run->mend.sounding.counts[i] > 0 ? end_key(run, steps, i, tick) : KM_OK;
    }
    return status;
}

// A note-off of a key that is not down is left out.
static enum km_status take_note(struct km_midi_run *run, const struct km_midi_steps *steps,
                                const struct km_event *event, const struct km_midi_form *form)
{
    if (!steps->mends_notes || km_midi_sounding_note(&run->mend.sounding, event, run->offset)) {
        return pass_on(run, steps, event, form);
    }
    ++run->report.left_out;
    return tell(run, &(struct km_midi_problem){.fault = KM_MIDI_FAULT_ORPHAN_NOTE_OFF,
                                               .offset = run->offset,
                                               .track = run->track,
                                               .tick = event->tick});
}

static enum km_status end_track(struct km_midi_run *run, const struct km_midi_steps *steps,
                                uint64_t tick)
{
    const enum km_status status = end_notes(run, steps, tick);
    if (status != KM_OK) {
        return status;
    }
    run->takes_payload = false;
    return steps->end_track ? steps->end_track(steps->context, run, tick)
                            : km_midi_run_end_track(run, tick);
}

enum km_status km_midi_mend_event(struct km_midi_run *run, const struct km_midi_steps *steps,
                                  const struct km_event *event, const struct km_midi_form *form)
{
    struct km_midi_mend *const mend = &run->mend;
    mend->is_in_sysex = false;
    if (mend->has_open_sysex && ends_sysex(event)) {
        const enum km_status status = close_sysex(run, steps);
        if (status != KM_OK) {
            return status;
        }
        run->takes_payload = false;
    }
    mend->tick = event->tick;
    switch (event->type) {
    case KM_EVENT_END_OF_TRACK:
        return end_track(run, steps, event->tick);
    case KM_EVENT_NOTE_ON:
    case KM_EVENT_NOTE_OFF:
        return take_note(run, steps, event, form);
    case KM_EVENT_SYSEX:
        begin_sysex(mend, event);
        break;
    default:
        break;
    }
    return pass_on(run, steps, event, form);
}

enum km_status km_midi_mend_payload(struct km_midi_run *run, const struct km_midi_steps *steps,
                                    const void *bytes, size_t size)
{
    struct km_midi_mend *const mend = &run->mend;
    if (mend->is_in_sysex && size > 0) {
        mend->payload_left -= (uint32_t)size;
        const unsigned char last = ((const unsigned char *)bytes)[size - 1];
        if (mend->payload_left == 0 && last == KM_STATUS_SYSEX_END) {
            mend->has_open_sysex = false;
        }
    }
    return pass_payload_on(run, steps, bytes, size);
}
