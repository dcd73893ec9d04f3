// SPDX-License-Identifier: MIT

#include "groove/clock_private.h"

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"

// How a deviation of standard deviation 1 is made up. What all share leads, for irregularity within
// a kit is disliked (Senn 2017), and its larger part drifts, for human timing is correlated. The
// squares sum to 1.
#define DRIFT_SHARE 0.72
#define PLACE_SHARE 0.61
#define VOICE_SHARE 0.31 // Of one voice against the others.
#define NOTE_SHARE 0.12  // Of one note of a chord against the others.

#define BREATH_SHARE 0.5 // Of what is random in velocity, what all do alike.
#define TOUCH_SHARE 0.866
#define ACCENT_SHARE 0.6 // Of the style's accents: written music has some of its own.

#define LEAN_MAX_MS 20.0 // So that there is room for deviation below the limit.

#define PER_SUM 0.0067659 // 1 / standard deviation of the sum of four random bytes.

// A knot of the drift is made of its own number and of one that changes over eight quarter notes.
#define KNOT_SHARE 0.8
#define SLOW_SHARE 0.6
#define DRIFT_NORM 1.297 // Makes the standard deviation of the interpolated drift 1.

enum { SLOW_QUARTERS = 8, COMPOUND_SIXTEENTHS = 6 };

enum stream { STREAM_PLACES = 1, STREAM_KNOTS, STREAM_SLOW };

static double bell(uint64_t bits)
{
    return (double)(km_groove_byte_sum((uint32_t)bits) - KM_GROOVE_SUM_MEAN) * PER_SUM;
}

static int32_t fixed(double value, int bits)
{
    const double scaled = value * (double)(1 << bits);
    return (int32_t)(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
}

// Held between -limit and limit. It seldom is outside, so that one comparison is enough.
static int32_t within(int64_t value, int32_t limit)
{
    if ((uint64_t)value + (uint64_t)limit <= 2 * (uint64_t)limit) {
        return (int32_t)value;
    }
    return value > 0 ? limit : -limit;
}

static uint64_t bits_of(const struct km_groove_clock *clock, enum stream stream, uint64_t index)
{
    return km_groove_mix(clock->seed + (uint64_t)stream * 0xD1B54A32D192ED03ULL +
                         index * 0x9E3779B97F4A7C15ULL);
}

// The standard deviation grows from 0 to the style's own at complexity .5, and from there to 20 ms
// or 5/3 of it, whichever is less.
static double deviation_of(const struct km_groove_feel *feel, double complexity)
{
    const double middle = (double)feel->deviation_ms;
    if (complexity <= 0.5) {
        return 2.0 * complexity * middle;
    }
    const double most = middle * (5.0 / 3.0) < 20.0 ? middle * (5.0 / 3.0) : 20.0;
    return middle + (2.0 * complexity - 1.0) * (most - middle);
}

// The faster, the straighter: the short note of a pair keeps its length.
static double swing_ticks_of(const struct km_groove_clock *clock)
{
    if (clock->feel->swung_per_beat == 0) {
        return 0.0;
    }
    const double pair_ticks = (double)clock->ppq * 2.0 / (double)clock->feel->swung_per_beat;
    const double pair_ms = pair_ticks / clock->ticks_per_ms;
    const double ratio = km_clamp(pair_ms / (double)KM_GROOVE_SHORT_NOTE_MS - 1.0, 1.0,
                                  (double)clock->feel->swing_ratio);
    return clock->swing * pair_ticks * (ratio - 1.0) / (ratio + 1.0);
}

static void scale_voices(struct km_groove_clock *clock)
{
    for (int i = 0; i < KM_GROOVE_VOICES_COUNT; ++i) {
        const double spread =
            clock->deviation_ticks * PER_SUM * 0.01 * (double)clock->feel->spread_percent[i];
        const double offset =
            clock->amount * clock->ticks_per_ms * (double)clock->feel->voice_ms[i];
        struct km_groove_scale *const scale = &clock->scales[i];
        scale->voice = fixed(VOICE_SHARE * spread, KM_GROOVE_TICK_BITS);
        scale->note = fixed(NOTE_SHARE * spread, KM_GROOVE_TICK_BITS);
        scale->offset =
            fixed(offset, KM_GROOVE_TICK_BITS) - KM_GROOVE_SUM_MEAN * (scale->voice + scale->note);
    }
}

// The drift within a quarter note: a quadratic B-spline, whose spread is nearly the same
// everywhere.
static void scale_drift(struct km_groove_clock *clock)
{
    const double *const knots = clock->knots;
    const double scale = DRIFT_SHARE * clock->deviation_ticks * (double)(1 << KM_GROOVE_TICK_BITS);
    clock->drift[0] = scale * 0.5 * (knots[0] + knots[1]);
    clock->drift[1] = scale * (knots[1] - knots[0]);
    clock->drift[2] = scale * (0.5 * (knots[0] + knots[2]) - knots[1]);
}

static void set_tempo(struct km_groove_clock *clock, double tempo_bpm)
{
    const double bpm = tempo_bpm == tempo_bpm ? km_clamp(tempo_bpm, 10.0, 1000.0) : 120.0;
    clock->ticks_per_ms = (double)clock->ppq * bpm / 60000.0;
    clock->deviation_ticks = clock->deviation_ms * clock->ticks_per_ms;
    clock->swing_ticks = swing_ticks_of(clock);
    clock->limit = fixed(KM_GROOVE_LIMIT_MS * clock->ticks_per_ms, KM_GROOVE_TICK_BITS);
    clock->own_limit = fixed(KM_GROOVE_OWN_LIMIT_MS * clock->ticks_per_ms, KM_GROOVE_TICK_BITS);
    clock->place_share = fixed(PLACE_SHARE * clock->deviation_ticks * PER_SUM, KM_GROOVE_TICK_BITS);
    for (int i = 0; i < KM_GROOVE_PLACES_COUNT; ++i) {
        clock->offsets[i] =
            fixed(clock->amount * clock->ticks_per_ms * (double)clock->feel->offset_ms[i],
                  KM_GROOVE_TICK_BITS);
    }
    for (int i = 0; i < 2; ++i) {
        const double lean = clock->lean_ms + (i == 1 ? clock->sway_ms : -clock->sway_ms);
        clock->leans[i] = fixed(clock->ticks_per_ms * lean, KM_GROOVE_TICK_BITS);
    }
    scale_voices(clock);
    scale_drift(clock);
}

static int32_t factor_of(const struct km_groove_clock *clock, uint8_t percent)
{
    const double accent = clock->amount * ACCENT_SHARE * 0.01 * (double)(percent - 100);
    return fixed(clock->level * (1.0 + accent), KM_GROOVE_FACTOR_BITS) -
           KM_GROOVE_SUM_MEAN * clock->touch;
}

static void set_touch(struct km_groove_clock *clock)
{
    const double spread = clock->spread * PER_SUM;
    clock->touch = fixed(spread * TOUCH_SHARE, KM_GROOVE_FACTOR_BITS);
    clock->breath = fixed(spread * BREATH_SHARE, KM_GROOVE_FACTOR_BITS);
    for (int i = 0; i < KM_GROOVE_PLACES_COUNT; ++i) {
        clock->place_factors[i][0] = factor_of(clock, clock->feel->beat_percent[i / 4]);
        clock->place_factors[i][1] = factor_of(clock, clock->feel->cymbal_percent[i]);
    }
}

static uint32_t place_of_beat(uint64_t beat)
{
    const uint64_t of_four = beat < KM_GROOVE_BEATS_COUNT ? beat : 2 + beat % 2;
    return (uint32_t)of_four * (KM_GROOVE_PLACES_COUNT / KM_GROOVE_BEATS_COUNT);
}

static void begin_bar(struct km_groove_clock *clock)
{
    const bool sways = clock->leans[0] != clock->leans[1];
    clock->lean =
        clock->leans[sways && (clock->bar_tick - clock->metre_tick) / clock->bar_ticks % 2 == 1];
}

static void begin_beat(struct km_groove_clock *clock, uint64_t beat)
{
    const uint64_t begin = beat * clock->beat_ticks;
    const uint64_t left = clock->bar_ticks - begin; // An odd metre's last beat is short.
    clock->beat = beat;
    clock->beat_tick = clock->bar_tick + begin;
    clock->beat_length = left < clock->beat_ticks ? left : clock->beat_ticks;
    clock->beat_places[0] = place_of_beat(beat);
    clock->beat_places[1] = left <= clock->beat_ticks ? 0 : place_of_beat(beat + 1);
}

static void set_metre(struct km_groove_clock *clock, uint64_t tick, uint64_t bar_ticks,
                      uint64_t beat_ticks)
{
    clock->metre_tick = tick;
    clock->bar_tick = tick;
    clock->bar_ticks = bar_ticks;
    clock->beat_ticks = beat_ticks;
    clock->per_beat = 1.0 / (double)beat_ticks;
    begin_bar(clock);
    begin_beat(clock, 0);
}

// Quarter notes are the beat, but three eighths (or less) of a compound metre. Only metres of whole
// quarter notes swing: others have no pairs.
static void follow_time_signature(struct km_groove_clock *clock, const struct km_event *event)
{
    const uint64_t whole_ticks = 4U * (uint64_t)clock->ppq;
    if (event->number == 0 || event->value > 6) {
        return;
    }
    const uint64_t bar_ticks = (event->number * whole_ticks) >> event->value;
    const bool is_compound = event->value >= 3 && event->number % 3 == 0;
    const uint64_t beat_ticks = is_compound ? (3 * whole_ticks) >> event->value : clock->ppq;
    if (bar_ticks == 0 || beat_ticks == 0) {
        return;
    }
    clock->is_compound = is_compound;
    clock->is_swung = bar_ticks % clock->ppq == 0 && !is_compound;
    set_metre(clock, event->tick, bar_ticks, beat_ticks);
}

static void begin_metre(struct km_groove_clock *clock, const struct km_groove *groove)
{
    const uint64_t beats = groove->beats_per_bar > 0 ? groove->beats_per_bar : 4;
    set_metre(clock, 0, beats * groove->ppq, groove->ppq);
    uint8_t value = 0;
    while (value < 6 && groove->beat_unit > 1U << value) {
        ++value;
    }
    if (groove->beat_unit != 0 && groove->beat_unit != 4) {
        follow_time_signature(clock, &(struct km_event){.type = KM_EVENT_TIME_SIGNATURE,
                                                        .number = (uint8_t)beats,
                                                        .value = value});
    }
}

// Goes to the beat of a tick that is at or after the end of this beat.
static void go_to_beat(struct km_groove_clock *clock, uint64_t tick)
{
    KM_CHECK(clock->bar_ticks > 0 && clock->beat_ticks > 0);
    const uint64_t into_bar = tick - clock->bar_tick;
    if (into_bar >= clock->bar_ticks) {
        clock->bar_tick = tick - into_bar % clock->bar_ticks;
        begin_bar(clock);
        begin_beat(clock, (tick - clock->bar_tick) / clock->beat_ticks);
    } else if (tick - clock->beat_tick < 2 * clock->beat_length) {
        begin_beat(clock, clock->beat + 1); // Mostly so, and it spares dividing.
    } else {
        begin_beat(clock, into_bar / clock->beat_ticks);
    }
}

static double knot_of(struct km_groove_clock *clock, uint64_t quarter)
{
    const uint64_t block = quarter / SLOW_QUARTERS;
    if (block != clock->slow_block) {
        clock->slow_block = block;
        clock->slow[0] = bell(bits_of(clock, STREAM_SLOW, block));
        clock->slow[1] = bell(bits_of(clock, STREAM_SLOW, block + 1));
    }
    const double fraction = (double)(quarter % SLOW_QUARTERS) * (1.0 / SLOW_QUARTERS);
    const double slow = clock->slow[0] + fraction * (clock->slow[1] - clock->slow[0]);
    const double own = bell(bits_of(clock, STREAM_KNOTS, quarter));
    return (KNOT_SHARE * own + SLOW_SHARE * slow) * DRIFT_NORM;
}

// Goes to the quarter note of a tick outside this one.
static void go_to_quarter(struct km_groove_clock *clock, uint64_t tick)
{
    if (tick - clock->quarter_tick < 2 * (uint64_t)clock->ppq) {
        clock->quarter += 1;
        clock->knots[0] = clock->knots[1];
        clock->knots[1] = clock->knots[2];
    } else {
        clock->quarter = tick / clock->ppq;
        clock->knots[0] = knot_of(clock, clock->quarter);
        clock->knots[1] = knot_of(clock, clock->quarter + 1);
    }
    clock->quarter_tick = clock->quarter * clock->ppq;
    clock->knots[2] = knot_of(clock, clock->quarter + 2);
    scale_drift(clock);
}

// How far swing moves what stands at `fraction` of a beat. A pair's middle moves most; notes on
// triplets are swung already.
static double swing_at(const struct km_groove_clock *clock, double fraction)
{
    const double pairs = fraction * 0.5 * (double)clock->feel->swung_per_beat;
    const double in_pair = pairs - (double)(int32_t)pairs;
    const double nearest = in_pair < 0.5 ? in_pair : 1.0 - in_pair;
    const bool is_triplet = nearest > 0.303 && nearest < 0.363;
    return is_triplet ? 0.0 : nearest * clock->swing_ticks;
}

static uint32_t place_at(const struct km_groove_clock *clock, double fraction)
{
    static const uint8_t of_compound[COMPOUND_SIXTEENTHS + 1] = {0, 1, 2, 3, 2, 3, 4};
    const uint32_t sixteenth = clock->is_compound
                                   ? of_compound[(uint32_t)(fraction * COMPOUND_SIXTEENTHS + 0.5)]
                                   : (uint32_t)(fraction * 4.0 + 0.5);
    return sixteenth < 4 ? clock->beat_places[0] + sixteenth : clock->beat_places[1];
}

// What all do is held to where no voice's own share could bring it back within the limit.
void km_groove_clock_go(struct km_groove_clock *clock, uint64_t tick)
{
    if (tick - clock->beat_tick >= clock->beat_length) {
        go_to_beat(clock, tick);
    }
    if (tick - clock->quarter_tick >= clock->ppq) {
        go_to_quarter(clock, tick);
    }
    const double in_beat = (double)(int64_t)(tick - clock->beat_tick) * clock->per_beat;
    const double in_quarter = (double)(int64_t)(tick - clock->quarter_tick) * clock->per_quarter;
    const uint64_t bits = bits_of(clock, STREAM_PLACES, tick);
    const uint32_t place = place_at(clock, in_beat);
    const double *const drift = clock->drift;
    const int64_t drifted = (int64_t)(drift[0] + in_quarter * (drift[1] + in_quarter * drift[2]));
    const int64_t own =
        (int64_t)clock->place_share * (km_groove_byte_sum((uint32_t)bits) - KM_GROOVE_SUM_MEAN);
    const int32_t breath =
        clock->breath * (km_groove_byte_sum((uint32_t)(bits >> 32)) - KM_GROOVE_SUM_MEAN);
    clock->tick = tick;
    clock->bits = bits;
    clock->shared = within(drifted + own + clock->offsets[place] + clock->lean,
                           clock->limit + clock->own_limit);
    clock->swung = clock->is_swung && clock->swing_ticks > 0.0
                       ? fixed(swing_at(clock, in_beat), KM_GROOVE_TICK_BITS)
                       : 0;
    clock->factors[0] = clock->place_factors[place][0] + breath;
    clock->factors[1] = clock->place_factors[place][1] + breath;
}

void km_groove_clock_init(struct km_groove_clock *clock, const struct km_groove *groove)
{
    KM_CHECK(groove->ppq > 0);
    const double complexity = km_clamp(groove->complexity, 0.0, 1.0);
    const double vulnerability = km_clamp(groove->vulnerability, 0.0, 1.0);
    const double tender = vulnerability - 0.5;
    const struct km_groove_feel *const feel = km_groove_feel_of(groove->style);
    const double amount = complexity < 0.25 ? 4.0 * complexity : 1.0;
    const double swing = km_clamp(groove->swing, 0.0, 1.0);
    *clock = (struct km_groove_clock){
        .feel = feel,
        .seed = km_groove_mix(groove->seed + 0x9E3779B97F4A7C15ULL),
        .amount = amount,
        .swing = swing > amount ? swing : amount,
        .lean_ms = amount * km_clamp(groove->lean_ms, -LEAN_MAX_MS, LEAN_MAX_MS),
        .sway_ms = amount * km_clamp(groove->sway_ms, -LEAN_MAX_MS, LEAN_MAX_MS),
        .deviation_ms = deviation_of(feel, complexity),
        .level = 1.0 - tender * (tender > 0.0 ? 0.4 : 0.2),
        .spread = complexity * (0.05 + 0.15 * vulnerability),
        .ppq = groove->ppq,
        .is_swung = true,
        .per_quarter = 1.0 / (double)groove->ppq,
        .slow_block = UINT64_MAX,
        .quarter_tick = UINT64_MAX / 2, // None yet.
    };
    set_touch(clock);
    set_tempo(clock, groove->tempo_bpm);
    begin_metre(clock, groove);
    km_groove_clock_go(clock, 0);
}

void km_groove_clock_follow(struct km_groove_clock *clock, const struct km_event *event)
{
    if (event->type == KM_EVENT_TIME_SIGNATURE) {
        follow_time_signature(clock, event);
    } else if (event->type == KM_EVENT_TEMPO && event->detail > 0) {
        set_tempo(clock, (double)KM_MICROSECONDS_PER_MINUTE / (double)event->detail);
        begin_bar(clock);
    }
    km_groove_clock_go(clock, event->tick);
}
