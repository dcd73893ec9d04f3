// SPDX-License-Identifier: MIT

// Where the default font is.

#include "base/check.h"
#include "font/font.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Debian's packages, the small one first; then where other distributions put theirs.
static const char *const places[] = {
    "/usr/share/sounds/sf2/TimGM6mb.sf2",   // timgm6mb-soundfont
    "/usr/share/sounds/sf2/default-GM.sf2", // what update-alternatives chose
    "/usr/share/sounds/sf2/FluidR3_GM.sf2", // fluid-soundfont-gm
    "/usr/share/sounds/sf3/default-GM.sf3",
    "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3", // fluidr3mono-gm-soundfont
    "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
    "/usr/share/sounds/sf3/MuseScore_General_Full.sf3",
    "/usr/share/soundfonts/default.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
};

static enum km_status copy(const char *from, char *path, size_t path_size, struct km_error *error)
{
    const int length = snprintf(path, path_size, "%s", from);
    if (length < 0 || (size_t)length >= path_size) {
        return km_error_set(error, KM_ERROR_TOO_LARGE, "%.64s...: the path is too long", from);
    }
    return KM_OK;
}

enum km_status km_font_find(const char *wish, char *path, size_t path_size, struct km_error *error)
{
    KM_CHECK(path && path_size > 0);
    // Nobody changes the environment while fonts are looked for.
    const char *const setting = getenv("KMIDI_SOUNDFONT"); // NOLINT(concurrency-mt-unsafe)
    const char *const chosen = wish ? wish : setting;
    if (chosen && chosen[0] != '\0') {
        if (access(chosen, R_OK) == 0) {
            return copy(chosen, path, path_size, error);
        }
        return km_error_set(error, KM_ERROR_NOT_FOUND, "%s: the SoundFont%s cannot be read: %s",
                            chosen, wish ? "" : " that KMIDI_SOUNDFONT names",
                            km_errno_text(errno));
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); ++i) {
        if (access(places[i], R_OK) == 0) {
            return copy(places[i], path, path_size, error);
        }
    }
    return km_error_set(error, KM_ERROR_NOT_FOUND,
                        "no SoundFont is installed: install the package timgm6mb-soundfont, or "
                        "name a font with --soundfont FILE or KMIDI_SOUNDFONT");
}
