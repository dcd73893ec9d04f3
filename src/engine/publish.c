// SPDX-License-Identifier: MIT

// The snapshot that the audio thread leaves for the control thread.

#include "engine/engine_private.h"
#include "rt/latest.h"

static float larger(float a, float b)
{
    return a > b ? a : b;
}

// Peaks add up until somebody has looked at them.
static void update_meter(struct km_engine *engine)
{
    struct km_master_meter *const meter = &engine->meter;
    const struct km_master_meter now = km_master_meter(engine->master);
    if (!km_latest_has_news(engine->latest)) { // Only reads a flag: any thread may ask.
        *meter = now;
        return;
    }
    meter->peak_left = larger(meter->peak_left, now.peak_left);
    meter->peak_right = larger(meter->peak_right, now.peak_right);
    meter->reduction_db = larger(meter->reduction_db, now.reduction_db);
}

static double ticks_played(const struct km_engine *engine)
{
    const struct km_sequencer *const sequencer = &engine->sequencer;
    const struct km_clock *const clock = &sequencer->clock;
    if (!km_sequencer_is_busy(engine)) {
        return 0;
    }
    const double ticks = km_clock_ticks(clock, engine->transport.rendered);
    const uint64_t most = sequencer->tick_end > clock->tick ? sequencer->tick_end - clock->tick : 0;
    return ticks < (double)most ? ticks : (double)most;
}

void km_engine_publish(struct km_engine *engine)
{
    const struct km_sequencer *const sequencer = &engine->sequencer;
    const struct km_clock *const clock = &sequencer->clock;
    struct km_engine_status *const status = km_latest_slot(engine->latest);
    update_meter(engine);
    const double ticks = ticks_played(engine);
    *status = (struct km_engine_status){
        .frames = engine->output.frames,
        .ended = engine->transport.ended,
        .tick = clock->tick + (uint64_t)ticks,
        .seconds = clock->seconds + ticks * clock->seconds_per_tick,
        .epoch = sequencer->epoch,
        .bar = sequencer->bar,
        .section = sequencer->section,
        .beats_per_bar = sequencer->beats_per_bar,
        .chord = sequencer->chord,
        .tempo = (uint32_t)(sequencer->tempo / (double)sequencer->tempo_scale + .5),
        .transport = km_transport_shown(engine),
        .peak_left = engine->meter.peak_left,
        .peak_right = engine->meter.peak_right,
        .reduction_db = engine->meter.reduction_db,
        .chunks_waiting = engine->queue.waiting,
        .synth = km_synth_counters(engine->synth),
        .blocks = engine->counts.blocks,
        .starvations = engine->counts.starvations,
        .events_late = engine->counts.events_late,
        .live_events_lost = engine->live.lost,
        .instruments_refused = engine->orders.refused,
        .commands = engine->counts.commands,
    };
    status->voices = status->synth.voices_now;
    km_latest_publish(engine->latest);
}
