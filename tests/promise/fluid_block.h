// SPDX-License-Identifier: MIT

/// FluidSynth as the control of a watch: what it does in a callback must be caught.
#ifndef KM_TESTS_PROMISE_FLUID_BLOCK_H
#define KM_TESTS_PROMISE_FLUID_BLOCK_H

/// Makes a synthesiser with its own defaults, effects included.
void fluid_block_start(void);

/// Starts a note and renders one block.
void fluid_block_render(void);

#endif
