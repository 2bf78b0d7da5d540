"""Makes small models with random weights, and what `transformers` computes with them.

    pip install torch transformers sentencepiece fugashi numpy
    python make_golden.py [MODEL …]

Writes, beside this file, one folder for each model (in the layout of the Hugging Face hub) and its
vectors in `expected.json`; and `mecab/`, a dictionary of a few words, from the sources of
hashrec-tokenize's tests. Without arguments, all models are made. Everything is seeded: the same
versions write the same files.
"""

import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertJapaneseTokenizer,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertForMaskedLM,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaModel,
)

HERE = Path(__file__).parent
SOURCES = HERE / "../../../../hashrec-tokenize/tests/dictionary"
MAX_TOKENS = 40
POST, HASHTAG = "文章: ", "クエリ: "

CORPUS = [
    "今日はパンを食べました。",
    "東京都の株式会社で新機能をリリースしました。",
    "はじめての方へ: 日本語の入門講座です。",
    "京都でシャツを作りました, 1,000円です。",
    "release notes and new functions of the site",
    "The quick brown fox jumps over the lazy dog!",
    "文章: 今日のお知らせ クエリ: 新機能",
    "日本の言語と本の月",
    "C++とRustの入門、3.14と2024年",
]
TEXTS = [
    "今日は東京都でパンを食べました。",
    "新機能",
    "",
    "Ｔシャツを 作りました!!! (京都)",
    "Rust 1.90 release notes, and the quick site: 3.14 / 1,000円",
    "見た事のない漢字と😀を読む",
    "日本語の入門講座で新機能をリリースしました。" * 6,
]
HASHTAGS = ["新機能", "リリース", "release-notes", "東京都", ""]
PAIRS = [
    ("今日は東京都でパンを食べました。", "パン"),
    ("Rust 1.90 release notes", "リリース"),
    ("日本語の入門講座で新機能をリリースしました。" * 6, "はじめての方へ"),
]


def pieces():
    """Every character of the corpus, and some longer pieces."""
    longer = ["今日", "東京", "機能", "リリース", "です", "ました", "the", "re", "le", "ase", "パン"]
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    single = sorted({c for text in CORPUS + [alphabet] for c in text.lower()} - {" "})
    return longer + single


def word_piece(folder, lower=True):
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = special + pieces() + ["##" + piece for piece in pieces()]
    vocabulary = {word: i for i, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lower)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
    )
    tokenizer.save_pretrained(folder)
    return tokenizer, len(vocabulary)


def train_sentencepiece(**options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 3),
        model_writer=model,
        vocab_size=180,
        hard_vocab_limit=False,
        character_coverage=1.0,
        model_type="unigram",
        num_threads=1,
        minloglevel=2,
        **options,
    )
    return model.getvalue()


def unigram(folder, separator="[SEP]"):
    """A `tokenizer.json` with SentencePiece's unigram pieces and no prefix, as ruri-v3's."""
    model = train_sentencepiece(
        unk_id=0, bos_id=1, eos_id=2, pad_id=3, control_symbols=["[SEP]"], add_dummy_prefix=False,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    vocabulary = [
        (processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.get_piece_size())
    ]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        cls_token="<s>", sep_token=separator,
    )
    tokenizer.save_pretrained(folder)
    return tokenizer, len(vocabulary)


def mecab(folder, compiled):
    """A dictionary whose signs stand alone, as in UniDic; compiled for MeCab outside."""
    folder.mkdir(exist_ok=True)
    lexicon = (SOURCES / "lex.csv").read_text().splitlines(keepends=True)
    (folder / "lex.csv").write_text("".join(row for row in lexicon if not row.startswith("Ｔ")))
    shutil.copy(SOURCES / "matrix.def", folder)
    shutil.copy(SOURCES / "unk.def", folder)
    chars = (SOURCES / "char.def").read_text()
    (folder / "char.def").write_text(chars.replace("SYMBOL    1 1 0", "SYMBOL    1 0 1"))
    for file in folder.iterdir():
        shutil.copy(file, compiled)
    (compiled / "left-id.def").write_text("0 BOS/EOS\n1 X\n")
    (compiled / "right-id.def").write_text("0 BOS/EOS\n1 X\n")
    (compiled / "rewrite.def").write_text("[unigram rewrite]\n*\t*\n[left rewrite]\n*\t*\n[right rewrite]\n*\t*\n")
    (compiled / "feature.def").write_text("UNIGRAM W:%w\nBIGRAM B:%L/%R\n")
    (compiled / "dicrc").write_text(
        "cost-factor = 800\nbos-feature = BOS/EOS\neval-size = 4\nunk-eval-size = 4\nconfig-charset = UTF-8\n"
    )
    (compiled / "mecabrc").write_text("")
    subprocess.run(
        [Path(sys.executable).parent / "fugashi-build-dict", "-f", "utf8", "-t", "utf8",
         "-d", compiled, "-o", compiled],
        check=True, capture_output=True,
    )


def mecab_sentencepiece(folder, compiled):
    """The files of ruri-small: `spiece.model` and `tokenizer_config.json`."""
    model = train_sentencepiece(
        pad_id=0, unk_id=1, bos_id=2, eos_id=3, bos_piece="[CLS]", eos_piece="[SEP]",
        control_symbols=["[MASK]"],
    )
    (folder / "spiece.model").write_bytes(model)
    settings = {
        "do_lower_case": True,
        "keep_accents": True,
        "remove_space": True,
        "word_tokenizer_type": "mecab",
        "subword_tokenizer_type": "sentencepiece",
        "unk_token": "<unk>", "pad_token": "<pad>", "bos_token": "[CLS]", "eos_token": "[SEP]",
        "cls_token": "[CLS]", "sep_token": "[SEP]",
        "mask_token": {"__type": "AddedToken", "content": "[MASK]", "lstrip": True},
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1))
    tokenizer = BertJapaneseTokenizer(
        vocab_file=None, spm_file=str(folder / "spiece.model"),
        do_lower_case=True, word_tokenizer_type="mecab", subword_tokenizer_type="sentencepiece",
        mecab_kwargs={"mecab_dic": None, "mecab_option": f"-d {compiled} -r {compiled}/mecabrc"},
        unk_token="<unk>", pad_token="<pad>", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
    )
    return tokenizer, tokenizer.vocab_size


def randomize(model, seed):
    """Weights that are far from symmetric, so that every part of the model shows in the result."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            noise = torch.randn(parameter.shape, generator=generator)
            scale = "norm" in name.lower() and name.endswith("weight")
            parameter.copy_(1 + 0.2 * noise if scale else 0.25 * noise)


def save(model, folder, dtype=None):
    model.save_pretrained(folder)
    path = folder / "model.safetensors"
    if dtype is not None:
        tensors = {name: tensor.to(dtype) for name, tensor in load_file(path).items()}
        save_file(tensors, path, metadata={"format": "pt"})
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(parameter.to(dtype).float())


def vectors(model, rows, pad):
    """The means over the tokens of a padded batch."""
    length = max(len(row) for row in rows)
    ids = torch.tensor([row + [pad] * (length - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    with torch.no_grad():
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    total = (hidden * mask[:, :, None]).sum(dim=1)
    return (total / mask.sum(dim=1, keepdim=True)).tolist()


def expected(model, tokenizer):
    model.eval()

    def read(text):
        return tokenizer(text, truncation=True, max_length=MAX_TOKENS)["input_ids"]

    def bare(text):
        return tokenizer(text, add_special_tokens=False)["input_ids"]

    def pair(post, hashtag):
        first, last = read("")
        head, tail = bare(POST + post), bare(hashtag)
        head = head[: MAX_TOKENS - 3 - len(tail)]
        return [first] + head + [tokenizer.sep_token_id] + tail + [last]

    rows = {
        "posts": [read(POST + text) for text in TEXTS],
        "hashtags": [read(HASHTAG + text) for text in HASHTAGS],
        "pairs": [pair(post, hashtag) for post, hashtag in PAIRS],
    }
    pad = tokenizer.pad_token_id
    result = {name: vectors(model, ids, pad) for name, ids in rows.items()}
    result["ids"] = [read(text) for text in TEXTS]
    return result


SIZES = {"hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48}
DISTILBERT = {"dim": 32, "n_heads": 4, "n_layers": 2, "hidden_dim": 48, "max_position_embeddings": 48}


def bert(folder):
    tokenizer, size = word_piece(folder)
    model = BertModel(
        BertConfig(vocab_size=size, num_hidden_layers=2, max_position_embeddings=48, **SIZES),
        add_pooling_layer=False,
    )
    randomize(model, 1)
    save(model, folder, torch.float16)
    return expected(model, tokenizer)


def distilbert(folder):
    tokenizer, size = word_piece(folder, lower=False)
    model = DistilBertModel(DistilBertConfig(vocab_size=size, **DISTILBERT))
    randomize(model, 2)
    save(model, folder)
    return expected(model, tokenizer)


def mecab_distilbert(folder):
    with tempfile.TemporaryDirectory() as compiled:
        mecab(HERE / "mecab", Path(compiled))
        tokenizer, size = mecab_sentencepiece(folder, compiled)
        model = DistilBertModel(
            DistilBertConfig(vocab_size=size, sinusoidal_pos_embds=True, **DISTILBERT)
        )
        randomize(model, 3)
        save(model, folder, torch.bfloat16)
        return expected(model, tokenizer)


def modernbert(folder):
    tokenizer, size = unigram(folder)
    model = ModernBertForMaskedLM(
        ModernBertConfig(
            vocab_size=size, num_hidden_layers=4, local_attention=8, max_position_embeddings=64,
            pad_token_id=3, bos_token_id=1, eos_token_id=2, cls_token_id=1,
            sep_token_id=tokenizer.sep_token_id, **SIZES,
        )
    )
    randomize(model, 4)
    # In several files, and with the prefix `model.`.
    model.save_pretrained(folder, max_shard_size="60KB")
    return expected(model.model, tokenizer)


def xlm_roberta(folder):
    tokenizer, size = unigram(folder, separator="</s>")
    model = XLMRobertaModel(
        XLMRobertaConfig(
            vocab_size=size, num_hidden_layers=2, max_position_embeddings=64, type_vocab_size=1,
            pad_token_id=3, bos_token_id=1, eos_token_id=2, **SIZES,
        ),
        add_pooling_layer=False,
    )
    randomize(model, 5)
    save(model, folder, torch.float16)
    return expected(model, tokenizer)


MODELS = {
    "bert": bert,
    "distilbert": distilbert,
    "mecab-distilbert": mecab_distilbert,
    "modernbert": modernbert,
    "xlm-roberta": xlm_roberta,
}


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return value


def main():
    torch.set_num_threads(1)
    path = HERE / "expected.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    results |= {"max_tokens": MAX_TOKENS, "texts": TEXTS, "hashtags": HASHTAGS, "pairs": PAIRS}
    for name in sys.argv[1:] or MODELS:
        shutil.rmtree(HERE / name, ignore_errors=True)
        (HERE / name).mkdir()
        results[name] = {key: rounded(value) for key, value in MODELS[name](HERE / name).items()}
    path.write_text(json.dumps(results, ensure_ascii=False))


main()
