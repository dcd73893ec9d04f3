# SPDX-License-Identifier: MIT
"""Chord progressions of real pieces, and of songs of ours, as the same tokens.

A token is a root in semitones above the tonic and a triad: "M" major, "m" minor, "d" diminished, "+" augmented.
Sevenths, ninths and inversions fall away. Power chords, single notes and suspensions take the triad that last stood on their
root, else the next one there, else major. The same token twice in a row is one. A passage is a list of phrases in one key; a
phrase is a list of tokens.
"""

import collections
import pathlib
import re
import zlib

Passage = collections.namedtuple("Passage", "is_minor phrases piece")
Phrase = collections.namedtuple("Phrase", "section tokens bars")

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)
TRIADS = "Mmd+"
VOCABULARY = 12 * len(TRIADS)
OPEN = "?"  # No third: its triad is taken from its neighbours.


def pitch_class(name):
    return (LETTERS[name[0].upper()] + name.count("#") - name[1:].count("b")) % 12


def is_held_back(piece):
    """One piece in five, by its name: the same ones everywhere."""
    return zlib.crc32(piece.encode()) % 5 == 0


def close_thirds(tokens, known):
    """Gives chords without a third the triad of their root; `known` remembers them through the piece."""
    later = {}
    for root, triad in reversed(tokens):
        if triad != OPEN:
            later[root] = triad
    closed = []
    for root, triad in tokens:
        if triad == OPEN:
            triad = known.get(root) or later.get(root) or "M"
        else:
            known[root] = triad
        if not closed or closed[-1] != (root, triad):
            closed.append((root, triad))
    return closed


# --- McGill Billboard -----------------------------------------------------------------------------------------------------

def harte_triad(quality):
    quality = quality.split("/")[0]
    if quality.startswith(("min", "m")) and not quality.startswith("maj"):
        return "m"
    if quality.startswith(("dim", "hdim")):
        return "d"
    if quality.startswith("aug"):
        return "+"
    if quality.startswith(("5", "1", "sus")) and not re.match(r"1[13]", quality):
        return OPEN
    return "M"


def billboard_bars(text):
    """The bars of one line, each a list of (root, triad); an unknown chord is None."""
    cells = text.split("|")
    repeats = re.search(r"x(\d+)", cells[-1])
    bars = []
    for cell in cells[1:-1]:
        bar = []
        for word in cell.split():
            if word == "." or word.startswith("("):
                continue
            match = re.fullmatch(r"([A-G][b#]*):(\S+)", word)
            bar.append((pitch_class(match[1]), harte_triad(match[2])) if match else None)
        bars.append(bar)
    return bars * (int(repeats[1]) if repeats else 1)


def relative_phrase(bars, tonic, section, known):
    """Phrases of one line: it breaks where a chord is not known."""
    runs, run = [], []
    for bar in bars:
        for chord in bar:
            if chord is None:
                runs.append(run)
                run = []
            else:
                run.append(((chord[0] - tonic) % 12, chord[1]))
    runs.append(run)
    return [Phrase(section, close_thirds(run, known), len(bars)) for run in runs if run]


def majority_is_minor(phrases):
    """A key is minor where the triad on its tonic mostly is."""
    weights = collections.Counter(triad for phrase in phrases for root, triad in phrase.tokens if root == 0)
    return weights["m"] > weights["M"]


def read_billboard_piece(path):
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    fields = dict(re.match(r"# (\w+): (.*)", line).groups() for line in lines if re.match(r"# (title|artist): ", line))
    # The set lists some songs twice, under two numbers: by name they stay on one side.
    piece = re.sub(r"\W", "", (fields.get("title", path.stem) + fields.get("artist", "")).lower())
    passages, phrases, tonic, section, known = [], [], 0, "", {}
    for line in lines + ["# tonic: C"]:
        change = re.match(r"# tonic: (\S+)", line)
        if change:
            if phrases:
                passages.append(Passage(majority_is_minor(phrases), phrases, piece))
            phrases, tonic, known = [], pitch_class(change[1]), {}
        elif "|" in line:
            words = [word.strip() for word in line.split("|")[0].split("\t")[-1].split(",")]
            section = next((word for word in words if re.fullmatch(r"[a-z][a-z -]+", word)), section)
            phrases += relative_phrase(billboard_bars(line), tonic, section, known)
    return passages


def read_billboard(data):
    pieces = {}
    for path in sorted((pathlib.Path(data) / "billboard").glob("[0-9]*.txt")):
        passages = read_billboard_piece(path)
        if passages:
            pieces.setdefault(passages[0].piece, passages)
    return [passage for passages in pieces.values() for passage in passages]


# --- When in Rome (RomanText) ---------------------------------------------------------------------------------------------

DEGREES = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
NUMERAL = re.compile(r"([b#-]*)(vii|VII|vi|VI|iv|IV|v|V|iii|III|ii|II|i|I)(/?[oø]|\+|°|%)?")
SPECIAL = {"Cad": (0, None), "N": (1, "M"), "Ger": (8, "M"), "It": (8, "M"), "Fr": (8, "M")}


def numeral_token(text, is_minor):
    """A numeral without slashes of application; None if it is none."""
    for word, (root, triad) in SPECIAL.items():
        if re.match(word + r"(\d|$|\[)", text):
            return root, triad or ("m" if is_minor else "M")
    match = NUMERAL.match(text)
    if not match:
        return None
    signs, numeral, mark = match.groups()
    degree = DEGREES[numeral.lower()]
    is_diminished = bool(mark) and mark != "+"
    root = (MINOR if is_minor and not signs else MAJOR)[degree]
    if is_minor and is_diminished and degree in (5, 6):
        root = MAJOR[degree]
    root += signs.count("#") - signs.count("b") - signs.count("-")
    if is_minor and signs == "#" and degree in (2, 5, 6):
        root -= 1  # Raised in minor: the major scale's.
    triad = "d" if is_diminished else "+" if mark == "+" else "M" if numeral[0].isupper() else "m"
    return root % 12, triad


def applied_token(text, is_minor):
    parts = re.split(r"/(?=[b#]*[ivIV])", text)
    offset = 0
    for target in reversed(parts[1:]):
        token = numeral_token(target, is_minor)
        if not token:
            return None
        offset += token[0]
        is_minor = token[1] in "md"
    token = numeral_token(parts[0], is_minor)
    return token and ((token[0] + offset) % 12, token[1])


def read_rome_piece(path):
    passages, phrase, is_minor = [], [], False

    def close():
        nonlocal phrase
        tokens = close_thirds(phrase, {})
        if tokens:
            passages.append(Passage(is_minor, [Phrase("", tokens, 0)], path.stem))
        phrase = []

    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if not re.match(r"m\d+[ab]?\s", line) or re.match(r"m\d+b", line):
            continue  # A second ending would be a second successor of the same bar.
        for word in line.split()[1:]:
            key = re.fullmatch(r"([A-Ga-g][b#-]*):", word)
            if key:
                close()
                is_minor = word[0].islower()
            elif not re.match(r"b\d|\|\||:\|\|", word):
                token = applied_token(word, is_minor)
                if token:
                    phrase.append(token)
    close()
    return passages


def read_rome(data):
    return [passage for path in sorted((pathlib.Path(data) / "when_in_rome").glob("*.txt"))
            for passage in read_rome_piece(path)]


# --- Plans of ours --------------------------------------------------------------------------------------------------------

MINOR_MODES = {"aeolian", "dorian", "phrygian", "locrian", "harmonic minor", "melodic minor", "minor pentatonic", "blues",
               "hungarian minor"}


def symbol_triad(quality):
    quality = quality.split("/")[0]
    if quality.startswith("dim") or quality.startswith("m7b5") or quality.startswith("m9b5") or quality.startswith("m11b5"):
        return "d"
    if quality.startswith("aug") or "#5" in quality:
        return "+"
    if "sus" in quality or quality == "5":
        return OPEN
    return "m" if re.match(r"m(?!aj)", quality) else "M"


def read_plan(plan, piece=""):
    """One passage; the plan as the object of docs/plan.md."""
    tonic = plan["key"]["tonic"]
    tokens, bars = [], []
    for chord in plan["chords"]:
        match = re.match(r"([A-G][b#]?)(.*)", chord["symbol"])
        if match and chord["symbol"] != "N.C.":
            tokens.append(((pitch_class(match[1]) - tonic) % 12, symbol_triad(match[2])))
            bars.append(chord["bar"])
    return Passage(plan["mode"] in MINOR_MODES, [Phrase("", close_thirds(tokens, {}), plan["length_bars"])], piece)


def stream(passage):
    """All tokens of a passage in order, none twice in a row."""
    tokens = []
    for phrase in passage.phrases:
        for token in phrase.tokens:
            if not tokens or tokens[-1] != token:
                tokens.append(token)
    return tokens


class Bigrams:
    """P(next | last) by Witten-Bell interpolation with P(next), and that with the uniform."""

    def __init__(self, passages):
        self.pairs = collections.defaultdict(collections.Counter)
        self.singles = collections.Counter()
        for passage in passages:
            tokens = stream(passage)
            self.singles.update(tokens)
            for last, token in zip(tokens, tokens[1:]):
                self.pairs[last][token] += 1
        self.total = sum(self.singles.values())

    def single(self, token):
        kinds = len(self.singles)
        return (self.singles[token] + kinds / VOCABULARY) / (self.total + kinds)

    def probability(self, last, token):
        row = self.pairs.get(last, {})
        seen, kinds = sum(row.values()), len(row)
        return (row.get(token, 0) + kinds * self.single(token)) / (seen + kinds) if seen else self.single(token)
