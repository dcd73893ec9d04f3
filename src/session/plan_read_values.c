// SPDX-License-Identifier: MIT

// Single values of a plan's JSON, checked, and what is said of them.

#include "session/plan_read_private.h"

#include "base/check.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PLACE_SIZE = 96, SENTENCE_SIZE = 768 };

// "chords[3].symbol", "affect.valence", "seed".
static void name_place(const struct km_plan_object *object, const char *field,
                       char place[PLACE_SIZE])
{
    const char *const dot = field[0] != '\0' ? "." : "";
    if (!object->list) {
        (void)snprintf(place, PLACE_SIZE, "%.40s", field);
    } else if (object->index < 0) {
        (void)snprintf(place, PLACE_SIZE, "%s%s%.40s", object->list, dot, field);
    } else {
        (void)snprintf(place, PLACE_SIZE, "%s[%d]%s%.40s", object->list, object->index, dot, field);
    }
}

bool km_plan_refuse(struct km_plan_reading *reading, const struct km_plan_object *object,
                    const char *field, const char *format, ...)
{
    if (reading->status != KM_OK) {
        return false;
    }
    char place[PLACE_SIZE];
    char sentence[SENTENCE_SIZE];
    name_place(object, field, place);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    reading->status = km_error_set(reading->error, KM_ERROR_INVALID, "%.100s: %s%s%s",
                                   reading->name, place, place[0] != '\0' ? ": " : "", sentence);
    return false;
}

void km_plan_remark(struct km_plan_reading *reading, const struct km_plan_object *object,
                    const char *field, const char *format, ...)
{
    struct km_plan_remarks *const remarks = reading->remarks;
    if (!remarks || reading->status != KM_OK) {
        return;
    }
    char place[PLACE_SIZE];
    char sentence[SENTENCE_SIZE];
    name_place(object, field, place);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    ++remarks->count;
    struct km_error line; // As in errors: no control characters, UTF-8 kept whole.
    (void)km_error_set(&line, KM_OK, "%.100s: %s: %s\n", reading->name, place, sentence);
    const size_t used = strlen(remarks->text);
    if (used + strlen(line.message) < sizeof(remarks->text)) {
        memcpy(remarks->text + used, line.message, strlen(line.message) + 1);
    }
}

void km_plan_check_fields(struct km_plan_reading *reading, const struct km_plan_object *object,
                          const char *const *names)
{
    const char *field;
    json_t *value;
    json_object_foreach(object->json, field, value)
    {
        (void)value;
        int i = 0;
        while (names[i] && strcmp(names[i], field) != 0) {
            ++i;
        }
        if (!names[i]) {
            km_plan_remark(reading, object, field, "no such field in a plan: it has no effect");
        }
    }
}

static json_t *field_of(const struct km_plan_reading *reading, const struct km_plan_object *object,
                        const char *field)
{
    json_t *const value = reading->status == KM_OK ? json_object_get(object->json, field) : NULL;
    return json_is_null(value) ? NULL : value;
}

static const char *kind_of(json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
    default:
        return "null";
    }
}

static bool refuse_number(struct km_plan_reading *reading, const struct km_plan_object *object,
                          const char *field, struct km_plan_bounds bounds, bool is_whole)
{
    char low[KM_TEXT_REAL_SIZE];
    char high[KM_TEXT_REAL_SIZE];
    km_text_format_real(low, bounds.low, 3);
    km_text_format_real(high, bounds.high, 3);
    json_t *const value = json_object_get(object->json, field);
    char given[KM_TEXT_REAL_SIZE + 16] = "";
    if (json_is_number(value)) {
        (void)snprintf(given, sizeof(given), "not ");
        km_text_format_real(given + 4, json_number_value(value), 4);
    } else {
        (void)snprintf(given, sizeof(given), "not %s", kind_of(value));
    }
    return km_plan_refuse(reading, object, field, "expected a %s from %s to %s, %s",
                          is_whole ? "whole number" : "number", low, high, given);
}

bool km_plan_read_integer(struct km_plan_reading *reading, const struct km_plan_object *object,
                          const char *field, struct km_plan_bounds bounds, int64_t *value)
{
    json_t *const json = field_of(reading, object, field);
    if (!json) {
        return false;
    }
    const double number = json_number_value(json);
    // The bounds go first: a conversion out of range would be undefined.
    if (!json_is_number(json) || !(number >= bounds.low && number <= bounds.high)) {
        return refuse_number(reading, object, field, bounds, true);
    }
    if (json_is_integer(json)) { // Exact, where a double would not be.
        *value = json_integer_value(json);
        return true;
    }
    const int64_t whole = number < 9e15 ? (int64_t)number : 0; // Programs may write 90.0.
    if ((double)whole < number || (double)whole > number) {
        return refuse_number(reading, object, field, bounds, true);
    }
    *value = whole;
    return true;
}

bool km_plan_read_byte(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, struct km_plan_bounds bounds, uint8_t *value)
{
    KM_CHECK(bounds.low >= 0 && bounds.high <= UINT8_MAX);
    int64_t number = 0;
    if (!km_plan_read_integer(reading, object, field, bounds, &number)) {
        return false;
    }
    *value = (uint8_t)number;
    return true;
}

bool km_plan_read_real(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, struct km_plan_bounds bounds, float *value)
{
    json_t *const json = field_of(reading, object, field);
    if (!json) {
        return false;
    }
    const float number = (float)json_number_value(json);
    if (!json_is_number(json) || !(number >= (float)bounds.low && number <= (float)bounds.high)) {
        return refuse_number(reading, object, field, bounds, false);
    }
    *value = number;
    return true;
}

bool km_plan_read_flag(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, bool *value)
{
    json_t *const json = field_of(reading, object, field);
    if (!json) {
        return false;
    }
    if (!json_is_boolean(json)) {
        return km_plan_refuse(reading, object, field, "expected true or false, not %s",
                              kind_of(json));
    }
    *value = json_is_true(json);
    return true;
}

bool km_plan_read_text(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, const char **value)
{
    json_t *const json = field_of(reading, object, field);
    if (!json) {
        return false;
    }
    if (!json_is_string(json)) {
        return km_plan_refuse(reading, object, field, "expected a text, not %s", kind_of(json));
    }
    *value = json_string_value(json);
    return true;
}

bool km_plan_read_name(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, struct km_plan_names names, uint8_t *index)
{
    const char *text = NULL;
    if (!km_plan_read_text(reading, object, field, &text)) {
        return false;
    }
    const int found = km_text_find(text, names.names, names.count);
    if (found < 0) {
        char list[600];
        km_text_list_nearest(list, sizeof(list), text, names.names, names.count);
        return km_plan_refuse(reading, object, field, "there is no '%.40s'; there are: %s", text,
                              list);
    }
    *index = (uint8_t)found;
    return true;
}

struct km_plan_object km_plan_read_object(struct km_plan_reading *reading,
                                          const struct km_plan_object *root, const char *field)
{
    json_t *const json = field_of(reading, root, field);
    if (json && !json_is_object(json)) {
        (void)km_plan_refuse(reading, root, field, "expected an object, not %s", kind_of(json));
    }
    return (struct km_plan_object){.json = json, .list = field, .index = -1};
}

bool km_plan_read_list(struct km_plan_reading *reading, const struct km_plan_object *root,
                       const char *field, size_t count_max, json_t **list)
{
    json_t *const json = field_of(reading, root, field);
    if (!json) {
        return false;
    }
    if (!json_is_array(json)) {
        return km_plan_refuse(reading, root, field, "expected a list, not %s", kind_of(json));
    }
    if (json_array_size(json) > count_max) {
        return km_plan_refuse(reading, root, field, "at most %zu, not %zu", count_max,
                              json_array_size(json));
    }
    *list = json;
    return true;
}

struct km_plan_object km_plan_list_object(struct km_plan_reading *reading, json_t *list,
                                          const char *name, size_t index)
{
    json_t *const json = json_array_get(list, index);
    const struct km_plan_object object = {.json = json, .list = name, .index = (int)index};
    if (!json_is_object(json)) {
        (void)km_plan_refuse(reading, &object, "", "expected an object, not %s", kind_of(json));
    }
    return object;
}
