//! One exported function for each operation, in f32: `verify/firmware/measure` links each alone
//! and looks at the size of its code.
#![no_std]

use teeter::factor;
use teeter::krylov::{LanczosOptions, Which, extremal_eigenpair};
use teeter::matrix::{self, Diagonal, MatMut, MatRef, Side, Triangle};
use teeter::operator;
use teeter::optim::{Momentum, Sgd, SgdState};
use teeter::random::{Stream, normals_into};
use teeter::trace::{HutchinsonOptions, Probe, hutchinson};
use teeter::{Error, Machine, vector};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// A matrix as firmware holds it: elements and shape, strides unknown to the compiler.
pub struct Raw<'a> {
    data: &'a mut [f32],
    shape: [usize; 2],
    strides: [usize; 2],
}

impl Raw<'_> {
    fn read(&self) -> Result<MatRef<'_, f32>, Error> {
        MatRef::strided(self.data, self.shape, self.strides)
    }
    fn write(&mut self) -> Result<MatMut<'_, f32>, Error> {
        MatMut::strided(self.data, self.shape, self.strides)
    }
}

const fn machine() -> Machine {
    Machine::native()
}

#[unsafe(no_mangle)]
pub fn op_dot(x: &[f32], y: &[f32]) -> Result<f32, Error> {
    vector::dot(machine(), x, y)
}

#[unsafe(no_mangle)]
pub fn op_axpy(alpha: f32, x: &[f32], y: &mut [f32]) -> Result<(), Error> {
    vector::axpy(machine(), alpha, x, y)
}

#[unsafe(no_mangle)]
pub fn op_norm2(x: &[f32]) -> f32 {
    vector::norm2(machine(), x)
}

#[unsafe(no_mangle)]
pub fn op_exp(x: &mut [f32]) {
    vector::exp_in_place(machine(), x);
}

#[unsafe(no_mangle)]
pub fn op_tanh(x: &mut [f32]) {
    vector::tanh_in_place(machine(), x);
}

#[unsafe(no_mangle)]
pub fn op_gemv(alpha: f32, a: &Raw<'_>, x: &[f32], beta: f32, y: &mut [f32]) -> Result<(), Error> {
    matrix::gemv(machine(), alpha, a.read()?, x, beta, y)
}

#[unsafe(no_mangle)]
pub fn op_ger(alpha: f32, x: &[f32], y: &[f32], a: &mut Raw<'_>) -> Result<(), Error> {
    matrix::ger(machine(), alpha, x, y, a.write()?)
}

#[unsafe(no_mangle)]
pub fn op_gemm(s: &[f32; 2], a: &Raw<'_>, b: &Raw<'_>, c: &mut Raw<'_>) -> Result<(), Error> {
    let [alpha, beta] = *s;
    matrix::gemm(machine(), alpha, a.read()?, b.read()?, beta, c.write()?)
}

#[unsafe(no_mangle)]
pub fn op_syrk(s: &[f32; 2], a: &Raw<'_>, c: &mut Raw<'_>) -> Result<(), Error> {
    let ([alpha, beta], c) = (*s, c.write()?.symmetric(Triangle::Lower));
    matrix::syrk(machine(), alpha, a.read()?, beta, c)
}

#[unsafe(no_mangle)]
pub fn op_trsv(a: &Raw<'_>, x: &mut [f32]) -> Result<(), Error> {
    matrix::trsv(machine(), a.read()?.triangular(Triangle::Lower, Diagonal::NonUnit), x)
}

#[unsafe(no_mangle)]
pub fn op_trsm(alpha: f32, a: &Raw<'_>, b: &mut Raw<'_>) -> Result<(), Error> {
    let a = a.read()?.triangular(Triangle::Lower, Diagonal::NonUnit);
    matrix::trsm(machine(), alpha, Side::Left(a), b.write()?)
}

#[unsafe(no_mangle)]
pub fn op_cholesky(a: &mut Raw<'_>) -> Result<(), Error> {
    factor::cholesky_in_place(machine(), a.write()?)
}

#[unsafe(no_mangle)]
pub fn op_cholesky_and_solve(a: &mut Raw<'_>, x: &mut [f32]) -> Result<(), Error> {
    factor::cholesky_in_place(machine(), a.write()?)?;
    factor::cholesky_solve(machine(), a.read()?, x)
}

#[unsafe(no_mangle)]
pub fn op_ldlt(a: &mut Raw<'_>) -> Result<usize, Error> {
    factor::ldlt_in_place(machine(), a.write()?, None)
}

#[unsafe(no_mangle)]
pub fn op_lu(a: &mut Raw<'_>, pivots: &mut [usize]) -> Result<(), Error> {
    factor::lu_in_place(machine(), a.write()?, pivots)
}

#[unsafe(no_mangle)]
pub fn op_qr(a: &mut Raw<'_>, tau: &mut [f32], scratch: &mut [f32]) -> Result<(), Error> {
    factor::qr_in_place(machine(), a.write()?, tau, scratch)
}

#[unsafe(no_mangle)]
pub fn op_symmetric_eigen(
    a: &mut Raw<'_>,
    values: &mut [f32],
    scratch: &mut [f32],
) -> Result<(), Error> {
    factor::symmetric_eigen(machine(), a.write()?, values, scratch)
}

#[unsafe(no_mangle)]
pub fn op_extremal_eigenpair(
    a: &Raw<'_>,
    options: &LanczosOptions<f32>,
    vector: &mut [f32],
    scratch: &mut [f32],
) -> Result<f32, Error> {
    let mut dense = operator::Dense::new(machine(), a.read()?)?;
    let options = LanczosOptions { which: Which::LargestAlgebraic, ..*options };
    Ok(extremal_eigenpair(machine(), &mut dense, &options, vector, scratch)?.value)
}

#[unsafe(no_mangle)]
pub fn op_hutchinson(a: &Raw<'_>, seed: u64, scratch: &mut [f32]) -> Result<f32, Error> {
    let mut dense = operator::Dense::new(machine(), a.read()?)?;
    let (probe, stream) = (Probe::Rademacher, Stream::new(seed, 0));
    let options = HutchinsonOptions { probe, products: 32, confidence: 0.95, stream };
    Ok(hutchinson(machine(), &mut dense, &options, scratch)?.upper)
}

#[unsafe(no_mangle)]
pub fn op_normals(seed: u64, x: &mut [f32]) {
    normals_into(Stream::new(seed, 0), x);
}

#[unsafe(no_mangle)]
pub fn op_sgd(gradient: &[f32], velocity: &mut [f32], params: &mut [f32]) -> Result<(), Error> {
    let sgd = Sgd { learning_rate: 0.1, momentum: Momentum::Polyak(0.9), weight_decay: 0.0 };
    sgd.step(machine(), gradient, &mut SgdState { velocity }, params).map(|_| ())
}
