//! Hashtag candidates without a neural net: edit distance, popularity, nearest tags, nearest posts, linear one-vs-rest
