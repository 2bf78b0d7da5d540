//! Reading posts.

pub(crate) mod csv;
mod decode;
mod failure;
mod fields;
mod json;
mod params;
mod problem;
mod reader;

pub(crate) use self::decode::Compression;
pub use self::{
    params::{CsvParams, Format, ReadParams},
    problem::{LineProblem, ReadReport},
    reader::PostReader,
};
