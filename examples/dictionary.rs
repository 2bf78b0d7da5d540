//! Compiles a MeCab dictionary (IPADIC, UniDic) into one verified file.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use hashrec_examples::exit;
use hashrec_tokenize::Dictionary;

/// Compiles the sources of a MeCab dictionary.
#[derive(Parser)]
struct Arguments {
    /// The folder with the CSV and `.def` files (EUC-JP or UTF-8).
    #[arg(long)]
    mecab: PathBuf,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let bytes = Dictionary::compile_mecab_dir(&arguments.mecab)?.to_bytes();
    std::fs::write(&arguments.out, &bytes)?;
    writeln!(io::stdout(), "{} bytes written to {}", bytes.len(), arguments.out.display())?;
    Ok(())
}
