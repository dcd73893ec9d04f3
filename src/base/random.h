// SPDX-License-Identifier: MIT

/// Seeded random numbers, the same on every machine, in streams that do not disturb each other.
///
/// xoshiro256** 1.0 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2019),
/// its state filled by SplitMix64 from the seed and the stream's name: drums that draw more numbers
/// leave the melody as it was.
#ifndef KM_BASE_RANDOM_H
#define KM_BASE_RANDOM_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

struct km_random {
    uint64_t state[4];
};

/// Starts the stream called `name` of `seed`. The same pair always gives the same numbers.  [any]
KM_RT void km_random_init(struct km_random *random, uint64_t seed, const char *name);

/// 64 random bits.  [any]
KM_RT uint64_t km_random_bits(struct km_random *random);

/// A whole number from 0 to `count` - 1; `count` is at least 1. The bias is below 2^-32.  [any]
KM_RT uint32_t km_random_below(struct km_random *random, uint32_t count);

/// A whole number from `low` to `high`, both included.  [any]
KM_RT int32_t km_random_between(struct km_random *random, int32_t low, int32_t high);

/// A number in [0, 1), a multiple of 2^-53.  [any]
KM_RT double km_random_unit(struct km_random *random);

/// True with this probability: never at 0, always at 1.  [any]
KM_RT bool km_random_chance(struct km_random *random, double probability);

/// A bell-shaped number: mean 0, standard deviation 1, never beyond 3.4642. [any]
/// It is the sum of four uniform ones (Irwin-Hall): near enough to normal for human timing, and
/// bounded, as human timing is.
KM_RT double km_random_bell(struct km_random *random);

/// An index below `count` drawn by `weights`, which are not negative; 0 if all are 0.  [any]
KM_RT uint32_t km_random_weighted(struct km_random *random, const float *weights, uint32_t count);

KM_C_END

#endif
