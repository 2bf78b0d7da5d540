//! Trains a table on a text file with one sentence per line and words separated by white space, and
//! writes it in floret's text format:
//!
//! ```sh
//! cargo run --release -p hashrec-floret --features train --example train_floret -- TEXT OUT.floret '{"dim": 100}'
//! ```
//!
//! The last argument is a JSON object of `FloretParams`; parameters not named keep their defaults.

#![allow(clippy::print_stderr)]

use std::{env, error::Error, fs, io::BufWriter, ops::ControlFlow, process::ExitCode};

use hashrec_floret::{FloretParams, FloretTable, train};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (text, out, params) = match &arguments[..] {
        [text, out] => (text, out, "{}"),
        [text, out, params] => (text, out, params.as_str()),
        _ => {
            eprintln!("usage: train_floret TEXT OUT.floret ['{{\"dim\": 100}}']");
            return ExitCode::from(2);
        }
    };
    match run(text, out, params) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(text: &str, out: &str, params: &str) -> Result<FloretTable, Box<dyn Error>> {
    let params: FloretParams = serde_json::from_str(params)?;
    let text = fs::read_to_string(text)?;
    let mut reported = 0;
    let table = train(text.lines().map(str::split_whitespace), &params, &mut |progress| {
        let percent = 100 * progress.tokens / progress.total;
        if percent >= reported {
            reported = percent + 10;
            eprintln!(
                "{percent:3} %  {:.0} words/s  loss {:.4}  {:.0} s left",
                progress.tokens_per_second(),
                progress.loss,
                progress.remaining().as_secs_f64(),
            );
        }
        ControlFlow::Continue(())
    })?;
    table.write_text(BufWriter::new(fs::File::create(out)?))?;
    Ok(table)
}
