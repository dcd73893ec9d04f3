// SPDX-License-Identifier: MIT

// Moves notes. Each note-on moves by a pure function of its own place; its note-off follows by the
// same amount. Then note-offs are cut back to the next note-on of their key.

#include "groove/move_private.h"

#include "base/math.h"
#include "groove/clock_private.h"

#define VOICE_SHARE 0.31 // Of one voice against the others.
#define NOTE_SHARE 0.12  // Of one note of a chord against the others.
#define BREATH_SHARE 0.5 // Of velocity, what all do alike.
#define TOUCH_SHARE 0.866
#define ACCENT_SHARE 0.6 // Of the style's accents: written music has some of its own.
#define DROPOUT_MAX 0.2  // Of unprotected notes at complexity 1.

enum { KEYS_COUNT = 128, NOTES_COUNT = KM_CHANNELS_COUNT * KEYS_COUNT, SEEN_MAX = 255 };

// The latest note-on of a key.
struct note {
    uint32_t on;     // Index of the event + 1; 0: none yet.
    int32_t shift;   // How far it was moved.
    uint8_t open;    // Notes that wait for their note-off.
    uint8_t here;    // How many of them began at this one's written tick.
    uint8_t dropped; // Notes left out whose note-off is to be left out too.
    bool is_fresh;   // None of them has ended yet.
};

struct pass {
    struct km_groove_clock clock;
    struct km_event *events;
    size_t count;                         // Written so far.
    uint64_t limit;                       // No note-off comes later.
    double level;                         // Of velocity.
    double spread;                        // Of velocity, as a part of it.
    double dropout;                       // Probability for a note without protection.
    uint64_t earliest[KM_CHANNELS_COUNT]; // Before which no note-on may move.
    struct note notes[NOTES_COUNT];
};

static enum km_groove_voice voice_of(const struct km_event *event)
{
    // General MIDI 1, percussion key map: keys 35 to 59.
    enum { FIRST = 35, LAST = 59 };
    static const uint8_t voices[LAST - FIRST + 1] = {
        KM_GROOVE_KICK,  KM_GROOVE_KICK,       KM_GROOVE_SNARE, KM_GROOVE_SNARE,
        KM_GROOVE_SNARE, KM_GROOVE_SNARE,      KM_GROOVE_TOM,   KM_GROOVE_HAT,
        KM_GROOVE_TOM,   KM_GROOVE_HAT,        KM_GROOVE_TOM,   KM_GROOVE_HAT,
        KM_GROOVE_TOM,   KM_GROOVE_TOM,        KM_GROOVE_CRASH, KM_GROOVE_TOM,
        KM_GROOVE_RIDE,  KM_GROOVE_CRASH,      KM_GROOVE_RIDE,  KM_GROOVE_PERCUSSION,
        KM_GROOVE_CRASH, KM_GROOVE_PERCUSSION, KM_GROOVE_CRASH, KM_GROOVE_PERCUSSION,
        KM_GROOVE_RIDE};
    if (event->channel != KM_CHANNEL_DRUMS) {
        return KM_GROOVE_PITCHED;
    }
    return event->number >= FIRST && event->number <= LAST
               ? (enum km_groove_voice)voices[event->number - FIRST]
               : KM_GROOVE_PERCUSSION;
}

static uint32_t key_of(const struct km_event *event)
{
    const uint32_t channel = event->channel % KM_CHANNELS_COUNT;
    return channel * KEYS_COUNT + event->number % KEYS_COUNT;
}

static void count_up(uint8_t *count)
{
    if (*count < SEEN_MAX) {
        *count = (uint8_t)(*count + 1);
    }
}

static void count_down(uint8_t *count)
{
    if (*count > 0) {
        *count = (uint8_t)(*count - 1);
    }
}

static double within(double value, double limit)
{
    return value > limit ? limit : (value < -limit ? -limit : value);
}

// Nearest whole number of what is small.
static int32_t rounded(double value)
{
    return (int32_t)(value + 1048576.5) - 1048576;
}

// How far a note at the clock's tick moves. `bits` are the note's own.
static int32_t shift_of(const struct km_groove_clock *clock, enum km_groove_voice voice,
                        uint32_t channel, uint32_t bits)
{
    const struct km_groove_feel *const feel = clock->feel;
    const uint64_t player = voice == KM_GROOVE_PITCHED ? channel : KM_CHANNELS_COUNT + voice;
    const uint64_t voice_bits =
        (clock->bits ^ ((player + 1) * 0x9E3779B97F4A7C15ULL)) * 0xD1342543DE82EF95ULL;
    const double share = VOICE_SHARE * km_groove_bell((uint32_t)(voice_bits >> 32)) +
                         NOTE_SHARE * km_groove_bell(bits);
    const double spread = clock->deviation_ticks * 0.01 * (double)feel->spread_percent[voice];
    const double own =
        spread * share + clock->amount * clock->ticks_per_ms * (double)feel->voice_ms[voice];
    const double deviation =
        within(clock->shared_ticks + within(own, clock->own_limit_ticks), clock->limit_ticks);
    return rounded(deviation + clock->swung_ticks);
}

static uint8_t velocity_of(const struct pass *pass, const struct km_event *event,
                           enum km_groove_voice voice, uint32_t bits)
{
    const struct km_groove_clock *const clock = &pass->clock;
    const bool is_cymbal =
        voice == KM_GROOVE_HAT || voice == KM_GROOVE_RIDE || voice == KM_GROOVE_CRASH;
    const uint8_t percent = is_cymbal ? clock->feel->cymbal_percent[clock->place]
                                      : clock->feel->beat_percent[clock->place / 4];
    const double accent = clock->amount * ACCENT_SHARE * 0.01 * (double)(percent - 100);
    const double touch = BREATH_SHARE * clock->breath + TOUCH_SHARE * km_groove_bell(bits);
    const double factor = pass->level * (1.0 + accent) + pass->spread * touch;
    const int32_t velocity = rounded((double)event->value * factor);
    return (uint8_t)(velocity < 1 ? 1 : (velocity > 127 ? 127 : velocity));
}

// A player at the limit of concentration loses little notes first, the frame last.
static bool is_dropped(const struct pass *pass, enum km_groove_voice voice, uint64_t bits)
{
    static const double kept[KM_GROOVE_VOICES_COUNT] = {
        [KM_GROOVE_KICK] = 0.8,    [KM_GROOVE_SNARE] = 0.7,     [KM_GROOVE_HAT] = 0.2,
        [KM_GROOVE_RIDE] = 0.3,    [KM_GROOVE_CRASH] = 0.9,     [KM_GROOVE_TOM] = 0.5,
        [KM_GROOVE_PITCHED] = 0.5, [KM_GROOVE_PERCUSSION] = 0.3};
    const double chance = pass->dropout * (1.0 - kept[voice]);
    const uint64_t drawn = km_groove_mix(bits ^ 0xA0761D6478BD642FULL) >> 11;
    return (double)drawn * 0x1p-53 < chance;
}

// Where a note-on that was written at `written` goes, whatever its key did before.
static uint64_t free_tick(const struct pass *pass, uint32_t channel, uint64_t written,
                          int32_t shift)
{
    const uint64_t far = (uint64_t)(shift < 0 ? -(int64_t)shift : (int64_t)shift);
    const uint64_t moved = shift >= 0 ? written + far : (written > far ? written - far : 0);
    const uint64_t last = pass->limit > 0 ? pass->limit - 1 : 0;
    const uint64_t earliest = pass->earliest[channel];
    const uint64_t bounded = moved < last ? moved : last;
    return bounded > earliest ? bounded : earliest;
}

// Notes of one key stay in order and a tick apart; only those written as one sound as one.
static uint64_t tick_after(const struct pass *pass, struct note *note, uint64_t written,
                           uint64_t tick)
{
    if (note->on > 0) {
        const uint64_t before = pass->events[note->on - 1].tick;
        if (note->is_fresh && before - (uint64_t)(int64_t)note->shift == written) {
            count_up(&note->here);
            return before;
        }
        tick = tick > before ? tick : before + 1;
    }
    note->here = 1;
    return tick;
}

static void move_note_on(struct pass *pass, struct km_event event)
{
    struct km_groove_clock *const clock = &pass->clock;
    if (event.tick != clock->tick) {
        km_groove_clock_go(clock, event.tick);
    }
    const uint32_t key = key_of(&event);
    const uint32_t channel = key / KEYS_COUNT;
    const enum km_groove_voice voice = voice_of(&event);
    const uint64_t bits = km_groove_mix(clock->bits + (key + 1) * 0x9E3779B97F4A7C15ULL);
    struct note *const note = &pass->notes[key];
    if (pass->dropout > 0.0 && note->open == 0 && note->dropped < SEEN_MAX &&
        is_dropped(pass, voice, bits)) {
        count_up(&note->dropped);
        return;
    }
    const uint64_t written = event.tick;
    const int32_t shift = shift_of(clock, voice, channel, (uint32_t)bits);
    event.tick = tick_after(pass, note, written, free_tick(pass, channel, written, shift));
    event.value = velocity_of(pass, &event, voice, (uint32_t)(bits >> 32));
    pass->events[pass->count++] = event;
    note->on = (uint32_t)pass->count;
    note->shift = (int32_t)(int64_t)(event.tick - written);
    count_up(&note->open);
    note->is_fresh = true;
}

static void move_note_off(struct pass *pass, struct km_event event)
{
    struct note *const note = &pass->notes[key_of(&event)];
    if (note->dropped > 0) {
        count_down(&note->dropped);
        return;
    }
    if (note->on > 0) {
        const uint64_t start = pass->events[note->on - 1].tick;
        const uint64_t shift = (uint64_t)(int64_t)note->shift;
        if (event.tick == start - shift && note->open > note->here) {
            event.tick = start; // It ends an older note, where the latest begins.
        } else {
            const uint64_t moved = event.tick + shift;
            const uint64_t bounded = moved < pass->limit ? moved : pass->limit;
            event.tick = bounded > start ? bounded : start + 1;
            note->is_fresh = false;
        }
        count_down(&note->open);
    }
    pass->events[pass->count++] = event;
}

// What is set up for a note must not come after it.
static void keep_other(struct pass *pass, struct km_event event)
{
    enum { FIRST_MODE_CONTROL = 120 }; // All sound off, reset, all notes off, ...
    const bool is_mode = event.type == KM_EVENT_CONTROL && event.number >= FIRST_MODE_CONTROL;
    if (event.type == KM_EVENT_PROGRAM || is_mode) {
        pass->earliest[event.channel % KM_CHANNELS_COUNT] = event.tick;
    } else if (event.type == KM_EVENT_SYSEX) {
        for (int i = 0; i < KM_CHANNELS_COUNT; ++i) {
            pass->earliest[i] = event.tick;
        }
    } else if (event.type == KM_EVENT_TEMPO || event.type == KM_EVENT_TIME_SIGNATURE) {
        km_groove_clock_follow(&pass->clock, &event);
    }
    pass->events[pass->count++] = event;
}

static bool is_note_on(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_ON && event->value > 0;
}

// A note-on of velocity 0 is one, too.
static bool is_note_off(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_OFF || (event->type == KM_EVENT_NOTE_ON && !event->value);
}

static void move_all(struct pass *pass, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const struct km_event event = pass->events[i];
        if (is_note_on(&event)) {
            move_note_on(pass, event);
        } else if (is_note_off(&event)) {
            move_note_off(pass, event);
        } else {
            keep_other(pass, event);
        }
    }
}

// A note-off must not come after, and so cut, the next note of its key.
static void cut_note_offs(struct km_event *events, size_t count)
{
    uint32_t next_on[NOTES_COUNT] = {0}; // Index + 1.
    for (size_t i = count; i-- > 0;) {
        struct km_event *const event = &events[i];
        uint32_t *const next = &next_on[key_of(event)];
        if (is_note_on(event)) {
            *next = (uint32_t)i + 1;
        } else if (is_note_off(event) && *next > 0 && event->tick > events[*next - 1].tick) {
            event->tick = events[*next - 1].tick;
        }
    }
}

size_t km_groove_move(struct km_event *events, size_t count, const struct km_groove *groove)
{
    const double complexity = km_clamp(groove->complexity, 0.0, 1.0);
    const double vulnerability = km_clamp(groove->vulnerability, 0.0, 1.0);
    const double tender = vulnerability - 0.5;
    const bool has_end = events[count - 1].type == KM_EVENT_END_OF_TRACK;
    struct pass pass = {
        .events = events,
        .limit = has_end ? events[count - 1].tick : UINT64_MAX / 2,
        .level = 1.0 - tender * (tender > 0.0 ? 0.4 : 0.2),
        .spread = complexity * (0.05 + 0.15 * vulnerability),
        .dropout = groove->allows_dropout ? DROPOUT_MAX * complexity : 0.0,
    };
    km_groove_clock_init(&pass.clock, groove);
    move_all(&pass, count);
    cut_note_offs(events, pass.count);
    return pass.count;
}
