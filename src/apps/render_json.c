// SPDX-License-Identifier: MIT

// The result of a render as JSON.

#include "apps/render_private.h"

#include <math.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *km_render_file_json(const char *path, const struct km_render_result *result,
                            const struct km_sound *sound)
{
    json_t *const object = json_pack(
        "{s:s, s:f, s:I, s:i, s:f, s:I, s:I, s:I, s:I}", "file", path, "duration_s",
        result->seconds, "frames", (json_int_t)result->frames, "rate_hz", (int)sound->rate_hz,
        "render_s", result->render_seconds, "notes", (json_int_t)result->synth.notes_on,
        "voices_peak", (json_int_t)result->synth.voices_peak, "voices_stolen",
        (json_int_t)result->synth.voices_stolen, "notes_lost",
        (json_int_t)result->synth.notes_lost);
    if (object && result->has_loudness) {
        const struct km_loudness_result *const loudness = &result->loudness;
        const int failed =
            json_object_set_new(object, "integrated_lufs", number(loudness->integrated_lufs)) |
            json_object_set_new(object, "range_lu", number(loudness->range_lu)) |
            json_object_set_new(object, "true_peak_dbtp", number(loudness->true_peak_dbtp));
        if (failed) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *stems_json(const struct km_render_job *job)
{
    json_t *const stems = json_array();
    for (uint32_t i = 0; stems && i < job->stem_count; ++i) {
        const struct km_stem *const stem = &job->stems[i];
        json_t *const object = km_render_file_json(stem->path, &stem->result, &job->sound);
        if (!object ||
            json_object_set_new(object, "channel", json_integer((json_int_t)stem->channel)) ||
            json_array_append_new(stems, object)) {
            json_decref(stems);
            return NULL;
        }
    }
    return stems;
}

json_t *km_render_json(const struct km_render_job *job)
{
    const struct km_sound *const sound = &job->sound;
    const struct km_engine_memory *const memory = km_engine_memory(sound->engine);
    json_t *const object = job->settings->is_stems
                               ? json_pack("{s:o}", "stems", stems_json(job))
                               : km_render_file_json(job->settings->output, &job->result, sound);
    if (!object) {
        return NULL;
    }
    json_t *const besides = json_pack(
        "{s:s, s:s, s:f, s:o, s:I, s:I, s:b}", "input", job->input, "soundfont", sound->font_path,
        "gain", (double)sound->gain, "estimated_lufs", number(sound->lufs), "side_a_bytes",
        (json_int_t)memory->arena_bytes, "sample_pool_bytes", (json_int_t)memory->pool_bytes,
        "is_locked", (int)memory->is_locked);
    if (!besides || json_object_update(object, besides)) {
        json_decref(object);
        json_decref(besides);
        return NULL;
    }
    json_decref(besides);
    return object;
}
