// SPDX-License-Identifier: MIT

// An analysis as JSON: DESIGN's fields, and more beside them. docs/analysis.md explains all.

#include "apps/analyze_job.h"
#include "base/math.h"
#include "theory/chord.h"
#include "theory/roman.h"
#include "theory/scale.h"

#include <string.h>

// As many digits as a figure is worth; 0 is never "-0.0".
static json_t *number(double value)
{
    return json_real((double)km_round(value * 10000.0) / 10000.0);
}

// Takes `value`, null or not, into the object; false if there was no memory for either.
static bool put(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

static bool put_number(json_t *object, const char *name, double value)
{
    return put(object, name, number(value));
}

static bool put_count(json_t *object, const char *name, uint64_t value)
{
    return put(object, name, json_integer((json_int_t)value));
}

// The object, or null if not all is in it.
static json_t *finished(json_t *object, bool is_whole)
{
    if (!is_whole) {
        json_decref(object);
        return NULL;
    }
    return object;
}

// An array of what `make` says of each of `count` things; null if there is no memory.
static json_t *array_of(const struct km_analyze_job *job, size_t count,
                        json_t *(*make)(const struct km_analyze_job *job, size_t index))
{
    json_t *const array = json_array();
    for (size_t i = 0; i < count; ++i) {
        if (json_array_append_new(array, make(job, i)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

// Where something begins and ends, in beats and in seconds.
static bool put_span(json_t *object, const struct km_piece *piece, double start, double end)
{
    return put_number(object, "start_beat", start) && put_number(object, "end_beat", end) &&
           put_number(object, "start_s", km_piece_seconds(piece, start)) &&
           put_number(object, "end_s", km_piece_seconds(piece, end));
}

// ---- Keys

static const char *mode_of(struct km_key key)
{
    return km_mode_is_minor((enum km_mode)key.mode) ? "minor" : "major";
}

static bool put_key(json_t *object, struct km_key key, double confidence)
{
    return put(object, "tonic", json_string(km_key_spell(key, key.tonic))) &&
           put(object, "mode", json_string(mode_of(key))) &&
           put_number(object, "confidence", confidence);
}

static json_t *key_span(const struct km_analyze_job *job, size_t index)
{
    const struct km_key_span *const span = &job->keys.spans[index];
    json_t *const object = json_object();
    return finished(object, put_span(object, &job->piece, span->start_beat, span->end_beat) &&
                                put_key(object, span->key, (double)span->confidence));
}

static json_t *key_of(const struct km_analyze_job *job)
{
    const struct km_key_span *const whole = &job->keys.whole;
    json_t *const object = json_object();
    const bool is_known = whole->confidence > 0.0F;
    const bool is_put = is_known ? put_key(object, whole->key, (double)whole->confidence)
                                 : put(object, "tonic", json_null()) &&
                                       put(object, "mode", json_null()) &&
                                       put_number(object, "confidence", 0.0);
    const size_t count = is_known ? job->keys.count : 0;
    return finished(object, is_put && put(object, "spans", array_of(job, count, key_span)));
}

static json_t *scale_of(const struct km_analyze_job *job)
{
    const struct km_key scale = job->keys.scale;
    json_t *const object = json_object();
    if (job->keys.whole.confidence <= 0.0F) {
        return finished(object, put(object, "tonic", json_null()) &&
                                    put(object, "name", json_null()) &&
                                    put_number(object, "confidence", 0.0));
    }
    return finished(object,
                    put(object, "tonic", json_string(km_keys_scale_tonic(&job->keys))) &&
                        put(object, "name", json_string(km_mode_names()[scale.mode])) &&
                        put_number(object, "confidence", (double)job->keys.scale_confidence));
}

// ---- Chords

static json_t *foreign_of(const struct km_chord_span *span)
{
    static const char *const names[KM_FOREIGN_COUNT] = {
        "passing",      "neighbour", "suspension", "anticipation",
        "appoggiatura", "escape",    "pedal",      "free"};
    json_t *const object = json_object();
    bool is_whole = true;
    for (int i = 0; i < KM_FOREIGN_COUNT; ++i) {
        if (span->foreign[i] > 0) {
            is_whole = is_whole && put_count(object, names[i], span->foreign[i]);
        }
    }
    return finished(object, is_whole);
}

static bool put_names(json_t *object, const struct km_chord_span *span)
{
    char symbol[KM_CHORD_SYMBOL_SIZE];
    char roman[KM_ROMAN_SIZE];
    km_chord_format(span->chord, span->key, symbol);
    if (span->chord.quality == KM_CHORD_NONE) {
        return put(object, "symbol", json_string(symbol)) && put(object, "roman", json_null()) &&
               put(object, "root", json_null()) && put(object, "bass", json_null()) &&
               put(object, "inversion", json_null());
    }
    km_roman_format(span->chord, span->key, roman);
    // As the symbol spells them.
    char root[KM_CHORD_SYMBOL_SIZE];
    const struct km_chord triad = {span->chord.root, KM_CHORD_MAJOR, span->chord.root};
    km_chord_format(triad, span->key, root);
    const char *const bass = span->chord.bass == span->chord.root ? root : strrchr(symbol, '/') + 1;
    const int inversion = km_analyze_inversion(span->chord);
    return put(object, "symbol", json_string(symbol)) && put(object, "roman", json_string(roman)) &&
           put(object, "root", json_string(root)) && put(object, "bass", json_string(bass)) &&
           put(object, "inversion", inversion < 0 ? json_null() : json_integer(inversion));
}

static json_t *chord_of(const struct km_analyze_job *job, size_t index)
{
    const struct km_chord_span *const span = &job->chords.spans[index];
    json_t *const object = json_object();
    json_t *const key = json_pack("{s:s, s:s}", "tonic", km_key_spell(span->key, span->key.tonic),
                                  "mode", mode_of(span->key));
    const bool has_key = put(object, "key", key);
    return finished(object, has_key &&
                                put_span(object, &job->piece, span->start_beat, span->end_beat) &&
                                put_names(object, span) &&
                                put_number(object, "confidence", (double)span->confidence) &&
                                put(object, "foreign", foreign_of(span)));
}

// ---- Time

static json_t *tempo_of(const struct km_analyze_job *job, size_t index)
{
    const struct km_piece_tempo *const tempo = &job->piece.tempos[index];
    json_t *const object = json_object();
    return finished(object, put_number(object, "beat", tempo->beat) &&
                                put_number(object, "seconds", tempo->seconds) &&
                                put_number(object, "bpm", tempo->bpm));
}

static json_t *metre_of(const struct km_analyze_job *job, size_t index)
{
    const struct km_piece_metre *const metre = &job->piece.metres[index];
    json_t *const object = json_object();
    return finished(object, put_number(object, "beat", metre->beat) &&
                                put_count(object, "bar", (uint64_t)metre->bar + 1) &&
                                put_count(object, "numerator", metre->numerator) &&
                                put_count(object, "denominator", metre->denominator));
}

// ---- Sections

static json_t *section_of(const struct km_analyze_job *job, size_t index)
{
    const struct km_section_span *const span = &job->sections.spans[index];
    const char name[2] = {(char)('A' + span->letter % 26), '\0'};
    json_t *const object = json_object();
    return finished(object, put(object, "name", json_string(name)) &&
                                put_count(object, "instance", span->instance) &&
                                put_span(object, &job->piece, span->start_beat, span->end_beat) &&
                                put_number(object, "likeness", (double)span->likeness) &&
                                put_number(object, "density", (double)span->density) &&
                                put_number(object, "loudness", (double)span->loudness));
}

static json_t *likeness_row(const struct km_analyze_job *job, size_t row)
{
    json_t *const array = json_array();
    for (size_t i = 0; i < job->sections.count; ++i) {
        if (json_array_append_new(array, number((double)job->sections.likeness[row][i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

// ---- Groove

static json_t *figures_of(const struct km_groove_figures *figures)
{
    json_t *const object = json_object();
    return finished(object, put_count(object, "count", figures->count) &&
                                put_number(object, "mean_ms", figures->mean_ms) &&
                                put_number(object, "deviation_ms", figures->deviation_ms) &&
                                put_number(object, "velocity", figures->velocity));
}

static json_t *position_of(const struct km_analyze_job *job, size_t index)
{
    return figures_of(&job->groove.positions[index]);
}

static json_t *roles_of(const struct km_groove_measure *groove)
{
    json_t *const object = json_object();
    bool is_whole = true;
    for (unsigned int i = 0; i < KM_GROOVE_ROLES_COUNT; ++i) {
        if (groove->roles[i].count > 0) {
            is_whole =
                is_whole && put(object, km_groove_role_name(i), figures_of(&groove->roles[i]));
        }
    }
    return finished(object, is_whole);
}

static json_t *groove_of(const struct km_analyze_job *job)
{
    const struct km_groove_measure *const groove = &job->groove;
    const char *const swung = groove->swung == 2 ? "eighths" : "sixteenths";
    json_t *const object = json_object();
    return finished(
        object, put_number(object, "swing_ratio", groove->swing_ratio) &&
                    put(object, "swung", groove->swung == 0 ? json_null() : json_string(swung)) &&
                    put_number(object, "swing_evidence", (double)groove->swing_evidence) &&
                    put_number(object, "push_ms", groove->push_ms) &&
                    put_number(object, "tightness", groove->tightness) &&
                    put_count(object, "onsets", groove->onset_count) &&
                    put(object, "roles", roles_of(groove)) &&
                    put(object, "positions", array_of(job, groove->position_count, position_of)));
}

// ---- Feeling

static json_t *cues_of(const struct km_heard *heard)
{
    json_t *const object = json_object();
    return finished(object,
                    put_number(object, "onsets_per_second", heard->onsets_per_second) &&
                        put_number(object, "bpm", heard->bpm) &&
                        put_number(object, "velocity_mean", heard->velocity_mean) &&
                        put_number(object, "velocity_deviation", heard->velocity_deviation) &&
                        put_number(object, "articulation", heard->articulation) &&
                        put_number(object, "note_seconds", heard->note_seconds) &&
                        put_number(object, "pitch_mean", heard->pitch_mean) &&
                        put_number(object, "pitch_deviation", heard->pitch_deviation) &&
                        put_number(object, "pitch_low", heard->pitch_low) &&
                        put_number(object, "majorness", heard->majorness) &&
                        put_number(object, "consonance", heard->consonance) &&
                        put_number(object, "outside", heard->outside));
}

static json_t *affect_of(const struct km_analyze_job *job)
{
    json_t *const object = json_object();
    return finished(object, put_number(object, "valence", job->heard.valence) &&
                                put_number(object, "arousal", job->heard.arousal) &&
                                put(object, "cues", cues_of(&job->heard)));
}

// ---- The file

static json_t *part_of(const struct km_analyze_job *job, size_t index)
{
    const struct km_piece_part *const part = &job->piece.parts[index];
    json_t *const object = json_object();
    return finished(object, put(object, "name", json_string(part->name)) &&
                                put_count(object, "track", part->track) &&
                                put_count(object, "channel", part->channel + 1U) &&
                                put_count(object, "program", part->program) &&
                                put(object, "is_drum", json_boolean(part->is_drum)) &&
                                put_count(object, "notes", part->note_count));
}

static json_t *warning_of(const struct km_analyze_job *job, size_t index)
{
    const struct km_midi_problem *const problem = &job->warnings[index];
    json_t *const object = json_object();
    const bool is_in_track = problem->track >= 0;
    return finished(
        object,
        put(object, "name", json_string(km_midi_fault_name(problem->fault))) &&
            put(object, "text", json_string(km_midi_fault_what(problem->fault))) &&
            put_count(object, "offset", problem->offset) &&
            put(object, "track", is_in_track ? json_integer(problem->track) : json_null()) &&
            put(object, "tick",
                is_in_track ? json_integer((json_int_t)problem->tick) : json_null()));
}

// A path may be any bytes; JSON is UTF-8.
static json_t *text(const char *bytes)
{
    json_t *const string = json_string(bytes);
    return string ? string : json_string("(a name that is not UTF-8)");
}

static bool put_file(json_t *root, const struct km_analyze_job *job)
{
    const struct km_piece *const piece = &job->piece;
    const size_t warnings =
        job->warning_count < KM_ANALYZE_WARNINGS_MAX ? job->warning_count : KM_ANALYZE_WARNINGS_MAX;
    return put(root, "file", text(job->path)) && put(root, "title", text(piece->title)) &&
           put_number(root, "duration_s", piece->end_s) &&
           put_number(root, "beats", piece->end_beat) &&
           put_count(root, "bars", km_piece_bars(piece)) &&
           put_count(root, "notes", piece->note_count) &&
           put(root, "parts", array_of(job, piece->part_count, part_of)) &&
           put_count(root, "warning_count", job->warning_count) &&
           put(root, "warnings", array_of(job, warnings, warning_of));
}

static bool put_time(json_t *root, const struct km_analyze_job *job)
{
    const struct km_piece *const piece = &job->piece;
    return put(root, "tempo_source", json_string(job->has_found_beats ? "notes" : "file")) &&
           put_number(root, "bpm", km_piece_mean_bpm(piece)) &&
           put(root, "tempo", array_of(job, piece->tempo_count, tempo_of)) &&
           put(root, "metre", array_of(job, piece->metre_count, metre_of));
}

json_t *km_analyze_to_json(const struct km_analyze_job *job)
{
    json_t *const root = json_object();
    const size_t sections = job->sections.count;
    return finished(root, put_file(root, job) && put_time(root, job) &&
                              put(root, "key", key_of(job)) && put(root, "scale", scale_of(job)) &&
                              put(root, "chords", array_of(job, job->chords.count, chord_of)) &&
                              put(root, "sections", array_of(job, sections, section_of)) &&
                              put(root, "likeness", array_of(job, sections, likeness_row)) &&
                              put(root, "groove", groove_of(job)) &&
                              put(root, "affect", affect_of(job)));
}
