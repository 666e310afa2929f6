//! A closure as an operator.

use core::marker::PhantomData;

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::{LinearOperator, Symmetric};

/// The operator that a closure computes. That it is symmetric is the caller's promise.
///
/// # Example
/// ```
/// use teeter::operator::{FromFn, LinearOperator};
/// // The second difference on three points.
/// let mut laplacian = FromFn::new(3, |x: &[f64], y: &mut [f64]| {
///     y[0] = 2.0 * x[0] - x[1];
///     y[1] = 2.0 * x[1] - x[0] - x[2];
///     y[2] = 2.0 * x[2] - x[1];
///     Ok(())
/// });
/// let mut y = [0.0; 3];
/// laplacian.apply(&[1.0, 0.0, 0.0], &mut y)?;
/// assert_eq!(y, [2.0, -1.0, 0.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct FromFn<F, T> {
    n: usize,
    f: F,
    number: PhantomData<T>,
}

impl<F: FnMut(&[T], &mut [T]) -> Result<(), Error>, T: Float> FromFn<F, T> {
    /// The n × n operator whose product `f` writes into its second argument.
    pub fn new(n: usize, f: F) -> Self {
        Self { n, f, number: PhantomData }
    }
}

impl<F: FnMut(&[T], &mut [T]) -> Result<(), Error>, T: Float> LinearOperator<T> for FromFn<F, T> {
    fn dim(&self) -> usize {
        self.n
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.n, x.len())?;
        check::same_len("y", self.n, y.len())?;
        (self.f)(x, y)
    }
}

impl<F: FnMut(&[T], &mut [T]) -> Result<(), Error>, T: Float> Symmetric<T> for FromFn<F, T> {}
