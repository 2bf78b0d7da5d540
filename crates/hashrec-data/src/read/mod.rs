//! Reading posts.

pub(crate) mod columns;
mod csv;
mod decode;
mod encoding;
mod failure;
mod fields;
mod json;
mod lines;
mod params;
mod problem;
mod reader;
mod record;
pub(crate) mod tags;

pub(crate) use self::decode::Compression;
pub use self::{
    params::{CsvParams, Format, ReadParams},
    problem::{LineProblem, ReadReport},
    reader::PostReader,
};
