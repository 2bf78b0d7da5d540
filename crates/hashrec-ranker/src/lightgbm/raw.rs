//! The only module that calls LightGBM: every function here is safe to call with any argument.
//!
//! What is relied on, from LightGBM's `c_api.h`: a call reads exactly the lengths it is told, keeps
//! no pointer to data or strings after it returns (data sets copy rows into bins), catches its own
//! exceptions and reports them by a return value other than 0, and leaves the reason for the same
//! thread to fetch. A booster keeps pointers to its data sets, so it owns them here.

#![allow(unsafe_code)]

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    panic,
    ptr::{self, NonNull},
};

use lightgbm3_sys as sys;

use crate::RankerError;

const F32: c_int = sys::C_API_DTYPE_FLOAT32 as c_int;
const I32: c_int = sys::C_API_DTYPE_INT32 as c_int;

/// A data set of LightGBM's.
pub(super) struct RawDataset {
    handle: NonNull<c_void>,
    rows: usize,
    columns: usize,
}

/// A booster of LightGBM's, with the data sets it points to.
pub(super) struct RawBooster {
    handle: NonNull<c_void>,
    /// The training set, then the validation sets. Freed after the booster (see `Drop`).
    data: Vec<RawDataset>,
}

/// Receives what LightGBM logs.
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

/// Makes sure that this thread's messages go to [`log`]: LightGBM keeps the callback per thread.
fn route_log() {
    // SAFETY: `log` has the signature asked for and lives for ever.
    unsafe { sys::LGBM_RegisterLogCallback(Some(log)) };
}

/// Turns a return value into an error with LightGBM's reason.
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
        .map_err(|_| RankerError::LightGbm { call, message: "a name or value holds NUL".into() })
}

fn int(call: &'static str, n: usize) -> Result<c_int, RankerError> {
    c_int::try_from(n)
        .map_err(|_| RankerError::LightGbm { call, message: format!("{n} is beyond 2^31 - 1") })
}

fn handle(call: &'static str, handle: *mut c_void) -> Result<NonNull<c_void>, RankerError> {
    NonNull::new(handle)
        .ok_or_else(|| RankerError::LightGbm { call, message: "returned no handle".into() })
}

fn shape(what: &'static str, expected: usize, found: usize) -> Result<(), RankerError> {
    if expected == found {
        return Ok(());
    }
    Err(RankerError::Shape { what, expected, found })
}

impl RawDataset {
    /// Bins `rows`, row by row, `columns` values each.
    pub(super) fn new(
        rows: &[f32],
        columns: usize,
        params: &str,
        reference: Option<&RawDataset>,
    ) -> Result<Self, RankerError> {
        const CALL: &str = "create a data set";
        route_log();
        let count = rows.len() / columns.max(1);
        shape("rows", count * columns, rows.len())?;
        if let Some(reference) = reference {
            shape("columns of a data set with a reference", reference.columns, columns)?;
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

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// One label per row.
    pub(super) fn set_labels(&mut self, labels: &[f32]) -> Result<(), RankerError> {
        shape("labels", self.rows, labels.len())?;
        self.set_field("set labels", c"label", labels.as_ptr().cast(), labels.len(), F32)
    }

    /// One weight per row.
    pub(super) fn set_weights(&mut self, weights: &[f32]) -> Result<(), RankerError> {
        shape("weights", self.rows, weights.len())?;
        self.set_field("set weights", c"weight", weights.as_ptr().cast(), weights.len(), F32)
    }

    /// The sizes of consecutive groups of rows.
    pub(super) fn set_groups(&mut self, sizes: &[i32]) -> Result<(), RankerError> {
        let sum = sizes
            .iter()
            .map(|&s| usize::try_from(s).unwrap_or(usize::MAX / 2))
            .fold(0, usize::saturating_add);
        shape("sum of the group sizes", self.rows, sum)?;
        self.set_field("set groups", c"group", sizes.as_ptr().cast(), sizes.len(), I32)
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
        // SAFETY: the handle is live; the three callers above pass a slice's pointer, its length
        // and its element type; LightGBM copies the values.
        check(call, unsafe {
            sys::LGBM_DatasetSetField(self.handle.as_ptr(), name.as_ptr(), data, len, kind)
        })
    }

    /// One name per column.
    pub(super) fn set_names(&mut self, names: &[&str]) -> Result<(), RankerError> {
        const CALL: &str = "set feature names";
        shape("feature names", self.columns, names.len())?;
        let names: Vec<CString> = names.iter().map(|n| text(CALL, n)).collect::<Result<_, _>>()?;
        let mut pointers: Vec<*const c_char> = names.iter().map(|n| n.as_ptr()).collect();
        let len = int(CALL, pointers.len())?;
        // SAFETY: `len` pointers to terminated strings, all alive during the call, which copies.
        check(CALL, unsafe {
            sys::LGBM_DatasetSetFeatureNames(self.handle.as_ptr(), pointers.as_mut_ptr(), len)
        })
    }
}

impl Drop for RawDataset {
    fn drop(&mut self) {
        // SAFETY: the handle came from LightGBM, is owned here alone, and no booster that points
        // to it is left: a `RawBooster` owns its data sets and frees itself first.
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

    pub(super) fn columns(&self) -> usize {
        self.data.first().map_or(0, RawDataset::columns)
    }

    pub(super) fn validation_sets(&self) -> usize {
        self.data.len() - 1
    }

    pub(super) fn add_validation(&mut self, data: RawDataset) -> Result<(), RankerError> {
        // SAFETY: both are live, and the data set moves into this booster.
        let code =
            unsafe { sys::LGBM_BoosterAddValidData(self.handle.as_ptr(), data.handle.as_ptr()) };
        // Kept even if refused: LightGBM may have stored the pointer before it failed.
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

    /// Names of the metrics.
    pub(super) fn metrics(&self) -> Result<Vec<String>, RankerError> {
        const CALL: &str = "name the metrics";
        /// Longer than any metric's name; longer ones would be cut, not overflow.
        const LENGTH: usize = 128;
        let mut count = 0;
        // SAFETY: the handle is live.
        check(CALL, unsafe { sys::LGBM_BoosterGetEvalCounts(self.handle.as_ptr(), &mut count) })?;
        let mut names = vec![[0_u8; LENGTH]; usize::try_from(count).unwrap_or(0)];
        let mut pointers: Vec<*mut c_char> =
            names.iter_mut().map(|n| n.as_mut_ptr().cast()).collect();
        let (mut found, mut longest) = (0, 0);
        // SAFETY: as many pointers as announced, each to LENGTH writable bytes; LightGBM writes
        // at most the length it is told and terminates.
        check(CALL, unsafe {
            sys::LGBM_BoosterGetEvalNames(
                self.handle.as_ptr(),
                int(CALL, pointers.len())?,
                &mut found,
                LENGTH,
                &mut longest,
                pointers.as_mut_ptr(),
            )
        })?;
        let name = |bytes: &[u8; LENGTH]| {
            CStr::from_bytes_until_nul(bytes)
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        Ok(names.iter().map(name).collect())
    }

    /// The metrics' values on a validation set, `count` as returned by [`RawBooster::metrics`].
    pub(super) fn evaluate(&self, set: usize, count: usize) -> Result<Vec<f64>, RankerError> {
        const CALL: &str = "evaluate";
        if set >= self.validation_sets() {
            let (expected, found) = (self.validation_sets(), set + 1);
            return Err(RankerError::Shape { what: "validation sets", expected, found });
        }
        let mut announced = 0;
        // SAFETY: the handle is live.
        check(CALL, unsafe {
            sys::LGBM_BoosterGetEvalCounts(self.handle.as_ptr(), &mut announced)
        })?;
        // LightGBM writes as many values as it announces, however many were asked for.
        let mut values = vec![f64::NAN; usize::try_from(announced).unwrap_or(0)];
        let mut len = 0;
        // SAFETY: set 0 is the training set, so `set + 1` exists; the buffer holds as many values
        // as LightGBM's metrics give for any one set.
        check(CALL, unsafe {
            sys::LGBM_BoosterGetEval(
                self.handle.as_ptr(),
                int(CALL, set + 1)?,
                &mut len,
                values.as_mut_ptr(),
            )
        })?;
        shape("metrics", count, usize::try_from(len).unwrap_or(0))?;
        Ok(values)
    }

    /// The model as text, up to `trees` trees (all if 0 or more than there are).
    pub(super) fn model_text(&self, trees: usize) -> Result<String, RankerError> {
        const CALL: &str = "write the model";
        let trees = int(CALL, trees)?;
        let mut buffer: Vec<u8> = Vec::new();
        loop {
            let mut needed = 0;
            let room = i64::try_from(buffer.len()).unwrap_or(0);
            // SAFETY: LightGBM writes only if the text, terminator included, fits `room` bytes.
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
        String::from_utf8(buffer)
            .map_err(|_| RankerError::LightGbm { call: CALL, message: "wrote no UTF-8".into() })
    }

    /// One value per column: sum of gains, or number of splits.
    pub(super) fn importance(&self, gain: bool, trees: usize) -> Result<Vec<f64>, RankerError> {
        const CALL: &str = "weigh the features";
        let kind = if gain {
            sys::C_API_FEATURE_IMPORTANCE_GAIN
        } else {
            sys::C_API_FEATURE_IMPORTANCE_SPLIT
        };
        let mut values = vec![0.0; self.columns()];
        // SAFETY: LightGBM writes one value per column of the training set.
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

    /// One score per row, raw or transformed, of the first `trees` trees (all if 0).
    pub(super) fn predict(
        &self,
        rows: &[f32],
        raw: bool,
        trees: usize,
        out: &mut [f64],
    ) -> Result<(), RankerError> {
        const CALL: &str = "predict";
        route_log();
        shape("rows", out.len().saturating_mul(self.columns()), rows.len())?;
        if out.is_empty() {
            return Ok(());
        }
        let kind = if raw { sys::C_API_PREDICT_RAW_SCORE } else { sys::C_API_PREDICT_NORMAL };
        let mut len = 0;
        // SAFETY: `rows` holds out.len() rows of as many columns as the model has, row by row;
        // both objectives this crate trains give one score per row, so LightGBM writes out.len().
        check(CALL, unsafe {
            sys::LGBM_BoosterPredictForMat(
                self.handle.as_ptr(),
                rows.as_ptr().cast(),
                F32,
                int(CALL, out.len())?,
                int(CALL, self.columns())?,
                1,
                kind as c_int,
                0,
                int(CALL, trees)?,
                c"num_threads=1 verbosity=-1".as_ptr(),
                &mut len,
                out.as_mut_ptr(),
            )
        })?;
        shape("scores", out.len(), usize::try_from(len).unwrap_or(0))
    }
}

impl Drop for RawBooster {
    fn drop(&mut self) {
        // SAFETY: the handle is owned here alone; the data sets it points to are fields, dropped
        // after this.
        unsafe { sys::LGBM_BoosterFree(self.handle.as_ptr()) };
    }
}
