#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/check.py counts what its steps report, goes on after one that fails, and ends with a plain line."""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import check


def prepare(folder):
    """Replaces the steps by small ones whose outcome is known."""
    check.OUT = pathlib.Path(folder)
    check.STEPS.clear()

    @check.step()
    def good(run):
        """passes twice"""
        run.count(True, "")
        run.count(run.command("true")[0] == 0, "")

    @check.step()
    def bad(run):
        """passes once and fails once"""
        run.count(True, "")
        run.count(run.command("sh", "-c", "echo the reason; exit 3")[0] == 0, "the exit code")

    @check.step("bad")
    def after_bad(run):
        """would pass"""
        run.count(True, "")

    @check.step("good")
    def raises(run):
        """has a fault of its own"""
        raise ValueError("unexpected")

    @check.step()
    def stops(run):
        """needs a program that fails"""
        run.must("false")
        run.count(True, "")

    @check.step()
    def hangs(run):
        """is ended after its time"""
        run.count(run.command("sh", "-c", "sleep 60 & wait", seconds=0.2)[0] == 124, "")

    check.ORDER[:] = ["after-bad", "bad", "good", "raises", "stops", "hangs"]


def main():
    if len(sys.argv) > 1 and sys.argv[1].startswith("/"):
        prepare(sys.argv.pop(1))
        return check.main()

    errors = []

    def expect(words, code, last, *parts):
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run([sys.executable, __file__, folder, *words], capture_output=True, text=True)
        said = result.stdout + result.stderr
        if result.returncode != code or (last and said.splitlines()[-1] != last) or not all(p in said for p in parts):
            errors.append(f"{words}: exit {result.returncode}, said {said}")

    expect(["good"], 0, "2 passed, 0 failed", "ok    good", "passes twice: 2 passed")
    expect([], 1, "4 passed, 3 failed, 1 skipped", "FAIL  bad", "the reason", "skip  after-bad", "bad failed", "ValueError: unexpected",
           "failed: bad raises stops")
    expect(["after-bad"], 1, "1 passed, 1 failed, 1 skipped")
    expect(["raises"], 1, "2 passed, 1 failed")
    expect(["nothing"], 2, None, "no step nothing")
    expect(["--list"], 0, None, "hangs", "is ended after its time")
    print("\n".join(errors) or "check ok")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
