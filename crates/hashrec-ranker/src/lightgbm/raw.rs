//! The only module that calls LightGBM. Every function here is safe to call with any argument.
//!
//! The code relies on the following guarantees of LightGBM's `c_api.h`. A call reads exactly the
//! lengths it is given. It keeps no pointer to data or strings after it returns (data sets copy rows
//! into bins). It catches its own exceptions, reports them by a return value other than 0, and leaves
//! the reason for the same thread to fetch. A booster keeps pointers to its data sets, so here it
//! owns them.

#![allow(unsafe_code)]

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    panic,
    ptr::{self, NonNull},
};

use lightgbm3_sys as sys;

use crate::{RankerError, error::expect_equal};

const F32: c_int = sys::C_API_DTYPE_FLOAT32 as c_int;
const F64: c_int = sys::C_API_DTYPE_FLOAT64 as c_int;
const I32: c_int = sys::C_API_DTYPE_INT32 as c_int;

/// How feature importance is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImportanceKind {
    /// Sum of the gains of the splits on the feature.
    Gain,
    /// Number of splits on the feature.
    Splits,
}

/// A LightGBM data set.
pub(super) struct RawDataset {
    handle: NonNull<c_void>,
    rows: usize,
    columns: usize,
}

/// A LightGBM booster, with the data sets it points to.
pub(crate) struct RawBooster {
    handle: NonNull<c_void>,
    /// The training set, followed by the validation set if there is one. Freed after the booster
    /// (see `Drop`).
    data: Vec<RawDataset>,
}

/// Receives LightGBM's log messages.
unsafe extern "C" fn log(message: *const c_char) {
    if message.is_null() {
        return;
    }
    // SAFETY: LightGBM passes a terminated string that lives during the call.
    let message = unsafe { CStr::from_ptr(message) }.to_string_lossy();
    let message = message.trim();
    // A panic of a subscriber must not unwind into C++.
    let _ = panic::catch_unwind(|| {
        if !message.is_empty() {
            tracing::debug!(target: "lightgbm", "{message}");
        }
    });
}

/// Sends this thread's messages to [`log`]: LightGBM has one callback per thread.
fn route_log() {
    // SAFETY: `log` has the required signature and lives forever.
    unsafe { sys::LGBM_RegisterLogCallback(Some(log)) };
}

/// Turns a return value other than 0 into an error with LightGBM's message.
fn check(call: &'static str, code: c_int) -> Result<(), RankerError> {
    if code == 0 {
        return Ok(());
    }
    // SAFETY: LightGBM returns a terminated string in a buffer of this thread; it is copied
    // before anything else is called.
    let message = unsafe {
        let message = sys::LGBM_GetLastError();
        if message.is_null() {
            String::new()
        } else {
            CStr::from_ptr(message).to_string_lossy().into_owned()
        }
    };
    Err(RankerError::LightGbm { call, message })
}

fn text(call: &'static str, text: &str) -> Result<CString, RankerError> {
    CString::new(text)
        .map_err(|_| RankerError::LightGbm { call, message: "the parameters contain a NUL".into() })
}

fn int(call: &'static str, n: usize) -> Result<c_int, RankerError> {
    c_int::try_from(n)
        .map_err(|_| RankerError::LightGbm { call, message: format!("{n} is more than 2^31 - 1") })
}

fn handle(call: &'static str, handle: *mut c_void) -> Result<NonNull<c_void>, RankerError> {
    NonNull::new(handle)
        .ok_or_else(|| RankerError::LightGbm { call, message: "returned no handle".into() })
}

impl RawDataset {
    /// Bins `rows`: row-major, `columns` values each.
    pub(super) fn new(
        rows: &[f32],
        columns: usize,
        params: &str,
        reference: Option<&RawDataset>,
    ) -> Result<Self, RankerError> {
        const CALL: &str = "create a data set";
        route_log();
        let count = rows.len() / columns.max(1);
        expect_equal("rows", count * columns, rows.len())?;
        if let Some(reference) = reference {
            expect_equal("columns of a data set with a reference", reference.columns, columns)?;
        }
        let (nrow, ncol) = (int(CALL, count)?, int(CALL, columns)?);
        let params = text(CALL, params)?;
        let reference = reference.map_or(ptr::null_mut(), |r| r.handle.as_ptr());
        let mut out = ptr::null_mut();
        // SAFETY: `rows` holds nrow × ncol f32 in row-major order as just checked; `params` is
        // terminated; `reference` is null or a live data set of as many columns.
        check(CALL, unsafe {
            sys::LGBM_DatasetCreateFromMat(
                rows.as_ptr().cast(),
                F32,
                nrow,
                ncol,
                1,
                params.as_ptr(),
                reference,
                &mut out,
            )
        })?;
        Ok(Self { handle: handle(CALL, out)?, rows: count, columns })
    }

    /// One label per row.
    pub(super) fn set_labels(&mut self, labels: &[f32]) -> Result<(), RankerError> {
        expect_equal("labels", self.rows, labels.len())?;
        self.set_field("set labels", c"label", labels.as_ptr().cast(), labels.len(), F32)
    }

    /// The sizes of consecutive groups of rows.
    pub(super) fn set_groups(&mut self, sizes: &[i32]) -> Result<(), RankerError> {
        let sum = sizes
            .iter()
            .map(|&s| usize::try_from(s).unwrap_or(usize::MAX / 2))
            .fold(0, usize::saturating_add);
        expect_equal("sum of the group sizes", self.rows, sum)?;
        self.set_field("set groups", c"group", sizes.as_ptr().cast(), sizes.len(), I32)
    }

    /// The score of each row that training starts from.
    pub(super) fn set_scores(&mut self, scores: &[f64]) -> Result<(), RankerError> {
        expect_equal("scores to start from", self.rows, scores.len())?;
        const CALL: &str = "set the scores to start from";
        self.set_field(CALL, c"init_score", scores.as_ptr().cast(), scores.len(), F64)
    }

    /// `data` must point to `len` values of the type `kind`.
    fn set_field(
        &mut self,
        call: &'static str,
        name: &CStr,
        data: *const c_void,
        len: usize,
        kind: c_int,
    ) -> Result<(), RankerError> {
        let len = int(call, len)?;
        // SAFETY: the handle is live; all callers above pass a slice's pointer, its length and its
        // element type; LightGBM copies the values.
        check(call, unsafe {
            sys::LGBM_DatasetSetField(self.handle.as_ptr(), name.as_ptr(), data, len, kind)
        })
    }
}

impl Drop for RawDataset {
    fn drop(&mut self) {
        // SAFETY: the handle came from LightGBM and only this value owns it; no booster that points to
        // it is left, because a `RawBooster` owns its data sets and frees itself first.
        unsafe { sys::LGBM_DatasetFree(self.handle.as_ptr()) };
    }
}

impl RawBooster {
    pub(super) fn new(train: RawDataset, params: &str) -> Result<Self, RankerError> {
        const CALL: &str = "create a booster";
        route_log();
        let params = text(CALL, params)?;
        let mut out = ptr::null_mut();
        // SAFETY: the data set is live and moves into the booster returned, so it outlives it.
        check(CALL, unsafe {
            sys::LGBM_BoosterCreate(train.handle.as_ptr(), params.as_ptr(), &mut out)
        })?;
        Ok(Self { handle: handle(CALL, out)?, data: vec![train] })
    }

    pub(super) fn add_validation(&mut self, data: RawDataset) -> Result<(), RankerError> {
        // SAFETY: both are live, and the data set moves into this booster.
        let code =
            unsafe { sys::LGBM_BoosterAddValidData(self.handle.as_ptr(), data.handle.as_ptr()) };
        // Stored even after an error: LightGBM may have kept the pointer before it failed.
        self.data.push(data);
        check("add validation data", code)
    }

    /// Adds one tree; `false` if no split was worth making.
    pub(super) fn update(&mut self) -> Result<bool, RankerError> {
        route_log();
        let mut finished = 0;
        // SAFETY: the handle is live and not shared: `&mut self`.
        check("train a tree", unsafe {
            sys::LGBM_BoosterUpdateOneIter(self.handle.as_ptr(), &mut finished)
        })?;
        Ok(finished == 0)
    }

    /// The metric on the validation set; `None` without one.
    pub(super) fn evaluate(&self) -> Result<Option<f64>, RankerError> {
        const CALL: &str = "evaluate";
        if self.data.len() < 2 {
            return Ok(None);
        }
        let mut count = 0;
        // SAFETY: the handle is live.
        check(CALL, unsafe { sys::LGBM_BoosterGetEvalCounts(self.handle.as_ptr(), &mut count) })?;
        // LightGBM writes as many values as it announces.
        let mut values = vec![f64::NAN; usize::try_from(count).unwrap_or(0)];
        let mut len = 0;
        // SAFETY: 1 is the first validation set, which exists; the buffer holds as many values as
        // announced for any one set.
        check(CALL, unsafe {
            sys::LGBM_BoosterGetEval(self.handle.as_ptr(), 1, &mut len, values.as_mut_ptr())
        })?;
        expect_equal("metrics", 1, usize::try_from(len).unwrap_or(0))?;
        Ok(values.first().copied())
    }

    /// The model as text, up to `trees` trees (all if 0 or more than there are).
    pub(crate) fn model_text(&self, trees: usize) -> Result<String, RankerError> {
        const CALL: &str = "write the model";
        let trees = int(CALL, trees)?;
        let mut buffer: Vec<u8> = Vec::new();
        loop {
            let mut needed = 0;
            let room = i64::try_from(buffer.len()).unwrap_or(0);
            // SAFETY: LightGBM writes only if the text, including its terminator, fits `room` bytes.
            check(CALL, unsafe {
                sys::LGBM_BoosterSaveModelToString(
                    self.handle.as_ptr(),
                    0,
                    trees,
                    sys::C_API_FEATURE_IMPORTANCE_SPLIT as c_int,
                    room,
                    &mut needed,
                    buffer.as_mut_ptr().cast(),
                )
            })?;
            if needed <= room {
                buffer.truncate(usize::try_from(needed).unwrap_or(0).saturating_sub(1));
                break;
            }
            buffer.resize(usize::try_from(needed).unwrap_or(0), 0);
        }
        String::from_utf8(buffer).map_err(|_| RankerError::LightGbm {
            call: CALL,
            message: "the model is not UTF-8".into(),
        })
    }

    /// The importance of each feature in the first `trees` trees (all if 0).
    pub(crate) fn importance(
        &self,
        kind: ImportanceKind,
        trees: usize,
    ) -> Result<Vec<f64>, RankerError> {
        const CALL: &str = "get feature importances";
        let kind = match kind {
            ImportanceKind::Gain => sys::C_API_FEATURE_IMPORTANCE_GAIN,
            ImportanceKind::Splits => sys::C_API_FEATURE_IMPORTANCE_SPLIT,
        };
        let mut values = vec![0.0; self.data.first().map_or(0, |train| train.columns)];
        // SAFETY: LightGBM writes one value per column of the training set, the first data set.
        check(CALL, unsafe {
            sys::LGBM_BoosterFeatureImportance(
                self.handle.as_ptr(),
                int(CALL, trees)?,
                kind as c_int,
                values.as_mut_ptr(),
            )
        })?;
        Ok(values)
    }
}

impl Drop for RawBooster {
    fn drop(&mut self) {
        // SAFETY: only this value owns the handle; the data sets it points to are fields, which are
        // dropped after this.
        unsafe { sys::LGBM_BoosterFree(self.handle.as_ptr()) };
    }
}
