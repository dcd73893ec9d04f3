#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The drivers on servers and devices that need no hardware: PortAudio on ALSA's null and file and on JACK; PipeWire's JACK.

A test is skipped, with the reason, where a server is not installed or cannot start. Every server is ended with its test.
"""

import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest

PROBE = os.environ["KMIDI_PROBE"]
XRUN, RATE_CHANGED, BLOCK_CHANGED, GONE, NOT_REALTIME, FREEWHEEL = range(6)  # enum km_driver_report_kind
STOCK_ALSA = "/usr/share/alsa/alsa.conf"
SECONDS_MAX = 30

ALSA = """
<{stock}>
pcm.kmnull {{ type null hint {{ show on description "KmiDi null" }} }}
pcm.kmfile {{ type file slave.pcm null file "{folder}/played.raw" format raw hint {{ show on description "KmiDi file" }} }}
"""

PIPEWIRE = """
context.properties = { default.clock.rate = 48000 default.clock.quantum = 256 default.clock.min-quantum = 16 default.clock.max-quantum = 2048 }
context.objects = [ { factory = adapter args = { factory.name = support.null-audio-sink node.name = test-sink media.class = Audio/Sink
    object.linger = true audio.position = [ FL FR ] } } ]
"""


class Servers(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kmidi-servers-"))
        self.servers = []
        self.environment = dict(os.environ, JACK_DEFAULT_SERVER=f"kmidi-none-{os.getpid()}", JACK_NO_AUDIO_RESERVATION="1")

    def tearDown(self):
        for server in reversed(self.servers):
            self.end(server)
        shutil.rmtree(self.folder, ignore_errors=True)

    def need(self, *programs):
        for program in programs:
            if not shutil.which(program):
                self.skipTest(f"{program} is not installed")

    def serve(self, *words, **options):
        leash = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []  # Should this test itself be killed.
        server = subprocess.Popen([*leash, *words], env=self.environment, start_new_session=True, stderr=subprocess.DEVNULL,
                                  **{"stdout": subprocess.DEVNULL, **options})
        self.servers.append(server)
        return server

    @staticmethod
    def end(server):
        for number in (signal.SIGTERM, signal.SIGKILL):
            if server.poll() is None:
                server.send_signal(number)
                try:
                    server.wait(3)
                except subprocess.TimeoutExpired:
                    continue

    def begin_probe(self, driver, seconds=2, frames=48000 * 60, before=()):
        return subprocess.Popen([*before, PROBE, "play", driver, str(seconds), str(frames)], env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def end_probe(self, probe):
        try:
            output, errors = probe.communicate(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            probe.kill()
            self.fail(f"the probe hangs: {probe.communicate()}")
        lines = [json.loads(line) for line in output.splitlines()]
        if lines and "kmidi-portaudio.so" in lines[-1].get("error", ""):
            self.skipTest(lines[-1]["error"])
        return lines, errors, probe.returncode

    def play(self, driver, **options):
        """The status, and the reports by kind."""
        lines, errors, code = self.end_probe(self.begin_probe(driver, **options))
        self.assertEqual((code, errors), (0, ""), lines)
        return lines[-1], {line["report"]: line for line in lines[:-1]}

    def use_alsa(self):
        if not os.path.exists(STOCK_ALSA):
            self.skipTest("ALSA's configuration (package libasound2-data) is not installed")
        config = self.folder / "asound.conf"
        config.write_text(ALSA.format(stock=STOCK_ALSA, folder=self.folder))
        self.environment["ALSA_CONFIG_PATH"] = str(config)

    def use_jack(self):
        self.need("jackd", "jack_wait")
        self.environment["JACK_DEFAULT_SERVER"] = f"kmidi-portaudio-{os.getpid()}"
        server = self.start_jack()
        if not server:
            self.skipTest("jackd does not start here")
        return server

    def start_jack(self):
        name = self.environment["JACK_DEFAULT_SERVER"]
        server = self.serve("jackd", "-n", name, "-r", "-d", "dummy", "-r", "48000", "-p", "256")
        waited = subprocess.run(["jack_wait", "-s", name, "-w", "-t", "5"], env=self.environment, capture_output=True, timeout=20, check=False)
        return server if waited.returncode == 0 else None

    def kill_jack(self, server):
        """JACK takes a killed server out of its list of at most eight only for the next one of its name: it gets one."""
        server.kill()
        server.wait()

        def clean():
            self.start_jack()
            self.tearDown()
            for path in pathlib.Path("/dev/shm").glob(f"jack*{self.environment['JACK_DEFAULT_SERVER']}*"):
                path.unlink()

        self.addCleanup(clean)

    def assert_by_clock(self, status):
        """As many callbacks as the clock says; what is missing was reported."""
        self.assertLessEqual(status["callbacks"], status["expected"] * 1.02 + 3)
        if status["callbacks"] < status["expected"] * 0.98 - 3:
            self.assertGreater(status["xruns"], 0, status)

    def test_portaudio_plays_to_alsa_null(self):
        self.use_alsa()
        status, reports = self.play("portaudio:kmnull", frames=480000)
        self.assertEqual(status["name"], "portaudio")
        self.assertGreater(status["frames"], 1000)  # Without a clock: far more than real time.
        self.assertIn(status["rate"], (44100, 48000))
        self.assertEqual(status["realtime"], NOT_REALTIME not in reports)
        self.assertNotIn(GONE, reports)

    def test_portaudio_plays_every_sample_in_its_place(self):
        self.use_alsa()
        status, _ = self.play("portaudio:kmfile", frames=48000)
        data = (self.folder / "played.raw").read_bytes()
        frames = list(struct.iter_unpack("<2f", data[: len(data) // 8 * 8]))
        first = next(index for index, frame in enumerate(frames) if frame != (0, 0))  # PortAudio begins with a buffer of silence.
        frames = frames[first : first + min(status["frames"], 40000)]
        self.assertGreater(len(frames), 10000)
        for index, frame in enumerate(frames):
            self.assertEqual(frame, ((index % 2**20 + 1) / 2**20, -(index % 2**20 + 1) / 2**20))

    def test_portaudio_plays_through_jack(self):
        self.use_jack()
        status, reports = self.play("portaudio:system", seconds=2)
        self.assertEqual((status["name"], status["rate"]), ("portaudio", 48000))
        self.assertGreater(status["callbacks"], 100)
        self.assert_by_clock(status)
        self.assertNotIn(GONE, reports)

    def test_portaudio_survives_the_end_of_its_device(self):
        server = self.use_jack()
        probe = self.begin_probe("portaudio:system", seconds=8)
        time.sleep(1)
        self.kill_jack(server)
        lines, _, code = self.end_probe(probe)
        self.assertEqual(code, 0, lines)
        self.assertIn(GONE, [line.get("report") for line in lines])

    def test_portaudio_names_the_devices_that_there_are(self):
        self.use_alsa()
        lines, errors, code = self.end_probe(self.begin_probe("portaudio:kmnul1"))
        self.assertEqual((code, errors), (1, ""))
        self.assertIn("no output device is called 'kmnul1'; there is kmnull", lines[-1]["error"])

    def test_auto_takes_jack_where_it_runs(self):
        self.use_jack()
        status, _ = self.play("auto", seconds=1)
        self.assertEqual((status["name"], status["block"]), ("jack", 256))
        self.assert_by_clock(status)

    def test_auto_takes_portaudio_where_jack_does_not_run(self):
        self.use_alsa()
        with open(self.environment["ALSA_CONFIG_PATH"], "a", encoding="utf-8") as config:
            config.write("pcm.!default kmnull\n")
        status, _ = self.play("auto", frames=48000)
        self.assertEqual(status["name"], "portaudio")

    def test_auto_without_any_sound_says_why_quickly_and_quietly(self):
        if os.path.exists("/dev/snd"):
            self.skipTest("this machine has sound")
        began = time.monotonic()
        lines, errors, code = self.end_probe(self.begin_probe("auto"))
        self.assertLess(time.monotonic() - began, 3)
        self.assertEqual((code, errors), (1, ""))
        self.assertRegex(lines[-1]["error"], "(?s)no sound.*jack: no JACK server is running.*portaudio: PortAudio finds no output device")

    def use_pipewire(self):
        self.need("pipewire", "wireplumber", "pw-jack", "pw-cli", "dbus-daemon")
        run = self.folder / "run"
        config = self.folder / "config/pipewire/pipewire.conf.d"
        config.mkdir(parents=True)
        run.mkdir(mode=0o700)
        (config / "10-test.conf").write_text(PIPEWIRE)
        self.environment.update(XDG_RUNTIME_DIR=str(run), XDG_CONFIG_HOME=str(self.folder / "config"), XDG_STATE_HOME=str(self.folder / "state"))
        bus = self.serve("dbus-daemon", "--session", "--nofork", "--print-address", stdout=subprocess.PIPE, text=True)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        bus.stdout.close()
        server = self.serve("pipewire")
        self.serve("wireplumber")
        for _ in range(50):
            time.sleep(0.1)
            nodes = subprocess.run(["pw-cli", "ls", "Port"], env=self.environment, capture_output=True, text=True, timeout=10, check=False).stdout
            if "playback_FR" in nodes and server.poll() is None:
                return server
        return self.skipTest("PipeWire does not start here")

    def test_pipewire_plays_by_the_clock(self):
        self.use_pipewire()
        status, reports = self.play("jack", seconds=3, before=["pw-jack"])
        self.assertEqual((status["name"], status["rate"]), ("jack", 48000))
        self.assertGreater(status["frames"], 48000)
        self.assert_by_clock(status)
        self.assertEqual(status["realtime"], NOT_REALTIME not in reports)

    def test_pipewire_that_dies_is_survived(self):
        server = self.use_pipewire()
        probe = self.begin_probe("jack", seconds=8, before=["pw-jack"])
        time.sleep(1.5)
        server.kill()
        lines, _, code = self.end_probe(probe)
        self.assertEqual(code, 0, lines)
        self.assertIn(GONE, [line.get("report") for line in lines])


if __name__ == "__main__":
    unittest.main()
