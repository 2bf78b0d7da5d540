//! floret embeddings (fastText with Bloom hashing): train, read, write, map
