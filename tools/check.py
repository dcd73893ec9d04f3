#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every test of the project, as steps that run beside one another. Started by ./check.

A step is a function below with @step; it returns how many tests passed, failed and were skipped.
What a step's programs print goes to build-check/<step>.log and is shown only if the step fails.
"""

import argparse
import concurrent.futures
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build-check"
CPUS = len(os.sched_getaffinity(0))
STEPS_AT_ONCE = 2  # Each may keep all processors busy: so the last one does not leave any idle.
COMMAND_SECONDS_MAX = 900
LOG_LINES_SHOWN = 60
STEPS = {}


class Step:
    def __init__(self, function, needs):
        self.name = function.__name__.rstrip("_").replace("_", "-")
        self.what = function.__doc__.strip().splitlines()[0]
        self.function = function
        self.needs = needs


def step(*needs):
    def register(function):
        new = Step(function, needs)
        STEPS[new.name] = new
        return function

    return register


class Failure(Exception):
    """A step cannot go on; the reason stands in its log."""


class Run:
    """One step that runs: its log, its counts and its programs."""

    programs = set()  # Of all steps, to be ended when the user interrupts.
    programs_lock = threading.Lock()
    is_interrupted = False

    def __init__(self, name, is_long):
        self.name = name
        self.is_long = is_long
        self.passed = self.failed = self.skipped = 0
        self.note = ""
        self.lock = threading.Lock()
        self.log_path = OUT / f"{name}.log"
        self.log = open(self.log_path, "w", encoding="utf-8", errors="replace")

    def say(self, text):
        with self.lock:
            self.log.write(text.rstrip("\n") + "\n")
            self.log.flush()

    def command(self, *arguments, env=None, cwd=ROOT, seconds=COMMAND_SECONDS_MAX, text=None):
        """Runs a program; returns its exit code and what it printed."""
        words = [str(a) for a in arguments]
        where = dict(os.environ, **{key: str(value) for key, value in (env or {}).items()})
        if self.is_long:
            where["KMIDI_LONG"] = "1"
            seconds = None
        with Run.programs_lock:
            if Run.is_interrupted:
                raise Failure
            program = subprocess.Popen(words, cwd=cwd, env=where, start_new_session=True, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, stdin=subprocess.PIPE if text else subprocess.DEVNULL,
                                       text=True, encoding="utf-8", errors="replace")
            Run.programs.add(program)
        try:
            output, _ = program.communicate(text, timeout=seconds)
            code = program.returncode
        except subprocess.TimeoutExpired:
            end_group(program)
            output = program.communicate()[0] + f"\nended after {seconds} seconds\n"
            code = 124
        finally:
            with Run.programs_lock:
                Run.programs.discard(program)
        self.say(f"$ {' '.join(words)}\n{output}" + (f"exit {code}" if code else ""))
        return code, output

    def must(self, *arguments, **options):
        """Runs a program that the rest of the step depends on."""
        code, output = self.command(*arguments, **options)
        if code:
            raise Failure
        return output

    def count(self, has_passed, what):
        with self.lock:
            self.passed += bool(has_passed)
            self.failed += not has_passed
        if not has_passed:
            self.say(f"FAILED: {what}")

    def skip(self, why):
        self.skipped += 1
        self.note = f"skipped: {why}"
        self.say(self.note)

    def each(self, function, items):
        """Calls function(item) for every item, as many at once as there are processors."""
        with concurrent.futures.ThreadPoolExecutor(CPUS) as pool:
            for future in [pool.submit(function, item) for item in items]:
                future.result()


def end_group(program):
    try:
        os.killpg(program.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def tracked(*patterns):
    """Files of the project, also those not yet added, without ignored ones."""
    listing = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard", "--", *patterns],
                             cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted({ROOT / line for line in listing.splitlines() if (ROOT / line).is_file()})


# Rules of the text ------------------------------------------------------------------------------------------


@step()
def format_(run):
    """C files are as clang-format writes them"""
    code, _ = run.command("clang-format", "--dry-run", "-Werror", *tracked("*.c", "*.h"))
    run.count(code == 0, "run clang-format -i on the files above")


@step()
def layers(run):
    """modules include only what src/LAYERS allows"""
    run.count(run.command("python3", "tools/check_layers.py", "src")[0] == 0, "src/LAYERS and the includes differ")
    run.count(run.command("python3", "tests/tools/test_check_layers.py")[0] == 0, "the check's own test")


@step()
def source(run):
    """rules of style that no compiler checks, and that each rule catches what it should"""
    run.count(run.command("python3", "tools/check_source.py")[0] == 0, "see above")
    run.count(run.command("python3", "tests/tools/test_check_source.py")[0] == 0, "the rules' own test")
    run.count(run.command("python3", "tests/tools/test_check.py")[0] == 0, "the test of ./check")


@step()
def scripts(run):
    """shell and Python files"""
    parse_python = ["python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())"]
    for path in tracked("run", "check", ".ci/run", "*.sh", "*.py"):
        words = parse_python if path.suffix == ".py" else ["shellcheck", "-S", "warning"]
        run.count(run.command(*words, path)[0] == 0, path.relative_to(ROOT))


@step()
def headers(run):
    """each header compiles alone"""
    flags = "-std=c11 -D_DEFAULT_SOURCE -fsyntax-only -Wall -Wextra -Wpedantic -Werror -x c -".split()
    here = [f for f in tracked("src/*.h", "profiler/*.h", "benchmarks/*.h", "tests/*.h")]
    includes = ["-Isrc", "-Itests", "-Ibenchmarks", "-Iprofiler"]
    includes += run.must("pkg-config", "--cflags", "jansson", "cmocka").split()

    def compile_alone(header):
        code, _ = run.command("gcc", *includes, *flags, text=f'#include "{header}"\nextern int km_unused;\n')
        run.count(code == 0, f"{header.relative_to(ROOT)} does not compile alone")

    run.each(compile_alone, here)


# Builds -----------------------------------------------------------------------------------------------------


def build(run, preset, *targets, options=()):
    run.must("cmake", "--preset", preset, f"-DKM_TEST_SECONDS={86400 if run.is_long else 120}", *options)
    chosen = ["--target", *targets] if targets else []
    run.must("cmake", "--build", f"build-{preset}", "--parallel", CPUS, *chosen)
    run.passed += 1


def ctest(run, preset, *options, env=None):
    report = OUT / f"{run.name}.xml"
    report.unlink(missing_ok=True)
    run.command("ctest", "--test-dir", f"build-{preset}", "--parallel", CPUS, "--output-on-failure", "--no-tests=error",
                "--output-junit", report, *options, env=env, seconds=1800)
    suite = xml.etree.ElementTree.parse(report).getroot()
    failed = int(suite.get("failures", 0)) + int(suite.get("disabled", 0))
    skipped = int(suite.get("skipped", 0))
    run.passed += int(suite.get("tests", 0)) - failed - skipped
    run.failed += failed
    run.skipped += skipped


@step()
def gcc_build(run):
    """everything compiles with gcc, without a warning"""
    build(run, "gcc")


@step()
def clang_build(run):
    """everything compiles with clang, without a warning"""
    build(run, "clang")


@step("gcc-build")
def gcc_tests(run):
    """unit, integration and replayed fuzz tests, gcc"""
    ctest(run, "gcc", "-E", "^check_(layers|source|test)")


@step("clang-build")
def clang_tests(run):
    """the same, clang"""
    ctest(run, "clang", "-LE", "source")


@step()
def asan_build(run):
    """everything with address and undefined-behaviour sanitizers, hardly optimised"""
    build(run, "asan")


@step("asan-build")
def asan_tests(run):
    """all tests under address and undefined-behaviour sanitizers"""
    ctest(run, "asan", "-LE", "source", env={"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
                                             "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"})


TSAN_LABELS = "^(rt|heap|tsan)$"


@step()
def tsan_build(run):
    """what threads share, with the thread sanitizer"""
    run.must("cmake", "--preset", "tsan")
    listing = json.loads(subprocess.run(["ctest", "--test-dir", "build-tsan", "--show-only=json-v1", "-L", TSAN_LABELS],
                                        cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    names = [test["name"] for test in listing["tests"]]  # A program's test has its name.
    build(run, "tsan", *(name for name in names if name.startswith(("test_", "fuzz_"))))


@step("tsan-build")
def tsan_tests(run):
    """lock-free parts under the thread sanitizer"""
    ctest(run, "tsan", "-L", TSAN_LABELS, env={"TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"})


def fuzz_targets():
    return [f.stem for f in tracked("tests/fuzz/fuzz_*.c")]


@step()
def fuzz_build(run):
    """fuzz targets with libFuzzer"""
    build(run, "fuzz", *fuzz_targets())


@step("fuzz-build")
def fuzz(run):
    """each fuzz target for a few seconds (--long: ten minutes; KMIDI_FUZZ_SECONDS)"""
    seconds = int(os.environ.get("KMIDI_FUZZ_SECONDS", "600" if run.is_long else "5"))

    def fuzz_one(name):
        found = OUT / "fuzz" / name  # New inputs stay here, so that the next run goes on from them.
        found.mkdir(parents=True, exist_ok=True)
        corpus = ROOT / "tests/fuzz/corpus" / name
        code, _ = run.command(ROOT / "build-fuzz/tests" / name, f"-max_total_time={seconds}", "-timeout=20", "-max_len=4096",
                              "-print_final_stats=1", "-verbosity=1", f"-artifact_prefix={OUT}/fuzz/{name}-", found,
                              *([corpus] if corpus.is_dir() else []), seconds=seconds + 120, cwd=OUT)
        run.count(code == 0, f"{name}: the input is kept beside {OUT}/fuzz/{name}")

    run.each(fuzz_one, fuzz_targets())


# Memory -----------------------------------------------------------------------------------------------------


@step("gcc-build")
def memcheck(run):
    """benchmarks and commands under valgrind: no error, no leak"""
    memcheck_words = ["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible",
                      "--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=99"]
    out = OUT / "memcheck"
    out.mkdir(exist_ok=True)
    programs = [[ROOT / "build-gcc/benchmarks" / f.stem, "--quick"] for f in tracked("benchmarks/bench_*.c")]
    kmidi = ROOT / "build-gcc/kmidi"
    programs += [[kmidi, *words] for words in (["compose", "feeling grief and loss", "-o", "song.mid", "--plan", "plan.json",
                                                "--roll", "song.svg"], ["affect", "--json", "I am not angry any more"],
                                               ["chord", "C", "E", "G"], ["groove", "list"], ["--help"],
                                               ["compose", "calm", "--bars", "4", "--wav", "song.wav"])]

    def check_one(words):
        code, _ = run.command(*memcheck_words, *words, cwd=out)
        run.count(code == 0, " ".join(str(w) for w in words))

    run.each(check_one, programs)


@step("gcc-build")
def massif(run):
    """bench_harmony under massif, as the memory guide says"""
    report = OUT / "massif.out"
    run.must("valgrind", "--tool=massif", f"--massif-out-file={report}", ROOT / "build-gcc/benchmarks/bench_harmony", "--quick")
    peak = max(int(line.split("=")[1]) for line in report.read_text().splitlines() if line.startswith("mem_heap_B="))
    run.note = f"peak {peak / 1e6:.2f} MB"
    run.count(peak < 16e6, f"bench_harmony's heap reached {peak} bytes")


# Static analysis --------------------------------------------------------------------------------------------


@step("clang-build")  # Its compile commands and generated files.
def tidy(run):
    """clang-tidy finds nothing"""
    shared = hashlib.sha256()
    for path in tracked("*.h", "*.def", "*.clang-tidy"):
        shared.update(path.read_bytes())
    commands = json.loads((ROOT / "build-clang/compile_commands.json").read_text())
    files = {pathlib.Path(c["file"]) for c in commands}
    good = OUT / "tidy"  # An empty file for each content that was found good: it is not looked at again.
    good.mkdir(exist_ok=True)
    used = set()

    def tidy_one(path):
        state = shared.copy()
        state.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
        mark = good / state.hexdigest()
        code = 0 if mark.exists() else run.command("clang-tidy", "-p", "build-clang", "--quiet", path)[0]
        if code == 0:
            mark.touch()
            used.add(mark)
        run.count(code == 0, path.relative_to(ROOT))

    run.each(tidy_one, sorted(f for f in files if f.suffix == ".c" and ROOT in f.parents and "build" not in f.relative_to(ROOT).parts[0]))
    for mark in set(good.iterdir()) - used:
        mark.unlink()


# As users meet it -------------------------------------------------------------------------------------------


@step()
def guide(run):
    """plain cmake -DENABLE_ASAN=ON .. and make, as the memory guide says"""
    folder = ROOT / "build-guide"
    folder.mkdir(exist_ok=True)
    run.must("cmake", "-DENABLE_ASAN=ON", "..", cwd=folder)
    run.must("make", f"-j{CPUS}", "bench_harmony", cwd=folder)
    code, _ = run.command("./benchmarks/bench_harmony", "--quick", cwd=folder)
    run.count(code == 0, "bench_harmony under AddressSanitizer")


@step()
def first_run(run):
    """./run builds, is quick the next time, passes on what it should"""
    run_reported(run, "tests/install/test_run.sh", OUT / "first-run")


@step("gcc-build")
def install(run):
    """what is installed can be run, linked to and completed"""
    run_reported(run, "tests/install/test_install.sh", ROOT / "build-gcc", OUT / "install")


@step("release-build")
def package(run):
    """the .deb packages hold what they should"""
    run_reported(run, "tests/install/test_package.sh", ROOT / "build-release", OUT / "package")


def run_reported(run, *words):
    """Runs a script that prints a line 'ok ...' or 'not ok ...' for each of its tests."""
    code, output = run.command("sh", *words)
    lines = output.splitlines()
    run.passed += sum(line.startswith("ok ") for line in lines)
    run.failed += sum(line.startswith("not ok ") for line in lines)
    run.skipped += sum(line.startswith("skip ") for line in lines)
    if code and not run.failed:
        raise Failure


@step()
def release_build(run):
    """what is packaged: the command, libkmidi, man pages, with -O3"""
    build(run, "release", "kmidi", "kmidi_shared", "kmidi_static", "kmidi_documents", "kmidi-preload", "kmidi-sndfile", "kmidi-ebur128",
          "test_renders", options=("-DKM_WERROR=ON",))


@step("gcc-build", "clang-build", "asan-build", "release-build")
def same_bytes(run):
    """gcc and clang, -O0 and -O3 write the same bytes and play the same samples"""
    texts = [
        ["feeling grief and loss"], ["I am furious, and I will not take it any more!"], ["a quiet, hopeful morning"],
        ["lonely", "--mode", "blues", "--genre", "R&B", "--chaos", "0.9", "--vulnerability", "1", "--motivation", "10"],
        ["torn", "--rule", "RHYTHM_TempoFluctuation", "--rule", "HARMONY_ModalInterchange", "--rule", "HARMONY_UnresolvedDissonance",
         "--rule", "ARRANGEMENT_ExtremeDynamicRange", "--bars", "37"],
    ]
    presets = ["gcc", "clang", "asan", "release"]
    names = ["song.mid", "plan.json", "song.svg"]

    def compose(preset, index):
        folder = OUT / "same" / f"{preset}-{index}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        run.must(ROOT / f"build-{preset}" / "kmidi", "compose", *texts[index], "--seed", index + 1, "-o", names[0], "--plan", names[1],
                 "--roll", names[2], cwd=folder)
        return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]

    def render(preset):
        sound = OUT / "same" / f"{preset}.wav"
        code = run.command(ROOT / f"build-{preset}" / "kmidi", "render", ROOT / "tests/golden/midi/song.mid", "-o", sound)[0]
        return hashlib.sha256(sound.read_bytes()).hexdigest() if code == 0 else None

    for index, text in enumerate(texts):
        first = compose(presets[0], index)
        for preset in presets[1:]:
            for name, one, other in zip(names, first, compose(preset, index)):
                run.count(one == other, f"{name} of {text!r}: {presets[0]} and {preset} differ")
    sounds = [render(preset) for preset in presets]
    if sounds[0] is None:
        run.skip("kmidi render has no soundfont or no libsndfile")
    for preset, sound in zip(presets, sounds):
        run.count(sound == sounds[0], f"the rendered song: {presets[0]} and {preset} differ")
        renders = ROOT / f"build-{preset}" / "tests" / "test_renders"
        run.count(run.command(renders)[0] == 0, f"{preset}: samples differ from tests/integration/renders.def")


# Running the steps ------------------------------------------------------------------------------------------


class Screen:
    """One line for each step that ended; on a terminal, also which ones run."""

    def __init__(self, count):
        self.count = count
        self.ended = 0
        self.is_terminal = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.has_colour = self.is_terminal and not os.environ.get("NO_COLOR")

    def paint(self, colour, text):
        return f"\033[{colour}m{text}\033[0m" if self.has_colour else text

    def status(self, names):
        if self.is_terminal:
            width = shutil.get_terminal_size().columns - 1
            print("\r\033[K" + f"[{self.ended}/{self.count}] {', '.join(names)} ..."[:width], end="", flush=True)

    def end(self, text):
        self.ended += 1
        if self.is_terminal:
            print("\r\033[K", end="")
        print(text, flush=True)


def run_step(chosen, is_long):
    run = Run(chosen.name, is_long)
    began = time.monotonic()
    try:
        chosen.function(run)
    except Failure:
        run.failed += 1
    except Exception as error:  # pylint: disable=broad-except  # Whatever it is, the other steps go on.
        run.say(f"{type(error).__name__}: {error}")
        run.failed += 1
    run.seconds = time.monotonic() - began
    run.log.close()
    return run


def report(screen, chosen, run):
    counts = f"{run.passed} passed"
    counts += f", {run.failed} failed" if run.failed else ""
    counts += f", {run.skipped} skipped" if run.skipped else ""
    word = screen.paint("31", "FAIL") if run.failed else screen.paint("32", "ok  ") if run.passed else screen.paint("33", "skip")
    note = f" ({run.note})" if run.note else ""
    screen.end(f"{run.seconds:6.1f} s  {word}  {chosen.name:<14} {chosen.what}: {counts}{note}")
    if run.failed:
        lines = run.log_path.read_text(encoding="utf-8").splitlines()
        notices = [line for line in lines[:-LOG_LINES_SHOWN] if line.startswith("FAILED: ")]
        print("\n".join("    " + line for line in notices + lines[-LOG_LINES_SHOWN:]))
        print(f"    All of it: {os.path.relpath(run.log_path)}", flush=True)


def run_all(names, is_long):
    waiting = [STEPS[name] for name in names]
    screen = Screen(len(waiting))
    results = {}
    running = {}
    with concurrent.futures.ThreadPoolExecutor(STEPS_AT_ONCE) as pool:
        while waiting or running:
            for chosen in list(waiting):
                lacking = [n for n in chosen.needs if n in results and (n not in results or results[n].failed)]
                if lacking:
                    waiting.remove(chosen)
                    run = Run(chosen.name, is_long)
                    run.seconds = 0.0
                    run.skip(f"{', '.join(lacking)} failed")
                    results[chosen.name] = run
                    report(screen, chosen, run)
                elif len(running) < STEPS_AT_ONCE and all(n in results for n in chosen.needs):
                    waiting.remove(chosen)
                    running[pool.submit(run_step, chosen, is_long)] = chosen
            screen.status([s.name for s in running.values()])
            if not running:
                continue
            done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                chosen = running.pop(future)
                results[chosen.name] = future.result()
                report(screen, chosen, results[chosen.name])
    return results


def with_needs(names):
    wanted = []
    for name in names:
        for other in [*with_needs(STEPS[name].needs), name]:
            if other not in wanted:
                wanted.append(other)
    return wanted


def interrupted(*_):
    with Run.programs_lock:
        Run.is_interrupted = True
        for program in Run.programs:
            end_group(program)
    print("\ninterrupted", flush=True)
    os._exit(130)


def main():
    parser = argparse.ArgumentParser(prog="./check", description="Builds and runs every test of the project.",
                                     epilog="Logs are in build-check/. Exit code: 0 if all passed, 1 if any failed.")
    parser.add_argument("--long", action="store_true", help="also long tests, and fuzzing for ten minutes a target (KMIDI_FUZZ_SECONDS)")
    parser.add_argument("--list", action="store_true", help="list the steps")
    parser.add_argument("steps", metavar="STEP", nargs="*", help="only these, and what they need")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f"{s.name:<14} {s.what}" for s in STEPS.values()))
        return 0
    unknown = [name for name in arguments.steps if name not in STEPS]
    if unknown:
        parser.error(f"no step {', '.join(unknown)}; there are {', '.join(STEPS)}")

    try:
        OUT.mkdir(exist_ok=True)
        lock = open(OUT / "lock", "w", encoding="utf-8")
    except OSError as error:
        sys.exit(f"./check writes to {OUT}, and cannot: {error.strerror}")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another ./check runs here: waiting for it.", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)

    began = time.monotonic()
    results = run_all(with_needs(arguments.steps or ORDER), arguments.long)
    passed, failed, skipped = (sum(getattr(r, what) for r in results.values()) for what in ("passed", "failed", "skipped"))
    bad = [name for name in STEPS if name in results and results[name].failed]
    print(f"in {time.monotonic() - began:.0f} seconds" + (f"; failed: {' '.join(bad)}" if bad else ""))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


# What takes long or lets others begin comes first.
ORDER = ["format", "layers", "source", "scripts", "gcc-build", "clang-build", "gcc-tests", "tidy", "asan-build", "memcheck",
         "asan-tests", "fuzz-build", "fuzz", "guide", "first-run", "tsan-build", "tsan-tests", "release-build", "clang-tests", "headers",
         "massif", "install", "package", "same-bytes"]

if __name__ == "__main__":
    assert set(ORDER) == set(STEPS), set(ORDER) ^ set(STEPS)
    sys.exit(main())
