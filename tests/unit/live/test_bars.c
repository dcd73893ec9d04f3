// SPDX-License-Identifier: MIT

// How the live composer cuts a plan's song into bars.

#include "base/units.h"
#include "live/live_private.h"
#include "unit/live/live_rig.h"

enum { EXPRESSION = 11, FULL = 127 };

static void begin(struct rig *rig)
{
    rig_init_without_live(rig, RIG_POOL);
    const struct km_live_config config = rig_config(rig);
    assert_int_equal(km_live_new(&config, &rig->live, NULL), KM_OK);
}

static void a_plan_begins_at_full_expression(void **state)
{
    (void)state;
    struct rig rig;
    begin(&rig);
    assert_int_equal(km_live_make_bar(rig.live, NULL), KM_OK);
    size_t parts = 0;
    const struct km_event *events = rig.live->events;
    while (events[parts].type == KM_EVENT_CONTROL && events[parts].number == EXPRESSION &&
           events[parts].value == FULL && events[parts].tick == 0) {
        parts += 1;
    }
    assert_int_equal(parts + 1, rig.live->slots[0].song.track_count);
    rig_release(&rig);
}

static size_t events_of(const struct km_midi_file *song)
{
    size_t count = 0;
    for (size_t track = 0; track < song->track_count; ++track) {
        count += song->tracks[track].count;
    }
    return count;
}

static void every_event_of_the_song_is_in_a_bar(void **state)
{
    (void)state;
    struct rig rig;
    begin(&rig);
    struct km_live *const live = rig.live;
    const struct km_live_plan *const plan = &live->slots[0];
    const uint32_t ticks = km_plan_bar_ticks(&plan->plan);
    const size_t parts = plan->song.track_count - 1;
    size_t count = 0;
    for (uint32_t bar = 0; bar < plan->plan.length_bars; ++bar) {
        live->bar = 100 + bar;
        live->plan_bar = bar;
        assert_int_equal(km_live_make_bar(live, NULL), KM_OK);
        assert_int_equal(live->made.start_tick, (uint64_t)live->bar * ticks);
        for (size_t i = 0; i < live->made.event_count; ++i) {
            assert_true(live->events[i].tick >= live->made.start_tick);
            assert_true(live->events[i].tick <= live->made.end_tick);
            assert_true(i == 0 || live->events[i].tick >= live->events[i - 1].tick);
        }
        count += live->made.event_count;
    }
    assert_int_equal(count, events_of(&plan->song) + parts);
    rig_release(&rig);
}

static void time_goes_on_through_tempos_within_a_bar(void **state)
{
    (void)state;
    struct rig rig;
    begin(&rig);
    struct km_live *const live = rig.live;
    const uint32_t ticks = km_plan_bar_ticks(&live->slots[0].plan);
    struct km_midi_merged_event *const tempo = &live->ahead[0];
    *tempo = (struct km_midi_merged_event){
        .event = {.tick = ticks / 2, .type = KM_EVENT_TEMPO, .detail = 1000000}};
    live->ahead_count = 1;
    live->tempo = 500000;
    assert_int_equal(km_live_make_bar(live, NULL), KM_OK);
    const double quarters = (double)ticks / KM_PPQ;
    const double first = quarters / 2.0 * 0.5;
    assert_true(live->made_seconds > first + 0.2);
    assert_int_equal(live->made.tempo, 500000);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_begins_at_full_expression),
        cmocka_unit_test(every_event_of_the_song_is_in_a_bar),
        cmocka_unit_test(time_goes_on_through_tempos_within_a_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
