//! Texts to vectors: floret means and TF-IDF
