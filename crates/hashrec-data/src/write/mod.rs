//! Writing posts.

mod encode;

use std::{
    borrow::{Borrow, Cow},
    collections::HashSet,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use self::encode::Encoder;
use crate::{
    CsvParams, DataError, Format, Post,
    error::PostProblem,
    names::trim,
    normalize_community, normalize_hashtag,
    nothing::is_nothing,
    read::{Compression, columns::COLUMNS, tags},
    time,
};

/// Parameters of writing a file of posts.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `format` | from the file name | JSON lines or CSV | |
/// | `csv` | see [`CsvParams`] | the separators of a CSV file | |
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WriteParams {
    /// The format; `None` takes it from the file name.
    pub format: Option<Format>,
    /// The separators of a CSV file.
    pub csv: CsvParams,
}

impl WriteParams {
    hashrec_storage::setters! {
        with_format: format, Format;
        with_csv: csv, CsvParams;
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn check(&self) -> Result<(), DataError> {
        self.csv.check()
    }
}

/// Writes posts to a file, compressed if its name ends in `.gz` or `.zst`.
///
/// The file appears as a whole or not at all: posts go to a temporary file in the same folder.
/// [`PostWriter::finish`] gives that file its final name; dropping the writer before removes it.
/// The same posts give the same bytes.
pub struct PostWriter {
    sink: Sink,
    path: PathBuf,
    separator: char,
}

enum Sink {
    JsonLines(Encoder<NamedTempFile>),
    Csv(Box<csv::Writer<Encoder<NamedTempFile>>>),
}

impl PostWriter {
    /// Creates a writer. An existing file stays unchanged until [`PostWriter::finish`].
    ///
    /// # Errors
    /// [`DataError::Io`], [`DataError::UnknownFormat`] or [`DataError::Parameter`].
    pub fn create(path: impl AsRef<Path>, params: &WriteParams) -> Result<Self, DataError> {
        params.check()?;
        let path = path.as_ref().to_owned();
        let format = Format::of_or(&path, params.format)?;
        let file = temporary(&path).map_err(|source| failed(&path, "create", source))?;
        let compression = Compression::of_name(&path.to_string_lossy());
        let encoder = Encoder::new(file, compression);
        let sink = match format {
            Format::JsonLines => Sink::JsonLines(encoder),
            Format::Csv => {
                let delimiter = params.csv.for_file(&path).delimiter_byte();
                let mut writer =
                    csv::WriterBuilder::new().delimiter(delimiter).from_writer(encoder);
                writer.write_record(COLUMNS).map_err(|e| failed(&path, "write", e.into()))?;
                Sink::Csv(Box::new(writer))
            }
        };
        Ok(Self { sink, path, separator: params.csv.hashtag_separator })
    }

    /// Adds a post.
    ///
    /// # Errors
    /// [`DataError::Post`] if reading would not give the same post back: its time lies outside the
    /// years −9999 to 9998, its id or community is empty or has blanks at its ends, its hashtags are
    /// not in the form that [`Post::new`] gives them, or one contains the separator of a CSV file.
    /// Nothing is written then. [`DataError::Io`] if the file cannot be written.
    pub fn write(&mut self, post: &Post) -> Result<(), DataError> {
        let time =
            self.check(post).map_err(|problem| DataError::Post { id: post.id.clone(), problem })?;
        let written = match &mut self.sink {
            Sink::JsonLines(encoder) => {
                let mut post = Cow::Borrowed(post);
                if tags::is_doubtful(&post.hashtags) {
                    // An empty hashtag says that the others are meant as they stand.
                    post.to_mut().hashtags.push(String::new());
                }
                serde_json::to_writer(&mut *encoder, &*post)
                    .map_err(io::Error::from)
                    .and_then(|()| encoder.write_all(b"\n"))
            }
            Sink::Csv(writer) => {
                let hashtags = tags::write_cell(&post.hashtags, self.separator);
                let row = [&post.id, &post.community, &post.text, &hashtags, &time];
                writer.write_record(row).map_err(io::Error::from)
            }
        };
        written.map_err(|source| failed(&self.path, "write", source))
    }

    /// Completes the file, syncs it to disk and gives it its final name.
    ///
    /// # Errors
    /// [`DataError::Io`]; an existing file of that name is then unchanged.
    pub fn finish(self) -> Result<(), DataError> {
        let fail = |source| failed(&self.path, "write", source);
        let encoder = match self.sink {
            Sink::JsonLines(encoder) => encoder,
            Sink::Csv(writer) => writer.into_inner().map_err(|error| fail(error.into_error()))?,
        };
        let file = encoder.finish().map_err(fail)?;
        file.as_file().sync_all().map_err(fail)?;
        file.persist(&self.path).map_err(|error| fail(error.error))?;
        sync_folder(&self.path).map_err(fail)
    }

    /// The time as text, empty if it is unknown; or why the post cannot be written.
    fn check(&self, post: &Post) -> Result<String, PostProblem> {
        let shown =
            [(&post.id, trim(&post.id)), (&post.community, normalize_community(&post.community))];
        if let Some((name, _)) =
            shown.iter().find(|(name, shown)| is_nothing(name) || name != shown)
        {
            return Err(PostProblem::Name((*name).clone()));
        }
        let mut seen = HashSet::new();
        for tag in &post.hashtags {
            if tag.is_empty() || normalize_hashtag(tag) != tag || !seen.insert(tag) {
                return Err(PostProblem::Hashtag(tag.clone()));
            }
            if matches!(self.sink, Sink::Csv(_)) && tag.contains(self.separator) {
                let (hashtag, separator) = (tag.clone(), self.separator);
                return Err(PostProblem::Separator { hashtag, separator });
            }
        }
        let Some(seconds) = post.created_at else { return Ok(String::new()) };
        time::format(seconds).ok_or(PostProblem::Time(seconds))
    }
}

/// Writes all posts to a file with a [`PostWriter`], and returns their number.
///
/// # Errors
/// Those of [`PostWriter`]; an existing file is then unchanged.
pub fn write_posts<P: Borrow<Post>>(
    path: impl AsRef<Path>,
    posts: impl IntoIterator<Item = P>,
    params: &WriteParams,
) -> Result<u64, DataError> {
    let mut writer = PostWriter::create(path, params)?;
    let mut count = 0;
    for post in posts {
        writer.write(post.borrow())?;
        count += 1;
    }
    writer.finish()?;
    Ok(count)
}

fn failed(path: &Path, action: &'static str, source: io::Error) -> DataError {
    DataError::Io { file: path.display().to_string(), action, source }
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file in the folder of `path`, so that renaming never crosses file systems.
fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hashrec-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The permissions of any new file; the umask applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder(path))
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    std::fs::File::open(folder(path))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
