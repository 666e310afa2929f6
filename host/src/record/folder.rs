//! A directory that appears complete or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};

use crate::error::HostError;

/// Where a result will appear.
///
/// Files are written to a temporary directory beside it, on the same file system, so that one rename puts them in place. An
/// earlier result is moved away first and comes back if that rename fails.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    parent: PathBuf,
}

impl Folder {
    /// Checks, before any work is done, that a result can be put at `path`.
    ///
    /// # Errors
    /// [`HostError::Write`] if the place cannot be written to, [`HostError::Occupied`] if it holds anything but `files`.
    pub fn reserve(path: &Path, files: &[&str]) -> Result<Self, HostError> {
        let failed = |source| HostError::Write { path: path.to_owned(), source };
        let path = std::path::absolute(path).map_err(failed)?;
        let Some(parent) = path.parent().map(Path::to_owned) else {
            return Err(failed(io::Error::other("it is the root of the file system")));
        };
        match fs::read_dir(&path) {
            Ok(entries) => {
                for entry in entries {
                    let name = entry.map_err(failed)?.file_name();
                    if !files.iter().any(|file| name == *file) {
                        let found = name.to_string_lossy().into_owned();
                        return Err(HostError::Occupied { path, found });
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        fs::create_dir_all(&parent).map_err(failed)?;
        let folder = Self { path, parent };
        // Fails now, not after the training, if the disk is read-only.
        folder.temporary()?.close().map_err(failed)?;
        Ok(folder)
    }

    /// The directory the result will be at.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the files in place, all at once.
    ///
    /// # Errors
    /// [`HostError::Write`]; an earlier result is then still there.
    pub fn publish(&self, files: &[(&str, Vec<u8>)]) -> Result<(), HostError> {
        let stage = self.temporary()?;
        let failed = |source| HostError::Write { path: self.path.clone(), source };
        // One level down: the temporary directory itself is closed to everyone but its owner.
        let complete = stage.path().join("result");
        fs::create_dir(&complete).map_err(failed)?;
        for (name, content) in files {
            let file = complete.join(name);
            fs::write(&file, content).map_err(|source| HostError::Write { path: file, source })?;
        }
        let earlier = stage.path().join("earlier");
        let replaces = self.path.exists();
        if replaces {
            fs::rename(&self.path, &earlier).map_err(failed)?;
        }
        fs::rename(&complete, &self.path).map_err(|source| {
            if replaces {
                // The first fault is the one to report, whether or not the way back works.
                let _ = fs::rename(&earlier, &self.path);
            }
            failed(source)
        })
    }

    fn temporary(&self) -> Result<TempDir, HostError> {
        Builder::new()
            .prefix(".teeter-partial-")
            .tempdir_in(&self.parent)
            .map_err(|source| HostError::Write { path: self.path.clone(), source })
    }
}
