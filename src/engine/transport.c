// SPDX-License-Identifier: MIT

// Play, pause, stop, jump, and how music ends.

#include "engine/engine_private.h"

void km_transport_play(struct km_engine *engine)
{
    struct km_transport_state *const transport = &engine->transport;
    transport->is_paused = false;
    if (transport->phase == KM_PHASE_STOPPED) {
        transport->phase = KM_PHASE_PLAYING;
    }
}

void km_transport_pause(struct km_engine *engine)
{
    struct km_transport_state *const transport = &engine->transport;
    if (transport->phase == KM_PHASE_PLAYING || transport->phase == KM_PHASE_ENDING) {
        transport->is_paused = true;
    }
}

void km_transport_stop(struct km_engine *engine)
{
    struct km_transport_state *const transport = &engine->transport;
    km_sequencer_leave(engine, UINT64_MAX);
    km_queue_drop(engine, 0); // What comes from now on is of another start.
    km_synth_silence(engine->synth, true);
    engine->sequencer.tick_end = 0;
    engine->sequencer.clock = (struct km_clock){.frame = transport->rendered};
    engine->sequencer.bar = 0;
    transport->phase = KM_PHASE_STOPPED;
    transport->is_paused = false;
    transport->is_stopping = true;
}

void km_transport_jump(struct km_engine *engine, uint32_t epoch)
{
    struct km_transport_state *const transport = &engine->transport;
    const struct km_sequencer *const sequencer = &engine->sequencer;
    const bool is_there =
        sequencer->is_fresh ? engine->queue.epoch_least >= epoch : sequencer->epoch >= epoch;
    if (is_there) { // It went over at a bar line, before this came.
        return;
    }
    km_sequencer_leave(engine, epoch);
    km_synth_silence(engine->synth, false);
    if (transport->phase != KM_PHASE_STOPPED) {
        transport->phase = KM_PHASE_PLAYING;
    }
}

void km_transport_end_music(struct km_engine *engine)
{
    struct km_transport_state *const transport = &engine->transport;
    transport->phase = KM_PHASE_ENDING;
    transport->end_frames = 0;
    transport->tail_frames = 0;
    transport->quiet_frames = 0;
}

static bool is_quiet(const struct km_output *output)
{
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        const float left = output->left[i];
        const float right = output->right[i];
        if (left > KM_ENGINE_QUIET_LEVEL || left < -KM_ENGINE_QUIET_LEVEL ||
            right > KM_ENGINE_QUIET_LEVEL || right < -KM_ENGINE_QUIET_LEVEL) {
            return false;
        }
    }
    return true;
}

void km_transport_listen(struct km_engine *engine)
{
    struct km_transport_state *const transport = &engine->transport;
    const uint64_t second = engine->rate_hz;
    if (transport->phase != KM_PHASE_ENDING) {
        return;
    }
    transport->end_frames += KM_QUANTUM_FRAMES;
    if (km_synth_counters(engine->synth).voices_now > 0) {
        transport->tail_frames = 0;
        transport->quiet_frames = 0;
        if (transport->end_frames >= second * KM_ENGINE_VOICES_SECONDS_MAX) {
            km_synth_silence(engine->synth, false);
        }
    } else {
        transport->tail_frames += KM_QUANTUM_FRAMES;
        transport->quiet_frames =
            is_quiet(&engine->output) ? transport->quiet_frames + KM_QUANTUM_FRAMES : 0;
    }
    const uint64_t longest =
        transport->has_room_noise ? KM_ENGINE_NOISE_SECONDS : (uint64_t)KM_ENGINE_TAIL_SECONDS_MAX;
    const uint64_t quiet = second / KM_ENGINE_QUIET_PART + km_master_latency(engine->master);
    if (transport->quiet_frames >= quiet || transport->tail_frames >= second * longest) {
        transport->phase = KM_PHASE_ENDED;
        transport->ended = engine->output.frames + KM_QUANTUM_FRAMES;
    }
}

enum km_transport km_transport_shown(const struct km_engine *engine)
{
    if (engine->transport.is_paused) {
        return KM_TRANSPORT_PAUSED;
    }
    switch (engine->transport.phase) {
    case KM_PHASE_STOPPED:
        return KM_TRANSPORT_STOPPED;
    case KM_PHASE_ENDED:
        return KM_TRANSPORT_ENDED;
    case KM_PHASE_PLAYING:
    case KM_PHASE_ENDING:
        break;
    }
    return KM_TRANSPORT_PLAYING;
}
