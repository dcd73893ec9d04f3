#!/bin/sh
# SPDX-License-Identifier: MIT
# Pins the songs anew after the music was changed on purpose: the golden hashes, and the pictures of the documents.
# usage: pin_songs.sh BUILD
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=${1:?usage: pin_songs.sh BUILD}

golden=$root/tests/unit/session/golden_songs.def
pinned=$(mktemp)
trap 'rm -f "$pinned"' EXIT
sed -n 1,2p "$golden" >"$pinned"
KMIDI_GOLDEN=1 "$build/tests/test_song" 2>/dev/null | grep '^{' >>"$pinned"
cp "$pinned" "$golden"
"$build/kmidi" compose "feeling grief and loss" --roll "$root/docs/images/grief.svg" >/dev/null
python3 "$root/tools/draw_figures.py" "$build/kmidi" "$root/docs/images"
