//! The steps of `cargo xtask test`, in the order in which a mistake costs least.

use super::{alone, arrows, circles, fuzz, hygiene, links, serving, tutorial};
use crate::dictionary;
use crate::env::{BuildEnv, DICTIONARY};
use crate::error::Error;
use crate::workspace::{FACADE, Package, Workspace, cargo};

/// What a step does.
type Action = Box<dyn Fn(&Workspace, &BuildEnv) -> Result<(), Error>>;

/// One check.
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) action: Action,
    /// Whether it compiles the workspace, and so needs the build tools.
    pub(crate) compiles: bool,
}

impl Step {
    fn new(
        name: &str,
        about: &str,
        action: impl Fn(&Workspace, &BuildEnv) -> Result<(), Error> + 'static,
    ) -> Self {
        let (name, about) = (name.to_owned(), about.to_owned());
        Self { name, about, action: Box::new(action), compiles: true }
    }

    /// The same step, which needs no build tools.
    fn without_tools(self) -> Self {
        Self { compiles: false, ..self }
    }
}

/// Every step.
///
/// The steps that compile the workspace share one profile and one set of features, so that
/// LightGBM's C++ sources are compiled once.
pub(crate) fn all(workspace: &Workspace) -> Vec<Step> {
    let mut steps = vec![
        Step::new("format", "the sources are formatted", |workspace, env| {
            env.run(workspace, cargo().args(["fmt", "--all", "--check"]))
        })
        .without_tools(),
        Step::new("links", "links between documents lead somewhere", links::check).without_tools(),
        Step::new("typos", "no spelling mistake", hygiene::typos).without_tools(),
        Step::new("deny", "licences, bans, duplicates, sources", hygiene::deny).without_tools(),
        Step::new("advisories", "no known vulnerability", hygiene::advisories).without_tools(),
        Step::new("circles", "no two files import each other", circles::check).without_tools(),
        Step::new("presets", "systems are known in one file", circles::presets).without_tools(),
        Step::new("unused", "every dependency is used", circles::unused).without_tools(),
        Step::new("arrows", "the documentation shows the crates", arrows::check).without_tools(),
        Step::new("serving:tree", "few packages, pure Rust, no training", serving::tree)
            .without_tools(),
        Step::new("clippy", "no warning in any target", |workspace, env| {
            let mut command = cargo();
            command.arg("clippy").args(workspace.everything()).arg("--all-targets");
            env.run(workspace, command.args(["--", "-D", "warnings"]))
        }),
        Step::new("docs", "the documentation builds without a warning", |workspace, env| {
            let mut command = cargo();
            command.arg("doc").args(workspace.everything());
            command.args(["--no-deps", "--document-private-items"]);
            env.run(workspace, command.env("RUSTDOCFLAGS", "-D warnings"))
        }),
        Step::new("examples", "the examples build; IPADIC compiles", examples),
        Step::new("tutorial", "the documents' commands print what they say", tutorial::check),
        Step::new("tests", "unit, property, golden and end-to-end tests", |workspace, env| {
            let mut command = cargo();
            command.arg("test").args(workspace.everything());
            command.args(["--no-fail-fast", "--lib", "--bins", "--tests"]);
            with_dictionary(workspace, env).run(workspace, &mut command)
        }),
        Step::new("doctests", "the documentation's examples run", |workspace, env| {
            let mut command = cargo();
            command.arg("test").args(workspace.everything()).args(["--no-fail-fast", "--doc"]);
            with_dictionary(workspace, env).run(workspace, &mut command)
        }),
    ];
    steps.push(Step::new("fuzz", "ten seconds of every fuzz target", fuzz::run));
    steps.push(Step::new("features", "the facade builds with its features", hygiene::features));
    let others = || published(workspace).filter(|package| package.name != FACADE);
    let last = others().count().saturating_sub(1);
    steps.extend(others().enumerate().map(|(at, package)| {
        let package = package.clone();
        Step::new(
            &format!("alone:{}", package.name),
            "builds by itself, with each feature and with none, without a warning",
            move |workspace, env| {
                let outcome = alone::check(workspace, env, &package);
                if at == last { outcome.and(alone::clean(workspace)) } else { outcome }
            },
        )
    }));
    steps.extend(
        [
            Step::new("package", "what crates.io would get is complete", package),
            Step::new("oldest-rust", "builds with the oldest compiler", hygiene::oldest_rust),
            Step::new("serving:build", "builds without C++ tools", serving::build),
        ]
        .map(Step::without_tools),
    );
    steps
}

fn published(workspace: &Workspace) -> impl Iterator<Item = &Package> {
    workspace.packages.iter().filter(|package| package.published)
}

fn examples(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let mut command = cargo();
    env.run(workspace, command.arg("build").args(workspace.everything()).arg("--examples"))?;
    dictionary::ensure(workspace, env, &mut dictionary::built(workspace)).map(drop)
}

/// Tests that want IPADIC find it through a variable and are content without.
fn with_dictionary(workspace: &Workspace, env: &BuildEnv) -> BuildEnv {
    match dictionary::present(workspace) {
        Some(file) => env.clone().with(DICTIONARY, file),
        None => env.clone(),
    }
}

/// Assembles the packages. They are not built again from the archives: the steps before did.
fn package(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let mut command = cargo();
    command.args(["package", "--quiet", "--no-verify", "--allow-dirty"]);
    for package in published(workspace) {
        command.args(["--package", &package.name]);
    }
    env.run(workspace, &mut command)
}
