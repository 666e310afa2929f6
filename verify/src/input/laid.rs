//! Matrices in memory of their own, laid out in every way.

use teeter::Float;
use teeter::matrix::{MatMut, MatRef};

/// Row-major, column-major, either with a gap, and strides that suit no vector.
pub const LAYOUTS: usize = 5;

/// What stands between and around the elements.
pub const CANARY: f64 = 7777.0;

/// A matrix laid out at strides, at an offset, with canaries between and around its elements.
#[derive(Clone, Debug)]
pub struct Laid<T> {
    /// All of its memory.
    pub memory: Vec<T>,
    offset: usize,
    shape: [usize; 2],
    strides: [usize; 2],
}

impl<T: Float> Laid<T> {
    /// Row-major values of shape [rows, cols] in one of the [`LAYOUTS`].
    #[must_use]
    pub fn new(values: &[T], shape: [usize; 2], layout: usize) -> Self {
        let [rows, cols] = shape;
        let strides = match layout {
            0 => [cols.max(1), 1],
            1 => [1, rows.max(1)],
            2 => [cols + 3, 1],
            3 => [1, rows + 2],
            _ => [2 * cols + 1, 2],
        };
        let extent = rows.max(1) * strides[0] + cols.max(1) * strides[1];
        let offset = layout + 1;
        let memory = vec![T::from_f64(CANARY); extent + offset + 8];
        let mut laid = Self { memory, offset, shape, strides };
        for (e, &value) in values.iter().enumerate() {
            let index = laid.index(e);
            laid.memory[index] = value;
        }
        laid
    }

    /// The same of whole numbers.
    #[must_use]
    pub fn whole(values: &[i64], shape: [usize; 2], layout: usize) -> Self {
        Self::new(&narrow(values), shape, layout)
    }

    /// Where element e of the row-major list lies.
    fn index(&self, e: usize) -> usize {
        let cols = self.shape[1];
        self.offset + e / cols * self.strides[0] + e % cols * self.strides[1]
    }

    /// NaN in the elements (i, j) that nobody may read.
    #[must_use]
    pub fn hide(mut self, hidden: impl Fn(usize, usize) -> bool) -> Self {
        let [rows, cols] = self.shape;
        for e in (0..rows * cols).filter(|e| hidden(e / cols, e % cols)) {
            let index = self.index(e);
            self.memory[index] = T::NAN;
        }
        self
    }

    /// To read.
    ///
    /// # Panics
    /// Never: the memory was made for it.
    #[must_use]
    pub fn view(&self) -> MatRef<'_, T> {
        MatRef::strided(&self.memory[self.offset..], self.shape, self.strides).expect("it fits")
    }

    /// To write.
    ///
    /// # Panics
    /// Never: the memory was made for it.
    pub fn view_mut(&mut self) -> MatMut<'_, T> {
        MatMut::strided(&mut self.memory[self.offset..], self.shape, self.strides).expect("it fits")
    }

    /// The elements, row after row.
    #[must_use]
    pub fn values(&self) -> Vec<T> {
        (0..self.shape[0] * self.shape[1]).map(|e| self.memory[self.index(e)]).collect()
    }

    /// The lower triangle, zeros above it; nothing else has changed since `before`.
    ///
    /// # Panics
    /// If something has.
    #[must_use]
    pub fn lower_since(&self, before: &Self) -> Vec<T> {
        let [rows, cols] = self.shape;
        let mut rest = self.memory.clone();
        let mut lower = vec![T::ZERO; rows * cols];
        for e in (0..rows * cols).filter(|e| e % cols <= e / cols) {
            lower[e] = self.memory[self.index(e)];
            rest[self.index(e)] = before.memory[self.index(e)];
        }
        let mut both = rest.iter().zip(&before.memory);
        let same = both.all(|(after, before)| after.to_bits_u64() == before.to_bits_u64());
        assert!(same, "something beside the triangle was written, n = {rows}");
        lower
    }

    /// The elements are these, and every canary is alive.
    ///
    /// # Panics
    /// With the first that is not.
    pub fn assert_is(&self, expected: &[i64], what: &dyn Fn() -> String) {
        let mut ideal = vec![CANARY; self.memory.len()];
        for (e, &value) in expected.iter().enumerate() {
            ideal[self.index(e)] = value as f64;
        }
        for (i, (value, ideal)) in self.memory.iter().zip(&ideal).enumerate() {
            assert!(value.to_f64() == *ideal, "{}: {value} at {i}, not {ideal}", what());
        }
    }
}

/// Whole numbers in the format.
#[must_use]
pub fn narrow<T: Float>(values: &[i64]) -> Vec<T> {
    values.iter().map(|&value| T::from_f64(value as f64)).collect()
}
