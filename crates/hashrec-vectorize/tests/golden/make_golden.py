"""Makes the golden file with scikit-learn's TfidfVectorizer and TruncatedSVD:

    pip install scikit-learn==1.9.1 numpy
    python make_golden.py

svd.json  a small seeded corpus (words, posts), and what scikit-learn's exact solver (ARPACK) makes
          of it: singular values, explained variance ratio, each word's loadings, and the vectors
          of a few posts, scaled to length 1

The topics have different sizes, so that the first singular values lie apart.
"""
import json
import os

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

HERE = os.path.dirname(os.path.abspath(__file__))
POSTS, WORDS, TOPICS, DIM, SHOWN = 150, 200, 12, 8, 20

rng = np.random.default_rng(20240501)
shares = 0.75 ** np.arange(TOPICS)
topics = rng.dirichlet(np.full(WORDS, 0.03), TOPICS)
common = rng.dirichlet(np.full(WORDS, 0.3))
posts = []
for _ in range(POSTS):
    topic = topics[rng.choice(TOPICS, p=shares / shares.sum())]
    words = rng.choice(WORDS, size=rng.integers(5, 30), p=0.8 * topic + 0.2 * common)
    posts.append([f"w{word}" for word in words])

vectorizer = TfidfVectorizer(analyzer=lambda post: post, sublinear_tf=True, min_df=2)
matrix = vectorizer.fit_transform(posts)
svd = TruncatedSVD(DIM, algorithm="arpack", tol=0).fit(matrix)
print("singular values", svd.singular_values_.round(3))
golden = {
    "posts": posts,
    "singular_values": svd.singular_values_.tolist(),
    "explained_variance_ratio": svd.explained_variance_ratio_.tolist(),
    "loadings": {
        word: svd.components_[:, column].round(9).tolist()
        for word, column in sorted(vectorizer.vocabulary_.items())
    },
    "vectors": normalize(svd.transform(matrix))[:SHOWN].round(9).tolist(),
}
with open(os.path.join(HERE, "svd.json"), "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
