"""Makes the golden files with floret's own Python package (0.10.5):

    pip install floret==0.10.5 numpy
    python make_golden.py

table.floret  a tiny table trained by floret, in its text format
words.json    a thousand words and the vectors floret gives them: [[word, [number, ...]], ...]

The text format holds 5 significant digits, so the trained numbers are first rounded to them, and
the vectors come from the rounded table: file and vectors then say the same.
"""
import json
import os
import random
import sys
import tempfile

import floret
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
DIM, BUCKET, WORDS = 16, 2000, 1000

SUBJECTS = "私 友人 先生 新製品 運営 みんな 猫 東京の店 エンジニア the-team".split()
PLACES = "東京 大阪 キャンプ場 オンライン 会議室 パン屋 GitHub フォーラム 公園 山".split()
THINGS = ("お知らせ 新機能 化粧水 天然酵母 ランニングシューズ テント はじめての方へ C++ Rust "
          "データベース レシピ イベント 限定品 美容液 API").split()
VERBS = "紹介 し ます|使っ て み まし た|探し て い ます|公開 し まし た|比べ て み た".split("|")
ENGLISH = ("how do i install the new release|bread needs water flour salt and time|"
           "running shoes wear out after a season|the api returns an error again").split("|")


def text(rng):
    """Short lines, so that the end of line is the most frequent word, as in nearly every text."""
    for _ in range(3000):
        if rng.random() < 0.2:
            words = rng.choice(ENGLISH).split()
            start = rng.randrange(len(words) - 2)
            yield " ".join(words[start:start + 3])
        else:
            yield " ".join([rng.choice(SUBJECTS), rng.choice(PLACES), rng.choice(THINGS),
                            rng.choice(VERBS)])


def strings(rng, seen):
    """The words of the text, and everything else a text can hold."""
    yield from sorted(seen - {"</s>"})
    yield from ["", "a", "あ", "猫", "𠮷", "é", "e\u0301", "<", ">", "<>", "<s>", "</a>", "0", "-",
                "aaaaaaaaaaaa", "ああああああああ", "ababababab", "ハハハハハハハハ", "wwwwwwwwww",
                "😀", "😀😀", "👨‍👩‍👧‍👦", "🇯🇵🇯🇵", "絵文字😀入り", "C++", "C#", ".NET", "iPhone15",
                "a" * 254, "a" * 255, "長い" * 42, "長い" * 43, "長" * 1000, "x" * 3000,
                "新機能リリース2024v1.2", "Ｆｕｌｌｗｉｄｔｈ", "ﾊﾝｶｸ", "Ünïcödé", "Привет", "שלום",
                "สวัสดี", "한국어", "\u200b", "\ufeff", "two words", "\ttab", "改\u3000行"]
    pools = ["あいうえおかきくけこさしすせそたちつてとなにぬねの", "アイウエオカキクケコサシスセソー",
             "新機能会社東京大阪製品化粧水限定天然酵母走山雪月花", "abcdefghijklmnopqrstuvwxyz",
             "ABCXYZ0123456789_-./", "😀🎉👍🏽🍞⛺️"]
    while True:
        pool = rng.choice(pools) if rng.random() < 0.6 else "".join(rng.sample(pools, 2))
        yield "".join(rng.choice(pool) for _ in range(rng.randint(1, 14)))


def main():
    rng = random.Random(7)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in text(rng))
        file.flush()
        model = floret.train_unsupervised(
            file.name, model="skipgram", mode="floret", dim=DIM, bucket=BUCKET, hashCount=2,
            minn=3, maxn=6, minCount=2, epoch=3, thread=1, verbose=0)
    if model.get_words()[0] != "</s>":
        sys.exit("the end of line is not the most frequent word: its row would be missing")
    rounded = np.array([[float(f"{x:.5g}") for x in row] for row in model.get_input_matrix()],
                       dtype=np.float32)
    model.set_matrices(rounded, model.get_output_matrix())
    model.save_floret_vectors(os.path.join(HERE, "table.floret"))

    words = []
    for word in strings(rng, set(model.get_words())):
        if word not in words:
            words.append(word)
        if len(words) == WORDS:
            break
    rows = [[word, [float(f"{x:.9g}") for x in model.get_word_vector(word)]] for word in words]
    with open(os.path.join(HERE, "words.json"), "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]\n")


if __name__ == "__main__":
    main()
