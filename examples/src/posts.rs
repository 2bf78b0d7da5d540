//! Posts from files and from standard input.

use std::{
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{ArgAction, Args};
use hashrec::{
    Corpus, CorpusParams, CorpusReport, DataError, Duplicates, Format, HashSplit, MergedHashtag,
    Post, PostReader, ReadParams, Split, WriteParams, write_posts,
};

/// The sample data in this repository.
pub const SAMPLE_POSTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/posts.jsonl");

/// What a command says of the posts that it reads.
#[derive(Args, Clone, Debug)]
pub struct Posts {
    /// Posts with hashtags: JSON lines or CSV, plain, .gz or .zst; `-` is standard input (may be
    /// repeated).
    #[arg(long, required = true)]
    posts: Vec<PathBuf>,
    /// The format, `json-lines` or `csv`, where the file name doesn't tell it.
    #[arg(long, value_parser = format)]
    format: Option<Format>,
    /// What separates the columns of a CSV file: a character, or `tab`.
    #[arg(long, value_parser = character)]
    delimiter: Option<char>,
    /// What separates the hashtags of a CSV file: a character, or `tab`.
    #[arg(long, value_parser = character)]
    hashtag_separator: Option<char>,
    /// Take hashtags as they stand, even if they seem to be several or none.
    #[arg(long)]
    literal_hashtags: bool,
    /// Whether the first line that is not a post is an error; otherwise such lines are skipped and
    /// counted.
    #[arg(long, action = ArgAction::Set, default_value_t = true)]
    strict: bool,
    /// The same as `--strict false`.
    #[arg(long)]
    lenient: bool,
    /// The longest line or CSV record.
    #[arg(long)]
    max_line_bytes: Option<usize>,
    /// What happens to a post that has the id of an earlier one: `error` or `keep-first`.
    #[arg(long, value_parser = duplicates)]
    duplicates: Option<Duplicates>,
}

/// All posts of a file; a bad line is an error that says where it is and what was expected.
///
/// # Errors
/// What the reader finds.
pub fn read_posts(path: &Path) -> Result<Vec<Post>, Box<dyn Error>> {
    Ok(PostReader::open(path, &ReadParams::default())?.collect::<Result<Vec<_>, _>>()?)
}

/// Writes a fifth of the posts, by a hash of the id, to a file, says so, and returns the others.
///
/// # Errors
/// A file that can't be written.
pub fn hold_out(
    posts: Vec<Post>,
    file: &Path,
    out: &mut impl Write,
) -> Result<Vec<Post>, Box<dyn Error>> {
    let split = Split::by_hash(posts, &HashSplit::default())?;
    let count = write_posts(file, &split.test, &WriteParams::default())?;
    writeln!(out, "held out {count} posts: {}", file.display())?;
    Ok(split.train)
}

impl Posts {
    /// Reads the posts, and says on standard error what was left out. `duplicates` holds where the
    /// command says nothing else.
    ///
    /// # Errors
    /// What the readers find: a bad line with its place and what was expected, or two posts with one
    /// id.
    pub fn read(&self, duplicates: Duplicates) -> Result<Vec<Post>, Box<dyn Error>> {
        let params = self.params();
        let readers = self.posts.iter().map(|path| {
            if path.as_os_str() != "-" {
                return PostReader::open(path, &params);
            }
            let unknown = || DataError::UnknownFormat { file: "standard input".into() };
            PostReader::from_reader(io::stdin(), params.format.ok_or_else(unknown)?, &params)
        });
        let corpus = CorpusParams::default()
            .with_min_posts(0)
            .with_duplicates(self.duplicates.unwrap_or(duplicates));
        let corpus = Corpus::from_readers(readers, &corpus)?;
        tell(corpus.report());
        Ok(corpus.into_posts())
    }

    fn params(&self) -> ReadParams {
        let mut params = ReadParams::default()
            .with_strict(self.strict && !self.lenient)
            .with_literal_hashtags(self.literal_hashtags);
        params.format = self.format;
        params.csv.delimiter = self.delimiter;
        if let Some(separator) = self.hashtag_separator {
            params.csv.hashtag_separator = separator;
        }
        if let Some(bytes) = self.max_line_bytes {
            params.max_line_bytes = bytes;
        }
        params
    }
}

#[expect(clippy::print_stderr, reason = "what was left out belongs beside the result")]
fn tell(report: &CorpusReport) {
    if report.duplicates > 0 {
        eprintln!("left out {} posts whose id an earlier post has", report.duplicates);
    }
    tell_merged(&report.merged);
    let Some(read) = &report.read else { return };
    if read.nothing > 0 {
        eprintln!("read {} hashtags and times such as NULL as none", read.nothing);
    }
    if read.skipped > 0 {
        eprintln!("skipped {} lines that are not posts, such as:", read.skipped);
    }
    for problem in read.problems.iter().take(5) {
        eprintln!("  {}, {problem}", problem.file);
    }
}

/// Says on standard error which writings were taken for one hashtag.
#[expect(clippy::print_stderr, reason = "what was merged belongs beside the result")]
pub fn tell_merged(merged: &[MergedHashtag]) {
    if !merged.is_empty() {
        eprintln!("{} hashtags are written in several ways, such as:", merged.len());
    }
    for MergedHashtag { community, hashtag, writings, .. } in merged.iter().take(5) {
        eprintln!("  {hashtag} of {community:?}, also written {:?}", other(hashtag, writings));
    }
}

fn other<'a>(shown: &str, writings: &'a [(String, u32)]) -> Vec<&'a str> {
    writings.iter().map(|(writing, _)| writing.as_str()).filter(|w| *w != shown).collect()
}

fn format(name: &str) -> Result<Format, serde_json::Error> {
    serde_json::from_value(name.into())
}

fn duplicates(name: &str) -> Result<Duplicates, serde_json::Error> {
    serde_json::from_value(name.into())
}

fn character(text: &str) -> Result<char, String> {
    match text {
        "tab" | "\\t" => Ok('\t'),
        _ => text.parse().map_err(|_| "expected one character, or `tab`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use clap::{CommandFactory, Parser};
    use hashrec::{Config, WriteParams};
    use serde_json::{Value, to_value};

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        posts: Posts,
    }

    fn read(arguments: &[&str]) -> Result<Vec<Post>, Box<dyn Error>> {
        let command = Command::try_parse_from([&["command"], arguments].concat())?;
        command.posts.read(Duplicates::Error)
    }

    /// The names between backticks in the code of a file, comments aside.
    fn named(path: &Path, found: &mut BTreeSet<String>) {
        if path.is_dir() {
            let files = fs::read_dir(path).unwrap().map(|file| file.unwrap().path());
            return files.for_each(|file| named(&file, found));
        }
        let text = fs::read_to_string(path).unwrap();
        let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let names = line.split('`').skip(1).step_by(2);
            found.extend(names.filter(|name| !name.contains("::")).map(str::to_owned));
        }
    }

    /// The keys of a value and of those within.
    fn keys(value: &Value, found: &mut BTreeSet<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            found.insert(key.clone());
            keys(value, found);
        }
    }

    #[test]
    fn every_setting_that_a_message_of_the_readers_names_can_be_set() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/hashrec-data/src");
        let mut settings = BTreeSet::new();
        for file in ["error.rs", "time.rs", "read", "write"] {
            named(&source.join(file), &mut settings);
        }
        assert!(settings.len() >= 6, "{settings:?}");
        let mut library = BTreeSet::new();
        keys(&to_value(ReadParams::default()).unwrap(), &mut library);
        keys(&to_value(WriteParams::default()).unwrap(), &mut library);
        keys(&to_value(CorpusParams::default()).unwrap(), &mut library);
        let mut config = BTreeSet::new();
        keys(&to_value(Config::default()).unwrap(), &mut config);
        let command = Command::command();
        for setting in settings {
            let name = setting.strip_prefix("csv.").unwrap_or(&setting);
            assert!(library.contains(name), "no parameter is called {setting}");
            let flag = name.replace('_', "-");
            let has_flag = command.get_arguments().any(|one| one.get_long() == Some(&flag));
            assert!(has_flag, "no command has --{flag}");
        }
        assert!(config.contains("duplicates"));
    }

    #[test]
    fn flags_say_what_a_file_name_cannot() {
        let file = std::env::temp_dir().join(format!("hashrec-flags-{}.txt", std::process::id()));
        fs::write(&file, "id;community;text;hashtags\n1;c;t;a,b\nbad\n1;c;u;d\n").unwrap();
        let path = file.to_str().unwrap();
        let mut arguments = vec!["--posts", path];
        let mut refused = Vec::new();
        for more in [
            &["--format", "csv"][..],
            &["--delimiter", ";"],
            &["--hashtag-separator", ","],
            &["--strict", "false"],
            &["--duplicates", "keep-first"],
        ] {
            refused.push(read(&arguments).unwrap_err().to_string());
            arguments.extend(more);
        }
        let named =
            ["`format`", "`csv.delimiter`", "`csv.hashtag_separator`", "`strict`", "`duplicates`"];
        for (message, setting) in refused.iter().zip(named) {
            assert!(message.contains(setting) && message.contains(path), "{message}");
        }
        assert!(
            refused.last().unwrap().contains("line 2")
                && refused.last().unwrap().contains("line 4")
        );
        assert_eq!(read(&arguments).unwrap(), [Post::new("1", "c", "t", ["a", "b"], None)]);
        fs::remove_file(&file).unwrap();
    }
}
