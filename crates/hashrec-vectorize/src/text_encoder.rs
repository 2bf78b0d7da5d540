//! The trait of sentence encoders.

use crate::VectorizeError;

/// What a text is. Some encoders read a post otherwise than a hashtag, after another prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextRole {
    /// A post, or its title.
    Post,
    /// A hashtag's name, or what describes it.
    Hashtag,
}

/// Turns texts into vectors that point the same way where texts mean the same.
///
/// A vector has length 1; that of a text in which the encoder finds nothing is all zeros. The same
/// text has the same vector, alone and among others, up to rounding.
pub trait TextEncoder: Send + Sync {
    /// The number of floats in a vector.
    fn dim(&self) -> usize;

    /// The vectors of texts, one after another, each of [`dim`](Self::dim) floats.
    ///
    /// # Errors
    /// [`VectorizeError`] if the encoder fails on a text; [`VectorizeError::Encoder`] takes any reason.
    fn encode(&self, texts: &[&str], role: TextRole) -> Result<Vec<f32>, VectorizeError>;

    /// A text that changes whenever the vectors do, for whoever keeps vectors from one run to the next;
    /// `None` if there is none, and then they are not kept.
    fn identity(&self) -> Option<String> {
        None
    }
}
