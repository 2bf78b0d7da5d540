//! MeCab's source files.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
};

use encoding_rs::EUC_JP;

use crate::TokenizeError;

/// The content of the source files.
pub(super) struct Sources<'a> {
    /// The name and the content of each lexicon, in order.
    pub(super) lexicons: Vec<(String, Cow<'a, [u8]>)>,
    pub(super) matrix: Cow<'a, [u8]>,
    pub(super) chars: Cow<'a, [u8]>,
    pub(super) unknown: Cow<'a, [u8]>,
}

impl Sources<'static> {
    /// Reads the source files in a folder.
    pub(super) fn read(folder: &Path) -> Result<Self, TokenizeError> {
        let listing = |source| TokenizeError::Io {
            path: folder.to_owned(),
            action: "list the sources of the dictionary",
            source,
        };
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(folder).map_err(listing)? {
            let path = entry.map_err(listing)?.path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                paths.push(path);
            }
        }
        paths.sort();
        if paths.is_empty() {
            return Err(TokenizeError::NoSources { folder: folder.to_owned() });
        }
        let mut lexicons = Vec::with_capacity(paths.len());
        for path in &paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            lexicons.push((name, read(path)?));
        }
        Ok(Self {
            lexicons,
            matrix: read(&folder.join("matrix.def"))?,
            chars: read(&folder.join("char.def"))?,
            unknown: read(&folder.join("unk.def"))?,
        })
    }
}

fn read(path: &Path) -> Result<Cow<'static, [u8]>, TokenizeError> {
    fs::read(path).map(Cow::Owned).map_err(|source| TokenizeError::Io {
        path: path.to_owned(),
        action: "read this dictionary source",
        source,
    })
}

/// The text of a source file: UTF-8 if it is valid UTF-8, otherwise EUC-JP, the encoding of IPADIC.
pub(super) fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, TokenizeError> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text).into());
    }
    let (text, malformed) = EUC_JP.decode_without_bom_handling(bytes);
    if malformed {
        return Err(TokenizeError::Encoding { file: file.to_owned() });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings() {
        let (bytes, _, _) = EUC_JP.encode("新機能,0,0,1,名詞");
        assert_eq!(decode("a", &bytes).unwrap(), "新機能,0,0,1,名詞");
        assert_eq!(decode("a", "\u{FEFF}機能".as_bytes()).unwrap(), "機能");
        let error = decode("bad.csv", &[0x82, 0xA0, 0xFF]).unwrap_err();
        assert!(error.to_string().contains("bad.csv"), "{error}");
    }

    #[test]
    fn folders_that_are_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Sources::read(folder.path()), Err(TokenizeError::NoSources { .. })));
        assert!(matches!(Sources::read(Path::new("/no/such")), Err(TokenizeError::Io { .. })));
        fs::write(folder.path().join("a.csv"), "").unwrap();
        assert!(matches!(Sources::read(folder.path()), Err(TokenizeError::Io { .. })));
    }
}
