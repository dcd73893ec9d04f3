// SPDX-License-Identifier: MIT

#include "synth/programs_private.h"

#include "base/random.h"
#include "unit/synth/rig.h"

enum { BANKS = 4, NAMES = BANKS * 128, INSTRUMENTS = 5 };

static struct km_programs programs;
static struct km_instrument instruments[INSTRUMENTS];
static const struct km_instrument *model[NAMES + 256];

static void expect_model(void)
{
    uint32_t count = 0;
    for (uint32_t name = 0; name < NAMES + 256; ++name) {
        assert_ptr_equal(km_programs_get(&programs, (uint16_t)(name / 128), name % 128),
                         model[name]);
        count += model[name] ? 1 : 0;
    }
    assert_int_equal(programs.count, count);
}

static void set(uint32_t name, const struct km_instrument *instrument)
{
    assert_true(km_programs_set(&programs, (uint16_t)(name / 128), name % 128, instrument));
    model[name] = instrument;
}

static void answers_as_a_plain_list_would(void **state)
{
    (void)state;
    memset(&programs, 0, sizeof(programs));
    memset(model, 0, sizeof(model));
    struct km_random random;
    km_random_init(&random, 7, "programs");
    for (int step = 0; step < 20000; ++step) {
        const uint32_t name = km_random_below(&random, NAMES);
        const bool is_set = km_random_chance(&random, 0.6);
        set(name, is_set ? &instruments[km_random_below(&random, INSTRUMENTS)] : NULL);
        if (step % 2500 == 0) {
            expect_model();
        }
        if (step % 5000 == 4999) {
            const struct km_instrument *const gone = &instruments[step / 5000];
            km_programs_forget(&programs, gone);
            for (uint32_t i = 0; i < NAMES; ++i) {
                model[i] = model[i] == gone ? NULL : model[i];
            }
            assert_false(km_programs_has(&programs, gone));
            expect_model();
        }
    }
}

static void refuses_what_is_too_much_and_stays_whole(void **state)
{
    (void)state;
    memset(&programs, 0, sizeof(programs));
    memset(model, 0, sizeof(model));
    for (uint32_t name = 0; name < KM_SYNTH_PROGRAMS_MAX; ++name) {
        set(name, &instruments[0]);
    }
    assert_false(km_programs_set(&programs, 5, 1, &instruments[1]));
    assert_true(km_programs_set(&programs, 5, 1, NULL));
    set(3, &instruments[2]); // One that is there may still change.
    expect_model();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_as_a_plain_list_would),
        cmocka_unit_test(refuses_what_is_too_much_and_stays_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
