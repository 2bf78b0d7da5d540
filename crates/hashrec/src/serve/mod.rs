//! One request: post → candidates → rows → scores → answer.

mod answer;
mod generate;
mod reading;
mod vector_rows;

pub(crate) use answer::answer;
#[cfg(feature = "train")]
pub(crate) use answer::given_scores;
pub(crate) use generate::dense_scores;
pub(crate) use reading::{Buffers, Reading};
pub(crate) use vector_rows::{push_vector_rows, vector_row_names};
