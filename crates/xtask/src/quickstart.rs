//! `cargo xtask quickstart`.

use crate::dictionary;
use crate::env::BuildEnv;
use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// The option of the example that names a dictionary.
const OPTION: &str = "--dictionary";

/// Learns from the sample posts: pure Rust, so there is nothing to set up. A dictionary is welcome.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<(), Error> {
    let env = BuildEnv::default();
    let mut command = dictionary::with_cargo(workspace, "quickstart");
    if !chooses_dictionary(args) {
        let mut compiler = dictionary::with_cargo(workspace, dictionary::EXAMPLE);
        if let Some(file) = dictionary::ensure(workspace, &env, &mut compiler)? {
            command.arg(OPTION).arg(file);
        }
    }
    command.args(args);
    println!("\n{}", process::line(&command));
    process::run(env.apply(&mut command))
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
