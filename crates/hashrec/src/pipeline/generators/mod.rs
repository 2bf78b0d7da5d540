//! The generators of candidates: one file each.

mod index;
mod meaning;
mod net;
mod popular;
mod simple;

pub(crate) use index::{Index, IndexOrder};
pub(crate) use meaning::ByMeaning;
#[cfg(feature = "learn")]
pub(crate) use meaning::PART as MEANING;
pub(crate) use net::Net;
pub(crate) use popular::Popular;
pub(crate) use simple::Simple;
