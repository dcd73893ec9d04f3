// SPDX-License-Identifier: MIT

/// Expectations for fuzz targets, which run outside cmocka: the first failure aborts with its
/// place.
#ifndef KM_TESTS_SUPPORT_EXPECT_H
#define KM_TESTS_SUPPORT_EXPECT_H

#include <stdio.h>
#include <stdlib.h>

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition);               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
