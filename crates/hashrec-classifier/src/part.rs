//! A classifier on disk.

use hashrec_storage::{Bytes, Part, PartWriter, StorageError};
use serde::{Deserialize, Serialize};

use crate::{
    Classifier, ClassifierError, ClassifierSummary,
    vocabulary::Vocabulary,
    weights::{self, Layers, Spaces, shapes},
};

const KIND: &str = "classifier";
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    layers: Layers,
    posts: usize,
    without_hashtags: usize,
    validation_posts: usize,
    best_epoch: usize,
}

/// Writes the size of every community's space.
pub(crate) fn write_spaces(writer: &mut PartWriter, spaces: &Spaces) -> Result<(), StorageError> {
    let sizes: Vec<u32> =
        spaces.sizes().map(|size| u32::try_from(size).unwrap_or(u32::MAX)).collect();
    writer.table("spaces", &sizes)?;
    Ok(())
}

/// Reads what [`write_spaces`] wrote.
pub(crate) fn read_spaces(part: &Part) -> Result<Spaces, StorageError> {
    let sizes = part.table::<u32>("spaces")?;
    let spaces = Spaces::new(sizes.iter().map(|&size| size as usize));
    if sizes.len() >= u32::MAX as usize || spaces.tags() > u32::MAX as usize {
        return Err(part.wrong("spaces", "has more hashtags than can be numbered".into()));
    }
    Ok(spaces)
}

impl Classifier {
    /// The whole classifier as one part; the same classifier gives the same bytes.
    ///
    /// # Errors
    /// [`ClassifierError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, ClassifierError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header {
            layers: self.layers,
            posts: self.summary.posts,
            without_hashtags: self.summary.without_hashtags,
            validation_posts: self.summary.validation_posts,
            best_epoch: self.summary.best_epoch,
        })?;
        write_spaces(&mut writer, &self.spaces)?;
        self.vocabulary.write(&mut writer)?;
        weights::write(&self.weights, &mut writer, "")?;
        writer.table("losses", &self.summary.losses)?;
        writer.table("validation", &self.summary.validation)?;
        Ok(writer.to_bytes()?)
    }

    /// Reads a part that [`write`](Self::write) made. The weights stay in `bytes`, which may be a
    /// memory map: of a served community only its own output layer is ever read again.
    ///
    /// # Errors
    /// [`ClassifierError::Storage`] if anything is missing, of another length than the sizes in the
    /// header ask for, or not a finite number. No bytes make this panic.
    pub fn read(bytes: Bytes) -> Result<Self, ClassifierError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let header: Header = part.header()?;
        let layers = header.layers;
        if !layers.plausible() {
            return Err(part.wrong("lstm.weight", format!("can't have sizes {layers:?}")).into());
        }
        let spaces = read_spaces(&part)?;
        let vocabulary = Vocabulary::read(&part)?;
        let weights = weights::read(&part, "", shapes(layers, vocabulary.len(), &spaces))?;
        let summary = ClassifierSummary {
            posts: header.posts,
            without_hashtags: header.without_hashtags,
            validation_posts: header.validation_posts,
            best_epoch: header.best_epoch,
            losses: part.table::<f64>("losses")?.to_vec(),
            validation: part.table::<f64>("validation")?.to_vec(),
        };
        Ok(Self { layers, spaces, vocabulary, weights, summary })
    }
}
