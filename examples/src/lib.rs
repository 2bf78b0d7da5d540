//! What the examples share: progress bars, exit codes, arguments, reading posts.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bars;
mod exit;
mod posts;
mod save;
mod settings;

pub use bars::Bars;
pub use exit::exit;
pub use posts::{Posts, SAMPLE_POSTS, read_posts, tell_merged};
pub use save::save;
pub use settings::Settings;

/// The Rust code of the documents, compiled as documentation tests.
#[cfg(doctest)]
mod documents {
    macro_rules! compiled {
        ($($name:ident: $file:literal),* $(,)?) => {
            $(#[doc = include_str!($file)] pub struct $name;)*
        };
    }

    compiled! {
        Readme: "../../README.md",
        ReadmeJa: "../../docs/README.ja.md",
        BuiltinRanker: "../../docs/builtin-ranker.md",
        Evaluating: "../../docs/evaluating.md",
        NewCommunities: "../../docs/new-communities.md",
        Serving: "../../docs/serving.md",
        Tutorial: "../../docs/tutorial.md",
    }
}
