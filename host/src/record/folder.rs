//! A directory in which a result is whole or not there, and nothing else is ever touched.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};

use crate::error::HostError;

/// A file that a result consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnFile {
    /// Its name.
    pub name: &'static str,
    /// How it begins. Only a regular file of that name that begins so is ours to replace.
    pub opening: &'static str,
}

/// Where a result will appear.
///
/// A new directory is made beside its place and appears there whole, by one rename. In an existing one each file is replaced
/// by a rename of its own, in the order given to [`Folder::publish`]; so no other file is touched, whenever it was put there,
/// and a link to a directory stays one.
///
/// # What can be seen in between
/// For some microseconds an existing directory may hold the first files of the new result and the last of the earlier one,
/// each file whole. Before the first of those renames the new result is complete on disk, in `.teeter-partial-…/result` within
/// that directory; it goes when the last is done, and stays if the process is killed in between. A rename that fails brings the
/// earlier files back.
#[derive(Debug)]
pub struct Folder {
    /// As asked for, absolute.
    path: PathBuf,
    /// `path`, with links followed.
    place: PathBuf,
    files: &'static [OwnFile],
}

/// Temporary directories begin so; one that was left behind by a killed process is passed over.
const PARTIAL: &str = ".teeter-partial-";

/// As many as the system follows.
const LINKS_MAX: usize = 40;

impl Folder {
    /// Checks, before any work is done, that a result can be put at `path`. Leaves nothing there.
    ///
    /// # Errors
    /// [`HostError::Write`] if the place cannot be written to, [`HostError::Occupied`] if it holds anything but `files`.
    pub fn reserve(path: &Path, files: &'static [OwnFile]) -> Result<Self, HostError> {
        let failed = |source| HostError::Write { path: path.to_owned(), source };
        let path = std::path::absolute(path).map_err(failed)?;
        let folder = Self { place: follow(&path).map_err(failed)?, path, files };
        match fs::read_dir(&folder.place) {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry.map_err(failed)?;
                    if !folder.is_ours(&entry.path()).map_err(failed)? && !is_partial(&entry) {
                        return Err(folder.occupied(&entry.path()));
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let existing = folder.place.ancestors().find(|at| at.exists()).unwrap_or(Path::new("/"));
        // Fails now, not after the training, if the disk is read-only.
        temporary(existing).and_then(TempDir::close).map_err(failed)?;
        Ok(folder)
    }

    /// The directory the result will be at.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the files in place, in this order.
    ///
    /// # Errors
    /// [`HostError::Write`], [`HostError::Occupied`] if something else has taken the name of a file meanwhile; an earlier result is
    /// then still there.
    pub fn publish(&self, files: &[(&str, Vec<u8>)]) -> Result<(), HostError> {
        if !self.place.exists() && self.appear(files).map_err(|error| self.failed(error))? {
            return Ok(());
        }
        self.replace(files)
    }

    fn failed(&self, source: io::Error) -> HostError {
        HostError::Write { path: self.path.clone(), source }
    }

    /// Makes the directory; `false` if somebody else was quicker.
    fn appear(&self, files: &[(&str, Vec<u8>)]) -> io::Result<bool> {
        let Some(parent) = self.place.parent() else { return Ok(false) };
        fs::create_dir_all(parent)?;
        let stage = temporary(parent)?;
        // One level down: the temporary directory itself is closed to everyone but its owner.
        let complete = write_all(files, &stage.path().join("result"))?;
        match fs::rename(&complete, &self.place) {
            Err(_) if self.place.is_dir() => Ok(false),
            outcome => outcome.map(|()| true),
        }
    }

    fn replace(&self, files: &[(&str, Vec<u8>)]) -> Result<(), HostError> {
        let failed = |error| self.failed(error);
        // Within, not beside: a directory may be a file system of its own, and no rename crosses that.
        let stage = temporary(&self.place).map_err(failed)?;
        // Twice: one to be put in place file by file, one to stay complete until that is done.
        write_all(files, &stage.path().join("result")).map_err(failed)?;
        let ready = write_all(files, &stage.path().join("ready")).map_err(failed)?;
        let earlier = stage.path().join("earlier");
        fs::create_dir(&earlier).map_err(failed)?;
        for (done, (name, _)) in files.iter().enumerate() {
            let Err(error) = self.put(name, &ready, &earlier) else { continue };
            let back = files.iter().take(done).try_for_each(|(name, _)| {
                let (kept, at) = (earlier.join(name), self.place.join(name));
                if kept.exists() { fs::rename(kept, at) } else { fs::remove_file(at) }
            });
            if back.is_err() {
                // The only copy of something may be in it.
                let _ = stage.keep();
            }
            return Err(error);
        }
        Ok(())
    }

    /// Renames a file over the earlier one of its name, of which a copy is kept.
    fn put(&self, name: &str, ready: &Path, earlier: &Path) -> Result<(), HostError> {
        let failed = |error| self.failed(error);
        let at = self.place.join(name);
        if at.symlink_metadata().is_ok() {
            if !self.is_ours(&at).map_err(failed)? {
                return Err(self.occupied(&at));
            }
            fs::copy(&at, earlier.join(name)).map_err(failed)?;
        }
        fs::rename(ready.join(name), at).map_err(failed)
    }

    /// Whether this is a regular file, named like one of ours and beginning like it.
    fn is_ours(&self, at: &Path) -> io::Result<bool> {
        let Some(file) = self.files.iter().find(|file| at.file_name() == Some(file.name.as_ref()))
        else {
            return Ok(false);
        };
        if !at.symlink_metadata()?.is_file() {
            return Ok(false);
        }
        let mut opening = Vec::new();
        File::open(at)?.take(file.opening.len() as u64).read_to_end(&mut opening)?;
        Ok(opening == file.opening.as_bytes())
    }

    fn occupied(&self, found: &Path) -> HostError {
        let name = found.file_name().unwrap_or_default().to_string_lossy();
        let kind = match found.symlink_metadata() {
            Ok(of) if of.is_symlink() => "the link ",
            Ok(of) if of.is_dir() => "the directory ",
            _ => "the file ",
        };
        HostError::Occupied { path: self.path.clone(), found: format!("{kind}\"{name}\"") }
    }
}

/// Where a chain of links ends, whether or not anything is there.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(target) = fs::read_link(&path) else { return Ok(path) };
        path = path.parent().unwrap_or(Path::new("/")).join(target);
    }
    Err(io::Error::other("too many links"))
}

fn is_partial(entry: &fs::DirEntry) -> bool {
    let named = entry.file_name().to_string_lossy().starts_with(PARTIAL);
    named && entry.file_type().is_ok_and(|of| of.is_dir())
}

fn temporary(within: &Path) -> io::Result<TempDir> {
    Builder::new().prefix(PARTIAL).tempdir_in(within)
}

/// Writes the files, through to the disk, into a new directory.
fn write_all(files: &[(&str, Vec<u8>)], directory: &Path) -> io::Result<PathBuf> {
    fs::create_dir(directory)?;
    for (name, content) in files {
        let mut file = File::create(directory.join(name))?;
        file.write_all(content)?;
        file.sync_all()?;
    }
    Ok(directory.to_owned())
}
