//! The device that computes the net while training.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What computes the net while training. Serving always runs on the CPU.
///
/// ```
/// use hashrec_classifier::{ClassifierParams, TrainingDevice};
///
/// let params: ClassifierParams = serde_json::from_str(r#"{"device": "cuda"}"#)?;
/// assert_eq!(params.device, TrainingDevice::Cuda);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TrainingDevice {
    /// The processor: one fused operation, reproducible to the byte.
    #[default]
    Cpu,
    /// The first NVIDIA GPU. Needs the feature `cuda`.
    Cuda,
    /// The first Apple GPU. Needs the feature `metal`.
    Metal,
}

impl fmt::Display for TrainingDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Metal => "metal",
        })
    }
}
