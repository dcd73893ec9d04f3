// SPDX-License-Identifier: MIT

#include "groove/time_private.h"

#include "base/check.h"
#include "base/math.h"
#include "midi/division.h"

enum { DENOMINATOR_LOG2_MAX = 6 };

uint16_t km_groove_ppq(uint16_t division)
{
    if (!km_midi_division_is_smpte(division)) {
        return division;
    }
    const uint32_t frames = km_midi_division_frames(division);
    const double frames_per_second = frames == 29 ? 30000.0 / 1001.0 : (double)frames;
    const double ticks = frames_per_second * (double)km_midi_division_ticks(division) * 0.5;
    return (uint16_t)km_round(km_clamp(ticks, 1.0, 32767.0));
}

double km_groove_seconds(const struct km_tempo_map *map, double ticks)
{
    KM_CHECK(map->count > 0);
    size_t low = 0;
    size_t high = map->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        const bool is_before = (double)map->changes[middle].tick <= ticks;
        low = is_before ? middle : low;
        high = is_before ? high : middle;
    }
    const struct km_tempo_change *const change = &map->changes[low];
    return change->seconds + (ticks - (double)change->tick) * change->seconds_per_tick;
}

double km_groove_ticks(const struct km_tempo_map *map, double seconds)
{
    KM_CHECK(map->count > 0);
    size_t low = 0;
    size_t high = map->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        const bool is_before = map->changes[middle].seconds <= seconds;
        low = is_before ? middle : low;
        high = is_before ? high : middle;
    }
    const struct km_tempo_change *const change = &map->changes[low];
    const double rest = seconds - change->seconds;
    return (double)change->tick +
           (change->seconds_per_tick > 0.0 ? rest / change->seconds_per_tick : 0.0);
}

void km_groove_bars_init(struct km_groove_bars *bars, uint16_t ppq)
{
    KM_CHECK(ppq > 0);
    *bars = (struct km_groove_bars){
        .bar_ticks = 4 * (uint64_t)ppq, .ppq = ppq, .numerator = 4, .denominator_log2 = 2};
}

void km_groove_bars_follow(struct km_groove_bars *bars, const struct km_event *event)
{
    if (event->number == 0 || event->value > DENOMINATOR_LOG2_MAX) {
        return;
    }
    const uint64_t bar_ticks = ((uint64_t)event->number * 4 * bars->ppq) >> event->value;
    if (bar_ticks == 0) {
        return;
    }
    const uint64_t since = event->tick - bars->metre_tick;
    bars->metre_bar += (since + bars->bar_ticks - 1) / bars->bar_ticks;
    bars->metre_tick = event->tick;
    bars->bar_ticks = bar_ticks;
    bars->numerator = event->number;
    bars->denominator_log2 = event->value;
}

struct km_groove_bar km_groove_bars_at(const struct km_groove_bars *bars, uint64_t tick)
{
    const uint64_t bar = (tick - bars->metre_tick) / bars->bar_ticks;
    return (struct km_groove_bar){.index = bars->metre_bar + bar,
                                  .tick = bars->metre_tick + bar * bars->bar_ticks};
}

bool km_groove_bars_are_compound(const struct km_groove_bars *bars)
{
    return bars->denominator_log2 >= 3 && bars->numerator % 3 == 0;
}
