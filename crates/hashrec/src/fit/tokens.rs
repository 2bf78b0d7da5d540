//! The tokens of posts.

use hashrec_data::Post;
use hashrec_tokenize::{TextTokenizer, Tokenizer, Tokens};
use rayon::prelude::*;

/// The tokens of posts, in order, on all threads.
pub(crate) fn tokenize<'a>(
    tokenizer: &'a TextTokenizer,
    posts: &'a [Post],
) -> impl IndexedParallelIterator<Item = Tokens> + 'a {
    posts.par_iter().map_init(
        || tokenizer.worker(),
        |worker, post| {
            let mut tokens = Tokens::default();
            worker.tokenize(&post.text, &mut tokens);
            tokens
        },
    )
}
