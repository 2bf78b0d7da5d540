//! One request: filter → candidates → rows → scores → answer.

mod answer;

pub(crate) use answer::{Buffers, answer};
