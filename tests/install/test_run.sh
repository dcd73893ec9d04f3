#!/bin/sh
# SPDX-License-Identifier: MIT
# What ./run promises: in a copy of the source, as a newcomer has it.
# usage: test_run.sh FOLDER
set -u
source=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
work=$1
rm -rf "$work"
mkdir -p "$work/tree" "$work/elsewhere"
(cd "$source" && git -c safe.directory="$source" ls-files -co --exclude-standard -z |
    tar --null --ignore-failed-read -T - -cf - 2>/dev/null) | tar -xf - -C "$work/tree"

failures=0
report() { # report NAME STATUS
    if [ "$2" -eq 0 ]; then
        echo "ok $1"
    else
        echo "not ok $1"
        failures=$((failures + 1))
    fi
}
run=$work/tree/run
cd "$work/elsewhere" || exit 1

"$run" --version >first.out 2>first.err &
first=$!
"$run" --version >second.out 2>second.err
second_code=$?
wait "$first"
report "two at once both build and run" $(($? + second_code))
cmp -s first.out second.out && grep -q '^kmidi [0-9]' first.out
report "standard output is the command's alone" $?
[ "$(cat first.err second.err | grep -c 'Building')" -eq 1 ]
report "only one of them builds" $?

stamp=$(stat -c %.Y "$work/tree/build/.run-stamp-kmidi")
error=$("$run" --version 2>&1 >/dev/null)
[ -z "$error" ] && [ "$stamp" = "$(stat -c %.Y "$work/tree/build/.run-stamp-kmidi")" ]
report "the next time it builds nothing and says nothing" $?

"$run" no-such-command >/dev/null 2>&1
[ $? -eq 1 ]
report "the command's exit code is passed on" $?

"$run" help --completion bash >/dev/null && [ -z "$(find . -name build)" ]
report "it leaves nothing in the caller's folder" $?

ln -s "$run" link
./link --version >/dev/null
report "it can be called through a link" $?

sleep 0.01 # The clock of file times ticks 250 times a second.
printf 'KmiDi\n' >"$work/tree/src/apps/added.def"
"$run" --version >/dev/null 2>&1 && [ "$stamp" != "$(stat -c %.Y "$work/tree/build/.run-stamp-kmidi")" ]
report "an added file is noticed" $?
sed -i 's/^project(kmidi VERSION [0-9.]*/project(kmidi VERSION 0.1.77/' "$work/tree/CMakeLists.txt"
"$run" --version 2>/dev/null | grep -q '0\.1\.77'
report "a change is built" $?

echo 'no C' >"$work/tree/src/apps/broken.c"
said=$("$run" --version 2>&1 >broken.out)
[ $? -eq 1 ] && [ ! -s broken.out ] && printf '%s' "$said" | grep -q 'broken\.c'
report "a build that fails shows why and runs nothing" $?
rm "$work/tree/src/apps/broken.c"
"$run" --version >/dev/null 2>&1
report "and works again when that is mended" $?

rm "$work/tree/build/build.ninja" "$work/tree/build/.run-stamp-kmidi"
"$run" --version >/dev/null 2>&1
report "a configuration that was interrupted is done again" $?

sed -i 's/^\[test\]/no-such-package\n[test]/' "$work/tree/packages.txt"
if command -v dpkg-query >/dev/null && [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    chmod -R a+rwX "$work"
    said=$(setpriv --reuid=65534 --regid=65534 --clear-groups env PATH=/usr/bin:/bin "$work/tree/tools/bootstrap.sh" build 2>&1)
    [ $? -eq 1 ] && printf '%s' "$said" | grep -q 'apt-get install no-such-package'
    report "who may not install is told what is missing" $?
else
    echo "skip who may not install is told what is missing: needs root to become nobody"
fi
exit "$((failures > 0))"
