#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs a build into a folder, and uses what is there as a stranger would: runs the command, reads
# its pages, loads its completion, compiles each header and each example by pkg-config and by CMake.
# usage: test_install.sh BUILD FOLDER
set -u
source=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$1
work=$2
rm -rf "$work"
mkdir -p "$work/run"

failures=0
check() { # check NAME COMMAND...: one test.
    title=$1
    shift
    if output=$("$@" 2>&1); then
        echo "ok $title"
    else
        echo "not ok $title"
        printf '%s\n' "$output" | sed 's/^/    /'
        failures=$((failures + 1))
    fi
}

DESTDIR=$work/tree cmake --install "$build" >"$work/install.log" 2>&1 || {
    cat "$work/install.log"
    exit 1
}
prefix=$work/tree$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
library=$(dirname "$(find "$prefix" -name libkmidi.a)")
PKG_CONFIG_PATH=$library/pkgconfig
LD_LIBRARY_PATH=$library
export PKG_CONFIG_PATH LD_LIBRARY_PATH
cd "$work/run" || exit 1

check "the command runs" "$prefix/bin/kmidi" --version
check "the command needs nothing of libkmidi" sh -c "! ldd '$prefix/bin/kmidi' | grep kmidi"
for page in kmidi $(sed -n 's/^KM_[A-Z]*(\([a-z_]*\).*/kmidi-\1/p' "$source"/src/apps/commands.def "$source"/src/apps/groups.def | tr _ -); do
    check "there is a man page $page" grep -qx "$page - .*" <<E1
$(zcat "$prefix/share/man/man1/$page.1.gz" | sed 's/\\//g')
E1
    if command -v man >/dev/null; then
        check "man shows $page without a warning" sh -c "[ -z \"\$(man --warnings -l '$prefix/share/man/man1/$page.1.gz' 2>&1 >/dev/null)\" ]"
    fi
done
cat >complete.bash <<'E2'
set -eu
source "$1"
complete -p kmidi >/dev/null
COMP_WORDS=(kmidi hel) COMP_CWORD=1
_kmidi
[ "${COMPREPLY[*]}" = help ]
COMP_WORDS=(kmidi help --ma) COMP_CWORD=2
_kmidi
[ "${COMPREPLY[*]}" = --man ]
COMP_WORDS=(kmidi mid) COMP_CWORD=1
_kmidi
[ "${COMPREPLY[*]}" = midi ]
COMP_WORDS=(kmidi midi sca) COMP_CWORD=2
_kmidi
[ "${COMPREPLY[*]}" = scan ]
COMP_WORDS=(kmidi midi scan --str) COMP_CWORD=3
_kmidi
[ "${COMPREPLY[*]}" = --strict ]
E2
check "bash completes commands and options" bash complete.bash "$prefix/share/bash-completion/completions/kmidi"

check "no private header is installed" sh -c "[ -z \"\$(find '$prefix/include' -name '*_private.h' -o -name apps)\" ]"
for header in $(cd "$prefix/include" && find kmidi -name '*.h' | sort); do
    printf '#include <%s>\nextern int unused;\n' "$header" >header.c
    # shellcheck disable=SC2046 # Flags.
    check "$header compiles alone" gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only $(pkg-config --cflags kmidi) header.c
done

if command -v c++ >/dev/null; then
    {
        (cd "$prefix/include" && find kmidi -name '*.h' | sort | sed 's/.*/#include <&>/')
        cat <<'E3'
int main()
{
    unsigned char memory[4096];
    struct km_arena arena;
    km_arena_init(&arena, memory, sizeof(memory));
    struct km_ring *const ring = km_ring_new(&arena, 16);
    struct km_chord chord;
    const bool holds = ring && km_ring_write(ring, "C/E", 4) && km_version()[0] != '\0';
    return holds && km_chord_parse("C/E", &chord, nullptr) == KM_OK && chord.bass == 4 ? 0 : 1;
}
E3
    } >program.cpp
    # shellcheck disable=SC2046 # Flags.
    check "C++ takes all headers" c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror program.cpp -o program-cpp \
        $(pkg-config --cflags --libs kmidi)
    check "C++ calls the library" ./program-cpp
fi

check "the shared library shows only km_ names" sh -c "! nm -D --defined-only '$library/libkmidi.so' | awk '{print \$NF}' | grep -v '^km_'"
check "its name is libkmidi.so.0" sh -c "readelf -d '$library/libkmidi.so' | grep -q 'SONAME.*\\[libkmidi\\.so\\.0\\]'"

run_example() { # Each example ends with 0 and says something; song.mid, where it is written, is a MIDI file.
    rm -f song.mid
    said=$("$1") && [ -n "$said" ] || return 1
    [ ! -e song.mid ] || [ "$(head -c 4 song.mid)" = MThd ]
}
for example in "$source"/docs/examples/*.c; do
    name=$(basename "$example" .c)
    # shellcheck disable=SC2046 # Flags.
    check "example $name compiles by pkg-config" gcc -std=c11 -Wall -Wextra -Werror "$example" -o "$name" \
        $(pkg-config --cflags --libs kmidi)
    check "example $name runs" run_example "./$name"
    # shellcheck disable=SC2046 # Flags.
    check "example $name links statically" gcc -std=c11 "$example" -o "$name-static" $(pkg-config --cflags kmidi) \
        "$library/libkmidi.a" $(pkg-config --static --libs kmidi | sed 's/-lkmidi//')
    check "example $name runs when linked statically" env -u LD_LIBRARY_PATH "./$name-static"
done

# Modules lie beside libkmidi, and are seen from a program in bin: wherever the tree is.
cat >modules.c <<'E4'
#include <drivers/audio_file.h>
#include <drivers/driver.h>
#include <heap/heap.h>
#include <stdio.h>
#include <string.h>
int main(void)
{
    struct km_error error = {0};
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_audio_file *file = NULL;
    struct km_loudness *loudness = NULL;
    struct km_driver *driver = NULL;
    const struct km_audio_file_config config = {.rate_hz = 48000};
    const struct km_driver_config none = {.device = "kmidi-no-such-device", .without_start = true};
    int found = km_audio_file_create(heap, "modules.flac", &config, &file, &error) == KM_OK;
    found = found && km_loudness_new(heap, 48000, &loudness, &error) == KM_OK;
    found = found && km_driver_open(heap, "jack", &none, &driver, &error) == KM_ERROR_NOT_FOUND &&
            strstr(error.message, "no JACK server");
    found = found && km_driver_open(heap, "portaudio", &none, &driver, &error) != KM_OK &&
            !strstr(error.message, "kmidi-portaudio.so");
    puts(found ? "found" : error.message);
    km_audio_file_discard(file);
    km_loudness_free(loudness);
    km_heap_free(heap);
    return !found;
}
E4
# shellcheck disable=SC2046 # Flags.
check "a program of modules compiles" gcc -std=c11 -Wall -Wextra -Werror modules.c -o modules $(pkg-config --cflags --libs kmidi)
check "libkmidi.so finds its modules" ./modules
# shellcheck disable=SC2046 # Flags.
check "it links statically" gcc -std=c11 modules.c -o "$prefix/bin/modules-static" $(pkg-config --cflags kmidi) \
    "$library/libkmidi.a" $(pkg-config --static --libs kmidi | sed 's/-lkmidi//')
check "a program in bin finds its modules" env -u LD_LIBRARY_PATH "$prefix/bin/modules-static"
mv "$work/tree" "$work/moved"
moved=$work/moved${prefix#"$work/tree"}
check "libkmidi.so finds them in a tree that was moved" env LD_LIBRARY_PATH="$work/moved${library#"$work/tree"}" ./modules
check "a program in bin does too" env -u LD_LIBRARY_PATH "$moved/bin/modules-static"
mv "$work/moved" "$work/tree"
said=$(cp "$prefix/bin/modules-static" alone && env -u LD_LIBRARY_PATH KMIDI_MODULES=/nowhere ./alone)
check "one without modules says what to install" sh -c "printf '%s' '$said' | grep -q 'needs kmidi-sndfile.so.*install the package kmidi-modules'"

check "find_package configures" cmake -S "$source/tests/install/project" -B project -DKM_EXAMPLES="$source/docs/examples" -DCMAKE_PREFIX_PATH="$prefix"
check "find_package builds" cmake --build project
for program in project/example-*; do
    [ ! -x "$program" ] || check "$(basename "$program") by CMake runs" run_example "./$program"
done
check "find_package refuses another version" sh -c "! cmake -S '$source/tests/install/project' -B project-newer -DKM_VERSION=99 -DCMAKE_PREFIX_PATH='$prefix' -DKM_EXAMPLES=."
exit "$((failures > 0))"
