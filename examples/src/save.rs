//! Saving what a program has made, come what may.

use std::{error::Error, path::Path};

use hashrec::Recommender;

/// Saves a bundle. If it can't be saved there, it is saved elsewhere, and standard error says where.
///
/// # Errors
/// The bundle is not in `folder`.
#[expect(clippy::print_stderr, reason = "where the bundle is belongs beside the error")]
pub fn save(recommender: &Recommender, folder: &Path) -> Result<(), Box<dyn Error>> {
    if let Err(error) = recommender.save(folder) {
        let place = recommender.save_elsewhere(folder)?;
        eprintln!("the bundle is not lost: it is in {}", place.display());
        return Err(error.into());
    }
    Ok(())
}
