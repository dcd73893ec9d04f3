// SPDX-License-Identifier: MIT

// A template from its JSON. Nothing is believed: each number has its range, each list its length.

#include "base/check.h"
#include "base/math.h"
#include "base/text.h"
#include "groove/template_private.h"
#include "heap/heap.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PLACE_EXACT 0.01 // Of a twelfth of a beat: four decimals of a beat are finer.

enum { PATH_SIZE = 64, SENTENCE_SIZE = 512, BAR_BEATS_MAX = 16, COUNT_MAX = 1 << 30 };

struct range {
    double low, high;
};

static const struct range unit = {0.0, 1.0};
static const struct range offsets = {-KM_GROOVE_OFFSET_MAX_MS, KM_GROOVE_OFFSET_MAX_MS};
static const struct range deviations = {0.0, KM_GROOVE_OFFSET_MAX_MS};
static const struct range midi = {0.0, 127.0};

struct reading {
    const char *name;
    struct km_groove_template *feel;
    struct km_error *error;
    enum km_status status; // The first refusal stays.
    char path[PATH_SIZE];  // Of the object that is read: "roles.kick.positions[3]".
};

static void refuse(struct reading *reading, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct reading *reading, const char *field, const char *format, ...)
{
    if (reading->status != KM_OK) {
        return;
    }
    char sentence[SENTENCE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    const char *const dot = reading->path[0] != '\0' && field[0] != '\0' ? "." : "";
    const char *const colon = reading->path[0] != '\0' || field[0] != '\0' ? ": " : "";
    reading->status = km_error_set(reading->error, KM_ERROR_INVALID, "%.100s: %s%s%s%s%s",
                                   reading->name, reading->path, dot, field, colon, sentence);
}

// A value that must be there; null if it is not, or after a refusal.
static json_t *field_of(struct reading *reading, json_t *object, const char *field)
{
    if (reading->status != KM_OK) {
        return NULL;
    }
    json_t *const value = json_object_get(object, field);
    if (!value) {
        refuse(reading, field, "missing");
    }
    return value;
}

// A number in its range; the low end of it after a refusal.
static double number_in(struct reading *reading, const json_t *value, const char *field,
                        struct range range)
{
    const double number = json_number_value(value);
    if (json_is_number(value) && number >= range.low && number <= range.high) {
        return number;
    }
    char low[KM_TEXT_REAL_SIZE];
    char high[KM_TEXT_REAL_SIZE];
    km_text_format_real(low, range.low, 2);
    km_text_format_real(high, range.high, 2);
    refuse(reading, field, "expected a number from %s to %s", low, high);
    return range.low;
}

static double read_real(struct reading *reading, json_t *object, const char *field,
                        struct range range)
{
    const json_t *const value = field_of(reading, object, field);
    return value ? number_in(reading, value, field, range) : range.low;
}

static uint32_t whole_in(struct reading *reading, const json_t *value, const char *field,
                         struct range range)
{
    const double number = number_in(reading, value, field, range);
    const uint32_t whole = (uint32_t)number;
    if ((double)whole < number) {
        refuse(reading, field, "expected a whole number");
    }
    return whole;
}

static uint32_t read_whole(struct reading *reading, json_t *object, const char *field,
                           struct range range)
{
    const json_t *const value = field_of(reading, object, field);
    return value ? whole_in(reading, value, field, range) : 0;
}

// A place in beats, which must be a twelfth of one: so many twelfths.
static int32_t place_in(struct reading *reading, const json_t *value, const char *field,
                        double beats_max)
{
    const double twelfths = KM_GROOVE_PLACES_PER_BEAT *
                            number_in(reading, value, field, (struct range){0.0, beats_max});
    const int64_t place = km_round(twelfths);
    const double away = twelfths - (double)place;
    if (away > PLACE_EXACT || away < -PLACE_EXACT) {
        refuse(reading, field, "expected a place on the grid: a multiple of 1/4 or 1/3 of a beat");
    }
    return (int32_t)place;
}

static void read_text(struct reading *reading, json_t *object, const char *field, char *text,
                      size_t size)
{
    const json_t *const value = field_of(reading, object, field);
    if (!value) {
        return;
    }
    const char *const string = json_string_value(value);
    if (!string || strlen(string) >= size) {
        refuse(reading, field, "expected a text of less than %zu bytes", size);
        return;
    }
    memcpy(text, string, strlen(string) + 1);
}

// A list with at most so many entries; null if it is none.
static json_t *read_list(struct reading *reading, json_t *object, const char *field,
                         size_t count_max)
{
    json_t *const value = field_of(reading, object, field);
    if (value && (!json_is_array(value) || json_array_size(value) > count_max)) {
        refuse(reading, field, "expected a list of at most %zu", count_max);
        return NULL;
    }
    return value;
}

static struct km_groove_figures read_figures(struct reading *reading, json_t *object)
{
    return (struct km_groove_figures){
        .count = read_whole(reading, object, "count", (struct range){1.0, COUNT_MAX}),
        .mean_ms = read_real(reading, object, "offset_ms", offsets),
        .deviation_ms = read_real(reading, object, "deviation_ms", deviations),
        .velocity = read_real(reading, object, "velocity", midi)};
}

// The places of the average bar, of a role or of all.
static void read_places(struct reading *reading, json_t *object, size_t role, const char *owner)
{
    struct km_groove_template *const feel = reading->feel;
    json_t *const list = read_list(reading, object, "positions", feel->bar_places);
    for (size_t i = 0; list && i < json_array_size(list) && reading->status == KM_OK; ++i) {
        json_t *const entry = json_array_get(list, i);
        (void)snprintf(reading->path, PATH_SIZE, "%spositions[%zu]", owner, i);
        if (!json_is_object(entry)) {
            refuse(reading, "", "expected an object");
            return;
        }
        const json_t *const beat = field_of(reading, entry, "beat");
        const int32_t place = beat ? place_in(reading, beat, "beat", BAR_BEATS_MAX) : 0;
        if (place >= feel->bar_places) {
            refuse(reading, "beat", "beyond the bar");
            return;
        }
        struct km_groove_figures *const figures = &feel->places[role][place];
        if (figures->count > 0) {
            refuse(reading, "beat", "a second time");
            return;
        }
        *figures = read_figures(reading, entry);
    }
    reading->path[0] = '\0';
}

static void read_roles(struct reading *reading, json_t *root)
{
    json_t *const roles = field_of(reading, root, "roles");
    if (roles && !json_is_object(roles)) {
        refuse(reading, "roles", "expected an object");
    }
    for (unsigned int i = 0; i < KM_GROOVE_ROLE_ALL && reading->status == KM_OK; ++i) {
        json_t *const role = json_object_get(roles, km_groove_role_name(i));
        if (!role) {
            continue;
        }
        char owner[PATH_SIZE / 2];
        (void)snprintf(owner, sizeof(owner), "roles.%s.", km_groove_role_name(i));
        (void)snprintf(reading->path, PATH_SIZE, "roles.%s", km_groove_role_name(i));
        if (!json_is_object(role)) {
            refuse(reading, "", "expected an object");
            return;
        }
        reading->feel->measure.roles[i] = read_figures(reading, role);
        read_places(reading, role, i, owner);
    }
}

static void read_hit(struct reading *reading, json_t *entry, uint32_t bars, bool is_drum)
{
    struct km_groove_template *const feel = reading->feel;
    if (!json_is_array(entry) || json_array_size(entry) != 4) {
        refuse(reading, "", "expected [beat, offset_ms, key, velocity]");
        return;
    }
    const double beats = (double)bars * feel->bar_places / KM_GROOVE_PLACES_PER_BEAT;
    const int32_t place = place_in(reading, json_array_get(entry, 0), "", beats);
    const double offset_ms = number_in(reading, json_array_get(entry, 1), "", offsets);
    const uint32_t key = whole_in(reading, json_array_get(entry, 2), "", midi);
    const uint32_t velocity =
        whole_in(reading, json_array_get(entry, 3), "", (struct range){1.0, 127.0});
    feel->hits[feel->hit_count++] =
        (struct km_groove_hit){.place = place,
                               .offset_ms = (float)((double)km_round(100.0 * offset_ms) * 0.01),
                               .key = (uint8_t)key,
                               .velocity = (uint8_t)velocity,
                               .is_drum = is_drum};
}

static void read_performance(struct reading *reading, json_t *root)
{
    struct km_groove_template *const feel = reading->feel;
    json_t *const performance = json_object_get(root, "performance");
    if (reading->status != KM_OK || !performance) {
        return;
    }
    if (!json_is_object(performance)) {
        refuse(reading, "performance", "expected an object");
        return;
    }
    (void)snprintf(reading->path, PATH_SIZE, "performance");
    static const char *const names[2] = {"drums", "notes"};
    const uint32_t bars =
        read_whole(reading, performance, "bars", (struct range){1.0, KM_GROOVE_BARS_MAX});
    json_t *lists[2] = {NULL, NULL};
    size_t count = 0;
    for (size_t i = 0; i < 2; ++i) {
        lists[i] = read_list(reading, performance, names[i], KM_GROOVE_HITS_MAX - count);
        count += json_array_size(lists[i]);
    }
    if (reading->status != KM_OK) {
        return;
    }
    reading->status = km_groove_template_reserve(feel, count);
    for (size_t i = 0; i < 2; ++i) {
        for (size_t j = 0; j < json_array_size(lists[i]) && reading->status == KM_OK; ++j) {
            (void)snprintf(reading->path, PATH_SIZE, "performance.%s[%zu]", names[i], j);
            read_hit(reading, json_array_get(lists[i], j), bars, i == 0);
        }
    }
    feel->bar_count = bars;
    reading->path[0] = '\0';
}

// "eighths", "sixteenths" or null.
static void read_swung(struct reading *reading, json_t *root)
{
    const json_t *const value = field_of(reading, root, "swung");
    const char *const text = json_string_value(value);
    if (text && strcmp(text, "eighths") == 0) {
        reading->feel->measure.swung = 2;
    } else if (text && strcmp(text, "sixteenths") == 0) {
        reading->feel->measure.swung = 4;
    } else if (value && !json_is_null(value)) {
        refuse(reading, "swung", "expected \"eighths\", \"sixteenths\" or null");
    }
}

static void read_metre(struct reading *reading, json_t *root)
{
    struct km_groove_template *const feel = reading->feel;
    const json_t *const value = field_of(reading, root, "metre");
    const json_t *const length = field_of(reading, root, "bar_beats");
    if (!value || !length) {
        return;
    }
    const char *const text = json_string_value(value);
    unsigned int beats = 0;
    unsigned int unit_of_beats = 0;
    char rest = '\0';
    // NOLINTNEXTLINE(cert-err34-c): three digits cannot overflow.
    if (!text || sscanf(text, "%3u/%3u%c", &beats, &unit_of_beats, &rest) != 2 || beats < 1 ||
        beats > UINT8_MAX || unit_of_beats < 1 || unit_of_beats > 64 ||
        (unit_of_beats & (unit_of_beats - 1)) != 0) {
        refuse(reading, "metre", "expected a metre such as \"4/4\" or \"6/8\"");
        return;
    }
    const int32_t places = place_in(reading, length, "bar_beats", BAR_BEATS_MAX);
    if (places < 1) {
        refuse(reading, "bar_beats", "expected more than 0");
    }
    feel->beats_per_bar = (uint8_t)beats;
    feel->beat_unit = (uint8_t)unit_of_beats;
    feel->bar_places = (uint16_t)places;
}

static void read_summary(struct reading *reading, json_t *root)
{
    struct km_groove_template *const feel = reading->feel;
    struct km_groove_measure *const measure = &feel->measure;
    struct km_groove_figures *const all = &measure->roles[KM_GROOVE_ROLE_ALL];
    measure->swing_ratio = read_real(reading, root, "swing_ratio", (struct range){0.2, 6.0});
    read_swung(reading, root);
    measure->swing_evidence = (float)read_real(reading, root, "swing_evidence", unit);
    measure->push_ms = read_real(reading, root, "push_ms", offsets);
    measure->tightness = read_real(reading, root, "tightness", unit);
    all->deviation_ms = read_real(reading, root, "deviation_ms", deviations);
    all->velocity = read_real(reading, root, "velocity", midi);
    measure->ghost_share = (float)read_real(reading, root, "ghost_share", unit);
    measure->accent_share = (float)read_real(reading, root, "accent_share", unit);
    measure->triplet_share = (float)read_real(reading, root, "triplet_share", unit);
    all->count = read_whole(reading, root, "hits", (struct range){1.0, COUNT_MAX});
    measure->onset_count = all->count;
    read_text(reading, root, "name", feel->name, sizeof(feel->name));
    read_text(reading, root, "source", feel->source, sizeof(feel->source));
    feel->tempo_bpm = read_real(reading, root, "tempo_bpm", (struct range){1.0, 100000.0});
    read_metre(reading, root);
}

static void read_template(struct reading *reading, json_t *root)
{
    struct km_groove_template *const feel = reading->feel;
    struct km_groove_measure *const measure = &feel->measure;
    read_summary(reading, root);
    if (reading->status == KM_OK) {
        read_places(reading, root, KM_GROOVE_ROLE_ALL, "");
        read_roles(reading, root);
        read_performance(reading, root);
    }
    const uint32_t sixteenths = ((uint32_t)feel->bar_places + 2) / KM_GROOVE_PLACES_PER_SIXTEENTH;
    measure->position_count = (uint8_t)sixteenths;
    for (size_t i = 0; i < sixteenths && i < KM_GROOVE_POSITIONS_MAX; ++i) {
        measure->positions[i] =
            feel->places[KM_GROOVE_ROLE_ALL][i * KM_GROOVE_PLACES_PER_SIXTEENTH];
    }
    if (reading->status == KM_OK) {
        reading->status = km_groove_template_index(feel);
    }
}

static json_t *load(const struct km_groove_document *document, struct km_error *error)
{
    if (document->size > KM_GROOVE_JSON_SIZE_MAX) {
        (void)km_error_set(error, KM_ERROR_TOO_LARGE,
                           "%.100s: larger than the limit of %d bytes: no template is so large",
                           document->name, KM_GROOVE_JSON_SIZE_MAX);
        return NULL;
    }
    json_error_t reason;
    json_t *const json =
        json_loadb(document->bytes, document->size, JSON_REJECT_DUPLICATES, &reason);
    if (!json) {
        (void)km_error_set(error, KM_ERROR_INVALID, "%.100s: line %d, column %d: %s",
                           document->name, reason.line, reason.column, reason.text);
    }
    return json;
}

static enum km_status read_document(struct reading *reading,
                                    const struct km_groove_document *document)
{
    json_t *const json = load(document, reading->error);
    if (!json) {
        return reading->error->status;
    }
    if (json_is_object(json)) {
        read_template(reading, json);
    } else {
        refuse(reading, "", "expected an object: { ... }");
    }
    json_decref(json);
    return reading->status;
}

enum km_status km_groove_template_read_json(struct km_heap *heap,
                                            const struct km_groove_document *document,
                                            struct km_groove_template **feel,
                                            struct km_error *error)
{
    KM_CHECK(heap && document && feel);
    KM_CHECK(document->bytes || document->size == 0);
    struct km_groove_template *const made = km_groove_template_new(heap);
    if (!made) {
        return km_heap_refusal(heap, error);
    }
    const uint64_t refusals = km_heap_usage(heap, KM_ACCOUNT_WORKING).refusals;
    struct km_error reason = {0};
    struct reading reading = {
        .name = document->name, .feel = made, .error = &reason, .status = KM_OK};
    const enum km_status status = read_document(&reading, document);
    if (status == KM_OK) {
        *feel = made;
        return KM_OK;
    }
    km_groove_template_free(made);
    // Where jansson's memory is this heap's, a refusal is the reason, whatever jansson says it is.
    const bool is_refused = km_heap_usage(heap, KM_ACCOUNT_WORKING).refusals > refusals;
    return is_refused ? km_heap_refusal(heap, error)
                      : km_error_set(error, status, "%s", reason.message);
}
