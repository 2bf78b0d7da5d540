//! Ranking hashtag candidates: features, LightGBM training, a validated forest for serving
