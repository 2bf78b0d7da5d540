//! The memory of this process.

/// The most memory this process has had resident, in MiB; `None` where the system has no
/// `/proc/self/status`.
pub fn peak_rss_mib() -> Option<f64> {
    read("VmHWM:")
}

/// The memory this process has resident now, in MiB; `None` where the system has no
/// `/proc/self/status`.
pub fn rss_mib() -> Option<f64> {
    read("VmRSS:")
}

fn read(name: &str) -> Option<f64> {
    mib(&std::fs::read_to_string("/proc/self/status").ok()?, name)
}

/// Reads a line such as `VmHWM:     1234 kB`; the kernel's kB are KiB.
fn mib(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_line() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1024 kB\n";
        assert_eq!(mib(status, "VmHWM:"), Some(2.0));
        assert_eq!(mib(status, "VmRSS:"), Some(1.0));
    }

    #[test]
    fn anything_else_is_unknown() {
        for status in ["", "VmHWM:", "VmHWM:\t12 MB", "VmHWM:\tmany kB"] {
            assert_eq!(mib(status, "VmHWM:"), None, "{status}");
        }
    }
}
