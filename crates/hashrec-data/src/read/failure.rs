//! Why reading a file ends early.

use std::io;

use super::{fields::Checked, problem::FieldProblem};
use crate::{DataError, error::ColumnProblem};

/// The number of a line, and its post or what is wrong with it.
pub(super) type Found = (u64, Result<Checked, FieldProblem>);

/// Why nothing more can be read.
pub(super) enum Failure {
    Io(io::Error),
    Columns(ColumnProblem),
    Line(u64, FieldProblem),
}

impl Failure {
    pub(super) fn in_file(self, file: &str) -> DataError {
        let name = file.to_owned();
        match self {
            Self::Io(source) => DataError::Io { file: name, action: "read", source },
            Self::Columns(problem) => DataError::Columns { file: name, problem },
            Self::Line(line, problem) => {
                DataError::Line { file: name, problem: Box::new(problem.at(file, line)) }
            }
        }
    }
}
