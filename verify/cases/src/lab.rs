//! What a case works with: a machine, memory, and the hash of what came out.

use teeter::Machine;
use teeter::matrix::{MatMut, MatRef};

use crate::hash::Hash;
use crate::input::Number;

/// A case under way.
pub(crate) struct Lab<'a, T> {
    pub(crate) machine: Machine,
    memory: &'a mut [T],
    hash: Hash,
}

impl<'a, T: Number> Lab<'a, T> {
    /// Runs one case from the beginning.
    pub(crate) fn run(machine: Machine, memory: &'a mut [T], case: fn(&mut Lab<'_, T>)) -> u64 {
        let mut lab = Lab { machine, memory, hash: Hash::new() };
        case(&mut lab);
        lab.hash.value()
    }

    /// Slices of these lengths, full of NaN, and the hash.
    ///
    /// NaN, so that what a case does not fill and reads is seen.
    pub(crate) fn lend<const N: usize>(&mut self, lens: [usize; N]) -> ([&mut [T]; N], &mut Hash) {
        let mut rest = &mut *self.memory;
        let slices = lens.map(|len| {
            let (front, back) = core::mem::take(&mut rest).split_at_mut(len);
            rest = back;
            front.fill(T::NAN);
            front
        });
        (slices, &mut self.hash)
    }

    /// The hash alone.
    pub(crate) fn hash(&mut self) -> &mut Hash {
        &mut self.hash
    }
}

/// How a matrix lies in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Rows,
    Columns,
    /// Neither rows nor columns are adjacent.
    Apart,
}

impl Layout {
    pub(crate) const ALL: [Self; 3] = [Self::Rows, Self::Columns, Self::Apart];

    fn strides(self, [rows, cols]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Rows => [cols.max(1), 1],
            Self::Columns => [1, rows.max(1)],
            Self::Apart => [2, 2 * rows + 1],
        }
    }

    /// Elements that the matrix takes.
    pub(crate) fn len(self, [rows, cols]: [usize; 2]) -> usize {
        if self == Self::Apart { (2 * rows + 1) * cols } else { rows * cols }
    }

    /// A matrix to read.
    pub(crate) fn of<T: Number>(self, data: &[T], shape: [usize; 2]) -> MatRef<'_, T> {
        MatRef::strided(data, shape, self.strides(shape)).expect("`len` elements")
    }

    /// A matrix to write.
    pub(crate) fn of_mut<T: Number>(self, data: &mut [T], shape: [usize; 2]) -> MatMut<'_, T> {
        MatMut::strided(data, shape, self.strides(shape)).expect("`len` elements")
    }
}
