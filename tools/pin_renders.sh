#!/bin/sh
# SPDX-License-Identifier: MIT
# Pins the golden renders anew after the sound was changed on purpose.
# usage: pin_renders.sh BUILD
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$(CDPATH='' cd -- "${1:?usage: pin_renders.sh BUILD}" && pwd)

golden=$root/tests/integration/renders.def
pinned=$(mktemp)
trap 'rm -f "$pinned"' EXIT
sed -n 1,2p "$golden" >"$pinned"
KMIDI_GOLDEN=1 "$build/tests/test_renders" 2>/dev/null | grep '^{' >>"$pinned"
cp "$pinned" "$golden"
