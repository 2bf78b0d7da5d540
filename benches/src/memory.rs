//! The memory of this process.

/// The most memory this process has had resident, in MiB; `None` where the system has no
/// `/proc/self/status`.
pub fn peak_rss_mib() -> Option<f64> {
    high_water_mark(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// Reads the line `VmHWM:     1234 kB`; the kernel's kB are KiB.
fn high_water_mark(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_line() {
        assert_eq!(high_water_mark("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 4 kB\n"), Some(2.0));
    }

    #[test]
    fn anything_else_is_unknown() {
        for status in ["", "VmHWM:", "VmHWM:\t12 MB", "VmHWM:\tmany kB"] {
            assert_eq!(high_water_mark(status), None, "{status}");
        }
    }
}
