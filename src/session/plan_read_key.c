// SPDX-License-Identifier: MIT

// The key of a plan's JSON: `root_note`, `mode`, and the object `key`, which says both again.

#include "session/plan_read_private.h"

#include "theory/roman.h"

// A tonic that is said, or not.
struct tonic {
    bool is_said;
    uint8_t pitch_class;
};

static struct tonic read_note(struct km_plan_reading *reading, const struct km_plan_object *object,
                              const char *field)
{
    struct tonic tonic = {0};
    const char *text = NULL;
    if (!km_plan_read_text(reading, object, field, &text)) {
        return tonic;
    }
    struct km_error error;
    if (km_pitch_class_parse(text, &tonic.pitch_class, &error) != KM_OK) {
        (void)km_plan_refuse(reading, object, field, "%s", error.message);
    }
    tonic.is_said = true;
    return tonic;
}

// The one that differs from the other two; with less to compare, the first that is said.
static struct tonic choose_tonic(const struct tonic tonics[3])
{
    const bool are_all = tonics[0].is_said && tonics[1].is_said && tonics[2].is_said;
    if (are_all && tonics[0].pitch_class == tonics[1].pitch_class) {
        return tonics[2];
    }
    if (are_all && tonics[0].pitch_class == tonics[2].pitch_class) {
        return tonics[1];
    }
    for (int i = 0; i < 3; ++i) {
        if (tonics[i].is_said) {
            return tonics[i];
        }
    }
    return tonics[0];
}

// The other two's, where all are said; else the same.
static struct tonic tonic_before(const struct tonic tonics[3])
{
    const bool are_two_alike =
        tonics[1].is_said && tonics[2].is_said && tonics[1].pitch_class == tonics[2].pitch_class;
    return are_two_alike || !tonics[0].is_said ? tonics[1] : tonics[0];
}

static bool read_mode(struct km_plan_reading *reading, const struct km_plan_object *object,
                      uint8_t *mode)
{
    const char *text = NULL;
    if (!km_plan_read_text(reading, object, "mode", &text)) {
        return false;
    }
    enum km_mode found = KM_MODE_IONIAN;
    struct km_error error;
    if (km_mode_parse(text, &found, &error) != KM_OK) {
        return km_plan_refuse(reading, object, "mode", "%s", error.message);
    }
    *mode = (uint8_t)found;
    return true;
}

// How many chords have just the numeral that their symbol has in a key.
static int count_fitting(const struct km_plan_object *root, struct km_key key)
{
    const json_t *const chords = json_object_get(root->json, "chords");
    const size_t size = json_array_size(chords);
    int count = 0;
    for (size_t i = 0; i < size && i < KM_PLAN_CHORDS_MAX; ++i) {
        const json_t *const chord = json_array_get(chords, i);
        const char *const symbol = json_string_value(json_object_get(chord, "symbol"));
        const char *const roman = json_string_value(json_object_get(chord, "roman"));
        struct km_chord named;
        struct km_chord placed;
        count += symbol && roman && km_chord_parse(symbol, &named, NULL) == KM_OK &&
                 km_roman_parse(roman, key, &placed, NULL) == KM_OK && named.root == placed.root &&
                 named.quality == placed.quality && named.bass == placed.bass;
    }
    return count;
}

struct km_plan_keys km_plan_read_keys(struct km_plan_reading *reading,
                                      const struct km_plan_object *root)
{
    static const char *const fields[] = {"tonic", "name", "mode", NULL};
    const struct km_plan_object object = km_plan_read_object(reading, root, "key");
    km_plan_check_fields(reading, &object, fields);
    struct tonic tonics[3] = {
        read_note(reading, root, "root_note"), read_note(reading, &object, "name"), {0}};
    tonics[2].is_said = km_plan_read_byte(reading, &object, "tonic", (struct km_plan_bounds){0, 11},
                                          &tonics[2].pitch_class);
    const struct tonic now = choose_tonic(tonics);
    struct km_plan_keys keys = {.has_tonic = now.is_said};
    uint8_t first = KM_MODE_IONIAN;
    uint8_t other = KM_MODE_IONIAN;
    keys.has_mode = read_mode(reading, root, &first);
    if (!read_mode(reading, &object, &other)) {
        other = first;
    } else if (!keys.has_mode) {
        first = other;
        keys.has_mode = true;
    }
    if (reading->status != KM_OK) {
        return keys;
    }
    const uint8_t tonic = tonic_before(tonics).pitch_class;
    if (first != other && count_fitting(root, (struct km_key){tonic, first}) >
                              count_fitting(root, (struct km_key){tonic, other})) {
        keys.now = (struct km_key){now.pitch_class, other}; // The chords know the first.
        keys.before = (struct km_key){tonic, first};
    } else {
        keys.now = (struct km_key){now.pitch_class, first};
        keys.before = (struct km_key){tonic, other};
    }
    return keys;
}
