//! Up to five operands between guard pages, scratch among them, and a call that must stay within them.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Float, Machine};

use super::Source;
use super::guarded::{End, Guarded, canary};

/// What an operand holds before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Numbers in [−1, 1).
    General,
    /// A lower triangle with a diagonal that makes it positive definite, canaries above: neither read nor written.
    Positive,
    /// A lower triangle with numbers in [−1, 1) alone, canaries above.
    Indefinite,
    /// Canaries alone: what it holds before means nothing, nor what it holds after.
    Scratch,
}

use Fill::{General, Indefinite, Positive, Scratch};

/// What it holds, and its shape.
pub type Spec = (Fill, [usize; 2]);

/// No operand.
pub const NONE: Spec = (General, [0, 0]);
/// How many operands a row has.
pub const COUNT: usize = 5;

/// n × n.
#[must_use]
pub const fn square(fill: Fill, n: usize) -> Spec {
    (fill, [n, n])
}

/// n numbers, adjacent.
#[must_use]
pub const fn vector(n: usize) -> Spec {
    (General, [n, 1])
}

/// n elements of scratch.
#[must_use]
pub const fn scratch(n: usize) -> Spec {
    (Scratch, [n, 1])
}

/// A matrix, or a vector as one of a single column.
#[derive(Debug)]
pub struct Operand<'a, T> {
    /// Its elements, and no more.
    pub memory: &'a mut [T],
    /// Rows, columns.
    pub shape: [usize; 2],
    /// From row to row, from column to column.
    pub strides: [usize; 2],
}

impl<T: Float> Operand<'_, T> {
    /// To read.
    ///
    /// # Panics
    /// If the strides do not fit the memory.
    #[must_use]
    pub fn read(&self) -> MatRef<'_, T> {
        MatRef::strided(self.memory, self.shape, self.strides).unwrap()
    }

    /// To write.
    ///
    /// # Panics
    /// If the strides do not fit the memory.
    pub fn write(&mut self) -> MatMut<'_, T> {
        MatMut::strided(self.memory, self.shape, self.strides).unwrap()
    }
}

/// A function under test: its operands for m, n, p, and a call of it. Indices are no operands: none of them is
/// reached by pointer.
#[derive(Debug)]
pub struct Row<T> {
    /// Its name.
    pub name: &'static str,
    /// Its operands for m, n, p.
    pub specs: fn([usize; 3]) -> [Spec; COUNT],
    /// A call of it.
    pub call: fn(Machine, &mut [Operand<'_, T>; COUNT]) -> Result<(), Error>,
}

/// Row-major and column-major, without and with a gap; vectors are adjacent.
fn strides([rows, cols]: [usize; 2], layout: usize) -> [usize; 2] {
    match layout {
        _ if cols == 1 => [1, rows.max(1)],
        0 => [cols.max(1), 1],
        1 => [1, rows.max(1)],
        2 => [cols + 3, 1],
        _ => [1, rows + 2],
    }
}

const LAYOUTS: usize = 4;

/// The operand's elements, canaries where none is; no element more.
fn memory<T: Float>(spec: Spec, strides: [usize; 2], source: &mut Source) -> Vec<T> {
    let ((fill, [rows, cols]), [down, across]) = (spec, strides);
    if rows == 0 || cols == 0 {
        return Vec::new();
    }
    let mut memory = vec![canary(); (rows - 1) * down + (cols - 1) * across + 1];
    for i in 0..rows {
        for j in 0..cols {
            let value = T::from_f64(source.unit());
            let boost = if i == j { T::from_usize(4 * rows) } else { T::ZERO };
            match fill {
                General => memory[i * down + j * across] = value,
                Positive if j <= i => memory[i * down + j * across] = value + boost,
                Indefinite if j <= i => memory[i * down + j * across] = value,
                _ => {}
            }
        }
    }
    memory
}

/// Between guards as in ordinary memory, bit for bit; canaries keep their bits, and meet no element.
///
/// # Panics
/// If that is not so, or the call refuses.
pub fn stays_within<T: Float>(
    row: &Row<T>,
    machine: Machine,
    shape: [usize; 3],
    turn: usize,
    guards: &mut [Guarded; COUNT],
) {
    let source = &mut Source::new(0x6A7D);
    let specs = (row.specs)(shape);
    let layouts = [turn, turn / LAYOUTS, turn / 3, turn / 2, 0].map(|layout| layout % LAYOUTS);
    let strides: [_; COUNT] = std::array::from_fn(|i| strides(specs[i].1, layouts[i]));
    let before: [Vec<T>; COUNT] = std::array::from_fn(|i| memory(specs[i], strides[i], source));
    let mut after = before.clone();
    let run = |memory: [&mut [T]; COUNT]| {
        let mut i = 0;
        let mut operands = memory.map(|memory| {
            i += 1;
            Operand { memory, shape: specs[i - 1].1, strides: strides[i - 1] }
        });
        (row.call)(machine, &mut operands)
    };
    let what = || format!("{}, {machine:?}, {shape:?}, {layouts:?}", row.name);
    let done = run(after.each_mut().map(Vec::as_mut_slice));
    assert_eq!(done, Ok(()), "{}", what());
    for (i, (before, after)) in before.iter().zip(&after).enumerate() {
        for (before, after) in before.iter().zip(after).filter(|_| specs[i].0 != Scratch) {
            let same = before.to_bits_u64() == after.to_bits_u64();
            let fine = if before.is_nan() { same } else { !after.is_nan() };
            assert!(fine, "{}: operand {i}: a gap was written or read", what());
        }
    }
    for end in [End::First, End::Last] {
        let mut i = 0;
        let memory = guards.each_mut().map(|guard| {
            i += 1;
            guard.hold(&before[i - 1], end)
        });
        assert_eq!(run(memory), Ok(()), "{}, {end:?}", what());
        for (i, guard) in guards.iter_mut().enumerate() {
            let len = before[i].len();
            assert!(guard.is_whole::<T>(len, end), "{}, {end:?}: beside operand {i}", what());
            let found = guard.held::<T>(len, end).iter().map(|x| x.to_bits_u64());
            let same = specs[i].0 == Scratch || found.eq(after[i].iter().map(|x| x.to_bits_u64()));
            assert!(same, "{}, {end:?}: operand {i} differs", what());
        }
    }
}
