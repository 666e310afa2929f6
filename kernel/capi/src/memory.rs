//! Pointers from C, checked once, and against one another.

use core::mem::MaybeUninit;

use crate::status::{
    TEETER_LENGTH, TEETER_MISALIGNED, TEETER_NULL, TEETER_OK, TEETER_OTHER, TEETER_OVERLAP,
    teeter_status,
};

/// Most ranges that one call hands over.
const RANGES: usize = 12;

/// What a call does with memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Written,
}

/// Bytes from `start` to before `end`.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    start: usize,
    end: usize,
    access: Access,
}

impl Range {
    pub(crate) const NOTHING: Self = Self { start: 0, end: 0, access: Access::Read };

    /// The memory of `n` elements, or why it cannot be a slice.
    pub(crate) fn of<T>(
        pointer: *const T,
        n: usize,
        access: Access,
    ) -> Result<Self, teeter_status> {
        if pointer.is_null() {
            return Err(TEETER_NULL);
        }
        if !pointer.is_aligned() {
            return Err(TEETER_MISALIGNED);
        }
        let bytes = n.checked_mul(size_of::<T>()).filter(|&bytes| bytes <= isize::MAX as usize);
        let start = pointer.addr();
        let end = bytes.and_then(|bytes| start.checked_add(bytes)).ok_or(TEETER_LENGTH)?;
        Ok(Self { start, end, access })
    }

    /// Whether both share a byte that is written; nothing shares a byte with an empty range.
    fn conflicts(self, other: Self) -> bool {
        let empty = self.start == self.end || other.start == other.end;
        [self.access, other.access].contains(&Access::Written)
            && !empty
            && self.start < other.end
            && other.start < self.end
    }
}

/// The memory of one call: what is read may overlap, what is written is apart from all else.
pub(crate) struct Memory {
    ranges: [Range; RANGES],
    free: usize,
}

impl Memory {
    pub(crate) const fn new() -> Self {
        Self { ranges: [Range::NOTHING; RANGES], free: RANGES }
    }

    /// Refuses what overlaps a range named before, if one of both is written.
    pub(crate) fn note(&mut self, range: Range) -> Result<(), teeter_status> {
        if self.ranges.iter().skip(self.free).any(|&known| known.conflicts(range)) {
            return Err(TEETER_OVERLAP);
        }
        self.free = self.free.checked_sub(1).ok_or(TEETER_OTHER)?;
        let place = self.ranges.get_mut(self.free).ok_or(TEETER_OTHER)?;
        *place = range;
        Ok(())
    }

    /// A slice to read.
    ///
    /// # Safety
    /// - If it is not null and aligned, `pointer` is valid for reading `n` elements while 'a lasts.
    pub(crate) unsafe fn input<'a, T>(
        &mut self,
        pointer: *const T,
        n: usize,
    ) -> Result<&'a [T], teeter_status> {
        self.note(Range::of(pointer, n, Access::Read)?)?;
        // SAFETY: not null, aligned, small enough; readable as the caller vouches.
        Ok(unsafe { core::slice::from_raw_parts(pointer, n) })
    }

    /// A slice to write.
    ///
    /// # Safety
    /// - If it is not null and aligned, `pointer` is valid for reading and writing `n` elements
    ///   while 'a lasts, and nothing but this call reaches them.
    pub(crate) unsafe fn output<'a, T>(
        &mut self,
        pointer: *mut T,
        n: usize,
    ) -> Result<&'a mut [T], teeter_status> {
        self.note(Range::of(pointer, n, Access::Written)?)?;
        // SAFETY: not null, aligned, small enough; exclusive: the caller vouches for what is
        // beyond this call, and `note` for its other arguments.
        Ok(unsafe { core::slice::from_raw_parts_mut(pointer, n) })
    }

    /// One value to read.
    ///
    /// # Safety
    /// - That of [`Memory::input`] for one element.
    pub(crate) unsafe fn value<'a, T>(
        &mut self,
        pointer: *const T,
    ) -> Result<&'a T, teeter_status> {
        self.note(Range::of(pointer, 1, Access::Read)?)?;
        // SAFETY: not null and aligned; readable as the caller vouches.
        Ok(unsafe { &*pointer })
    }

    /// One value to read and write.
    ///
    /// # Safety
    /// - That of [`Memory::output`] for one element.
    pub(crate) unsafe fn exclusive<'a, T>(
        &mut self,
        pointer: *mut T,
    ) -> Result<&'a mut T, teeter_status> {
        self.note(Range::of(pointer, 1, Access::Written)?)?;
        // SAFETY: not null and aligned; exclusive as for `output`.
        Ok(unsafe { &mut *pointer })
    }

    /// A place for one result, whatever stands there.
    ///
    /// # Safety
    /// - That of [`Memory::output`] for one element.
    pub(crate) unsafe fn place<'a, T>(
        &mut self,
        pointer: *mut T,
    ) -> Result<&'a mut MaybeUninit<T>, teeter_status> {
        self.note(Range::of(pointer, 1, Access::Written)?)?;
        // SAFETY: not null and aligned; exclusive as for `output`; no value is asked for.
        Ok(unsafe { &mut *pointer.cast::<MaybeUninit<T>>() })
    }
}

/// The status of a body that may stop early.
pub(crate) fn status(body: impl FnOnce() -> Result<(), teeter_status>) -> teeter_status {
    body().err().unwrap_or(TEETER_OK)
}
