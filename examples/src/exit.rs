//! Exit codes: 0 for success, 1 for an error, which is printed with all its causes.

use std::{
    error::Error,
    io::{self, ErrorKind},
    process::ExitCode,
};

/// Turns the result of an example into its exit code.
///
/// A reader of standard output that has enough, such as `head`, is no error.
#[expect(clippy::print_stderr, reason = "a program's errors belong on standard error")]
pub fn exit(result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    let io = error.downcast_ref::<io::Error>();
    if io.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}
