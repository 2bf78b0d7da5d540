//! The commands of this workspace, run as `cargo xtask COMMAND`.
//!
//! `setup` and `test` look for the build tools that LightGBM needs and fetch the ones that are
//! missing; see [`setup`]. `quickstart` and `dictionary` are pure Rust and need none.

#![forbid(unsafe_code)]
// A command-line program talks to its user through the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod dictionary;
mod env;
mod error;
mod ipadic;
mod process;
mod quickstart;
mod setup;
mod test;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::Error;
use crate::setup::Options;
use crate::workspace::Workspace;

const HELP: &str = "\
The commands of this workspace.

Usage: cargo xtask [--no-apt] COMMAND

Commands:
  quickstart [-- ARGS]        learn from the sample posts, measure and recommend: pure Rust
  test [STEP]...              set up, then run every check, or only the steps named
  test --list                 name the steps
  setup                       find or fetch the build tools and the dictionary's sources
  dictionary [--mecab DIR]    compile the Japanese dictionary (IPADIC, or the sources in DIR)
  arrows                      write which crate uses which into docs/architecture.md
  env                         print the build's environment: eval \"$(cargo xtask env)\"
  help                        this text

Options:
  --no-apt    never change the system, not even as root: fetch into the target folder only
";

/// A parsed command line.
#[derive(Debug, PartialEq)]
enum Command {
    Quickstart { args: Vec<String> },
    Test { steps: Vec<String>, list: bool },
    Setup,
    Dictionary { mecab: Option<PathBuf> },
    Arrows,
    Env,
    Help,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = parse(&args).and_then(|(options, command)| run(options, command));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}");
            ExitCode::from(if matches!(error, Error::Usage(_)) { 2 } else { 1 })
        }
    }
}

fn run(options: Options, command: Command) -> Result<(), Error> {
    if command == Command::Help {
        print!("{HELP}");
        return Ok(());
    }
    let workspace = Workspace::load()?;
    match command {
        Command::Quickstart { args } => quickstart::run(&workspace, &args),
        Command::Test { list: true, .. } => test::list(&workspace),
        Command::Test { steps, .. } => test::run(&workspace, options, &steps),
        Command::Setup => {
            setup::build_tools(&workspace, options)?;
            ipadic::sources(&workspace.tools());
            Ok(())
        }
        Command::Dictionary { mecab } => dictionary::compile_or_explain(&workspace, mecab),
        Command::Arrows => test::arrows::write(&workspace),
        Command::Env => {
            print!("{}", setup::present_tools(&workspace)?.as_shell());
            Ok(())
        }
        Command::Help => Ok(()),
    }
}

fn parse(args: &[String]) -> Result<(Options, Command), Error> {
    let mut options = Options::default();
    let mut rest = args;
    while let [first, tail @ ..] = rest
        && first == "--no-apt"
    {
        options.no_apt = true;
        rest = tail;
    }
    let Some((name, rest)) = rest.split_first() else {
        return Ok((options, Command::Help));
    };
    let command = match (name.as_str(), rest) {
        ("quickstart", args) => {
            let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
            Command::Quickstart { args: args.to_vec() }
        }
        ("test", [flag]) if flag == "--list" => Command::Test { steps: Vec::new(), list: true },
        ("test", steps) if steps.iter().all(|step| !step.starts_with('-')) => {
            Command::Test { steps: steps.to_vec(), list: false }
        }
        ("setup", []) => Command::Setup,
        ("dictionary", []) => Command::Dictionary { mecab: None },
        ("dictionary", [flag, dir]) if flag == "--mecab" => {
            Command::Dictionary { mecab: Some(PathBuf::from(dir)) }
        }
        ("arrows", []) => Command::Arrows,
        ("env", []) => Command::Env,
        ("help" | "--help" | "-h", _) => Command::Help,
        _ => return Err(Error::Usage(args.join(" "))),
    };
    Ok((options, command))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<(Options, Command), Error> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn commands_and_their_arguments_are_read() {
        let (options, command) = parsed("--no-apt quickstart -- --seed 3").unwrap();
        assert!(options.no_apt);
        assert_eq!(command, Command::Quickstart { args: vec!["--seed".into(), "3".into()] });

        let (options, command) = parsed("test clippy docs").unwrap();
        assert!(!options.no_apt);
        let steps = vec!["clippy".into(), "docs".into()];
        assert_eq!(command, Command::Test { steps, list: false });

        let (_, command) = parsed("dictionary --mecab /opt/ipadic").unwrap();
        assert_eq!(command, Command::Dictionary { mecab: Some("/opt/ipadic".into()) });
    }

    #[test]
    fn no_command_is_a_question_for_help() {
        assert_eq!(parsed("").unwrap().1, Command::Help);
        assert_eq!(parsed("--help").unwrap().1, Command::Help);
    }

    #[test]
    fn unknown_words_are_usage_errors() {
        for line in ["tset", "test --lits", "setup now", "dictionary --mecab", "env all"] {
            assert!(matches!(parsed(line), Err(Error::Usage(_))), "{line}");
        }
    }
}
