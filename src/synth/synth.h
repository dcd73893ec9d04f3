// SPDX-License-Identifier: MIT

/// A SoundFont 2.04 player for the audio thread: channels, voices, modulators, envelopes, filters.
///
/// It renders quanta of KM_QUANTUM_FRAMES frames and nothing else: who needs other block sizes cuts
/// them from quanta (engine/process.h), so the block size changes no sample. Notes begin and end on
/// the exact frame within a quantum; controllers act from the quantum they fall in. No call
/// allocates, locks, or calls the system, and each does bounded work.
///
/// The same events and instruments give the same samples on every machine and vector path.
///
/// When `voices` sound and one more is wanted, one is stolen: it fades to 0 within the next quantum
/// while the new one begins in a spare place, of which there are `voices` / 4 + 32, at most 1,024.
/// Stolen are, in this order: released voices, the quietest first; those that only a pedal holds;
/// those whose key is down; drums. Within each of the last three, what is old and quiet goes
/// before what is new and loud. What began in the same quantum is never stolen. The order is worked
/// out once a quantum, so a storm of notes costs no more than one look at all voices. When there is
/// no spare place left, notes are lost, and counted.
#ifndef KM_SYNTH_SYNTH_H
#define KM_SYNTH_SYNTH_H

#include "base/attributes.h"
#include "font/instrument.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_arena;
struct km_synth;

enum {
    KM_QUANTUM_FRAMES = 64, ///< The control rate: envelopes, LFOs, modulators move once a quantum.
    KM_SYNTH_VOICES_MAX = 8192,
    KM_SYNTH_PROGRAMS_MAX = 512, ///< Bank and program pairs that have an instrument at one time.
    KM_BANK_DRUMS = 128,
};

enum km_interpolation {
    KM_INTERPOLATION_4POINT, ///< Third-order Hermite; what a zeroed configuration has.
    KM_INTERPOLATION_LINEAR,
    KM_INTERPOLATION_7POINT, ///< Windowed sinc.
};

/// Ways to compute the same samples.
enum km_vector_path {
    KM_VECTOR_BEST, ///< The fastest that the processor has.
    KM_VECTOR_SCALAR,
    KM_VECTOR_SSE2,
    KM_VECTOR_AVX2,
    KM_VECTOR_AVX512,
    KM_VECTOR_NEON,
    KM_VECTOR_PATHS_COUNT
};

struct km_synth_config {
    uint32_t rate_hz; ///< KM_RATE_MIN to KM_RATE_MAX
    uint32_t voices;  ///< Polyphony, 1 to KM_SYNTH_VOICES_MAX
    enum km_interpolation interpolation;
    enum km_vector_path path;
    uint64_t seed; ///< Of pitch drift.
};

/// What a quantum is mixed into: overwritten, aligned to 64 bytes.
struct km_synth_buses {
    float left[KM_QUANTUM_FRAMES];
    float right[KM_QUANTUM_FRAMES];
    float reverb[KM_QUANTUM_FRAMES]; ///< Send, mono.
    float chorus[KM_QUANTUM_FRAMES]; ///< Send, mono.
};

struct km_synth_counters {
    uint64_t notes_on;
    uint64_t voices_started;
    uint64_t voices_stolen;
    uint64_t notes_lost;    ///< No voice could be had, not even by stealing.
    uint64_t programs_lost; ///< Notes of a bank and program that has no instrument, nor a stand-in.
    uint32_t voices_now;    ///< That sound, those that fade included.
    uint32_t voices_peak;
};

/// Whether this machine can go that path.  [any]
bool km_vector_path_is_here(enum km_vector_path path);

/// "scalar", "avx2", ...  [any]
const char *km_vector_path_name(enum km_vector_path path);

/// Bytes of arena that a synth of this configuration takes, alignment included.  [setup]
size_t km_synth_size(const struct km_synth_config *config);

/// Creates a synth; it has no instruments yet. Null, with nothing taken, if the arena lacks room.
/// A path that is not here is a programmer error.  [setup]
KM_NODISCARD struct km_synth *km_synth_new(struct km_arena *arena,
                                           const struct km_synth_config *config);

/// Makes `instrument` what the bank and program stand for from now on, for notes to come; notes
/// that sound go on with what they have. Null takes the entry away. False if the table is full.
/// [audio]
KM_RT KM_NODISCARD bool km_synth_set_instrument(struct km_synth *synth, uint16_t bank,
                                                uint8_t program,
                                                const struct km_instrument *instrument);

/// Whether any voice still plays this instrument or any entry stands for it: until then it may not
/// be given back. Work is bounded by the voices.  [audio]
KM_RT bool km_synth_uses(const struct km_synth *synth, const struct km_instrument *instrument);

/// Lets all voices of the instrument fade within one quantum and removes its entries.  [audio]
KM_RT void km_synth_forget_instrument(struct km_synth *synth,
                                      const struct km_instrument *instrument);

/// Plays an event `offset` frames into the next quantum to be rendered (below KM_QUANTUM_FRAMES).
/// Calls for one quantum must have ascending offsets. Understood: notes, controllers, programs,
/// bend, pressures, and KM_EVENT_SYSEX as km_synth_sysex makes it; others do nothing.  [audio]
KM_RT void km_synth_event(struct km_synth *synth, const struct km_event *event, uint32_t offset);

/// What a SysEx message (with or without F0 and F7) means to a synth, as a KM_EVENT_SYSEX whose
/// `number` is enum km_sysex and `value` its argument. False if it means nothing here. Of a message
/// that means several events it is the first.  [any]
KM_RT bool km_synth_sysex(const unsigned char *bytes, size_t size, struct km_event *event);

enum {
    KM_SYSEX_SIZE_MAX = 64,    ///< Bytes; longer messages mean nothing here.
    KM_SYSEX_EVENTS_MAX = 192, ///< Of one message: octave tuning of all channels.
};

/// As km_synth_sysex, with all events of a message (octave tuning has 12 for each channel). Returns
/// how many there are; the first `max` of them are written. Their `tick` is 0.  [any]
KM_RT size_t km_synth_sysex_events(const unsigned char *bytes, size_t size, struct km_event *events,
                                   size_t max);

enum km_sysex {
    KM_SYSEX_GM_ON = 1,
    KM_SYSEX_GM2_ON,
    KM_SYSEX_GM_OFF,
    KM_SYSEX_GS_RESET,
    KM_SYSEX_XG_ON,
    KM_SYSEX_MASTER_VOLUME,        ///< detail: 0 to 16383
    KM_SYSEX_MASTER_FINE_TUNING,   ///< detail: 0 to 16383, 8192 is none: -100 to 100 cents
    KM_SYSEX_MASTER_COARSE_TUNING, ///< value: 64 is none, semitones
    KM_SYSEX_DRUM_PART,            ///< channel: which; value: 0 melodic, 1 or 2 a drum map
    KM_SYSEX_SCALE_TUNING, ///< Octave tuning, one pitch class a call: channel, value: pitch class,
                           ///< detail: 0 to 127, 64 is none: cents
};

/// A bank and program that a note was played on although no instrument stands for it; each is told
/// once. False: there is none.  [audio]
KM_RT bool km_synth_take_missing(struct km_synth *synth, uint16_t *bank, uint8_t *program);

/// Lets all voices fade within one quantum (at a jump, a stop), and optionally puts all channels
/// back to how they were at the start.  [audio]
KM_RT void km_synth_silence(struct km_synth *synth, bool resets_channels);

/// Releases all keys that are down, and pedals.  [audio]
KM_RT void km_synth_release_all(struct km_synth *synth);

/// Channels that are not mixed (bit n: channel n); their voices live on silently, so that stealing
/// is the same.  [audio]
KM_RT void km_synth_set_mutes(struct km_synth *synth, uint32_t channels);

/// Standard deviation in cents of the slow drift of each voice's pitch; 0 to 30, 0 is none. [audio]
KM_RT void km_synth_set_pitch_drift(struct km_synth *synth, float cents);

/// Renders the next quantum.  [audio]
KM_RT void km_synth_render(struct km_synth *synth, struct km_synth_buses *buses);

/// [audio]
KM_RT struct km_synth_counters km_synth_counters(const struct km_synth *synth);

KM_C_END

#endif
