#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures `kmidi affect` on GoEmotions and EmoBank (in KMIDI_DATA): macro-F1, and Pearson's r.

usage: evaluate_affect.py [--split dev|test] [--tune] [KMIDI]

Choices are made on dev; test is for figures alone. --tune prints the thresholds that are best on the
split. Data that is absent is left out, with a word.
"""

import argparse
import csv
import json
import math
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.environ.get("KMIDI_DATA", os.path.join(ROOT, "..", "shared", "data"))
EKMANS = "joy sadness anger fear surprise disgust neutral".split()
SENTIMENTS = "positive negative ambiguous neutral".split()


def answers(program, texts):
    lines = "".join(" ".join(text.split()) + "\n" for text in texts)
    run = subprocess.run([program, "affect", "--lines"], input=lines.encode(), capture_output=True, check=True)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(found) == len(texts)
    return found


def f1(gold, found):
    """F1 of one class: two lists of booleans."""
    right = sum(1 for g, f in zip(gold, found) if g and f)
    asked, given = sum(gold), sum(found)
    return 2.0 * right / (asked + given) if asked + given else 0.0


def macro(names, golds, founds):
    scores = [f1([n in g for g in golds], [n in f for f in founds]) for n in names]
    return sum(scores) / len(scores), dict(zip(names, scores))


def mapping(name):
    with open(os.path.join(DATA, "goemotions", name), encoding="utf-8") as file:
        groups = json.load(file)
    label_of = {e: g for g, es in groups.items() for e in es}
    label_of["neutral"] = "neutral"
    return label_of


def best_threshold(gold, scores):
    """The threshold with the best F1: gold booleans, scores 0 to 1."""
    order = sorted(zip(scores, gold), key=lambda pair: -pair[0])
    total, right, best, where = sum(gold), 0, 0.0, 1.0
    for given, (score, is_gold) in enumerate(order, 1):
        right += is_gold
        value = 2.0 * right / (given + total)
        is_last = given == len(order) or order[given][0] < score
        if value > best and is_last:
            best, where = value, score
    return where, best


def goemotions(program, split, tune):
    path = os.path.join(DATA, "goemotions", split + ".tsv")
    if not os.path.exists(path):
        print("GoEmotions: no data at hand, left out")
        return
    with open(os.path.join(DATA, "goemotions", "labels.txt"), encoding="utf-8") as file:
        names = file.read().split()
    rows = [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8")]
    gold = [{names[int(n)] for n in row[1].split(",")} for row in rows]
    found = answers(program, [row[0] for row in rows])
    value, each = macro(names, gold, [f["labels"] for f in found])
    print("GoEmotions %s, %d texts" % (split, len(rows)))
    print("  28 labels   macro-F1 %.3f" % value)
    print("              " + "  ".join("%s %.2f" % (n, each[n]) for n in names))
    for what, file, key, groups in (("Ekman", "ekman_mapping.json", "ekman_labels", EKMANS),
                                    ("sentiment", "sentiment_mapping.json", "sentiment_labels", SENTIMENTS)):
        label_of = mapping(file)
        value, each = macro(groups, [{label_of[e] for e in g} for g in gold], [f[key] for f in found])
        print("  %-11s macro-F1 %.3f   %s" % (what, value, "  ".join("%s %.2f" % (n, each[n]) for n in groups)))
    print("  primary among the labels %.3f" % (sum(f["primary"] in g for f, g in zip(found, gold)) / len(rows)))
    if tune:
        for name in names:
            where, best = best_threshold([name in g for g in gold], [f["emotions"][name] for f in found])
            print("  threshold %-15s %.3f  F1 %.3f" % (name, where, best))


def pearson(a, b):
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    top = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
    below = math.sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))
    return top / below if below else 0.0


def emobank(program, split):
    path = os.path.join(DATA, "emobank", "emobank.csv")
    if not os.path.exists(path):
        print("EmoBank: no data at hand, left out")
        return
    with open(path, encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    found = answers(program, [row["text"] for row in rows])
    values = [pearson([float(row[k]) for row in rows], [f[n] for f in found])
              for k, n in (("V", "valence"), ("A", "arousal"), ("D", "dominance"))]
    print("EmoBank %s, %d sentences: r of valence %.3f, arousal %.3f, dominance %.3f" % (split, len(rows), *values))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--tune", action="store_true", help="print the best threshold of each label")
    parser.add_argument("program", nargs="?", default=os.path.join(ROOT, "build", "kmidi"))
    arguments = parser.parse_args()
    goemotions(arguments.program, arguments.split, arguments.tune)
    emobank(arguments.program, arguments.split)


if __name__ == "__main__":
    main()
