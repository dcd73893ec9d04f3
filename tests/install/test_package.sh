#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the .deb packages of a build and looks at what they hold.
# usage: test_package.sh BUILD FOLDER
set -u
build=$1
work=$2
rm -rf "$work"
mkdir -p "$work"

cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/cpack.log" 2>&1 || {
    cat "$work/cpack.log"
    exit 1
}

failures=0
report() { # report NAME STATUS
    if [ "$2" -eq 0 ]; then
        echo "ok $1"
    else
        echo "not ok $1"
        failures=$((failures + 1))
    fi
}

holds() { # holds PACKAGE PATTERN: a file whose path matches.
    dpkg-deb -c "$work/$1"_*.deb | awk '{print $6}' | grep -Eq "^\./usr/$2\$"
    report "$1 holds $2" $?
}

lacks() {
    ! dpkg-deb -c "$work/$1"_*.deb | awk '{print $6}' | grep -Eq "$2"
    report "$1 does not hold $2" $?
}

field() { # field PACKAGE FIELD PATTERN
    value=$(dpkg-deb -f "$work/$1"_*.deb "$2")
    printf '%s\n' "$value" | grep -Eq "$3"
    report "$1 has $2: $3 ($(printf '%s' "$value" | head -n 1))" $?
}

holds kmidi 'lib(/[^/]+)?/kmidi/libkmidi-preload.so'
holds kmidi bin/kmidi
holds kmidi share/man/man1/kmidi.1.gz
holds kmidi share/man/man1/kmidi-help.1.gz
holds kmidi share/bash-completion/completions/kmidi
holds kmidi share/doc/kmidi/copyright
lacks kmidi '/include/|libkmidi\.|kmidi-(jack|portaudio|sndfile|ebur128)\.so'
field kmidi Depends 'libc6 \(>='
field kmidi Depends 'libjansson4'
field kmidi Recommends 'kmidi-modules \(= [0-9.]+-1\), timgm6mb-soundfont'
field kmidi Section '^sound$'
field kmidi Maintainer '@'
field kmidi Description '^Turns how'
! dpkg-deb -f "$work"/kmidi_*.deb Depends | grep -Eq 'jack|portaudio|sndfile|ebur128'
report "kmidi depends on no library of its modules" $?
for module in jack portaudio sndfile ebur128; do
    holds kmidi-modules "lib(/[^/]+)?/kmidi/kmidi-$module\\.so"
    field kmidi-modules Depends "lib$module"
done
holds libkmidi0 'lib/.*libkmidi\.so\.0'
lacks libkmidi0 'libkmidi\.so$|\.a$|/bin/'
field libkmidi0 Depends 'libc6 \(>='
holds libkmidi-dev 'lib/.*libkmidi\.so'
holds libkmidi-dev 'lib/.*libkmidi\.a'
holds libkmidi-dev 'lib/.*pkgconfig/kmidi\.pc'
holds libkmidi-dev 'lib/.*cmake/kmidi/kmidiConfig\.cmake'
holds libkmidi-dev include/kmidi/base/status.h
holds libkmidi-dev include/kmidi/base/status.def
lacks libkmidi-dev '_private\.h|/apps/'
field libkmidi-dev Depends 'libkmidi0 \(= [0-9.]+-1\)'

dpkg-deb -x "$work"/kmidi_*.deb "$work/extracted" && "$work/extracted/usr/bin/kmidi" --version
report "the packaged command runs" $?
exit "$((failures > 0))"
