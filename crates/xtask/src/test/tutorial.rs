//! The README's program, the quickstart and the tutorial: what the documents run prints what they say.
//!
//! The commands are run in one shell, in order. `cargo run --release … --example NAME` stands for the
//! program `NAME` that the other steps have built, so that nothing is compiled in a second profile.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::markdown::{Block, Document};
use crate::dictionary;
use crate::env::BuildEnv;
use crate::error::Error;
use crate::process;
use crate::workspace::{Workspace, cargo};

/// The README's program in the examples.
const PROGRAM: &str = "examples/readme.rs";

/// A number with a fraction may differ by this much: processors round differently.
const TOLERANCE: f64 = 0.1;

/// What precedes the output of each block.
const MARK: &str = "::block ";

/// The README's first command.
const QUICKSTART: &str = "cargo xtask quickstart";

/// Runs the README's program, the quickstart and the tutorial's commands, and compares what they
/// print.
pub(super) fn check(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let mut build = cargo();
    env.run(workspace, build.arg("build").args(workspace.everything()).arg("--examples"))?;
    let programs = workspace.target.join("debug/examples");
    let mut wrong = Vec::new();
    let mut program = Command::new(programs.join("readme"));
    let printed = process::capture(program.current_dir(&workspace.root))?;
    for document in ["README.md", "docs/README.ja.md"] {
        wrong.extend(readme(workspace, document, &printed)?);
    }
    wrong.extend(quickstart(workspace, &programs)?);
    wrong.extend(tutorial(workspace, env, &programs)?);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::Listed { what: "the documents say what isn't so", lines: wrong })
}

/// A README shows a program and then its output.
fn readme(workspace: &Workspace, name: &str, printed: &str) -> Result<Vec<String>, Error> {
    let text = read(workspace, name)?;
    let document = Document::parse(&text);
    let [program, output, ..] = &*document.blocks else {
        return Ok(vec![format!("{name}: no program and no output")]);
    };
    let source = read(workspace, PROGRAM)?;
    let mut wrong = Vec::new();
    if !source.ends_with(&format!("{}\n", program.lines.join("\n"))) && !same_code(&source, program)
    {
        wrong.push(format!("{name}:{}: not the program of {PROGRAM}", program.line));
    }
    wrong.extend(difference(name, output, printed));
    Ok(wrong)
}

/// Runs the quickstart's program as the command does; the README shows what it prints with IPADIC.
fn quickstart(workspace: &Workspace, programs: &Path) -> Result<Option<String>, Error> {
    const NAME: &str = "README.md";
    let mut program = Command::new(programs.join("quickstart"));
    let dictionary = dictionary::present(workspace);
    program.args(dictionary.iter().flat_map(|file| [Path::new("--dictionary"), file]));
    let printed = process::capture(program.current_dir(&workspace.root))?;
    if dictionary.is_none() {
        println!("no IPADIC here: what the quickstart prints is not compared");
        return Ok(None);
    }
    let text = read(workspace, NAME)?;
    let blocks = Document::parse(&text).blocks;
    let mut after = blocks.iter().skip_while(|block| block.lines != [QUICKSTART]).skip(1);
    Ok(match after.next() {
        Some(expected) => difference(NAME, expected, &printed),
        None => Some(format!("{NAME}: {QUICKSTART} and what it prints are not shown")),
    })
}

/// Whether a translated program differs from the original in its comments only.
fn same_code(source: &str, program: &Block<'_>) -> bool {
    fn code<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        lines.filter(|line| !line.trim_start().starts_with("//")).collect()
    }
    code(source.lines()).ends_with(&code(program.lines.iter().copied()))
}

/// Runs the tutorial's `sh` blocks; a `text` block says what the one before it prints.
fn tutorial(workspace: &Workspace, env: &BuildEnv, programs: &Path) -> Result<Vec<String>, Error> {
    const NAME: &str = "docs/tutorial.md";
    let text = read(workspace, NAME)?;
    let blocks = Document::parse(&text).blocks;
    let mut command = Command::new("sh");
    command.args(["-eu", "-c", &script(&blocks)]).env("PROGRAMS", programs);
    let printed = process::capture(env.apply(&mut command).current_dir(&workspace.root))?;
    let mut outputs = printed.split(MARK).skip(1);
    let mut wrong = Vec::new();
    for pair in blocks.windows(2).filter(|pair| matches!(pair, [first, _] if is_command(first))) {
        let output = outputs.next().and_then(|output| output.split_once('\n'));
        if let ([_, expected], Some((_, output))) = (pair, output)
            && expected.language == "text"
        {
            wrong.extend(difference(NAME, expected, output));
        }
    }
    println!("{} blocks of commands", blocks.iter().filter(|block| is_command(block)).count());
    Ok(wrong)
}

fn is_command(block: &Block<'_>) -> bool {
    block.language == "sh"
}

/// All commands as one script, with a mark before each block.
fn script(blocks: &[Block<'_>]) -> String {
    let mut script = "cargo() {
    case \"$*\" in
    \"run --release -q -p hashrec-examples --example \"*)
        program=$7; while test \"$1\" != --; do shift; done; shift
        \"$PROGRAMS/$program\" \"$@\" ;;
    *) command cargo \"$@\" ;;
    esac
}
"
    .to_owned();
    for block in blocks.iter().filter(|block| is_command(block)) {
        script.push_str(&format!("echo '{MARK}{}'\n{}\n", block.line, block.lines.join("\n")));
    }
    script
}

/// What a block says and a program doesn't print; `…` stands for any lines.
fn difference(document: &str, expected: &Block<'_>, printed: &str) -> Option<String> {
    let mut printed = printed.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let mut skipping = false;
    for line in expected.lines.iter().filter(|line| !line.is_empty()) {
        if *line == "…" {
            skipping = true;
            continue;
        }
        let found = match skipping {
            true => printed.any(|other| alike(line, other)).then_some(""),
            false => printed.next().filter(|other| alike(line, other)),
        };
        skipping = false;
        if found.is_none() {
            return Some(format!("{document}:{}: not printed: {line}", expected.line));
        }
    }
    None
}

/// Whether two lines are the same but for the last digits of fractions, and for seconds.
fn alike(expected: &str, printed: &str) -> bool {
    let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
    let (expected, printed) = (words(expected), words(printed));
    let seconds =
        |at: usize| expected.get(at + 1).is_some_and(|next| next.trim_end_matches(':') == "s");
    expected.len() == printed.len()
        && expected
            .iter()
            .zip(&printed)
            .enumerate()
            .all(|(at, (a, b))| a == b || seconds(at) || close(a, b))
}

fn close(a: &str, b: &str) -> bool {
    let fraction = |word: &str| -> Option<f64> {
        let word = word.trim_matches(|c| "[],".contains(c));
        word.contains('.').then(|| word.parse().ok()).flatten()
    };
    fraction(a).zip(fraction(b)).is_some_and(|(a, b)| (a - b).abs() <= TOLERANCE)
}

fn read(workspace: &Workspace, name: &str) -> Result<String, Error> {
    let path = workspace.root.join(name);
    fs::read_to_string(&path).map_err(Error::file(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block<'a>(language: &'a str, lines: &[&'a str]) -> Block<'a> {
        Block { language, line: 7, lines: lines.to_vec() }
    }

    #[test]
    fn lines_may_differ_in_fractions_and_seconds_alone() {
        assert!(alike("0.892  #cat", "0.870  #cat"));
        assert!(!alike("0.892  #cat", "0.692  #cat"));
        assert!(!alike("0.892  #cat", "0.892  #dog"));
        assert!(alike("NDCG 0.94 [0.9302, 0.9499]", "NDCG 0.95 [0.9312, 0.9489]"));
        assert!(alike("trained in 8 s: bundle", "trained in 31 s: bundle"));
        assert!(!alike("trained on 373 posts", "trained on 374 posts"));
    }

    #[test]
    fn a_missing_line_is_a_difference() {
        let expected = block("text", &["one", "…", "four"]);
        assert_eq!(difference("a.md", &expected, "one\ntwo\nthree\nfour\n"), None);
        assert_eq!(difference("a.md", &expected, "\none\nfour\nfive\n"), None);
        let text = difference("a.md", &expected, "one\ntwo\n").unwrap();
        assert_eq!(text, "a.md:7: not printed: four");
        assert!(difference("a.md", &expected, "two\none\nfour\n").is_some());
    }

    #[test]
    fn only_commands_are_run_and_examples_are_the_built_ones() {
        let blocks = [
            block("sql", &["DROP"]),
            block(
                "sh",
                &[
                    "cargo run --release -q -p \
            hashrec-examples --example echo --features f -- --a b",
                    "x=1",
                ],
            ),
            block("sh", &["/bin/echo $x"]),
        ];
        let script = script(&blocks);
        assert!(!script.contains("DROP"));
        let mut command = Command::new("sh");
        command.args(["-eu", "-c", &script]).env("PROGRAMS", "/bin");
        let printed = process::capture(&mut command).unwrap();
        assert_eq!(printed, "::block 7\n--a b\n::block 7\n1\n");
    }

    #[test]
    fn translated_comments_are_no_difference() {
        let source = "//! Head.\n\nfn main() {\n    // One.\n    run();\n}\n";
        assert!(same_code(
            source,
            &block("rust", &["fn main() {", "    // 一。", "    run();", "}"])
        ));
        assert!(!same_code(source, &block("rust", &["fn main() {", "    walk();", "}"])));
    }
}
