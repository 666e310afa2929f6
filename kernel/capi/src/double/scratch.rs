//! Memory lent for a call.

use crate::memory::{Access, Memory, Range};
use crate::status::teeter_status;

/// Memory lent for a call: what is in it before and after means nothing. Its length is told by the
/// function `…_scratch_len` beside the function that wants it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_scratch_f64 {
    /// The memory.
    pub data: *mut f64,
    /// Its elements.
    pub len: usize,
}

impl teeter_scratch_f64 {
    /// # Safety
    /// - `data` is valid for writing `len` elements, and nothing but the call reaches them.
    pub(crate) unsafe fn view<'a>(
        &self,
        memory: &mut Memory,
    ) -> Result<&'a mut [f64], teeter_status> {
        // SAFETY: as the caller vouches.
        unsafe { memory.output(self.data, self.len) }
    }

    /// The bytes it takes, for a machine that keeps it.
    pub(crate) fn range(&self) -> Result<Range, teeter_status> {
        Range::of(self.data, self.len, Access::Written)
    }
}
