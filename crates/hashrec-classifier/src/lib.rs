//! Multi-label hashtag classifier: BiLSTM, self-attention, community embedding, one output layer per community
