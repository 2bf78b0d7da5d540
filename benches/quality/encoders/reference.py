#!/usr/bin/env python3
"""Computes with torch what `encoder_parity` compares: token ids and vectors of the texts in texts.json.

    pip install numpy tokenizers torch transformers
    python reference.py MODEL_FOLDER OUT.json [--prompt "query: "] [--texts TEXTS.json]

The vector is the mean of the last hidden states, special tokens included, scaled to length 1. Longer
texts than 512 tokens are cut. The prompt is put before every text. A quarter of a minute on one thread.
"""

import argparse
import json
from pathlib import Path

from encoder import Encoder


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--prompt", default="")
    parser.add_argument("--texts", type=Path, default=Path(__file__).with_name("texts.json"))
    arguments = parser.parse_args()
    encoder = Encoder(arguments.model)
    texts = json.loads(arguments.texts.read_text(encoding="utf-8"))
    ids = [encoder.ids(arguments.prompt + text) for text in texts]
    # One by one: no padding that could matter.
    vectors = [encoder.vectors([row])[0].numpy() for row in ids]
    reference = {
        "prompt": arguments.prompt,
        "texts": texts,
        "ids": ids,
        # As few digits as tell 32-bit floats apart.
        "vectors": [[float(str(value)) for value in vector] for vector in vectors],
    }
    text = json.dumps(reference, ensure_ascii=False)
    arguments.out.write_text(text + "\n", encoding="utf-8")
    longest = max(map(len, ids))
    print(f"{len(texts)} texts of up to {longest} tokens, {len(vectors[0])} floats each")


if __name__ == "__main__":
    main()
