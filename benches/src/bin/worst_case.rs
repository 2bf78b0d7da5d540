//! How much longer than usual the worst texts take: texts of one length, made to be slow.

#![allow(clippy::print_stdout)]

use std::{collections::BTreeMap, error::Error, path::PathBuf, process::ExitCode};

use clap::Parser;
use hashrec::{Post, Recommender};
use hashrec_benches::{Percentiles, Timer};
use hashrec_examples::{exit, read_posts};
use rand::{Rng, RngExt, SeedableRng, seq::IndexedRandom};
use rand_pcg::Pcg64Mcg;

/// Times texts of one length that are made to be slow, beside texts of real posts, one by one on one
/// thread.
#[derive(Parser)]
struct Arguments {
    /// The bundle.
    #[arg(long)]
    bundle: PathBuf,
    /// Posts of communities that the bundle knows. Texts are written for the one with most of them.
    #[arg(long)]
    posts: PathBuf,
    /// How long a text is, in bytes of UTF-8.
    #[arg(long, default_value_t = 10_000)]
    bytes: usize,
    /// How many texts of each kind.
    #[arg(long, default_value_t = 40)]
    count: usize,
    /// Draws the texts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let recommender = Recommender::load(&arguments.bundle)?;
    let posts = read_posts(&arguments.posts)?;
    let mut by_community: BTreeMap<&str, Vec<&Post>> = BTreeMap::new();
    posts.iter().for_each(|post| by_community.entry(&post.community).or_default().push(post));
    let (community, posts) =
        by_community.into_iter().max_by_key(|(_, posts)| posts.len()).ok_or("no posts")?;
    let hashtags: Vec<&str> =
        recommender.hashtags(community).ok_or("the bundle lacks the community")?.collect();

    let mut random = Pcg64Mcg::seed_from_u64(arguments.seed);
    let mut usual = None;
    println!("{community}, {} hashtags, texts of {} bytes", hashtags.len(), arguments.bytes);
    for kind in KINDS {
        let mut timer = Timer::default();
        for call in 0..=arguments.count {
            let text = kind.text(arguments.bytes, &posts, &hashtags, &mut random);
            if call == 0 {
                // It maps the bundle's pages and fills the caches.
                recommender.recommend(community, &text, 10)?;
            } else {
                timer.time(|| recommender.recommend(community, &text, 10))?;
            }
        }
        let timings = timer.timings();
        let Some(Percentiles { p50, p99 }) = timings.cpu_ms.or(timings.wall_ms) else { continue };
        let usual = *usual.get_or_insert(p50);
        println!(
            "{:24} p50 {p50:7.3} p99 {p99:7.3} ms, {:.2} of the usual",
            kind.name(),
            p50 / usual
        );
    }
    Ok(())
}

/// A kind of texts.
#[derive(Clone, Copy)]
enum Kind {
    /// Posts, one after another.
    Posts,
    /// Every hashtag, in random order.
    Hashtags,
    /// The same without anything between them.
    GluedHashtags,
    /// Hashtags with a wrong letter each.
    NearHashtags,
    /// One hashtag again and again.
    OneHashtag,
    /// Words of random letters.
    RandomWords,
    /// Random hiragana without a space.
    RandomKana,
    /// Random kanji without a space.
    RandomKanji,
    /// One letter again and again.
    OneLetter,
    /// One letter a word.
    Letters,
    /// Line breaks.
    Lines,
}

/// All of them, the usual ones first.
const KINDS: [Kind; 11] = [
    Kind::Posts,
    Kind::Hashtags,
    Kind::GluedHashtags,
    Kind::NearHashtags,
    Kind::OneHashtag,
    Kind::RandomWords,
    Kind::RandomKana,
    Kind::RandomKanji,
    Kind::OneLetter,
    Kind::Letters,
    Kind::Lines,
];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Hashtags => "hashtags",
            Self::GluedHashtags => "hashtags without spaces",
            Self::NearHashtags => "misspelt hashtags",
            Self::OneHashtag => "one hashtag repeated",
            Self::RandomWords => "random words",
            Self::RandomKana => "random hiragana",
            Self::RandomKanji => "random kanji",
            Self::OneLetter => "one letter repeated",
            Self::Letters => "one letter a word",
            Self::Lines => "line breaks",
        }
    }

    /// A text of about so many bytes.
    fn text(self, bytes: usize, posts: &[&Post], tags: &[&str], random: &mut Pcg64Mcg) -> String {
        let one = *tags.choose(random).unwrap_or(&"");
        let mut text = String::new();
        while text.len() < bytes {
            let letter = |random: &mut Pcg64Mcg| char::from(random.random_range(b'a'..=b'z'));
            match self {
                Self::Posts => text.push_str(posts.choose(random).map_or(" ", |post| &post.text)),
                Self::Hashtags | Self::GluedHashtags => {
                    text.push_str(tags.choose(random).unwrap_or(&" "));
                }
                Self::NearHashtags => {
                    let mut letters: Vec<char> =
                        tags.choose(random).unwrap_or(&" ").chars().collect();
                    let at = random.random_range(0..letters.len().max(1));
                    letters.splice(at..(at + 1).min(letters.len()), [letter(random)]);
                    text.extend(letters);
                }
                Self::OneHashtag => text.push_str(one),
                Self::RandomWords => {
                    let length = 2 + random.next_u32() % 8;
                    text.extend((0..length).map(|_| letter(random)));
                }
                Self::RandomKana => text.push(random.random_range('ぁ'..='ゖ')),
                Self::RandomKanji => text.push(random.random_range('一'..='龯')),
                Self::OneLetter => text.push('a'),
                Self::Letters => text.push(letter(random)),
                Self::Lines => text.push('\n'),
            }
            let glued = matches!(
                self,
                Self::GluedHashtags
                    | Self::RandomKana
                    | Self::RandomKanji
                    | Self::OneLetter
                    | Self::Lines
            );
            if !glued {
                text.push(' ');
            }
        }
        let starts = text.char_indices().map(|(start, _)| start);
        let end = starts.take_while(|&start| start <= bytes).last().unwrap_or(0);
        text.truncate(end);
        text
    }
}
