//! Running other programs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;

/// Lines of a failed program's output that are shown.
const LINES_SHOWN: usize = 15;

/// The command as a person would type it, without its environment.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    // Cargo hands itself on by its full path, which is of no interest.
    let program =
        program.file_name().filter(|&name| name == "cargo").unwrap_or(program.as_os_str());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| {
            let word = word.to_string_lossy();
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%~".contains(c);
            if !word.is_empty() && word.chars().all(plain) {
                word.into_owned()
            } else {
                format!("'{}'", word.replace('\'', r"'\''"))
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs with the terminal's own output; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let why = match command.status() {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    Err(Error::Program { command: line(command), why })
}

/// Runs in silence and returns what was written to standard output; a failure is told with the
/// last lines of what the program said.
pub(crate) fn capture(command: &mut Command) -> Result<String, Error> {
    let why = match command.stdin(Stdio::null()).output() {
        Ok(output) => {
            let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
            if output.status.success() {
                return Ok(stdout);
            }
            let said = format!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
            let lines: Vec<_> = said.lines().filter(|line| !line.trim().is_empty()).collect();
            let tail = lines.iter().skip(lines.len().saturating_sub(LINES_SHOWN));
            tail.fold(output.status.to_string(), |text, line| format!("{text}\n    {line}"))
        }
        Err(error) => error.to_string(),
    };
    Err(Error::Program { command: line(command), why })
}

/// Whether the program can be started and succeeds, in silence.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    capture(command).is_ok()
}

/// The first executable file of that name in the folders of `path`.
pub(crate) fn find_in(path: &OsStr, name: &str) -> Option<PathBuf> {
    std::env::split_paths(path).map(|dir| dir.join(name)).find(|file| is_executable(file))
}

/// The first executable file of that name on `PATH`.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    find_in(&std::env::var_os("PATH")?, name)
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_quoted_where_a_shell_needs_it() {
        let mut command = Command::new("cargo");
        command.args(["run", "--", "--text", "it's 1 + 1", ""]);
        assert_eq!(line(&command), r"cargo run -- --text 'it'\''s 1 + 1' ''");
        assert_eq!(line(Command::new("/opt/bin/cargo").arg("fmt")), "cargo fmt");
        assert_eq!(line(&Command::new("/opt/bin/tool")), "/opt/bin/tool");
    }

    #[test]
    fn failures_carry_the_last_lines() {
        let mut command = Command::new("sh");
        command.args(["-c", "for i in $(seq 40); do echo line $i; done; exit 3"]);
        let text = capture(&mut command).unwrap_err().to_string();
        assert!(text.contains("line 40") && !text.contains("line 25\n"), "{text}");
    }

    #[test]
    fn absent_programs_are_errors_not_panics() {
        assert!(!succeeds(&mut Command::new("no-such-program-at-all")));
        assert!(run(&mut Command::new("no-such-program-at-all")).is_err());
    }
}
