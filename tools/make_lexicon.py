#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes src/affect/lexicon.inc: the words, phrases and signs that tell of feeling, as static tables.

Reads our own lists (src/affect/data/*.txt, src/affect/*.def) and the free lexicons in KMIDI_DATA
(see src/affect/data/LICENSE.md). Same input, same output, to the byte.

    KMIDI_DATA=../shared/data tools/make_lexicon.py
"""
import collections
import csv
import math
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OWN = os.path.join(ROOT, "src", "affect")
DATA = os.environ.get("KMIDI_DATA", os.path.join(ROOT, "..", "shared", "data"))
SLOTS = 1 << 14
BLOOM_BITS = 1 << 18
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def lines(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                yield line


def definitions(name, macro):
    """The rows of a .def file, each a list of its arguments."""
    for line in lines(OWN, name):
        match = re.match(macro + r"\((.*)\)$", line.strip())
        if match:
            row = next(csv.reader([match.group(1)], skipinitialspace=True))
            yield [field.strip() for field in row]


def real(text):
    return float(text.rstrip("F"))


EMOTIONS = list(definitions("emotions.def", "KM_EMOTION"))
EMOTION_INDEX = {row[1]: i for i, row in enumerate(EMOTIONS)}
EMOTION_OF_NAME = {row[0]: i for i, row in enumerate(EMOTIONS)}
EMOTION_POINT = [tuple(real(x) for x in row[4:7]) for row in EMOTIONS]
ROLES = [row[1] for row in definitions("roles.def", "KM_ROLE")]
OWN_MEANING = ("booster_before", "booster_predicate")  # Roles of words that mostly speak for themselves.
NODES = list(definitions("thesaurus.def", "KM_NODE"))


def key_of(text):
    """A word or phrase as the reader sees it: small letters, hyphens as spaces."""
    return " ".join(text.lower().replace("-", " ").split())


def hash_of(data):
    value = 2166136261
    for byte in data:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    value ^= value >> 15
    value = (value * 0x2C1B3C6D) & 0xFFFFFFFF
    return value ^ (value >> 13)


class Entry:
    def __init__(self):
        self.point = None  # valence, arousal, dominance
        self.strength = 0.0
        self.emotions = {}
        self.role = 0
        self.factor = 0
        self.node = -1
        self.starts = 0
        self.own = False


def read_glasgow():
    """word -> valence, arousal, dominance in -1..1; the senses of a word are averaged."""
    senses = collections.defaultdict(list)
    with open(os.path.join(DATA, "glasgow", "glasgow_norms.csv"), encoding="utf-8") as file:
        for row in csv.DictReader(file):
            word = re.sub(r" \(.*", "", row["Word"]).lower()
            if WORD.fullmatch(word):
                point = [(float(row[k]) - middle) / 4.0
                         for k, middle in (("Valence", 5.0), ("Arousal", 4.6), ("Dominance", 5.0))]
                senses[word].append(point)
    return {w: [sum(p[i] for p in s) / len(s) for i in range(3)] for w, s in senses.items()}


def read_polarity():
    """word -> valence in -1..1, the mean of VADER and AFINN."""
    found = collections.defaultdict(list)
    for line in lines(DATA, "vader", "vader_lexicon.txt"):
        word, mean = line.split("\t")[:2]
        if WORD.fullmatch(word) and re.search("[aeiouy]", word):
            found[word].append(float(mean) / 4.0)
    for line in lines(DATA, "afinn", "AFINN-en-165.txt"):
        word, score = line.split("\t")
        if WORD.fullmatch(word):
            found[word].append(float(score) / 5.0)
    return {w: sum(v) / len(v) for w, v in found.items()}


def words_of(text):
    return WORD.findall(text.replace("\u2019", "'").lower())


def read_associations():
    """word -> {emotion: share of the training texts with the word that have it}, with "clean" the
    ones that are frequent and telling, smoothed; and how often each word occurs."""
    count = collections.Counter()
    with_label = collections.defaultdict(collections.Counter)
    capital = collections.Counter()
    labels = collections.Counter()
    texts = 0
    for line in lines(DATA, "goemotions", "train.tsv"):
        text, numbers, _ = line.split("\t")
        numbers = [int(n) for n in numbers.split(",")]
        texts += 1
        labels.update(numbers)
        for word in re.findall(r"[A-Z][a-z']+", text[1:]):
            capital[word.lower()] += 1
        for word in set(words_of(text)):
            count[word] += 1
            for number in numbers:
                with_label[word][number] += 1
    shares = {}
    for word in count:
        shares[word] = {n: c / count[word] for n, c in with_label[word].items()}
        if count[word] < 12 or len(word) < 3 or capital[word] > 0.5 * count[word]:
            continue
        clean = {}
        for number in range(len(EMOTIONS) - 1):
            prior = labels[number] / texts
            share = (with_label[word][number] + 12.0 * prior) / (count[word] + 12.0)
            if share >= 0.16 and share >= 3.0 * prior:
                clean[number] = share
        shares[word]["clean"] = clean
    return shares, count


def strength_of_point(point):
    return min(0.6, 0.08 + 0.9 * math.sqrt(point[0] ** 2 + 0.25 * point[1] ** 2) ** 1.5)


def mix(weights):
    total = sum(weights.values())
    return [sum(w * EMOTION_POINT[e][i] for e, w in weights.items()) / total for i in range(3)]


def expand(pattern):
    """"lost/lose $ %" -> "lost $ %", "lose $ %"."""
    choices = [[]]
    for word in key_of(pattern).split():
        choices = [c + [w] for c in choices for w in word.split("/")]
    return [" ".join(c) for c in choices]


def add_own(table):
    for line in lines(OWN, "data", "emotions.txt"):
        head, words = line.split(":", 1)
        emotion, weight = head.split()
        for word in words.split():
            entry = table[key_of(word)]
            entry.own = True
            number = EMOTION_INDEX[emotion]
            entry.emotions[number] = max(entry.emotions.get(number, 0.0), float(weight))


def add_idioms(table):
    for line in lines(OWN, "data", "idioms.txt"):
        head, phrases = line.split(":", 1)
        fields = head.split()
        weights = {EMOTION_INDEX[e]: float(w) for e, w in zip(fields[::2], fields[1::2])}
        for phrase in phrases.split("|"):
            for pattern in expand(phrase):
                entry = table[pattern]
                entry.own = True
                for number, weight in weights.items():
                    entry.emotions[number] = max(entry.emotions.get(number, 0.0), weight)


def add_roles(table):
    for line in lines(OWN, "data", "roles.txt"):
        head, words = line.split(":", 1)
        fields = head.split()
        for word in words.split("|"):
            entry = table[key_of(word)]
            if entry.role == 0:
                entry.role = ROLES.index(fields[0])
                entry.factor = int(fields[1]) if len(fields) > 1 else 0


def add_nodes(table):
    for index, row in enumerate(NODES):
        name = key_of(row[2])
        entry = table[name]
        entry.own = True
        entry.node = index
        entry.point = [real(x) for x in row[3:6]]
        entry.strength = 1.0
        entry.emotions = {n: min(w, 0.7) for n, w in entry.emotions.items()}
        entry.emotions[EMOTION_OF_NAME[row[7]]] = 0.95


def add_associations(table, shares, count):
    """What the training texts tell: the emotions of words that we say nothing of, a little more of
    those that we do, and less of friendly words that mostly are mere politeness there."""
    for word in sorted(shares):
        entry = table.get(word)
        own = entry is not None and entry.own
        clean = shares[word].get("clean", {})
        if entry is not None and entry.role and not own and ROLES[entry.role] not in OWN_MEANING:
            continue
        if not own and clean:
            table[word].emotions = {n: 0.8 * w for n, w in clean.items()}
            continue
        if own and count[word] >= 40 and entry.node < 0:
            share = sum(shares[word].get(n, 0.0) for n in entry.emotions)
            for n in entry.emotions:
                if EMOTIONS[n][2] == "JOY":
                    entry.emotions[n] *= 0.6 + 0.4 * min(1.0, 2.5 * share)
        for n, w in clean.items():
            if own:
                entry.emotions[n] = max(entry.emotions.get(n, 0.0), 0.7 * w)


def add_figures(table, glasgow, polarity):
    for word in sorted(set(glasgow) | set(polarity)):
        table[word]
    for word, entry in table.items():
        if entry.point is not None:
            continue
        known = []
        if word in glasgow:
            known.append(glasgow[word])
        if word in polarity and word not in glasgow:
            valence = polarity[word]
            known.append([valence, 0.25 * abs(valence), 0.35 * valence])
        if entry.own:
            known.append(mix(entry.emotions))
        if known:
            entry.point = [sum(p[i] for p in known) / len(known) for i in range(3)]
            entry.strength = max(entry.emotions.values()) if entry.own else strength_of_point(entry.point)
            if not entry.own and word not in polarity:
                entry.strength = min(entry.strength, 0.3)
        if not known and entry.emotions:
            entry.point = mix(entry.emotions)
            entry.strength = 0.5 * max(entry.emotions.values())


ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""),
           ("ing", "e"), ("iest", "y"), ("est", ""), ("est", "e"), ("ier", "y"), ("er", ""),
           ("er", "e"), ("ily", "y"), ("ly", ""), ("iness", "y"), ("ness", ""), ("less", ""))


def drop_inflected(table):
    """Forms of our own words: the reader finds the word itself, with our associations."""
    for word in sorted(table):
        entry = table[word]
        if entry.own or entry.role or " " in word:
            continue
        stems = [word[:-len(a)] + b for a, b in ENDINGS if word.endswith(a)]
        stems += [s[:-1] for s in stems if len(s) > 3 and s[-1] == s[-2]]
        if any(len(s) >= 3 and s in table and table[s].own for s in stems):
            del table[word]


def vocabulary(count, table, glasgow):
    words = {w for w, n in count.items() if n >= 2}
    words.update(glasgow)
    words.update(part for key in table for part in key.split() if WORD.fullmatch(part))
    return sorted(w for w in words if 4 <= len(w) <= 24)


def number(value):
    return max(-100, min(100, int(math.floor(value * 100.0 + 0.5))))


def figures(entry):
    return ", ".join(str(number(x)) for x in entry.point or (0.0, 0.0, 0.0))


def row_of(entry, offset, text):
    best = sorted(((-w, n) for n, w in entry.emotions.items()))[:3]
    best += [(0.0, 0)] * (3 - len(best))
    role = entry.role
    return "{%d, %d, %d, %d, {%s}, %d, {%s}, {%s}, %d, %d}" % (
        offset, len(text), role, entry.factor, figures(entry),
        number(entry.strength), ", ".join(str(n) for _, n in best),
        ", ".join(str(number(-w)) for w, _ in best), entry.starts, entry.node)


def tells(entry):
    """Whether the entry is worth its place: it tells of feeling, or steers others."""
    return entry.role > 0 or entry.emotions or entry.strength >= 0.05


def write(table, vocab, out):
    pool = bytearray()
    words = {k: e for k, e in table.items() if " " not in k and tells(e)}
    phrases = sorted((k for k in table if " " in k),
                     key=lambda k: (k.split()[0], -len(k.split()), k))
    for phrase in phrases:
        first = phrase.split()[0]
        assert first != "$", phrase
        if first == "%":  # Looked up whenever a word of that kind comes.
            continue
        if first not in words:
            words[first] = Entry()
        words[first].starts = 1
        if first.endswith("n't") and words[first].role == 0:
            words[first].role = ROLES.index("negator")

    def place(text):
        offset = len(pool)
        pool.extend(text.encode())
        return offset

    slots = {}
    for word in sorted(words):
        slot = hash_of(word.encode()) % SLOTS
        while slot in slots:
            slot = (slot + 1) % SLOTS
        slots[slot] = (word, place(word))
    phrase_rows = [row_of(table[p], place(p), p.encode()) for p in phrases]
    assert len(slots) < 0.8 * SLOTS, len(slots)

    bloom = [0] * (BLOOM_BITS // 32)
    for word in vocab:
        value = hash_of(word.encode())
        step = (value >> 16) | 1
        for turn in range(5):
            bit = (value + turn * step) % BLOOM_BITS
            bloom[bit // 32] |= 1 << (bit % 32)

    out.write("// SPDX-License-Identifier: MIT\n"
              "// Made by tools/make_lexicon.py: do not edit. Sources and licences: data/LICENSE.md\n"
              "// clang-format off\n\n")
    out.write("enum { LEXICON_SLOTS = %d, LEXICON_PHRASES = %d, BLOOM_BITS = %d };\n\n"
              % (SLOTS, len(phrases), BLOOM_BITS))
    out.write("static const char lexicon_pool[%d] =\n" % (len(pool) + 1))
    text = pool.decode()
    for start in range(0, len(text), 90):
        out.write('"%s"\n' % text[start:start + 90].replace("\\", "\\\\").replace('"', '\\"'))
    out.write(";\n\n// A word that has a place and nothing else.\n"
              "#define P(slot, offset, length, v, a, d, strength) \\\n"
              "    [slot] = {offset, length, 0, 0, {v, a, d}, strength, {0, 0, 0}, {0, 0, 0}, 0, -1},\n\n"
              "static const struct km_word lexicon_slots[LEXICON_SLOTS] = {\n")
    for slot in sorted(slots):
        word, offset = slots[slot]
        entry = words[word]
        if entry.emotions or entry.role or entry.starts or entry.node >= 0:
            out.write("[%d] = %s,\n" % (slot, row_of(entry, offset, word.encode())))
        else:
            out.write("P(%d, %d, %d, %s, %d)\n"
                      % (slot, offset, len(word), figures(entry), number(entry.strength)))
    out.write("};\n\n#undef P\n\nstatic const struct km_word lexicon_phrases[LEXICON_PHRASES] = {\n")
    for row in phrase_rows:
        out.write(row + ",\n")
    out.write("};\n\nstatic const uint32_t vocabulary_bits[BLOOM_BITS / 32] = {\n")
    for start in range(0, len(bloom), 10):
        out.write(" ".join("0x%xU," % b for b in bloom[start:start + 10]) + "\n")
    out.write("};\n")
    sys.stderr.write("%d words, %d phrases, %d in the vocabulary, pool %d bytes\n"
                     % (len(slots), len(phrases), len(vocab), len(pool)))


def main():
    table = collections.defaultdict(Entry)
    add_own(table)
    add_idioms(table)
    add_roles(table)
    add_nodes(table)
    glasgow = read_glasgow()
    shares, count = read_associations()
    add_associations(table, shares, count)
    add_figures(table, glasgow, read_polarity())
    drop_inflected(table)
    with open(os.path.join(OWN, "lexicon.inc"), "w", encoding="utf-8", newline="\n") as out:
        write(table, vocabulary(count, table, glasgow), out)


if __name__ == "__main__":
    main()
