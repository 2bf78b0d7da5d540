//! Kernels as candle operations.
//!
//! candle adds every gradient it is handed to a tensor of zeros, and shares additions of more than
//! 65,536 numbers between threads that wait for each other by spinning. For the gradients of whole
//! weight tables that costs as much as the net itself, so an operation here leaves the gradients of
//! its parameters in a [`Sink`] and hands only those of its input to candle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Storage, Tensor, bail};

/// A function on `f32` tensors with its own backward pass.
pub(super) trait Kernel: Send + Sync + 'static {
    /// What the backward pass needs besides inputs and output.
    type Saved: Send;
    /// The name candle shows.
    const NAME: &'static str;

    /// The output, its shape, and what to save. The first input is the operation's argument, the
    /// others are its parameters; all are contiguous.
    fn forward(&self, inputs: &[&[f32]]) -> Result<(Vec<f32>, Shape, Self::Saved)>;

    /// The gradient of every input, given the output and its gradient.
    fn backward(
        &self,
        inputs: &[&[f32]],
        output: &[f32],
        grad: &[f32],
        saved: &Self::Saved,
    ) -> Result<Vec<Vec<f32>>>;
}

/// Where an operation's backward pass leaves the gradients of all its inputs, the argument's first.
#[derive(Clone, Debug, Default)]
pub(super) struct Sink(Arc<Mutex<Vec<Vec<f32>>>>);

impl Sink {
    /// The gradients; empty if the backward pass didn't reach the operation.
    pub(super) fn take(&self) -> Vec<Vec<f32>> {
        std::mem::take(&mut lock(&self.0))
    }
}

/// Which gradients go on through candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chain {
    /// The argument comes from other operations: they need its gradient.
    Through,
    /// The argument is a leaf: its gradient is read from the sink.
    Ends,
}

/// Applies a kernel to `x`, which must be tracked for the backward pass to reach the operation, and
/// its parameters.
pub(super) fn apply<K: Kernel>(
    kernel: K,
    x: &Tensor,
    parameters: &[&Tensor],
    chain: Chain,
) -> Result<(Tensor, Sink)> {
    let sink = Sink::default();
    let operation = Operation {
        kernel,
        parameters: parameters.iter().map(|&parameter| parameter.clone()).collect(),
        chain,
        saved: Mutex::new(None),
        sink: sink.clone(),
    };
    Ok((x.apply_op1(operation)?, sink))
}

/// One use of a kernel in a graph, and what it saved on the way forward.
struct Operation<K: Kernel> {
    kernel: K,
    parameters: Vec<Tensor>,
    chain: Chain,
    saved: Mutex<Option<K::Saved>>,
    sink: Sink,
}

/// A poisoned lock only means that another thread died; the values are replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The values of a contiguous CPU tensor.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let all = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets().and_then(|(start, end)| all.get(start..end)) {
        Some(values) => Ok(values),
        None => bail!("expected a contiguous tensor"),
    }
}

/// Calls `op` with the values of all tensors.
fn with_values<R>(tensors: &[&Tensor], op: impl FnOnce(&[&[f32]]) -> Result<R>) -> Result<R> {
    let guards: Vec<_> = tensors.iter().map(|tensor| tensor.storage_and_layout()).collect();
    let mut slices = Vec::with_capacity(guards.len());
    for (storage, layout) in &guards {
        let Storage::Cpu(storage) = &**storage else { bail!("this operation runs on CPU only") };
        slices.push(values(storage, layout)?);
    }
    op(&slices)
}

impl<K: Kernel> CustomOp1 for Operation<K> {
    fn name(&self) -> &'static str {
        K::NAME
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = values(x, layout)?;
        let parameters: Vec<&Tensor> = self.parameters.iter().collect();
        with_values(&parameters, |parameters| {
            let inputs = [&[x], parameters].concat();
            let (output, shape, saved) = self.kernel.forward(&inputs)?;
            *lock(&self.saved) = Some(saved);
            Ok((CpuStorage::F32(output), shape))
        })
    }

    fn bwd(&self, x: &Tensor, output: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let Some(saved) = lock(&self.saved).take() else {
            bail!("{}: no forward pass to go back through", K::NAME)
        };
        let grad = grad.contiguous()?;
        let mut tensors = vec![output, &grad, x];
        tensors.extend(&self.parameters);
        let grads = with_values(&tensors, |slices| {
            let [output, grad, inputs @ ..] = slices else { bail!("{}: no gradient", K::NAME) };
            self.kernel.backward(inputs, output, grad, &saved)
        })?;
        let through = match (self.chain, grads.first()) {
            (Chain::Through, Some(grad)) => Some(Tensor::from_slice(grad, x.shape(), x.device())?),
            _ => None,
        };
        *lock(&self.sink.0) = grads;
        Ok(through)
    }
}
