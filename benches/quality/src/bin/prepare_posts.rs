//! Makes what `measure_classifier` reads: `prepare_posts TRAIN TEST FOLDER [DICTIONARY]`.
//!
//! Reads two files of posts (JSON Lines or any format of `hashrec-data`), splits their text as the
//! facade does, with a compiled MeCab dictionary if one is given, and writes `train.tsv`, `test.tsv`
//! and `vectors.txt`, the vectors of a floret table trained on the words of the training posts. A
//! hashtag that only test posts carry gets a number past its community's space: it counts as gold
//! and can't be recommended. Test posts of communities without training posts are left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufWriter, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use hashrec_data::{Corpus, CorpusParams, HashtagSpace, Post, ReadParams};
use hashrec_floret::FloretParams;
use hashrec_tokenize::{Dictionary, TextTokenizer, Tokenizer, TokenizerParams};

type Failure = Box<dyn std::error::Error>;

/// Posts a word must occur in to be given a vector.
const MIN_COUNT: usize = 2;

fn read(path: &str) -> Result<Vec<Post>, Failure> {
    let all = CorpusParams::default().with_min_posts(1);
    Ok(Corpus::read(path, &ReadParams::default(), &all)?.into_posts())
}

/// Writes posts as lines of community number, hashtag numbers and words; returns the words.
fn write(
    path: &Path,
    posts: &[Post],
    space: &HashtagSpace,
    tokenizer: &TextTokenizer,
) -> Result<Vec<Vec<String>>, Failure> {
    let mut out = BufWriter::new(fs::File::create(path)?);
    let mut all = Vec::with_capacity(posts.len());
    for post in posts {
        let Some(id) = space.community_id(&post.community) else { continue };
        let Some(community) = space.community(id) else { continue };
        let mut unknown = community.len()..;
        let gold = post.hashtags.iter().filter_map(|tag| match community.id(tag) {
            Some(known) => Some(known.index()),
            None => unknown.next(),
        });
        let gold: Vec<String> = gold.map(|number| number.to_string()).collect();
        let words: Vec<String> = tokenizer
            .tokenize(&post.text)
            .texts()
            .map(|word| word.replace([' ', '\t'], "_"))
            .collect();
        writeln!(out, "{}\t{}\t{}", id.index(), gold.join(","), words.join(" "))?;
        all.push(words);
    }
    out.flush()?;
    Ok(all)
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, test, folder, dictionary @ ..] = arguments.as_slice() else {
        return Err("usage: prepare_posts TRAIN TEST FOLDER [DICTIONARY]".into());
    };
    let (train, test, folder) = (read(train)?, read(test)?, PathBuf::from(folder));
    fs::create_dir_all(&folder)?;
    let space = HashtagSpace::from_posts(&train);
    let hashtags = space.communities().flat_map(|(_, community)| community.hashtags());
    let params = TokenizerParams::default();
    let tokenizer = match dictionary.first() {
        Some(path) => {
            TextTokenizer::vibrato(params, Arc::new(Dictionary::open(Path::new(path))?), hashtags)?
        }
        None => TextTokenizer::unicode(params, hashtags)?,
    };
    let words = write(&folder.join("train.tsv"), &train, &space, &tokenizer)?;
    write(&folder.join("test.tsv"), &test, &space, &tokenizer)?;

    let sentences = words.iter().map(|words| words.iter().map(String::as_str));
    let params = FloretParams::default().with_seed(1);
    let table = hashrec_floret::train(sentences, &params, &mut |_| ControlFlow::Continue(()))?;
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for post in &words {
        let distinct: BTreeSet<&str> = post.iter().map(String::as_str).collect();
        distinct.into_iter().for_each(|word| *uses.entry(word).or_default() += 1);
    }
    uses.retain(|_, posts| *posts >= MIN_COUNT);
    let mut out = BufWriter::new(fs::File::create(folder.join("vectors.txt"))?);
    writeln!(out, "{} {}", uses.len(), table.dim())?;
    let mut vector = vec![0.0; table.dim()];
    for word in uses.keys() {
        table.word_vector(word, &mut vector);
        let numbers: Vec<String> = vector.iter().map(f32::to_string).collect();
        writeln!(out, "{word} {}", numbers.join(" "))?;
    }
    out.flush()?;
    Ok(())
}
