// SPDX-License-Identifier: MIT

#include "engine/process.h"

#include "base/check.h"
#include "engine/denormals_private.h"
#include "engine/engine_private.h"
#include "rt/latest.h"

#include <string.h>

// Hands live events that fall into this quantum to the synth, and what chunks have before each.
static void play_live(struct km_engine *engine)
{
    const uint64_t stream = engine->output.frames;
    const uint64_t rendered = engine->transport.rendered;
    const bool is_playing =
        engine->transport.phase != KM_PHASE_STOPPED && !engine->transport.is_stopping;
    struct km_sequencer *const sequencer = &engine->sequencer;
    const struct km_live_event_at *live = NULL;
    while ((live = km_live_take(engine, stream + KM_QUANTUM_FRAMES)) != NULL) {
        const uint32_t offset = live->frame > stream ? (uint32_t)(live->frame - stream) : 0;
        if (is_playing) {
            km_sequencer_run(engine, rendered + offset + 1);
        }
        if (offset > sequencer->offset_least) {
            sequencer->offset_least = offset;
        }
        km_synth_event(engine->synth, &live->event, sequencer->offset_least);
    }
    if (is_playing) {
        km_sequencer_run(engine, rendered + KM_QUANTUM_FRAMES);
    }
}

// While paused, nothing can begin to sound; but what is let go must not sound on afterwards.
static void take_live_paused(struct km_engine *engine)
{
    const struct km_live_event_at *live = NULL;
    while ((live = km_live_take(engine, engine->output.frames + KM_QUANTUM_FRAMES)) != NULL) {
        if (live->event.type == KM_EVENT_NOTE_ON) {
            engine->live.lost += 1;
        } else {
            km_synth_event(engine->synth, &live->event, 0);
        }
    }
}

// The level goes from the last quantum's to this one's within it.
static void ramp(struct km_output *output, bool is_open)
{
    const float step = 1.0f / KM_QUANTUM_FRAMES;
    if (output->is_open && is_open) {
        return;
    }
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        const float passed = (float)(i + 1) * step;
        const float gain = is_open ? passed : (output->is_open ? 1.0f - passed : 0.0f);
        output->left[i] *= gain;
        output->right[i] *= gain;
    }
    output->is_open = is_open;
}

static void render(struct km_engine *engine)
{
    struct km_transport_state *const transport = &engine->transport;
    struct km_output *const output = &engine->output;
    km_synth_render(engine->synth, &engine->buses);
    km_master_process(engine->master, &engine->buses, output->left, output->right);
    transport->rendered += KM_QUANTUM_FRAMES;
    ramp(output, !transport->is_paused && !transport->is_stopping);
    if (transport->is_stopping) {
        km_master_reset(engine->master);
        transport->is_stopping = false;
    }
    km_transport_listen(engine);
}

static void make_quantum(struct km_engine *engine)
{
    struct km_sequencer *const sequencer = &engine->sequencer;
    struct km_output *const output = &engine->output;
    sequencer->budget = KM_ENGINE_EVENTS_A_QUANTUM;
    sequencer->offset_least = 0;
    km_engine_receive(engine);
    if (!km_sequencer_is_busy(engine)) { // Time stands still until a chunk comes.
        sequencer->clock.frame = engine->transport.rendered;
        sequencer->clock.fraction = 0;
    }
    if (engine->transport.is_paused && !output->is_open) {
        take_live_paused(engine);
        memset(output->left, 0, sizeof(output->left));
        memset(output->right, 0, sizeof(output->right));
    } else {
        play_live(engine);
        render(engine);
    }
    km_orders_tell(engine);
    output->frames += KM_QUANTUM_FRAMES;
    output->used = 0;
}

static void fill(struct km_engine *engine, const struct km_audio_block *block)
{
    struct km_output *const output = &engine->output;
    for (uint32_t done = 0; done < block->frames;) {
        if (output->used == KM_QUANTUM_FRAMES) {
            make_quantum(engine);
        }
        const uint32_t left = KM_QUANTUM_FRAMES - output->used;
        const uint32_t wanted = block->frames - done;
        const uint32_t count = left < wanted ? left : wanted;
        memcpy(block->left + done, output->left + output->used, count * sizeof(float));
        memcpy(block->right + done, output->right + output->used, count * sizeof(float));
        output->used += count;
        done += count;
    }
}

void km_engine_process(struct km_engine *engine, const struct km_audio_block *block)
{
    KM_CHECK(block->frames > 0 && block->frames <= KM_BLOCK_FRAMES_MAX);
    KM_CHECK(block->left && block->right);

    km_guard_enter(&engine->guard);
    const uint64_t denormals = km_denormals_disable();
    const uint32_t left = KM_QUANTUM_FRAMES - engine->output.used;
    km_live_receive(engine, block, engine->output.frames - left);
    fill(engine, block);
    engine->counts.blocks += 1;
    km_engine_publish(engine);
    km_denormals_restore(denormals);
    km_guard_leave(&engine->guard);
}
