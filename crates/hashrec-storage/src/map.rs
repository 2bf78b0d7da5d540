//! Mapping a file: the only `unsafe` code of the crate.

use std::{fs::File, io, path::Path};

use bytes::Bytes;

use crate::StorageError;

/// Maps a file read-only. Clones of the returned [`Bytes`] share the map, and the last one releases
/// it.
///
/// # Nobody may change the file in place
/// A write to the file changes what was mapped, under whoever reads it. If the file is cut, the
/// operating system ends the process (SIGBUS) when it reads past the new end; no error can be
/// returned then. hashrec never writes in place: it replaces a bundle as a whole folder, so mapped
/// files stay as they are until the last reader drops them. Where others may write, read the file
/// into memory instead.
///
/// # Errors
/// [`StorageError::Io`] if the file cannot be opened or mapped. An empty file gives empty bytes.
pub fn map_file(path: &Path) -> Result<Bytes, StorageError> {
    let fail = |action| move |source| StorageError::Io { path: path.to_owned(), action, source };
    let file = File::open(path).map_err(fail("open"))?;
    map_open_file(&file).map_err(fail("map"))
}

/// [`map_file`] for a file that is open already, for callers that watch it while it is mapped.
///
/// # Errors
/// The operating system's reason if the file cannot be mapped.
pub fn map_open_file(file: &File) -> io::Result<Bytes> {
    if file.metadata()?.len() == 0 {
        return Ok(Bytes::new());
    }
    // SAFETY: the map is read-only and private to this process; the bytes are only ever read as
    // plain integers and floats, for which every bit pattern is valid, and are verified against
    // the bundle's hashes before use. What `Mmap::map` asks of the caller, that nobody truncates
    // or rewrites the file underneath, is the documented contract of this function.
    #[allow(unsafe_code)]
    let map = unsafe { memmap2::Mmap::map(file) }?;
    Ok(Bytes::from_owner(map))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_what_the_file_holds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("part");
        std::fs::write(&path, b"abc").unwrap();
        assert_eq!(&map_file(&path).unwrap()[..], b"abc");
        std::fs::write(dir.path().join("empty"), b"").unwrap();
        assert!(map_file(&dir.path().join("empty")).unwrap().is_empty());
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = map_file(Path::new("/no/such/part")).unwrap_err();
        assert!(error.to_string().contains("/no/such/part"), "{error}");
    }
}
