//! Step machines of the kernel, kept in structs that the C caller owns.
//!
//! Such a struct is a mark and words. The mark says which machine stands in the words, so that a
//! struct never made, or of another kind, is refused with `TEETER_STATE`.

use core::mem::MaybeUninit;

use crate::memory::{Access, Memory, Range};
use crate::status::{TEETER_STATE, teeter_status};

/// A C struct `{ uint64_t mark; uint64_t words[…]; }` and what stands in its words.
///
/// # Safety
/// - `Self` has this layout, C's, and nothing else.
pub(crate) unsafe trait Keeper: Sized {
    /// The kernel's value. It borrows memory that the caller lent for as long as it is used.
    type Value;
    /// What tells this kind from others.
    const MARK: u64;
}

/// What stands in the words.
#[repr(C)]
struct Content<K> {
    value: K,
    /// The memory that was lent with it: no argument of a later call may overlap it.
    lent: Range,
}

/// The layout of every keeper.
#[repr(C)]
struct Layout<K> {
    mark: u64,
    content: MaybeUninit<Content<K>>,
}

/// Puts `value` where the caller's struct stands.
pub(crate) fn keep<C: Keeper>(place: &mut MaybeUninit<C>, value: C::Value, lent: Range) {
    const {
        assert!(size_of::<Layout<C::Value>>() <= size_of::<C>(), "the words hold the value");
        assert!(align_of::<Layout<C::Value>>() <= align_of::<C>(), "the words align the value");
    }
    let layout = Layout { mark: C::MARK, content: MaybeUninit::new(Content { value, lent }) };
    // SAFETY: C is at least as large and as aligned as the layout, as just asserted.
    unsafe { place.as_mut_ptr().cast::<Layout<C::Value>>().write(layout) }
}

/// The value that a call works on, and the memory lent with it noted.
///
/// # Safety
/// - `pointer`, if not null and aligned, is a struct of the caller's that nothing else reaches; if
///   it has the mark of `C`, `keep` wrote it, and what was lent then is still lent.
pub(crate) unsafe fn kept<'a, C: Keeper>(
    memory: &mut Memory,
    pointer: *mut C,
) -> Result<&'a mut C::Value, teeter_status> {
    memory.note(Range::of(pointer, 1, Access::Written)?)?;
    let layout = pointer.cast::<Layout<C::Value>>();
    // SAFETY: not null and aligned; the mark is the first word of every keeper.
    let layout = unsafe { &mut *layout };
    if layout.mark != C::MARK {
        return Err(TEETER_STATE);
    }
    // SAFETY: the mark says that `keep` wrote it.
    let content = unsafe { layout.content.assume_init_mut() };
    memory.note(content.lent)?;
    Ok(&mut content.value)
}
