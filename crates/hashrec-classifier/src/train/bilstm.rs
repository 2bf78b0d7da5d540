//! The bidirectional LSTM of the net.

use std::collections::HashMap;

use candle_core::{DType, Result, Tensor};
use candle_nn::{LSTM, LSTMConfig, RNN, VarBuilder, rnn::LSTMState};

use crate::{kernels::lstm::Lstm, sequences::Sequences};

/// A bidirectional LSTM over packed posts.
pub(super) struct BiLstm {
    pub(super) sizes: Lstm,
    /// Input and recurrent weights of both directions side by side: `[8H, D + H]`.
    pub(super) weight: Tensor,
    /// `[8H]`.
    pub(super) bias: Tensor,
}

impl BiLstm {
    /// The vectors of the batch's distinct words → `[tokens, 2H]`.
    pub(super) fn forward(&self, words: &Tensor, sequences: &Sequences) -> Result<Tensor> {
        let directions = [0, 1].map(|direction| self.direction(direction, words, sequences));
        let [forward, backward] = directions;
        Tensor::cat(&[forward?, backward?], 1)
    }

    /// One direction: `[tokens, H]`. Posts are ordered by falling length, so those that have a word
    /// left at a step are the first ones, and no step sees padding.
    fn direction(&self, number: usize, words: &Tensor, sequences: &Sequences) -> Result<Tensor> {
        let cell = self.cell(number)?;
        let mut state = cell.zero_state(sequences.posts())?;
        let mut states = Vec::with_capacity(sequences.longest());
        let mut places = vec![0u32; sequences.tokens()];
        let mut done = 0;
        for step in 0..sequences.longest() {
            let active = sequences.active(step);
            let mut rows = Vec::with_capacity(active);
            for post in 0..active {
                let token = sequences.token_at(number, post, step);
                rows.push(sequences.rows()[token]);
                places[token] = done;
                done += 1;
            }
            let x = words.index_select(&Tensor::new(rows, words.device())?, 0)?;
            let before =
                LSTMState::new(state.h.narrow(0, 0, active)?, state.c.narrow(0, 0, active)?);
            state = cell.step(&x, &before)?;
            states.push(state.h.clone());
        }
        Tensor::cat(&states, 0)?.index_select(&Tensor::new(places, words.device())?, 0)
    }

    /// The LSTM of one direction.
    fn cell(&self, direction: usize) -> Result<LSTM> {
        let Lstm { input, hidden } = self.sizes;
        let (start, gates) = (direction * 4 * hidden, 4 * hidden);
        let weight = self.weight.narrow(0, start, gates)?;
        let named = HashMap::from([
            ("weight_ih_l0".to_owned(), weight.narrow(1, 0, input)?.contiguous()?),
            ("weight_hh_l0".to_owned(), weight.narrow(1, input, hidden)?.contiguous()?),
            ("bias_ih_l0".to_owned(), self.bias.narrow(0, start, gates)?),
        ]);
        let config = LSTMConfig { b_hh_init: None, ..LSTMConfig::default() };
        let weights = VarBuilder::from_tensors(named, DType::F32, self.weight.device());
        candle_nn::lstm(input, hidden, config, weights)
    }
}
