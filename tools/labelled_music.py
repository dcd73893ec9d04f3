# SPDX-License-Identifier: MIT
"""Music whose keys or chords people have named: for measure_keys.py and measure_chords.py.

A piece is a name, its key (tonic, is_minor), its metre and its notes in quarter notes. Of analyses without notes (When in Rome,
Billboard) the chords are played as blocks over their roots: no melody, so they are easier than music.
"""

import collections
import json
import pathlib
import re
import subprocess

import midi_notes
import real_progressions

Piece = collections.namedtuple("Piece", "name key metre notes path", defaults=(None,))
Note = collections.namedtuple("Note", "start end key velocity channel track")
Chord = collections.namedtuple("Chord", "start root triad seventh key")

TRIADS = {"M": (0, 4, 7), "m": (0, 3, 7), "d": (0, 3, 6), "+": (0, 4, 8)}
HARTE = {"maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10), "7": (0, 4, 7, 10), "hdim7": (0, 3, 6, 10), "dim7": (0, 3, 6, 9),
         "sus4": (0, 5, 7), "sus2": (0, 2, 7), "9": (0, 4, 7, 10, 2), "maj6": (0, 4, 7, 9), "min6": (0, 3, 7, 9), "5": (0, 7)}
KEYS_OF_PERFORMANCES = {  # Where the title alone does not tell: by the beginning of the name.
    "Beethoven_Piano_Sonata_No_10": "G", "Beethoven_Piano_Sonata_No_12": "Ab", "Beethoven_Piano_Sonata_No_15": "D",
    "Beethoven_Piano_Sonata_No_16": "G", "Beethoven_Piano_Sonata_No_18": "Eb", "Beethoven_Piano_Sonata_No_3_": "C",
    "Beethoven_Rondo": "G", "Schumann_Robert_Toccata": "C", "Scriabin_op_42": "F#"}


def notes_of_file(path):
    """The notes of a file in quarter notes, and its first metre."""
    data = path.read_bytes()
    division = int.from_bytes(data[12:14], "big")
    notes, metre = [], None
    for track, (at, end) in enumerate(midi_notes.chunks(data)):
        sounding, last = collections.defaultdict(list), 0
        for tick, status, body in midi_notes.track_events(data, at, end):
            last = tick
            if status == 0xFF:
                metre = (body[1], 2 ** body[2]) if body[0] == 0x58 and not metre else metre
            elif status >> 4 == 9 and body[1] > 0:
                sounding[status & 15, body[0]].append((tick, body[1]))
            elif status >> 4 in (8, 9) and sounding[status & 15, body[0]]:
                start, velocity = sounding[status & 15, body[0]].pop(0)
                notes.append(Note(start / division, tick / division, body[0], velocity, status & 15, track))
        for (channel, key), begun in sounding.items():
            notes += [Note(start / division, last / division, key, velocity, channel, track) for start, velocity in begun]
    return sorted(notes), metre or (4, 4)


def file_of(piece, bpm=108):
    """The piece as a Standard MIDI File."""
    def variable(value):
        parts = [value & 127]
        while value > 127:
            value >>= 7
            parts.append(value & 127 | 128)
        return bytes(reversed(parts))

    events = []
    for note in piece.notes:
        events.append((round(note.start * 480), 1, bytes([0x90 | note.channel, note.key, note.velocity])))
        events.append((max(round(note.end * 480), round(note.start * 480) + 1), 0, bytes([0x80 | note.channel, note.key, 0])))
    numerator, denominator = piece.metre
    body, last = bytes([0, 0xFF, 0x58, 4, numerator, denominator.bit_length() - 1, 24, 8, 0, 0xFF, 0x51, 3]), 0
    body += int(60e6 / bpm).to_bytes(3, "big")
    for tick, _, message in sorted(events):
        body += variable(tick - last) + message
        last = tick
    body += bytes([0, 0xFF, 0x2F, 0])
    return b"MThd" + bytes([0, 0, 0, 6, 0, 0, 0, 1, 1, 224]) + b"MTrk" + len(body).to_bytes(4, "big") + body


def named_key(text):
    return real_progressions.pitch_class(text), text[0].islower()


def classical(data):
    """Preludes, fugues and studies by Bach, Chopin and Scriabin."""
    for path in sorted((data / "justkeydding/annotations").glob("*.key")):
        file = data / "justkeydding/features" / (path.stem + ".mid")
        yield Piece(path.stem, named_key(path.read_text().strip()), *reversed(notes_of_file(file)), file)


def performances(data):
    """Piano performances whose title names the key; first movements and single pieces."""
    for path in sorted((data / "giantmidi").glob("*.mid")):
        told = re.search(r"_in_([A-G])(-sharp|-flat)?_(major|minor)", path.stem)
        known = [key for start, key in KEYS_OF_PERFORMANCES.items() if path.stem.startswith(start)]
        if told:
            sign = {"-sharp": "#", "-flat": "b", None: ""}[told[2]]
            known = [(told[1].lower() if told[3] == "minor" else told[1]) + sign]
        if known and not re.search(r"mov_[2-9]", path.stem):
            yield Piece(path.stem, named_key(known[0]), (4, 4), notes_of_file(path)[0], path)


def played(name, key, metre, chords):
    """Chords (start, beats, root, steps) as blocks."""
    notes = []
    for start, beats, root, steps in chords:
        notes.append(Note(start, start + beats, 36 + root, 80, 1, 0))
        notes += [Note(start, start + beats, 55 + (root + step - 55) % 12, 70, 0, 0) for step in steps]
    return Piece(name, key, metre, sorted(notes))


def seventh_of(numeral, is_minor, triad):
    """The numeral's chord with its seventh: M7, m7, j7 (major seventh), h7, d7, or the triad alone."""
    parts = re.split(r"/(?=[b#]*[ivIV])", numeral)
    match = re.match(r"([b#-]*)(Ger|It|Fr|N|Cad|vii|VII|vi|VI|iv|IV|v|V|iii|III|ii|II|i|I)(/?[oø]|\+|°|%)?(maj)?(.*)$", parts[0])
    if not match or match[2] in ("N", "Cad"):
        return triad
    mark, degree = match[3] or "", match[2].upper()
    figures = re.sub(r"\D", "", re.sub(r"\[.*?\]", "", match[5]))
    is_half = "ø" in mark or "%" in mark
    if degree in ("GER", "IT", "FR"):
        return "M7"
    if not is_half and figures not in ("7", "65", "43", "42", "2", "9"):
        return triad
    if is_half or triad in "dm+":
        return "h7" if is_half else {"d": "d7", "m": "m7", "+": "+7"}[triad]
    is_major = degree in ("III", "VI") if is_minor else degree in ("I", "IV")
    return "j7" if match[4] or (is_major and len(parts) == 1) else "M7"


def roman_text(path):
    """(chords, metre, quarter notes of a bar) of an analysis; starts count from its first bar."""
    metre, bar_starts, chords, key = (4, 4), {}, [], None
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        told = re.match(r"Time [Ss]ignature: ?(\d+)/(\d+)", line)
        if told and int(told[1]) and not chords:
            metre = (int(told[1]), int(told[2]))
        bar, unit = metre[0] * 4 / metre[1], 4 / metre[1]
        unit *= 3 if metre[1] >= 8 and metre[0] % 3 == 0 and metre[0] > 3 else 1
        told = re.match(r"m(\d+)a?\s", line)
        if not told:
            continue
        number = int(told[1])
        if not bar_starts:
            bar_starts[number] = 0.0 if number > 0 else -bar
        first = max(bar_starts)
        at = bar_starts.setdefault(number, bar_starts[first] + bar * (number - first))
        for word in line.split()[1:]:
            new_key = re.fullmatch(r"([A-Ga-g][b#-]*):", word)
            beat = re.fullmatch(r"b(\d+(?:\.\d+)?)", word)
            if new_key:
                key = named_key(new_key[1].replace("-", "b"))
            elif beat:
                at = bar_starts[number] + (float(beat[1]) - 1) * unit
            elif key and not re.match(r"\|\||:\|\|", word):
                word = word.replace("°", "o")
                token = real_progressions.applied_token(word, key[1])
                if token:
                    root = (token[0] + key[0]) % 12
                    chords.append(Chord(at, root, token[1], seventh_of(word, key[1], token[1]), key))
    return sorted(chords, key=lambda chord: chord.start), metre, bar


def analyses(data, beginning):
    """Analyses that begin and end in one key, played as triads."""
    for path in sorted((data / "when_in_rome").glob(beginning + "*.txt")):
        chords, metre, bar = roman_text(path)
        if len(chords) < 6 or chords[0].key != chords[-1].key:
            continue
        first = chords[0].start // bar * bar
        ends = [chord.start for chord in chords[1:]] + [chords[-1].start + bar]
        blocks = [(chord.start - first, min(end - chord.start, 4 * bar), chord.root, TRIADS[chord.triad])
                  for chord, end in zip(chords, ends) if end > chord.start]
        yield played(path.stem, chords[0].key, metre, blocks)


def pop(data):
    """Billboard songs in one key and metre, played as chords; major or minor by the triads on the tonic."""
    titles = set()
    for path in sorted((data / "billboard").glob("[0-9]*.txt")):
        text = path.read_text(encoding="utf-8", errors="replace")
        tonics, metres = set(re.findall(r"# tonic: (\S+)", text)), set(re.findall(r"# metre: (\d+)/(\d+)", text))
        title = re.search(r"# title: (.*)", text)[1]
        if len(tonics) != 1 or len(metres) != 1 or title in titles:
            continue
        titles.add(title)
        tonic, metre = real_progressions.pitch_class(tonics.pop()), tuple(map(int, metres.pop()))
        chords = billboard_chords(text, metre[0] * 4 / metre[1])
        minor = sum(beats for _, beats, root, steps in chords if root == tonic and 3 in steps)
        major = sum(beats for _, beats, root, steps in chords if root == tonic and 4 in steps)
        if len(chords) >= 8 and (minor > 3 * major or major > 3 * minor):
            yield played(path.stem, (tonic, minor > major), metre, chords)


def billboard_chords(text, bar):
    chords, at = [], 0.0
    for line in text.splitlines():
        if "|" not in line or line.startswith("#"):
            continue
        cells = line.split("|")
        repeats = re.search(r"x(\d+)", cells[-1])
        for cell in cells[1:-1] * (int(repeats[1]) if repeats else 1):
            words = [word for word in cell.split() if not word.startswith("(")] or ["N"]
            for word in words:
                match = re.fullmatch(r"([A-G][b#]*):(\S+)", word)
                if word == "." and chords:
                    start, beats, root, steps = chords[-1]
                    chords[-1] = (start, beats + bar / len(words), root, steps)
                elif match:
                    quality = match[2].split("/")[0].split("(")[0]
                    steps = HARTE.get(quality) or TRIADS.get(real_progressions.harte_triad(quality), (0, 7))
                    chords.append((at, bar / len(words), real_progressions.pitch_class(match[1]), steps))
                at += bar / len(words)
    return chords


def highest_line(piece):
    """The piece's tune: the highest note of each onset unless it lies far below one that still sounds; each ends the one before."""
    notes = sorted(note for note in piece.notes if note.channel != 9)
    line, at = [], 0
    while at < len(notes):
        end = at
        while end < len(notes) and notes[end].start < notes[at].start + 0.06:
            end += 1
        top = max(notes[at:end], key=lambda note: note.key)
        if not line or line[-1].end <= top.start + 0.01 or top.key >= line[-1].key - 3:
            if line and line[-1].end > top.start:
                line[-1] = line[-1]._replace(end=top.start)
            line.append(top)
        at = end
    return Piece(piece.name, piece.key, piece.metre, line)


def ours(program, folder, count):
    """Songs of ours and their melodies alone: (songs, melodies, plans)."""
    songs, melodies, plans = [], [], []
    feelings = ["joy", "grief and loss", "calm", "anger", "longing", "hope", "fear of the night", "a quiet morning"]
    for i in range(count):
        song, plan = pathlib.Path(folder) / f"{i}.mid", pathlib.Path(folder) / f"{i}.json"
        modes = ["ionian", "aeolian", "dorian", "mixolydian", "harmonic minor", "lydian", None, None]
        tonic = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"][i * 5 % 12]
        mode = ["--mode", modes[i // 12 % 8]] if modes[i // 12 % 8] else []
        subprocess.run([program, "compose", feelings[i % 8], "--seed", str(i + 1), "--key", tonic, "--bars", "24", *mode,
                        "-o", song, "--plan", plan], check=True, capture_output=True)
        told = json.loads(plan.read_text())
        key = (told["key"]["tonic"], told["key"]["mode"] in real_progressions.MINOR_MODES)
        notes, metre = notes_of_file(song)
        songs.append(Piece(f"song {i + 1}", key, metre, notes))
        melodies.append(Piece(f"melody {i + 1}", key, metre, [note for note in notes if note.track == 1 and note.channel != 9]))
        plans.append(told)
    return songs, [piece for piece in melodies if piece.notes], plans
