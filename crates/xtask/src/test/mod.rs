//! `cargo xtask test`: every check, one after the other, with a summary at the end.

mod alone;
pub(crate) mod arrows;
mod circles;
mod fuzz;
mod hygiene;
mod links;
mod markdown;
mod serving;
mod source;
mod steps;
mod tutorial;

use std::io::Write;
use std::time::{Duration, Instant};

use crate::env::BuildEnv;
use crate::error::Error;
use crate::setup::{self, Options};
use crate::workspace::Workspace;

use steps::Step;

/// The outcome of one step.
#[derive(Debug)]
struct Outcome {
    name: String,
    time: Duration,
    error: Option<Error>,
}

impl Outcome {
    fn failed(&self) -> bool {
        !matches!(self.error, None | Some(Error::Skipped(_)))
    }
}

/// Names every step and says what it does.
pub(crate) fn list(workspace: &Workspace) -> Result<(), Error> {
    for step in steps::all(workspace) {
        println!("{:<28}{}", step.name, step.about);
    }
    Ok(())
}

/// Sets up, then runs the steps named, or all. A failing step doesn't stop the ones after it.
pub(crate) fn run(workspace: &Workspace, options: Options, names: &[String]) -> Result<(), Error> {
    let chosen = choose(steps::all(workspace), names)?;
    let env = if chosen.iter().any(|step| step.compiles) {
        setup::build_tools(workspace, options)?
    } else {
        BuildEnv::default()
    };
    setup::rust_components()?;

    let mut outcomes = Vec::new();
    for step in chosen {
        println!("\n== {}: {}", step.name, step.about);
        let start = Instant::now();
        let error = (step.action)(workspace, &env).err();
        let time = start.elapsed();
        match &error {
            None => println!("== {}: passed in {}", step.name, seconds(time)),
            Some(Error::Skipped(why)) => println!("== {}: SKIPPED: {why}", step.name),
            Some(error) => println!("== {}: FAILED in {}: {error}", step.name, seconds(time)),
        }
        outcomes.push(Outcome { name: step.name, time, error });
    }

    print!("\n{}", summary(&outcomes));
    // The summary comes before the error line that follows on the other stream.
    let _ = std::io::stdout().flush();
    match outcomes.iter().filter(|outcome| outcome.failed()).count() {
        0 => Ok(()),
        failed => Err(Error::Steps { failed }),
    }
}

/// The steps a caller names, in their own order; a name stands for its parts too
/// (`alone` for `alone:hashrec-data`).
fn choose(all: Vec<Step>, names: &[String]) -> Result<Vec<Step>, Error> {
    let means = |name: &str, step: &Step| {
        step.name == name || step.name.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'))
    };
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|step| means(name, step))) {
        return Err(Error::UnknownStep(unknown.clone()));
    }
    let chosen = |step: &Step| names.is_empty() || names.iter().any(|name| means(name, step));
    Ok(all.into_iter().filter(chosen).collect())
}

/// One line a step, then the count in the form that readers of test output look for.
fn summary(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for Outcome { name, time, error } in outcomes {
        let word = match error {
            None => "passed",
            Some(Error::Skipped(_)) => "skipped",
            Some(_) => "FAILED",
        };
        text.push_str(&format!("{name:<28}{word:<7} {:>8}\n", seconds(*time)));
    }
    let passed = outcomes.iter().filter(|outcome| outcome.error.is_none()).count();
    let failed = outcomes.iter().filter(|outcome| outcome.failed()).count();
    text.push_str(&format!("\n{passed} passed, {failed} failed\n"));
    text
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str) -> Step {
        Step {
            name: name.to_owned(),
            about: String::new(),
            action: Box::new(|_, _| Ok(())),
            compiles: false,
        }
    }

    fn names(steps: Vec<Step>) -> Vec<String> {
        steps.into_iter().map(|step| step.name).collect()
    }

    fn steps() -> Vec<Step> {
        ["format", "alone:hashrec", "alone:hashrec-data", "tests"].map(step).into()
    }

    #[test]
    fn no_name_means_every_step() {
        assert_eq!(names(choose(steps(), &[]).unwrap()).len(), 4);
    }

    #[test]
    fn a_name_stands_for_its_parts() {
        let chosen = choose(steps(), &["alone".into(), "format".into()]).unwrap();
        assert_eq!(names(chosen), ["format", "alone:hashrec", "alone:hashrec-data"]);
        let chosen = choose(steps(), &["alone:hashrec".into()]).unwrap();
        assert_eq!(names(chosen), ["alone:hashrec"]);
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let error = choose(steps(), &["tests".into(), "lint".into()]);
        assert!(matches!(error, Err(Error::UnknownStep(name)) if name == "lint"));
    }

    #[test]
    fn the_last_line_counts() {
        let outcome = |error| Outcome { name: "x".into(), time: Duration::from_secs(1), error };
        let skipped = Error::Skipped(String::new());
        let failed = Error::Usage(String::new());
        let text = summary(&[outcome(None), outcome(Some(failed)), outcome(Some(skipped))]);
        assert_eq!(text.lines().last(), Some("1 passed, 1 failed"));
        assert_eq!(text.lines().next(), Some("x                           passed     1.0 s"));
        assert!(text.contains("skipped"));
    }
}
