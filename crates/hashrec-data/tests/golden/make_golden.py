"""Writes split.jsonl: posts, and the side and fold each is on. Standard library only.

usage: python3 make_golden.py > split.jsonl
"""

import hashlib
import json
import random

COMMUNITIES = {"製品サポート": 60, "running": 25, "camp": 11, "tiny": 3}
TAGS = ["お知らせ", "新機能", "はじめての方へ", "C#", "shoes", "race", "tent", "rain", "rare"]


def number(text):
    return int(hashlib.sha1(text.encode("utf-8")).hexdigest(), 16)


def main():
    rng = random.Random(7)
    posts = []
    for community, size in COMMUNITIES.items():
        for i in range(size):
            tags = rng.sample(TAGS, rng.randint(0, 3))
            if rng.random() < 0.15:
                tags.append(f"once-{community}-{i}")
            posts.append({"id": f"{community}/{i}", "community": community, "hashtags": tags})
    rng.shuffle(posts)

    space = {}
    for post in posts:
        if number(post["id"]) % 5 != 0:
            space.setdefault(post["community"], set()).update(post["hashtags"])
    for post in posts:
        if number(post["id"]) % 5 != 0:
            side, gold = "train", post["hashtags"]
        else:
            known = space.get(post["community"], set())
            gold = [tag for tag in post["hashtags"] if tag in known]
            side = "test" if gold else "without gold"
        folds = {"3": number(post["id"]) % 3, "salted 7": number("salt" + post["id"]) % 7}
        row = dict(post, text="", side=side, gold=gold, folds=folds)
        print(json.dumps(row, ensure_ascii=False))


main()
