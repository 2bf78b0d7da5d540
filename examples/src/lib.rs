//! What the examples share: the sample data's generator and the progress bars.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod sample;
