//! Precision, recall, MAP, MRR and NDCG at k, by community and by community size
