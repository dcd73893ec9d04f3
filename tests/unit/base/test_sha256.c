// SPDX-License-Identifier: MIT

#include "base/sha256.h"

#include "support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_sum(const char *text, size_t repeats, const char *expected)
{
    struct km_sha256 sum;
    km_sha256_init(&sum);
    for (size_t i = 0; i < repeats; ++i) {
        km_sha256_add(&sum, text, strlen(text));
    }
    char digits[KM_SHA256_TEXT_SIZE];
    km_sha256_finish(&sum, digits);
    assert_string_equal(digits, expected);
}

// The examples published with FIPS 180-4.
static void gives_the_published_sums(void **state)
{
    (void)state;
    expect_sum("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_sum("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_sum("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect_sum("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Against an independent implementation, at every length around the block borders.
static void agrees_with_sha256sum(void **state)
{
    (void)state;
    if (system("command -v sha256sum >/dev/null 2>&1") != 0) {
        print_message("sha256sum is not here\n");
        skip();
    }
    for (size_t size = 50; size <= 130; ++size) {
        char text[131];
        memset(text, 'x', size);
        text[size] = '\0';
        char command[256];
        snprintf(command, sizeof(command), "printf %%s %s | sha256sum", text);
        FILE *const pipe = popen(command, "r");
        assert_non_null(pipe);
        char expected[KM_SHA256_TEXT_SIZE] = "";
        assert_int_equal(fread(expected, 1, 64, pipe), 64);
        pclose(pipe);
        expect_sum(text, 1, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_sums),
        cmocka_unit_test(agrees_with_sha256sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
