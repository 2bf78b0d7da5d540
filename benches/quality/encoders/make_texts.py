#!/usr/bin/env python3
"""Makes texts.json: 200 made-up texts in English, French, Japanese and Korean, a word to 300 words long.

    python make_texts.py

Sentences from short lists of words, the same in every run. Among them are emoji, addresses, full-width
and half-width letters, characters that compose, control characters and runs of spaces. Half a
second; needs nothing but Python.
"""

import json
import random
import unicodedata
from pathlib import Path

WORDS = {
    "en": {
        "who": "my neighbour|the old sailor|a young teacher|our cat|the new team|nobody here".split("|"),
        "does": "repairs|paints|forgets|measures|translates|carries home".split("|"),
        "what": "a wooden boat|the broken clock|three recipes|a slow database|the garden fence|"
        "an unfinished song".split("|"),
        "when": "before breakfast|every autumn|in the rain|after the meeting|without a plan|"
        "twice a week".split("|"),
        "tag": "sailing|gardening|baking|databases|night trains|wool".split("|"),
        "sentence": "{who} {does} {what} {when}.",
        "question": "Why does it happen that {who} {does} {what} {when}?",
        "join": " ",
    },
    "fr": {
        "who": "ma voisine|le vieux marin|une jeune élève|notre chat|l'équipe du soir|"
        "personne ici".split("|"),
        "does": "répare|peint|oublie|achète|traduit|rapporte".split("|"),
        "what": "un bateau en bois|l'horloge cassée|trois recettes|la clôture du jardin|"
        "une base de données trop lente|un cœur en pâte sucrée".split("|"),
        "when": "avant le petit-déjeuner|chaque été|sous la pluie|après la réunion|à Noël|"
        "deux fois par semaine".split("|"),
        "tag": "voile|jardinage|boulangerie|forêt|trains de nuit|laine".split("|"),
        "sentence": "{who} {does} {what} {when}.",
        "question": "Est-ce que {who} {does} {what} {when} ?",
        "join": " ",
    },
    "ja": {
        "who": "隣の人|年取った船乗り|若い先生|うちの猫|新しいチーム|弟".split("|"),
        "does": "直します|描きました|忘れます|測っています|翻訳しました|持って帰ります".split("|"),
        "what": "木の船|壊れた時計|三つのレシピ|遅いデータベース|庭の柵|作りかけの歌".split("|"),
        "when": "朝ご飯の前に|毎年秋に|雨の中で|会議の後で|計画なしに|週に二回".split("|"),
        "tag": "ヨット|園芸|パン作り|データベース|夜行列車|編み物".split("|"),
        "sentence": "{who}は{when}{what}を{does}。",
        "question": "なぜ{who}は{when}{what}を{does}か?",
        "join": "",
    },
    "ko": {
        "who": "이웃 사람|늙은 선원|젊은 선생님|우리 고양이|새로운 팀|동생".split("|"),
        "does": "고칩니다|그렸습니다|잊어버립니다|재고 있습니다|번역했습니다|가져갑니다".split("|"),
        "what": "나무 배|고장 난 시계|요리법 세 가지|느린 데이터베이스|정원 울타리|"
        "끝나지 않은 노래".split("|"),
        "when": "아침 식사 전에|가을마다|빗속에서|회의가 끝나고|계획 없이|일주일에 두 번".split("|"),
        "tag": "요트|원예|제빵|데이터베이스|야간열차|뜨개질".split("|"),
        "sentence": "{who} 쪽이 {when} {what} 하나를 {does}.",
        "question": "왜 {who} 쪽이 {when} {what} 하나를 {does}?",
        "join": " ",
    },
}

# {} is replaced by a sentence.
DECORATED = [
    "{} 🚀🚀 #{tag} https://example.com/a/b?c=1&d=%E3%81%82",
    "👩‍🚀👍🏽 {} 🇫🇷❤️",
    "ＦＵＬＬ　ｗｉｄｔｈ：{}（１２３）～",
    "\t{}\r\n\n  {tag}  \n- {tag}\n",
    "@someone_else v2.10.3-rc1 C++ & <b>{tag}</b>: {} ... 3.14€ ½ №7 ™",
]

# Each is one text: characters at the edges of what tokenizers treat alike.
ODD = [
    "",
    " ",
    "e\u0301te\u0301 nai\u0308f",
    "ﾊﾝｶｸ ｶﾞｷﾞｸﾞ か\u3099き\u3099",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "zero\u200bwidth\u200djoiner\ufeff and soft\u00adhyphen",
    "𝔊𝔬𝔱𝔥𝔦𝔠 ① ㈱ ㍿ ﷺ ﬁn",
    "ᚠᚢᚦ 𐎀𐎁 ꙮ 𓀀𓀁",
    "a\u0001b\u007fc\u0085d\u00a0e\u3000f",
    "▁under ▁lower __init__ <s> [MASK] </s>",
    "a" * 120,
    "ÅNGSTRÖM straße İstanbul ΣΊΣΥΦΟΣ ǅ",
]


def sentence(draw, words):
    kind = draw.choice(["sentence", "sentence", "question"])
    chosen = {name: draw.choice(words[name]) for name in ("who", "does", "what", "when")}
    text = words[kind].format(**chosen)
    return text[0].upper() + text[1:]


def paragraph(draw, words, sentences):
    return words["join"].join(sentence(draw, words) for _ in range(sentences))


def texts(draw, words):
    yield from words["tag"]
    yield draw.choice(words["when"])
    yield from draw.sample(words["what"], 3)
    for _ in range(15):
        yield sentence(draw, words)
    for sentences in (2, 2, 3, 3, 4, 4, 5, 6, 8, 10):
        yield paragraph(draw, words, sentences)
    # About 300 words in English; the longest are longer than 512 tokens.
    for sentences in (15, 25, 30, 36):
        yield paragraph(draw, words, sentences)
    for pattern in DECORATED:
        tag = draw.choice(words["tag"])
        yield pattern.replace("{tag}", tag).replace("{}", sentence(draw, words))
    yield f"{draw.choice(words['tag'])} #{draw.choice(words['tag'])} 🙂"
    yield sentence(draw, words).upper()
    yield sentence(draw, words) + " " + sentence(draw, WORDS["en"])


def line(text):
    """JSON, in which what can't be seen or would compose is escaped."""
    seen = all(c == " " or unicodedata.category(c)[0] not in "CMZ" for c in text)
    seen = seen and unicodedata.is_normalized("NFC", text)
    return json.dumps(text, ensure_ascii=not seen)


def main():
    draw = random.Random(7)
    found = [text for words in WORDS.values() for text in texts(draw, words)] + ODD
    assert len(found) == 200, len(found)
    lines = ",\n".join(map(line, found))
    out = Path(__file__).with_name("texts.json")
    out.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
