#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing of some sections of packages.txt, without questions.
# usage: bootstrap.sh SECTION...
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

# On another kind of system nothing is installed; the configuration then says what it lacks.
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    exit 0
fi

wanted=
for section in "$@"; do
    wanted="$wanted $(awk -v section="[$section]" '
        /^\[/ {inside = ($1 == section); next}
        {sub(/#.*/, "")}
        inside && NF {print $1}' "$root/packages.txt" | tr '\n' ' ')"
done

installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | sed -n 's/ installed$//p') || true
missing=
for package in $wanted; do
    printf '%s\n' "$installed" | grep -qxF "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
        echo "KmiDi needs these packages, and only root may install them:$missing" >&2
        echo "As root: apt-get install$missing" >&2
        exit 1
    fi
    as_root='sudo -n'
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 "$@" </dev/null >"$log" 2>&1 && return 0
    cat "$log" >&2
    return 1
}

echo "Installing:$missing" >&2
apt update || echo "The package lists could not be refreshed: going on with those at hand." >&2
if ! apt install --no-install-recommends $missing; then
    echo "These packages could not be installed:$missing" >&2
    exit 1
fi
