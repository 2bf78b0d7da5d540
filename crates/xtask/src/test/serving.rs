//! What `cargo add hashrec` brings and what the quickstart needs compile without C++; what serving
//! alone needs is less.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dictionary;
use crate::env::BuildEnv;
use crate::error::Error;
use crate::process;
use crate::workspace::{FACADE, Workspace, cargo};

/// A package as it is built.
struct Build {
    name: &'static str,
    package: &'static str,
    /// What cargo is told.
    arguments: &'static [&'static str],
    /// The most packages that it may have.
    ceiling: usize,
    /// What it may have of [`BANNED`].
    allowed: &'static [&'static str],
}

/// For services: loads bundles and recommends.
const SERVING: Build = Build {
    name: "the serving build",
    package: FACADE,
    arguments: &["--no-default-features", "--features", "vibrato,unicode"],
    ceiling: 95,
    allowed: &[],
};

/// What `cargo add hashrec` brings: it makes recommenders, too.
const DEFAULT: Build = Build {
    name: "the default build",
    package: FACADE,
    arguments: &[],
    ceiling: 145,
    allowed: &["faer"],
};

/// What `cargo xtask quickstart` compiles: the default build, files of posts, a command line.
const QUICKSTART: Build = Build {
    name: "the quickstart",
    package: dictionary::EXAMPLES,
    arguments: &[dictionary::PURE_RUST],
    ceiling: 180,
    allowed: &["clap", "faer", "indicatif"],
};

/// Packages that these builds must not have: what only training needs, what only programs need, and
/// whatever compiles C++ or needs a C++ tool. A name that ends in `-` stands for all that begin
/// with it.
const BANNED: [&str; 18] = [
    "autotools",
    "bindgen",
    "candle-",
    "clang-sys",
    "clap",
    "cmake",
    "cpp_build",
    "cxx",
    "cxx-build",
    "faer",
    "indicatif",
    "lightgbm3",
    "lightgbm3-sys",
    "link-cplusplus",
    "openmp-sys",
    "rand",
    "tokenizers",
    "tokio",
];

/// The package that calls a C compiler from a build script.
const C_BUILDER: &str = "cc";

/// Packages that may name it: zstd is plain C, which builds wherever Rust links, and blake3 never
/// calls the compiler under its feature `pure`.
const C_ALLOWED: [&str; 2] = ["blake3", "zstd-sys"];

/// The programs the masked build may see: Rust's, and a C compiler with its binutils, which Rust
/// links with.
const VISIBLE: [&str; 9] = ["cargo", "rustc", "rustdoc", "cc", "gcc", "ld", "as", "ar", "ranlib"];

/// Variables that could lead a build to a C++ tool that `PATH` hides.
const HIDDEN_VARIABLES: [&str; 7] = [
    "BINDGEN_EXTRA_CLANG_ARGS",
    "CMAKE",
    "CXX",
    "CXXFLAGS",
    "HOST_CXX",
    "LIBCLANG_PATH",
    "LLVM_CONFIG_PATH",
];

/// Checks the dependencies of the three builds.
pub(super) fn tree(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let mut lines = Vec::new();
    for build in [SERVING, DEFAULT, QUICKSTART] {
        let Build { name, ceiling, allowed, .. } = build;
        let packages = parents(&cargo_tree(workspace, env, &build, "normal")?).len();
        println!("{name}: {packages} packages, at most {ceiling}");
        let mut tree = parents(&cargo_tree(workspace, env, &build, "normal,build")?);
        tree.retain(|package, _| !allowed.contains(&package.as_str()));
        lines.extend(offences(&tree).into_iter().map(|offence| format!("{name}: {offence}")));
        if packages > ceiling {
            lines.push(format!("{name}: {packages} packages, more than {ceiling}"));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    Err(Error::Listed { what: "these builds must not bring", lines })
}

/// The tree of a build, each line with its depth.
fn cargo_tree(
    workspace: &Workspace,
    env: &BuildEnv,
    build: &Build,
    edges: &str,
) -> Result<String, Error> {
    let mut command = cargo();
    command.args(["tree", "--package", build.package, "--edges", edges, "--color", "never"]);
    // A blank between depth and name, which would run into each other.
    command.args(["--prefix", "depth", "--format", " {p}"]).args(build.arguments);
    println!("{}", process::line(&command));
    process::capture(env.apply(&mut command).current_dir(&workspace.root))
}

/// Builds the facade where no C++ tool can be found. In a target folder of its own: in the shared
/// one, build scripts that have run with the tools would not run again.
pub(super) fn build(workspace: &Workspace, _: &BuildEnv) -> Result<(), Error> {
    let target = workspace.target.join("serving");
    let path = masked_path(&target.join("path"), &programs()?)?;
    let mut command = cargo();
    command.args(["build", "--package", FACADE, "--target-dir"]).arg(&target);
    // It is never run: the time goes into building, not into optimising.
    command.args(["--config", "profile.dev.opt-level=0", "--config", "profile.dev.debug=false"]);
    command.args(["--config", "profile.dev.package.'*'.opt-level=0"]);
    command.env("PATH", path);
    for name in HIDDEN_VARIABLES {
        command.env_remove(name);
    }
    BuildEnv::default().run(workspace, &mut command)?;
    // Nothing else uses it.
    fs::remove_dir_all(&target).map_err(Error::file(&target))
}

/// Each package of the tree with those that depend on it, read from `cargo tree --prefix depth`.
fn parents(tree: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut above: Vec<String> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (words.next(), words.next()) else { continue };
        let Ok(depth) = depth.parse::<usize>() else { continue };
        above.truncate(depth);
        let of = parents.entry(name.to_owned()).or_default();
        if let Some(parent) = above.last() {
            of.insert(parent.clone());
        }
        above.push(name.to_owned());
    }
    parents
}

/// What a build must not have, as lines for the reader.
fn offences(parents: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, of) in parents {
        let of = |keep: &dyn Fn(&str) -> bool| -> Vec<String> {
            of.iter().filter(|parent| keep(parent)).cloned().collect()
        };
        if is_banned(name) {
            lines.push(format!("{name}, through {}", of(&|_| true).join(", ")));
        } else if name == C_BUILDER {
            let others = of(&|parent| !C_ALLOWED.contains(&parent));
            if !others.is_empty() {
                lines.push(format!("{name}, through {}", others.join(", ")));
            }
        }
    }
    lines
}

fn is_banned(name: &str) -> bool {
    BANNED.iter().any(|banned| match banned.ends_with('-') {
        true => name.starts_with(banned),
        false => name == *banned,
    })
}

/// The visible programs of this machine: Rust's from the toolchain in use, the rest from `PATH`.
fn programs() -> Result<BTreeMap<&'static str, PathBuf>, Error> {
    let sysroot = process::capture(Command::new("rustc").args(["--print", "sysroot"]))?;
    let toolchain = Path::new(sysroot.trim()).join("bin");
    let mut programs = BTreeMap::new();
    for name in VISIBLE {
        let own = Some(toolchain.join(name)).filter(|file| file.is_file());
        if let Some(file) = own.or_else(|| process::find(name)) {
            programs.insert(name, file);
        }
    }
    Ok(programs)
}

/// Fills a folder with links to the programs given, and with nothing else.
fn masked_path(
    folder: &Path,
    programs: &BTreeMap<&'static str, PathBuf>,
) -> Result<PathBuf, Error> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::file(folder))?;
    }
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    for (name, program) in programs {
        let link = folder.join(name);
        link_to(program, &link).map_err(Error::file(&link))?;
    }
    Ok(folder.to_path_buf())
}

#[cfg(unix)]
fn link_to(program: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(program, link)
}

#[cfg(not(unix))]
fn link_to(program: &Path, link: &Path) -> std::io::Result<()> {
    fs::copy(program, link).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
0 hashrec v0.1.0 (/src/crates/hashrec)
1 hashrec-storage v0.1.0 (/src/crates/hashrec-storage)
2 zstd v0.14.0
3 zstd-sys v2.0.16
4 cc v1.2.0
5 shlex v1.3.0
1 hashrec-ranker v0.1.0 (/src/crates/hashrec-ranker)
2 hashrec-storage v0.1.0 (/src/crates/hashrec-storage) (*)
";

    #[test]
    fn parents_are_read_from_the_depths() {
        let parents = parents(TREE);
        assert_eq!(parents.len(), 7);
        let of = |name: &str| parents[name].iter().cloned().collect::<Vec<_>>();
        assert_eq!(of("hashrec-storage"), ["hashrec", "hashrec-ranker"]);
        assert_eq!(of("cc"), ["zstd-sys"]);
        assert!(of("hashrec").is_empty());
    }

    #[test]
    fn plain_c_is_allowed_to_the_few() {
        assert!(offences(&parents(TREE)).is_empty());
        let more = format!("{TREE}2 onig_sys v69.0.0\n3 cc v1.2.0\n");
        assert_eq!(offences(&parents(&more)), ["cc, through onig_sys"]);
    }

    #[test]
    fn training_is_an_offence() {
        assert!(is_banned("candle-core") && is_banned("faer") && is_banned("rand"));
        assert!(!is_banned("rand_core") && !is_banned("candle") && !is_banned("clap_lex"));
    }

    #[test]
    fn cpp_is_an_offence_wherever_it_hangs() {
        let more = format!("{TREE}2 lightgbm3-sys v1.0.11\n3 cmake v0.1.0\n4 cc v1.2.0 (*)\n");
        assert_eq!(
            offences(&parents(&more)),
            [
                "cc, through cmake",
                "cmake, through lightgbm3-sys",
                "lightgbm3-sys, through hashrec-ranker"
            ]
        );
    }

    #[test]
    fn a_masked_path_holds_what_it_is_given_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let tool = dir.path().join("real-cc");
        fs::write(&tool, []).unwrap();
        let folder = dir.path().join("path");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("c++"), []).unwrap();
        let path = masked_path(&folder, &BTreeMap::from([("cc", tool)])).unwrap();
        let names: Vec<_> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["cc"]);
        assert!(!VISIBLE.iter().any(|name| name.contains("++") || *name == "cmake"));
    }
}
