//! The implementation under test.
//!
//! A property asks a [`Subject`], never the kernel, so that a deliberately broken one can be
//! fed to it and must fail. Every method has the kernel's function as its default: a fault is
//! one method written wrong.

use teeter::matrix::{MatMut, MatRef};
use teeter::random::Stream;
use teeter::{Error, Float, Machine, matrix, random, vector};

/// An implementation of the kernel's functions.
#[expect(
    clippy::missing_errors_doc,
    reason = "each method has the errors of the function it names"
)]
pub trait Subject<T: Float> {
    /// The machine it runs on.
    fn machine(&self) -> Machine;

    /// `vector::dot`
    fn dot(&self, x: &[T], y: &[T]) -> Result<T, Error> {
        vector::dot(self.machine(), x, y)
    }
    /// `vector::sum`
    fn sum(&self, x: &[T]) -> T {
        vector::sum(self.machine(), x)
    }
    /// `vector::sum_abs`
    fn sum_abs(&self, x: &[T]) -> T {
        vector::sum_abs(self.machine(), x)
    }
    /// `vector::norm2`
    fn norm2(&self, x: &[T]) -> T {
        vector::norm2(self.machine(), x)
    }
    /// `vector::axpy`
    fn axpy(&self, alpha: T, x: &[T], y: &mut [T]) -> Result<(), Error> {
        vector::axpy(self.machine(), alpha, x, y)
    }
    /// `vector::tanh_in_place`
    fn tanh_in_place(&self, x: &mut [T]) {
        vector::tanh_in_place(self.machine(), x);
    }
    /// `matrix::gemv`
    fn gemv(
        &self,
        (alpha, beta): (T, T),
        a: MatRef<'_, T>,
        x: &[T],
        y: &mut [T],
    ) -> Result<(), Error> {
        matrix::gemv(self.machine(), alpha, a, x, beta, y)
    }
    /// `matrix::ger`
    fn ger(&self, alpha: T, x: &[T], y: &[T], a: MatMut<'_, T>) -> Result<(), Error> {
        matrix::ger(self.machine(), alpha, x, y, a)
    }
    /// `matrix::gemm`
    fn gemm(
        &self,
        (alpha, beta): (T, T),
        a: MatRef<'_, T>,
        b: MatRef<'_, T>,
        c: MatMut<'_, T>,
    ) -> Result<(), Error> {
        matrix::gemm(self.machine(), alpha, a, b, beta, c)
    }
    /// `matrix::trsv_lower`
    fn trsv_lower(&self, l: MatRef<'_, T>, x: &mut [T]) -> Result<(), Error> {
        matrix::trsv_lower(self.machine(), l, x)
    }
    /// `matrix::trsv_lower_t`
    fn trsv_lower_t(&self, l: MatRef<'_, T>, x: &mut [T]) -> Result<(), Error> {
        matrix::trsv_lower_t(self.machine(), l, x)
    }
    /// `random::signs_into`
    fn signs_into(&self, stream: Stream, out: &mut [T]) {
        random::signs_into(stream, out);
    }
    /// `random::normals_into`
    fn normals_into(&self, stream: Stream, out: &mut [T]) {
        random::normals_into(stream, out);
    }
}

/// The kernel itself, on one machine.
#[derive(Clone, Copy, Debug)]
pub struct Teeter(pub Machine);

impl<T: Float> Subject<T> for Teeter {
    fn machine(&self) -> Machine {
        self.0
    }
}
