#!/usr/bin/env python3
"""Distils an encoder into one vector a token, a Model2Vec folder: the reference for hashrec's distiller.

    pip install numpy safetensors tokenizers torch transformers
    python distill_reference.py MODEL_FOLDER POSTS.jsonl OUT

The steps, in 32 bits up to the encoder's vectors and in 64 bits after them:

1. Every token id of the tokenizer, between the special tokens, through the encoder: the mean of the
   last hidden states, special tokens included, scaled to length 1.
2. Less the mean over all tokens, then the 256 principal components (each of the sign that makes its
   largest coordinate positive). With fewer tokens than that, as many as there are.
3. Times 1e-3 / (1e-3 + p), where p is the token's share of all tokens in the `text` of the posts.
4. Less the mean of all rows, weighted by p.

The vector of a text is the mean of its tokens' rows, scaled to length 1. `reference.safetensors` in
OUT holds what can be compared step by step: `unit` (1), `centred_mean`, `components`, `variances` (2)
and `shares` (3); Model2Vec's readers ignore it.

On one thread: half a minute for the 30,522 tokens of MiniLM, seven minutes for the 250,002 of e5.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from encoder import Encoder

WIDTH = 256
SIF = 1e-3
BATCH = 512


def token_vectors(encoder):
    """The unit vector of every token id alone."""
    head, tail = encoder.special()
    size = encoder.tokenizer.get_vocab_size()
    vectors = []
    start = time.monotonic()
    for first in range(0, size, BATCH):
        rows = [[*head, token, *tail] for token in range(first, min(first + BATCH, size))]
        vectors.append(encoder.vectors(rows).numpy())
        if first // BATCH % 50 == 0:
            print(f"{first} of {size} tokens, {time.monotonic() - start:.0f} s", flush=True)
    return np.concatenate(vectors)


def token_shares(encoder, posts, size):
    """Each token id's share of the tokens of all posts."""
    counts = Counter()
    with open(posts, encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    for first in range(0, len(texts), BATCH):
        part = texts[first : first + BATCH]
        for row in encoder.tokenizer.encode_batch(part, add_special_tokens=False):
            counts.update(row.ids)
    shares = np.zeros(size)
    for token, count in counts.items():
        shares[token] = count
    return shares / shares.sum()


def principal(vectors):
    """The mean, the components (a row each) and their variances, largest first."""
    mean = vectors.mean(0)
    centred = vectors - mean
    variances, components = np.linalg.eigh(centred.T @ centred / len(centred))
    order = np.argsort(variances)[::-1][:WIDTH]
    components = components.T[order]
    largest = np.abs(components).argmax(1)
    components *= np.sign(components[np.arange(len(components)), largest])[:, None]
    return mean, components, variances[order]


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    folder, posts, out = sys.argv[1:]
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    encoder = Encoder(folder)
    unit = token_vectors(encoder)
    shares = token_shares(encoder, posts, len(unit))
    print(f"{np.count_nonzero(shares)} of {len(unit)} tokens occur in the posts")
    mean, components, variances = principal(unit.astype(np.float64))
    rows = (unit - mean) @ components.T
    rows *= (SIF / (SIF + shares))[:, None]
    rows -= shares @ rows
    save_file({"embeddings": rows.astype(np.float32)}, out / "model.safetensors")
    steps = {
        "unit": unit,
        "centred_mean": mean.astype(np.float32),
        "components": components.astype(np.float32),
        "variances": variances.astype(np.float32),
        "shares": shares,
    }
    save_file(steps, out / "reference.safetensors")
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "tokenizer_name": Path(folder).name,
        "apply_pca": WIDTH,
        "sif_coefficient": SIF,
        "hidden_dim": rows.shape[1],
        "seq_length": 1000000,
        "normalize": True,
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    tokenizer = json.loads(encoder.tokenizer.to_str())
    # No special tokens around a text: they would only add a constant.
    tokenizer["post_processor"] = None
    text = json.dumps(tokenizer, ensure_ascii=False)
    (out / "tokenizer.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
