//! Writing files and reading them back, plain and compressed.

#![cfg(feature = "corpus")]

use std::{fs, io::Cursor, path::Path};

use hashrec_data::{
    Corpus, CorpusParams, CsvParams, DataError, Format, HashtagSpace, Post, PostReader, PostWriter,
    ReadParams, ReadReport, WriteParams, fold_hashtag, write_posts,
};
use proptest::prelude::*;

const NAMES: [&str; 6] = ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.csv", "a.csv.gz", "a.csv.zst"];

fn read(path: &Path) -> Result<Vec<Post>, DataError> {
    PostReader::open(path, &ReadParams::default())?.collect()
}

fn some_posts() -> Vec<Post> {
    vec![
        Post::new("1", "製品", "題名\n本文 \"引用\", |", ["新機能", "C#", "two words"], Some(-5)),
        Post::new("2", "b", "\r\n\u{feff}\0", [""; 0], None),
        Post::new(" 3", "b", "", ["a,b"], Some(1_700_000_000)),
        Post::new("4", "b", "", ["None"], None),
        Post::new("5", "b", "", ["[a]", "#a #b", "c"], None),
    ]
}

#[test]
fn every_form_of_file_is_read_back_and_the_same_each_time() {
    let dir = tempfile::tempdir().unwrap();
    for name in NAMES {
        for posts in [some_posts(), Vec::new()] {
            let path = dir.path().join(name);
            let count = write_posts(&path, &posts, &WriteParams::default()).unwrap();
            assert_eq!(count, posts.len() as u64);
            assert_eq!(read(&path).unwrap(), posts, "{name}");
            let bytes = fs::read(&path).unwrap();
            write_posts(&path, &posts, &WriteParams::default()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes, "{name}");
            // Compressed data is recognised without its name.
            let format = if name.contains("csv") { Format::Csv } else { Format::JsonLines };
            let params = ReadParams::default();
            let unnamed = PostReader::from_reader(Cursor::new(bytes), format, &params).unwrap();
            assert_eq!(unnamed.collect::<Result<Vec<_>, _>>().unwrap(), posts);
        }
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), NAMES.len(), "a temporary file is left");
}

#[test]
fn zstd_data_of_many_frames_is_one_stream() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.jsonl.zst");
    let text = "長い本文。".repeat(20_000);
    let posts: Vec<Post> =
        (0..40).map(|i| Post::new(i.to_string(), "c", text.as_str(), ["x"], None)).collect();
    write_posts(&path, &posts, &WriteParams::default()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // A skippable frame is passed over wherever it stands.
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, b'a', b'b', b'c'];
    bytes.splice(0..0, skippable);
    bytes.extend(skippable);
    fs::write(&path, bytes).unwrap();
    assert_eq!(read(&path).unwrap(), posts);
}

/// The files are made by the usual tools (see `golden/make_compressed.sh`).
#[test]
fn files_of_other_tools_are_read() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let posts = [
        Post::new("1", "製品", "題名\n本文", ["新機能"], None),
        Post::new("2", "製品", "title", [""; 0], None),
    ];
    for name in ["posts.jsonl.zst", "posts.jsonl.gz"] {
        assert_eq!(read(&golden.join(name)).unwrap(), posts, "{name}");
    }
    // A checksum that doesn't fit what was read is noticed: it stands at the end of the frame.
    let mut bytes = fs::read(golden.join("posts.jsonl.zst")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let params = ReadParams::default();
    let mut reader =
        PostReader::from_reader(Cursor::new(bytes), Format::JsonLines, &params).unwrap();
    assert!(reader.any(|post| matches!(post, Err(DataError::Io { .. }))));
}

#[test]
fn damaged_compressed_files_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a.jsonl.gz", "a.jsonl.zst"] {
        let path = dir.path().join(name);
        write_posts(&path, some_posts(), &WriteParams::default()).unwrap();
        let whole = fs::read(&path).unwrap();
        for len in 0..whole.len() {
            fs::write(&path, &whole[..len]).unwrap();
            assert!(read(&path).is_err(), "{name} cut at {len} of {}", whole.len());
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            fs::write(&path, bytes).unwrap();
            // Some bytes of a header don't matter; what is read must be what was written.
            if let Ok(posts) = read(&path) {
                assert_eq!(posts, some_posts(), "{name} changed at {at}");
            }
        }
    }
}

#[test]
fn a_file_that_is_not_finished_leaves_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.jsonl");
    write_posts(&path, some_posts(), &WriteParams::default()).unwrap();
    let mut writer = PostWriter::create(&path, &WriteParams::default()).unwrap();
    writer.write(&Post::new("9", "c", "", [""; 0], None)).unwrap();
    drop(writer);
    assert_eq!(read(&path).unwrap(), some_posts());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "a temporary file is left");
    assert!(
        PostWriter::create(dir.path().join("no/such/a.jsonl"), &WriteParams::default()).is_err()
    );
}

#[test]
fn an_escape_character_is_not_taken_for_another_encoding() {
    let dir = tempfile::tempdir().unwrap();
    let post = Post::new("¡", "a", "\u{1b}$B and so on", ["a\u{1b}$@"], None);
    for name in NAMES {
        let path = dir.path().join(name);
        write_posts(&path, [&post], &WriteParams::default()).unwrap();
        assert_eq!(read(&path).unwrap(), std::slice::from_ref(&post), "{name}");
    }
}

#[test]
fn what_would_not_be_read_back_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let good = Post::new("1", "c", "t", ["x"], None);
    let tagged = |tag: &str| Post { hashtags: vec![tag.to_owned()], ..good.clone() };
    let bad = [
        Post { id: " ".into(), ..good.clone() },
        Post { community: String::new(), ..good.clone() },
        Post { created_at: Some(i64::MIN), ..good.clone() },
        Post { hashtags: vec!["x".into(), "x".into()], ..good.clone() },
        tagged("#x"),
        tagged(""),
    ];
    for name in ["a.jsonl", "a.csv"] {
        let path = dir.path().join(name);
        let mut writer = PostWriter::create(&path, &WriteParams::default()).unwrap();
        for post in &bad {
            let error = writer.write(post).unwrap_err();
            assert!(matches!(error, DataError::Post { .. }), "{error}");
        }
        writer.write(&good).unwrap();
        writer.finish().unwrap();
        assert_eq!(read(&path).unwrap(), std::slice::from_ref(&good));
    }
    let path = dir.path().join("a.csv");
    let write = |params: &WriteParams| write_posts(&path, [&tagged("a|b")], params);
    assert!(write(&WriteParams::default()).unwrap_err().to_string().contains("separator"));
    let csv = CsvParams::default().with_hashtag_separator(';');
    assert_eq!(write(&WriteParams::default().with_csv(csv)).unwrap(), 1);
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_usual_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
    write_posts(dir.path().join("a.jsonl"), some_posts(), &WriteParams::default()).unwrap();
    fs::write(dir.path().join("usual"), "").unwrap();
    assert_eq!(mode("a.jsonl"), mode("usual"));
}

#[test]
fn a_corpus_is_read_with_its_reports() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.jsonl");
    write_posts(&path, some_posts(), &WriteParams::default()).unwrap();
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("bad\n");
    fs::write(&path, text).unwrap();
    let params = CorpusParams::default().with_min_posts(2);
    let lenient = ReadParams::default().with_strict(false);
    let corpus = Corpus::read(&path, &lenient, &params).unwrap();
    let report = corpus.report();
    assert_eq!((report.posts, report.untagged, report.communities), (4, 1, 1));
    assert_eq!(report.dropped[0].community, "製品");
    assert_eq!(report.read.as_ref().unwrap().skipped, 1);
    assert!(Corpus::read(&path, &ReadParams::default(), &params).is_err());
}

#[test]
fn the_counts_of_several_files_add_up() {
    let head = "id,community,text,hashtags\n";
    let files = [
        ("1,c,t,x|x\n2,c,t,\n3,c,t,NULL\nbad\n", (3, 2, 1, 1, 1)),
        ("4,c,t,x|x|x\n5,c,t,nan\n6,c,t,x\nbad\nbad\n", (3, 1, 2, 1, 2)),
    ];
    let counts =
        |of: &ReadReport| (of.posts, of.untagged, of.hashtags_left_out, of.nothing, of.skipped);
    let params = ReadParams::default().with_strict(false);
    let reader = |rows: &str| {
        PostReader::from_reader(Cursor::new(format!("{head}{rows}")), Format::Csv, &params)
    };
    for (rows, expected) in files {
        let mut reader = reader(rows).unwrap();
        reader.by_ref().for_each(|post| drop(post.unwrap()));
        assert_eq!(counts(reader.report()), expected);
    }
    let readers = files.iter().map(|(rows, _)| reader(rows));
    let params = CorpusParams::default().with_min_posts(1);
    let corpus = Corpus::from_readers(readers, &params).unwrap();
    let all = corpus.report().read.as_ref().unwrap();
    assert_eq!(counts(all), (6, 3, 3, 2, 3));
    assert_eq!(all.problems.len(), 3);
}

fn posts() -> impl Strategy<Value = Vec<Post>> {
    let name = "[^ \t\n\r\u{a0}]{1,6}";
    let tags = prop::collection::vec("[^|]{0,8}", 0..5);
    let time = prop::option::of(-60_000_000_000i64..250_000_000_000);
    let post = (name, name, any::<String>(), tags, time).prop_filter_map(
        "names with nothing to see, or that say nothing, are refused",
        |(id, community, text, tags, time)| {
            let clean = |name: &str| {
                let nothing = name.starts_with(['-', '–', '—']) || matches!(name, "\\N" | "NA");
                !nothing && !name.contains('\u{feff}')
            };
            let post = Post::new(id, community, text, tags, time);
            let named = !post.id.is_empty() && !post.community.is_empty();
            (named && clean(&post.id) && clean(&post.community)).then_some(post)
        },
    );
    prop::collection::vec(post, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_posts_are_read_back(posts in posts(), name in 0usize..NAMES.len()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAMES[name]);
        write_posts(&path, &posts, &WriteParams::default()).unwrap();
        prop_assert_eq!(read(&path).unwrap(), posts);
    }

    #[test]
    fn any_space_is_read_back(posts in posts(), listed in prop::collection::vec("[a-e]", 0..4)) {
        let space = HashtagSpace::builder().posts(&posts).list("listed", &listed).build();
        let bytes = space.write().unwrap();
        let read = HashtagSpace::read(bytes.clone().into()).unwrap();
        prop_assert_eq!(&read, &space);
        prop_assert_eq!(read.write().unwrap(), bytes);
        for post in &posts {
            let community = read.community(read.community_id(&post.community).unwrap()).unwrap();
            for tag in &post.hashtags {
                let id = community.id(tag).unwrap();
                let key = |tag| fold_hashtag(tag, space.folding());
                prop_assert_eq!(community.hashtag(id).map(key), Some(key(tag)));
                prop_assert!(community.count(id) > 0);
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), csv in any::<bool>()) {
        let format = if csv { Format::Csv } else { Format::JsonLines };
        let params = ReadParams::default().with_strict(false);
        if let Ok(reader) = PostReader::from_reader(Cursor::new(bytes.clone()), format, &params) {
            reader.for_each(drop);
        }
        let _ = HashtagSpace::read(bytes.into());
    }
}
