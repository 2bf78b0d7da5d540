//! The program on the first screen of the README, character for character.

#![allow(clippy::print_stdout)]

use hashrec::{PostReader, ReadParams, Recommender};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once a night: learn from posts that already have hashtags, and save a bundle.
    let posts = PostReader::open("examples/data/posts.jsonl", &ReadParams::default())?;
    let posts = posts.collect::<Result<Vec<_>, _>>()?;
    Recommender::from_posts(&posts)?.save("target/bundle")?;

    // In your service: load the bundle once, then ask.
    let recommender = Recommender::load("target/bundle")?;
    let post = "黒猫を迎えました\n保護猫の会から来た子です。病院での検査も無事に終わりました。";
    for hit in recommender.recommend("cats", post, 3)? {
        println!("{:.2} #{}", hit.score, hit.hashtag);
    }
    Ok(())
}
