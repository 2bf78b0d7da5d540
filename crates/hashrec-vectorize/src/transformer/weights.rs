//! Tensors by name, from one or several safetensors files.

use std::{collections::BTreeMap, ops::Deref};

use hashrec_storage::Bytes;
use safetensors::{Dtype, SafeTensors};

use super::{
    files::{TransformerFiles, WEIGHTS},
    kernels::{Linear, Norm},
};
use crate::VectorizeError;

/// An immutable `f32` tensor, row-major: a view into the mapped file, or converted from 16 bits.
pub(super) enum Tensor {
    View(Bytes),
    Owned(Vec<f32>),
}

impl Deref for Tensor {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match self {
            // The alignment was checked when the view was made.
            Self::View(bytes) => bytemuck::try_cast_slice(bytes).unwrap_or_default(),
            Self::Owned(values) => values,
        }
    }
}

/// Where a tensor stands.
struct Entry {
    file: usize,
    dtype: Dtype,
    shape: Vec<usize>,
    data: Bytes,
}

/// All tensors of a model, under their names without the model's prefix.
pub(super) struct Weights {
    files: Vec<String>,
    entries: BTreeMap<String, Entry>,
}

impl Weights {
    /// Reads the tables of all weight files. Where the tensor `probe` exists under one of the
    /// `prefixes` only, names are taken without that prefix.
    pub(super) fn read(
        files: &TransformerFiles,
        probe: &str,
        prefixes: &[&str],
    ) -> Result<Self, VectorizeError> {
        let mut weights = Self { files: Vec::new(), entries: BTreeMap::new() };
        for (file, bytes) in files.weights() {
            let tensors = SafeTensors::deserialize(bytes)
                .map_err(|error| problem(file, "header", error.to_string()))?;
            for (name, view) in tensors.iter() {
                let entry = Entry {
                    file: weights.files.len(),
                    dtype: view.dtype(),
                    shape: view.shape().to_vec(),
                    data: bytes.slice_ref(view.data()),
                };
                if weights.entries.insert(name.to_owned(), entry).is_some() {
                    return Err(problem(file, name, "it stands in another file too"));
                }
            }
            weights.files.push(file.to_owned());
        }
        let has = |prefix: &&&str| weights.entries.contains_key(&format!("{prefix}{probe}"));
        if let Some(prefix) = prefixes.iter().find(has) {
            weights.entries = std::mem::take(&mut weights.entries)
                .into_iter()
                .filter_map(|(name, entry)| Some((name.strip_prefix(prefix)?.to_owned(), entry)))
                .collect();
        }
        Ok(weights)
    }

    /// A dense layer; its bias is left out only where the file has none and it isn't `biased`.
    pub(super) fn linear(
        &mut self,
        name: &str,
        outputs: usize,
        inputs: usize,
        biased: bool,
    ) -> Result<Linear, VectorizeError> {
        let weight = self.take(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.bias(name, outputs, biased)?;
        Ok(Linear { weight, bias, inputs, outputs })
    }

    /// A layer normalisation; its bias as in [`Weights::linear`].
    pub(super) fn norm(
        &mut self,
        name: &str,
        width: usize,
        epsilon: f32,
        biased: bool,
    ) -> Result<Norm, VectorizeError> {
        let scale = self.take(&format!("{name}.weight"), &[width])?;
        Ok(Norm { scale, shift: self.bias(name, width, biased)?, epsilon })
    }

    fn bias(
        &mut self,
        name: &str,
        width: usize,
        biased: bool,
    ) -> Result<Option<Tensor>, VectorizeError> {
        let name = format!("{name}.bias");
        if biased || self.entries.contains_key(&name) {
            return Ok(Some(self.take(&name, &[width])?));
        }
        Ok(None)
    }

    /// The tensor of this name, which must have this shape and be finite.
    pub(super) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, VectorizeError> {
        let Some(entry) = self.entries.remove(name) else {
            let file = self.files.first().map_or(WEIGHTS, |file| file);
            return Err(problem(file, name, "the tensor is missing"));
        };
        let file = self.files.get(entry.file).map_or(WEIGHTS, |file| file);
        if entry.shape != shape {
            let (found, place) = (&entry.shape, "by config.json");
            return Err(problem(file, name, format!("shape {found:?}; {shape:?} {place}")));
        }
        let tensor = match entry.dtype {
            Dtype::F32 => match bytemuck::try_cast_slice::<u8, f32>(&entry.data) {
                Ok(_) => Tensor::View(entry.data),
                Err(_) => Tensor::Owned(bytemuck::pod_collect_to_vec(&entry.data)),
            },
            Dtype::BF16 => Tensor::Owned(halves(&entry.data, from_bf16)),
            Dtype::F16 => Tensor::Owned(halves(&entry.data, from_f16)),
            other => {
                return Err(problem(file, name, format!("{other:?}; F32, F16 or BF16 is read")));
            }
        };
        if tensor.iter().all(|value| value.is_finite()) {
            Ok(tensor)
        } else {
            Err(problem(file, name, "it holds values that are not finite"))
        }
    }
}

fn problem(file: &str, field: &str, problem: impl Into<String>) -> VectorizeError {
    VectorizeError::ModelFile {
        file: file.to_owned(),
        field: field.to_owned(),
        problem: problem.into(),
    }
}

fn halves(data: &[u8], convert: impl Fn(u16) -> f32) -> Vec<f32> {
    let (pairs, _) = data.as_chunks::<2>();
    pairs.iter().map(|pair| convert(u16::from_le_bytes(*pair))).collect()
}

/// bfloat16 is the upper half of a float.
fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// IEEE 754 binary16: 1 sign bit, 5 of exponent (bias 15), 10 of fraction.
fn from_f16(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10 & 0x1F);
    let fraction = u32::from(bits & 0x3FF);
    match exponent {
        // Subnormal: fraction · 2⁻²⁴, exact in a float.
        0 => {
            let value = fraction as f32 * (1.0 / 16_777_216.0);
            f32::from_bits(value.to_bits() | sign)
        }
        31 => f32::from_bits(sign | 0x7F80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_become_the_same_number() {
        for (bits, want) in [
            (0x0000, 0.0),
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65_504.0),
            (0x0001, 5.960_464_5e-8),
            (0x03FF, 6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0x3555, 0.333_251_95),
            (0xFC00, f32::NEG_INFINITY),
        ] {
            assert_eq!(from_f16(bits), want, "{bits:#x}");
        }
        assert!(from_f16(0x7E00).is_nan());
        assert!(from_f16(0x8000).is_sign_negative());
        assert_eq!(from_bf16(0x3F80), 1.0);
        assert_eq!(from_bf16(0xC040), -3.0);
    }
}
