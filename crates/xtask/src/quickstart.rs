//! `cargo xtask quickstart`.

use crate::dictionary;
use crate::error::Error;
use crate::process;
use crate::setup::{self, Options};
use crate::workspace::{Workspace, cargo};

/// The option of the example that names a dictionary.
const OPTION: &str = "--dictionary";

/// Sets up, then trains on the sample data.
pub(crate) fn run(workspace: &Workspace, options: Options, args: &[String]) -> Result<(), Error> {
    let env = dictionary::profile_env(workspace, setup::build_tools(workspace, options)?)?;
    let mut args = args.to_vec();
    if !chooses_dictionary(&args) {
        let mut compiler = dictionary::with_cargo(workspace);
        if let Some(file) = dictionary::ensure(workspace, &env, &mut compiler)? {
            args.extend([OPTION.to_owned(), file.to_string_lossy().into_owned()]);
        }
    }
    let mut command = cargo();
    command.args(["run", "--profile", dictionary::PROFILE, "--package", dictionary::EXAMPLES]);
    command.args(["--example", "quickstart"]);
    if !args.is_empty() {
        command.arg("--").args(&args);
    }
    println!("\n{}", process::line(&command));
    process::run(env.apply(&mut command).current_dir(&workspace.root))
}

/// Whether the caller's arguments name a dictionary, or ask a question that needs none.
fn chooses_dictionary(args: &[String]) -> bool {
    args.iter().any(|arg| {
        arg == OPTION || arg.starts_with("--dictionary=") || arg == "--help" || arg == "-h"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_is_not_the_folder_that_cargo_builds_in() {
        let example = include_str!("../../../examples/quickstart.rs");
        let (_, rest) = example.split_once("default_value = \"target/").unwrap();
        let (folder, _) = rest.split_once('"').unwrap();
        assert!(![dictionary::PROFILE, "debug", "release"].contains(&folder), "{folder}");
    }

    #[test]
    fn a_dictionary_of_the_caller_is_kept() {
        let args = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(chooses_dictionary(&args("--seed 1 --dictionary my.dic")));
        assert!(chooses_dictionary(&args("--dictionary=my.dic")));
        assert!(!chooses_dictionary(&args("--seed 1")));
    }
}
