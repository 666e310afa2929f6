//! A sentence of bounded length.

use core::fmt;

/// Bytes of a sentence; what is longer is cut.
const ROOM: usize = 240;

/// Where a refusal is explained.
pub(crate) struct Text {
    bytes: [u8; ROOM],
    len: usize,
}

impl Text {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; ROOM], len: 0 }
    }

    /// The sentence from now on.
    pub(crate) fn set(&mut self, what: impl fmt::Display) {
        self.len = 0;
        // A writer that cuts never fails.
        let _ = fmt::write(self, format_args!("{what}"));
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.len..).unwrap_or_default();
        for (to, byte) in room.iter_mut().zip(text.bytes()) {
            *to = byte;
            self.len += 1;
        }
        Ok(())
    }
}
