//! The device that computes the net while training.

use candle_core::Device;

use crate::{ClassifierError, TrainingDevice};

/// Opens the device.
pub(super) fn open(device: TrainingDevice) -> Result<Device, ClassifierError> {
    match device {
        TrainingDevice::Cpu => Ok(Device::Cpu),
        TrainingDevice::Cuda if cfg!(feature = "cuda") => Device::new_cuda(0),
        TrainingDevice::Metal if cfg!(feature = "metal") => Device::new_metal(0),
        _ => return Err(ClassifierError::DeviceNotBuilt { device }),
    }
    .map_err(|source| ClassifierError::DeviceUnavailable { device, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_built_in_or_not_there_is_an_error() {
        assert!(open(TrainingDevice::Cpu).is_ok_and(|device| device.is_cpu()));
        let other = [
            (TrainingDevice::Cuda, cfg!(feature = "cuda")),
            (TrainingDevice::Metal, cfg!(feature = "metal")),
        ];
        for (device, built) in other {
            match open(device) {
                Ok(opened) => assert!(built && !opened.is_cpu()),
                Err(ClassifierError::DeviceNotBuilt { device: named }) => {
                    assert!(!built && named == device);
                }
                Err(error) => {
                    assert!(built && matches!(error, ClassifierError::DeviceUnavailable { .. }));
                }
            }
        }
    }
}
