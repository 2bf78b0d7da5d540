//! Kernels as candle operations.

use std::sync::{Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp1, CustomOp3, Layout, Result, Shape, Storage, Tensor, bail};

/// A function on `f32` tensors with its own backward pass.
pub(super) trait Kernel: Send + Sync + 'static {
    /// What the backward pass needs besides inputs and output.
    type Saved: Send;
    /// The name candle shows.
    const NAME: &'static str;

    /// The output, its shape, and what to save. The inputs are contiguous.
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

/// Applies a kernel of one argument.
pub(super) fn apply1<K: Kernel>(kernel: K, x: &Tensor) -> Result<Tensor> {
    x.apply_op1(Operation { kernel, saved: Mutex::new(None) })
}

/// Applies a kernel of three arguments.
pub(super) fn apply3<K: Kernel>(kernel: K, x: &Tensor, y: &Tensor, z: &Tensor) -> Result<Tensor> {
    x.apply_op3(y, z, Operation { kernel, saved: Mutex::new(None) })
}

/// One use of a kernel in a graph, and what it saved on the way forward.
struct Operation<K: Kernel> {
    kernel: K,
    saved: Mutex<Option<K::Saved>>,
}

/// The values of a contiguous CPU tensor.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let all = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets().and_then(|(start, end)| all.get(start..end)) {
        Some(values) => Ok(values),
        None => bail!("expected a contiguous tensor"),
    }
}

impl<K: Kernel> Operation<K> {
    fn run(&self, inputs: &[(&CpuStorage, &Layout)]) -> Result<(CpuStorage, Shape)> {
        let inputs: Vec<&[f32]> = inputs
            .iter()
            .map(|(storage, layout)| values(storage, layout))
            .collect::<Result<_>>()?;
        let (output, shape, saved) = self.kernel.forward(&inputs)?;
        *self.saved.lock().unwrap_or_else(PoisonError::into_inner) = Some(saved);
        Ok((CpuStorage::F32(output), shape))
    }

    fn run_back(&self, inputs: &[&Tensor], output: &Tensor, grad: &Tensor) -> Result<Vec<Tensor>> {
        let saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(saved) = saved else { bail!("{}: no forward pass to go back through", K::NAME) };
        let grad = grad.contiguous()?;
        let tensors: Vec<&Tensor> = inputs.iter().copied().chain([output, &grad]).collect();
        let guards: Vec<_> = tensors.iter().map(|tensor| tensor.storage_and_layout()).collect();
        let mut slices = Vec::with_capacity(guards.len());
        for (storage, layout) in &guards {
            let Storage::Cpu(storage) = &**storage else { bail!("{}: runs on CPU only", K::NAME) };
            slices.push(values(storage, layout)?);
        }
        let (inputs_slices, rest) = slices.split_at(inputs.len());
        let [output, grad] = rest else { bail!("{}: wrong number of tensors", K::NAME) };
        let grads = self.kernel.backward(inputs_slices, output, grad, &saved)?;
        let tensors = grads.into_iter().zip(inputs);
        tensors.map(|(grad, x)| Tensor::from_vec(grad, x.shape(), x.device())).collect()
    }
}

impl<K: Kernel> CustomOp1 for Operation<K> {
    fn name(&self) -> &'static str {
        K::NAME
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        self.run(&[(x, layout)])
    }

    fn bwd(&self, x: &Tensor, output: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        Ok(self.run_back(&[x], output, grad)?.pop())
    }
}

impl<K: Kernel> CustomOp3 for Operation<K> {
    fn name(&self) -> &'static str {
        K::NAME
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        y: &CpuStorage,
        y_layout: &Layout,
        z: &CpuStorage,
        z_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        self.run(&[(x, x_layout), (y, y_layout), (z, z_layout)])
    }

    fn bwd(
        &self,
        x: &Tensor,
        y: &Tensor,
        z: &Tensor,
        output: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let mut grads = self.run_back(&[x, y, z], output, grad)?.into_iter();
        Ok((grads.next(), grads.next(), grads.next()))
    }
}
