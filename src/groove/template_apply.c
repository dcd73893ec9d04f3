// SPDX-License-Identifier: MIT

// Moves notes to where they were matched, keeps the order of each key's notes, and lets note-offs
// follow: first in, first out, as everywhere in this program.

#include "groove/template.h"

#include "base/check.h"
#include "groove/move_private.h"
#include "groove/template_match_private.h"
#include "groove/template_private.h"

#include <string.h>

#define OWN_SHARE 0.9 // Of notes that have a stroke of their own: the take itself, on a grid.

enum { FIRST_MODE_CONTROL = 120 };

// What sounds on a key. Indices are + 1; 0 is none.
struct line {
    uint32_t on;       // The latest note-on.
    uint32_t open;     // The oldest note-on that waits for its note-off; others by marks.next.
    uint32_t open_end; // The youngest.
    uint32_t off;      // The latest note-off since the latest note-on; others by marks.next.
};

struct pass {
    struct km_event *events;
    struct km_groove_mark *marks;
    uint64_t limit;
    uint64_t earliest[KM_CHANNELS_COUNT]; // Before which no note-on may move.
    struct line lines[KM_GROOVE_KEYS_COUNT];
};

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

// What ended on the key before a note-on ends before it begins now, too.
static void cut_offs(struct pass *pass, struct line *line, uint64_t tick)
{
    for (uint32_t at = line->off; at > 0; at = pass->marks[at - 1].next) {
        struct km_event *const off = &pass->events[at - 1];
        off->tick = off->tick < tick ? off->tick : tick;
    }
    line->off = 0;
}

static void move_on(struct pass *pass, uint32_t index)
{
    struct km_event *const event = &pass->events[index];
    struct km_groove_mark *const mark = &pass->marks[index];
    struct line *const line = &pass->lines[km_groove_key_of(event)];
    uint64_t tick = mark->target < pass->limit ? mark->target : pass->limit - 1;
    tick = later(tick, pass->earliest[event->channel % KM_CHANNELS_COUNT]);
    if (line->on > 0) {
        const bool is_same = pass->marks[line->on - 1].written == mark->written && line->off == 0;
        tick = later(tick, pass->events[line->on - 1].tick + (is_same ? 0 : 1));
    }
    cut_offs(pass, line, tick);
    event->tick = tick;
    event->value = mark->velocity;
    line->on = index + 1;
    mark->next = 0;
    if (line->open > 0) {
        pass->marks[line->open_end - 1].next = index + 1;
    } else {
        line->open = index + 1;
    }
    line->open_end = index + 1;
}

// Where a note-off goes that ends the note `on`.
static uint64_t end_of(const struct pass *pass, const struct line *line, uint32_t on,
                       uint64_t written)
{
    const uint64_t begin = pass->events[on - 1].tick;
    const uint64_t moved = written + (begin - pass->marks[on - 1].written);
    uint64_t end = moved < pass->limit || moved > UINT64_MAX / 2 ? moved : pass->limit;
    const uint64_t latest = pass->events[line->on - 1].tick;
    const bool is_shared = line->on != on && latest > begin &&
                           pass->marks[line->on - 1].written == pass->marks[on - 1].written;
    end = is_shared && end > latest ? latest : end; // Written as one, played one by one.
    return end > begin && end < UINT64_MAX / 2 ? end : begin + 1;
}

static void move_off(struct pass *pass, uint32_t index)
{
    struct km_event *const event = &pass->events[index];
    struct line *const line = &pass->lines[km_groove_key_of(event)];
    if (event->type == KM_EVENT_NOTE_ON) {
        event->type = KM_EVENT_NOTE_OFF; // So that it sorts as one.
        event->value = KM_RELEASE_VELOCITY;
    }
    if (line->open > 0) {
        const uint32_t on = line->open;
        line->open = pass->marks[on - 1].next;
        event->tick = end_of(pass, line, on, event->tick);
    }
    pass->marks[index].next = line->off;
    line->off = index + 1;
}

// What is set up for a note must not come after it.
static void follow_other(struct pass *pass, const struct km_event *event)
{
    const bool is_mode = event->type == KM_EVENT_CONTROL && event->number >= FIRST_MODE_CONTROL;
    if (event->type == KM_EVENT_PROGRAM || is_mode) {
        pass->earliest[event->channel % KM_CHANNELS_COUNT] = event->tick;
    } else if (event->type == KM_EVENT_SYSEX) {
        for (size_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
            pass->earliest[i] = event->tick;
        }
    }
}

static void move_all(struct km_event *events, size_t count, struct km_groove_mark *marks)
{
    struct pass pass;
    memset(&pass, 0, sizeof(pass));
    const struct km_event *const last = &events[count - 1];
    const bool has_end = last->type == KM_EVENT_END_OF_TRACK;
    pass.events = events;
    pass.marks = marks;
    pass.limit = has_end ? later(last->tick, 1) : UINT64_MAX / 4;
    for (size_t i = 0; i < count; ++i) {
        if (km_groove_is_note_on(&events[i])) {
            move_on(&pass, (uint32_t)i);
        } else if (km_groove_is_note_off(&events[i])) {
            move_off(&pass, (uint32_t)i);
        } else {
            follow_other(&pass, &events[i]);
        }
    }
}

void km_groove_template_apply(struct km_event *events, size_t count,
                              const struct km_groove_use *use, struct km_groove_mark *marks)
{
    KM_CHECK(use && use->feel && use->tempo);
    KM_CHECK(use->ppq > 0 && count < UINT32_MAX - 1);
    if (count == 0) {
        return;
    }
    km_groove_sort(events, count, false);
    for (size_t i = 0; i < count; ++i) {
        marks[i] = (struct km_groove_mark){.written = events[i].tick};
    }
    if (km_groove_match(events, count, use, KM_GROOVE_SAME, marks) < OWN_SHARE) {
        const bool swings = use->is_straight && km_groove_template_grid(use->feel).swung > 0;
        (void)km_groove_match(events, count, use, swings ? KM_GROOVE_SWUNG : KM_GROOVE_OTHER,
                              marks);
    }
    move_all(events, count, marks);
    km_groove_sort(events, count, true);
}
