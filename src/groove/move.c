// SPDX-License-Identifier: MIT

// Moves notes. Each note-on moves by a pure function of its own place; its note-off follows by the
// same amount, and is cut back to the next note-on of its key.

#include "groove/move_private.h"

#include "groove/clock_private.h"

#include <string.h>

// The latest note-on of a key.
struct note {
    uint32_t on;   // Index of the event + 1; 0: none yet.
    uint32_t off;  // Index of the latest note-off + 1; 0: none since the note-on.
    int32_t shift; // How far the note-on was moved.
    int32_t swung; // How much of it is swing, in fixed point.
    uint32_t open; // Notes that wait for their note-off.
    uint32_t here; // How many of them began at this one's written tick.
};

struct pass {
    struct km_groove_clock clock;
    struct km_event *events;
    uint64_t limit;                       // No note-off comes later.
    uint64_t earliest[KM_CHANNELS_COUNT]; // Before which no note-on may move.
    uint64_t safe;                        // The latest of them: from here on, none matters.
    uint32_t channels_seen;               // Bits of those whose notes are initialised.
    bool has_spare_offs;                  // Some key ended more than once before it began again.
    struct note notes[KM_GROOVE_KEYS_COUNT];
};

// Held between -limit and limit. It seldom is outside, so that one comparison is enough.
static int32_t within(int32_t value, int32_t limit)
{
    if ((uint32_t)value + (uint32_t)limit <= 2 * (uint32_t)limit) {
        return value;
    }
    return value > 0 ? limit : -limit;
}

// A fixed-point number within 2^30 as the nearest whole one. It is lifted above 0, where shifting
// is defined.
static int32_t rounded(int32_t value, unsigned int bits)
{
    const uint32_t lift = 1U << 30;
    return (int32_t)(((uint32_t)value + lift + (1U << (bits - 1))) >> bits) -
           (int32_t)(lift >> bits);
}

// What is drawn for one note: sums of four random bytes.
struct draw {
    int32_t voice;
    int32_t note;
    int32_t touch;
};

// All bits of the clock's number are mixed well, so that one multiplication per use is enough.
static struct draw draw_for(const struct km_groove_clock *clock, uint32_t key, uint32_t voice)
{
    const uint64_t player = (uint64_t)(key / KM_GROOVE_KEYS_PER_CHANNEL) << 8 | voice;
    const uint64_t own = (clock->bits ^ (player * 0x9E3779B97F4A7C15ULL)) * 0xD1342543DE82EF95ULL;
    const uint64_t mixed = (clock->bits ^ (~key * 0xA0761D6478BD642FULL)) * 0xE7037ED1A0B428DBULL;
    const uint64_t bits = mixed ^ (mixed >> 32);
    const uint64_t pairs = (bits & 0x00FF00FF00FF00FFULL) + ((bits >> 8) & 0x00FF00FF00FF00FFULL);
    const uint64_t sums = pairs + (pairs >> 16);
    return (struct draw){.voice = km_groove_byte_sum((uint32_t)(own >> 32)),
                         .note = (int32_t)(sums & 0xFFFFU),
                         .touch = (int32_t)((sums >> 32) & 0xFFFFU)};
}

static int32_t shift_of(const struct km_groove_clock *clock, uint32_t voice, struct draw draw)
{
    const struct km_groove_scale *const scale = &clock->scales[voice];
    const int32_t own = scale->voice * draw.voice + scale->note * draw.note + scale->offset;
    const int32_t deviation = clock->shared + within(own, clock->own_limit);
    return rounded(within(deviation, clock->limit) + clock->swung, KM_GROOVE_TICK_BITS);
}

static uint8_t velocity_of(const struct km_groove_clock *clock, uint32_t voice, uint8_t written,
                           int32_t touch)
{
    const int32_t factor = clock->factors[km_groove_is_cymbal(voice)] + clock->touch * touch;
    const int32_t velocity = rounded(written * factor, KM_GROOVE_FACTOR_BITS);
    if ((uint32_t)velocity - 1 < 127) {
        return (uint8_t)velocity;
    }
    return velocity < 1 ? 1 : 127;
}

// Where a note-on that was written at `written` goes, whatever its key did before.
static uint64_t free_tick(const struct pass *pass, uint32_t channel, uint64_t written,
                          int32_t shift)
{
    const uint64_t moved = written + (uint64_t)(int64_t)shift;
    if (moved - pass->safe < pass->limit - pass->safe) {
        return moved; // Nearly always: one comparison for all bounds.
    }
    const uint64_t from_zero = moved <= written + KM_GROOVE_SHIFT_MAX ? moved : 0; // It wrapped.
    const uint64_t bounded = from_zero < pass->limit ? from_zero : pass->limit - 1;
    const uint64_t earliest = pass->earliest[channel];
    return bounded > earliest ? bounded : earliest;
}

// Ends what sounds on the key before a note-on at `tick`; returns where the note-on goes. Notes of
// one key stay in order and a tick apart; only those written as one sound as one.
static uint64_t begin_after(struct pass *pass, struct note *note, uint64_t written, uint64_t tick)
{
    const uint64_t before = pass->events[note->on - 1].tick;
    if (note->off == 0 && before - (uint64_t)(int64_t)note->shift == written) {
        note->here += 1;
        return before;
    }
    const uint64_t begin = tick > before ? tick : before + 1;
    uint64_t none = 0;
    uint64_t *const end = note->off > 0 ? &pass->events[note->off - 1].tick : &none;
    *end = *end < begin ? *end : begin; // Without a branch: which it is, is chance.
    note->here = 1;
    return begin;
}

// The notes of most channels are never needed: each channel's are initialised when it first plays.
static struct note *note_of(struct pass *pass, uint32_t key)
{
    const uint32_t channel = key / KM_GROOVE_KEYS_PER_CHANNEL;
    if ((pass->channels_seen >> channel & 1U) == 0) {
        pass->channels_seen |= 1U << channel;
        struct note *const first = &pass->notes[(size_t)channel * KM_GROOVE_KEYS_PER_CHANNEL];
        memset(first, 0, KM_GROOVE_KEYS_PER_CHANNEL * sizeof(*first));
    }
    return &pass->notes[key];
}

static void move_note_on(struct pass *pass, uint32_t index)
{
    struct km_event *const event = &pass->events[index];
    struct km_groove_clock *const clock = &pass->clock;
    const uint64_t written = event->tick;
    if (written != clock->tick) {
        km_groove_clock_go(clock, written);
    }
    const uint32_t key = km_groove_key_of(event);
    const uint32_t channel = key / KM_GROOVE_KEYS_PER_CHANNEL;
    const uint32_t voice = km_groove_voice_of(key);
    const struct draw draw = draw_for(clock, key, voice);
    const uint64_t tick = free_tick(pass, channel, written, shift_of(clock, voice, draw));
    struct note *const note = note_of(pass, key);
    if (note->on > 0) {
        event->tick = begin_after(pass, note, written, tick);
    } else {
        event->tick = tick;
        note->here = 1;
    }
    event->value = velocity_of(clock, voice, event->value, draw.touch);
    note->on = index + 1;
    note->off = 0;
    note->shift = (int32_t)(int64_t)(event->tick - written);
    note->swung = clock->swung;
    note->open += 1;
}

// How far a note-off moves: as its note-on, but swing moves it by its own place, so that what is
// written legato is played legato.
static uint64_t end_shift_of(struct pass *pass, const struct note *note, uint64_t tick)
{
    struct km_groove_clock *const clock = &pass->clock;
    int32_t shift = note->shift;
    if (clock->is_swung && clock->swing_ticks > 0.0) {
        if (tick != clock->tick) {
            km_groove_clock_go(clock, tick);
        }
        shift += rounded(clock->swung - note->swung, KM_GROOVE_TICK_BITS);
    }
    return (uint64_t)(int64_t)shift;
}

static void move_note_off(struct pass *pass, uint32_t index)
{
    enum { RELEASE_VELOCITY = 64 }; // What a note-on of velocity 0 stands for (MIDI 1.0).
    struct km_event *const event = &pass->events[index];
    if (event->type == KM_EVENT_NOTE_ON) {
        event->type = KM_EVENT_NOTE_OFF; // So that it sorts as one.
        event->value = RELEASE_VELOCITY;
    }
    struct note *const note = note_of(pass, km_groove_key_of(event));
    if (note->on == 0) {
        pass->has_spare_offs = true;
        return;
    }
    const uint64_t start = pass->events[note->on - 1].tick;
    const uint64_t written_start = start - (uint64_t)(int64_t)note->shift;
    if (event->tick == written_start && note->open > note->here) {
        event->tick = start; // It ends an older note, where the latest begins.
        note->open -= 1;
        return;
    }
    const uint64_t moved = event->tick + end_shift_of(pass, note, event->tick);
    const uint64_t bounded = moved < pass->limit ? moved : pass->limit;
    event->tick = bounded > start ? bounded : start + 1;
    pass->has_spare_offs |= note->off > 0;
    note->off = index + 1;
    note->open -= note->open > 0;
}

// What is set up for a note must not come after it.
static void follow_other(struct pass *pass, const struct km_event *event)
{
    enum { FIRST_MODE_CONTROL = 120 }; // All sound off, reset, all notes off, ...
    const bool is_mode = event->type == KM_EVENT_CONTROL && event->number >= FIRST_MODE_CONTROL;
    if (event->type == KM_EVENT_PROGRAM || is_mode) {
        pass->earliest[event->channel % KM_CHANNELS_COUNT] = event->tick;
        pass->safe = event->tick;
    } else if (event->type == KM_EVENT_SYSEX) {
        for (int i = 0; i < KM_CHANNELS_COUNT; ++i) {
            pass->earliest[i] = event->tick;
        }
        pass->safe = event->tick;
    } else if (event->type == KM_EVENT_TEMPO || event->type == KM_EVENT_TIME_SIGNATURE) {
        km_groove_clock_follow(&pass->clock, event);
    }
}

static void move_all(struct pass *pass, uint32_t count)
{
    for (uint32_t i = 0; i < count; ++i) {
        const struct km_event *const event = &pass->events[i];
        if (km_groove_is_note_on(event)) {
            move_note_on(pass, i);
        } else if (km_groove_is_note_off(event)) {
            move_note_off(pass, i);
        } else {
            follow_other(pass, event);
        }
    }
}

// The slow way to keep note-offs from cutting the next note of their key, for any number of them.
static void cut_note_offs(struct km_event *events, uint32_t count)
{
    uint32_t next_on[KM_GROOVE_KEYS_COUNT] = {0}; // Index + 1.
    for (uint32_t i = count; i-- > 0;) {
        struct km_event *const event = &events[i];
        uint32_t *const next = &next_on[km_groove_key_of(event)];
        if (km_groove_is_note_on(event)) {
            *next = i + 1;
        } else if (km_groove_is_note_off(event) && *next > 0 &&
                   event->tick > events[*next - 1].tick) {
            event->tick = events[*next - 1].tick;
        }
    }
}

void km_groove_move(struct km_event *events, uint32_t count, const struct km_groove *groove)
{
    struct pass pass;
    memset(&pass.earliest, 0, sizeof(pass.earliest));
    const bool has_end = events[count - 1].type == KM_EVENT_END_OF_TRACK;
    pass.events = events;
    pass.limit = has_end ? events[count - 1].tick : UINT64_MAX / 2;
    pass.limit += pass.limit == 0; // So that there is a tick before it.
    pass.safe = 0;
    pass.channels_seen = 0;
    pass.has_spare_offs = false;
    km_groove_clock_init(&pass.clock, groove);
    move_all(&pass, count);
    if (pass.has_spare_offs) {
        cut_note_offs(events, count);
    }
}
