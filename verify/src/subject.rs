//! The implementation under test.
//!
//! A property asks a [`Subject`], never the kernel, so that a deliberately broken one can be
//! fed to it and must fail. Every method has the kernel's function as its default: a fault is
//! one method written wrong.

use teeter::factor::{Inertia, LdltRegularization};
use teeter::krylov::{Lanczos, lanczos_scratch_len};
use teeter::matrix::{
    Diagonal, MatMut, MatRef, Side, SymmetricMut, SymmetricRef, Triangle, TriangularRef,
};
use teeter::operator::{FromFn, LinearOperator};
use teeter::optim::{Momentum, Sam, Sgd, SgdState};
use teeter::random::Stream;
use teeter::trace::{self, Hutchinson, Probe, TraceEstimate};
use teeter::{Error, Float, Machine, factor, matrix, random, vector};

use crate::input::network::Network;
use crate::oracle::steps::{Rule, Running};
use crate::property::surrogate;

/// What a Lanczos process leaves: A Q = Q T + β q eᵀ.
#[derive(Clone, Debug)]
pub struct Process<T> {
    /// The diagonal of T.
    pub diagonal: Vec<T>,
    /// The off-diagonal of T.
    pub off_diagonal: Vec<T>,
    /// β
    pub residual_norm: T,
    /// Q, column after column.
    pub basis: Vec<T>,
    /// Whether the process closed.
    pub invariant: bool,
}

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
    /// `matrix::symv`
    fn symv(
        &self,
        (alpha, beta): (T, T),
        a: SymmetricRef<'_, T>,
        x: &[T],
        y: &mut [T],
    ) -> Result<(), Error> {
        matrix::symv(self.machine(), alpha, a, x, beta, y)
    }
    /// `matrix::syr`
    fn syr(&self, alpha: T, x: &[T], a: SymmetricMut<'_, T>) -> Result<(), Error> {
        matrix::syr(self.machine(), alpha, x, a)
    }
    /// `matrix::syr2`
    fn syr2(&self, alpha: T, x: &[T], y: &[T], a: SymmetricMut<'_, T>) -> Result<(), Error> {
        matrix::syr2(self.machine(), alpha, x, y, a)
    }
    /// `matrix::syrk`
    fn syrk(
        &self,
        (alpha, beta): (T, T),
        a: MatRef<'_, T>,
        c: SymmetricMut<'_, T>,
    ) -> Result<(), Error> {
        matrix::syrk(self.machine(), alpha, a, beta, c)
    }
    /// `matrix::syr2k`
    fn syr2k(
        &self,
        (alpha, beta): (T, T),
        a: MatRef<'_, T>,
        b: MatRef<'_, T>,
        c: SymmetricMut<'_, T>,
    ) -> Result<(), Error> {
        matrix::syr2k(self.machine(), alpha, a, b, beta, c)
    }
    /// `matrix::symm`
    fn symm(
        &self,
        (alpha, beta): (T, T),
        a: Side<SymmetricRef<'_, T>>,
        b: MatRef<'_, T>,
        c: MatMut<'_, T>,
    ) -> Result<(), Error> {
        matrix::symm(self.machine(), alpha, a, b, beta, c)
    }
    /// `matrix::trmv`
    fn trmv(&self, a: TriangularRef<'_, T>, x: &mut [T]) -> Result<(), Error> {
        matrix::trmv(self.machine(), a, x)
    }
    /// `matrix::trsv`
    fn trsv(&self, a: TriangularRef<'_, T>, x: &mut [T]) -> Result<(), Error> {
        matrix::trsv(self.machine(), a, x)
    }
    /// `matrix::trmm`
    fn trmm(&self, alpha: T, a: Side<TriangularRef<'_, T>>, b: MatMut<'_, T>) -> Result<(), Error> {
        matrix::trmm(self.machine(), alpha, a, b)
    }
    /// `matrix::trsm`
    fn trsm(&self, alpha: T, a: Side<TriangularRef<'_, T>>, b: MatMut<'_, T>) -> Result<(), Error> {
        matrix::trsm(self.machine(), alpha, a, b)
    }
    /// `random::signs_into`
    fn signs_into(&self, stream: Stream, out: &mut [T]) {
        random::signs_into(stream, out);
    }
    /// `random::normals_into`
    fn normals_into(&self, stream: Stream, out: &mut [T]) {
        random::normals_into(stream, out);
    }
    /// `factor::cholesky_in_place`
    fn cholesky_in_place(&self, a: MatMut<'_, T>) -> Result<(), Error> {
        factor::cholesky_in_place(self.machine(), a)
    }
    /// `factor::cholesky_inverse`
    fn cholesky_inverse(&self, l: MatRef<'_, T>, inverse: MatMut<'_, T>) -> Result<(), Error> {
        factor::cholesky_inverse(self.machine(), l, inverse)
    }
    /// `factor::cholesky_update`
    fn cholesky_update(&self, l: MatMut<'_, T>, x: &mut [T]) -> Result<(), Error> {
        factor::cholesky_update(self.machine(), l, x)
    }
    /// `factor::cholesky_downdate`
    fn cholesky_downdate(&self, l: MatMut<'_, T>, x: &mut [T]) -> Result<(), Error> {
        let mut scratch = vec![T::NAN; factor::cholesky_downdate_scratch_len(x.len())];
        factor::cholesky_downdate(self.machine(), l, x, &mut scratch)
    }
    /// `factor::ldlt_in_place`
    fn ldlt_in_place(
        &self,
        a: MatMut<'_, T>,
        regularization: Option<LdltRegularization<'_, T>>,
    ) -> Result<usize, Error> {
        factor::ldlt_in_place(self.machine(), a, regularization)
    }
    /// `factor::ldlt_solve`
    fn ldlt_solve(&self, ld: MatRef<'_, T>, b: MatMut<'_, T>) -> Result<(), Error> {
        factor::ldlt_solve(self.machine(), ld, b)
    }
    /// `factor::ldlt_pivoted_in_place`
    fn ldlt_pivoted_in_place(
        &self,
        a: MatMut<'_, T>,
        off_diagonal: &mut [T],
        pivots: &mut [usize],
    ) -> Result<(), Error> {
        let mut scratch = vec![T::NAN; factor::ldlt_pivoted_scratch_len(a.rows())];
        factor::ldlt_pivoted_in_place(self.machine(), a, off_diagonal, pivots, &mut scratch)
    }
    /// `factor::ldlt_pivoted_solve`
    fn ldlt_pivoted_solve(
        &self,
        ld: MatRef<'_, T>,
        off_diagonal: &[T],
        pivots: &[usize],
        b: MatMut<'_, T>,
    ) -> Result<(), Error> {
        factor::ldlt_pivoted_solve(self.machine(), ld, off_diagonal, pivots, b)
    }
    /// `factor::ldlt_pivoted_inertia`
    fn ldlt_pivoted_inertia(
        &self,
        ld: MatRef<'_, T>,
        off_diagonal: &[T],
    ) -> Result<Inertia, Error> {
        factor::ldlt_pivoted_inertia(ld, off_diagonal)
    }
    /// `factor::lu_in_place`
    fn lu_in_place(&self, a: MatMut<'_, T>, pivots: &mut [usize]) -> Result<(), Error> {
        factor::lu_in_place(self.machine(), a, pivots)
    }
    /// `factor::lu_solve`
    fn lu_solve(&self, lu: MatRef<'_, T>, pivots: &[usize], b: MatMut<'_, T>) -> Result<(), Error> {
        factor::lu_solve(self.machine(), lu, pivots, b)
    }
    /// `factor::qr_in_place`
    fn qr_in_place(&self, a: MatMut<'_, T>, tau: &mut [T]) -> Result<(), Error> {
        let mut scratch = vec![T::NAN; factor::qr_scratch_len(a.rows(), a.cols())];
        factor::qr_in_place(self.machine(), a, tau, &mut scratch)
    }
    /// `factor::qr_pivoted_in_place`
    fn qr_pivoted_in_place(
        &self,
        a: MatMut<'_, T>,
        tau: &mut [T],
        columns: &mut [usize],
    ) -> Result<(), Error> {
        let mut scratch = vec![T::NAN; factor::qr_pivoted_scratch_len(a.rows(), a.cols())];
        factor::qr_pivoted_in_place(self.machine(), a, tau, columns, &mut scratch)
    }
    /// `factor::qr_form`
    fn qr_form(&self, qr: MatRef<'_, T>, tau: &[T], q: MatMut<'_, T>) -> Result<(), Error> {
        let mut scratch = vec![T::NAN; factor::qr_scratch_len(q.rows(), q.cols())];
        factor::qr_form(self.machine(), qr, tau, q, &mut scratch)
    }
    /// `factor::least_squares`
    fn least_squares(&self, a: MatMut<'_, T>, b: MatMut<'_, T>) -> Result<(), Error> {
        let len = factor::least_squares_scratch_len(a.rows(), a.cols(), b.cols());
        factor::least_squares(self.machine(), a, b, &mut vec![T::NAN; len])
    }
    /// `factor::tridiagonal_values`
    fn tridiagonal_values(&self, diagonal: &mut [T], off_diagonal: &mut [T]) -> Result<(), Error> {
        factor::tridiagonal_values(diagonal, off_diagonal)
    }
    /// `factor::symmetric_eigen`
    fn symmetric_eigen(&self, a: MatMut<'_, T>, values: &mut [T]) -> Result<(), Error> {
        let mut scratch = vec![T::NAN; factor::symmetric_eigen_scratch_len(values.len())];
        factor::symmetric_eigen(self.machine(), a, values, &mut scratch)
    }
    /// `factor::generalized_eigen`
    fn generalized_eigen(
        &self,
        a: MatMut<'_, T>,
        g: MatMut<'_, T>,
        values: &mut [T],
    ) -> Result<(), Error> {
        let mut scratch = vec![T::NAN; factor::generalized_eigen_scratch_len(values.len())];
        factor::generalized_eigen(self.machine(), a, g, values, &mut scratch)
    }
    /// `factor::svd`
    fn svd(
        &self,
        a: MatRef<'_, T>,
        u: MatMut<'_, T>,
        values: &mut [T],
        v: MatMut<'_, T>,
    ) -> Result<(), Error> {
        let mut scratch = vec![T::NAN; factor::svd_scratch_len(a.rows(), a.cols())];
        factor::svd(self.machine(), a, u, values, v, &mut scratch)
    }
    /// `krylov::Lanczos`, `steps` pushes or until it closes.
    fn lanczos(
        &self,
        apply: &mut dyn FnMut(&[T], &mut [T]),
        start: &[T],
        steps: usize,
    ) -> Result<Process<T>, Error> {
        let n = start.len();
        let mut scratch = vec![T::NAN; lanczos_scratch_len(n, steps)];
        let mut lanczos = Lanczos::new(self.machine(), start, steps, &mut scratch)?;
        let mut product = vec![T::NAN; n];
        while let Some(q) = lanczos.wants() {
            apply(q, &mut product);
            lanczos.push(&product)?;
        }
        let q = lanczos.basis()?;
        Ok(Process {
            diagonal: lanczos.diagonal().to_vec(),
            off_diagonal: lanczos.off_diagonal().to_vec(),
            residual_norm: lanczos.residual_norm(),
            basis: (0..q.cols()).flat_map(|j| q.column(j).unwrap_or(&[]).to_vec()).collect(),
            invariant: lanczos.is_invariant(),
        })
    }
    /// Probe number `index` of `trace::Hutchinson`.
    fn probe_into(&self, stream: Stream, index: usize, z: &mut [T]) -> Result<(), Error> {
        let mut estimator = Hutchinson::new(stream, Probe::Rademacher);
        let zero = vec![T::ZERO; z.len()];
        for _ in 0..index {
            estimator.push(self.machine(), &zero, &zero)?;
        }
        estimator.probe_into(z);
        Ok(())
    }
    /// `trace::Hutchinson`, pushed each of these probes with its product.
    fn trace_of_probes(
        &self,
        apply: &mut dyn FnMut(&[T], &mut [T]),
        probes: &mut dyn Iterator<Item = Vec<T>>,
    ) -> Result<TraceEstimate<T>, Error> {
        let mut estimator = Hutchinson::new(Stream::new(0, 0), Probe::Rademacher);
        for z in probes {
            let mut product = vec![T::NAN; z.len()];
            apply(&z, &mut product);
            estimator.push(self.machine(), &z, &product)?;
        }
        estimator.estimate(T::HALF)
    }
    /// `optim::Sgd`, without weight decay.
    fn descend(
        &self,
        (learning_rate, momentum): (T, Momentum<T>),
        gradient: &[T],
        velocity: &mut [T],
        params: &mut [T],
    ) -> Result<(), Error> {
        let sgd = Sgd { learning_rate, momentum, weight_decay: T::ZERO };
        sgd.step(self.machine(), gradient, &mut SgdState { velocity }, params).map(|_| ())
    }
    /// `optim::Sam`: where it moves to; `params` are given back.
    fn sam(&self, rho: T, gradient: &[T], params: &mut [T]) -> Result<Vec<T>, Error> {
        let mut saved = vec![T::NAN; params.len()];
        let moved = Sam { rho }.perturb(self.machine(), gradient, params, &mut saved)?;
        let there = moved.params().to_vec();
        moved.restore();
        Ok(there)
    }
    /// `optim::TracePenalty`: the gradient of L + λ Tr H at each point in turn, over these probes each time.
    fn trace_penalty(
        &self,
        lambda: T,
        gradient: &dyn Fn(&[T]) -> Vec<T>,
        points: &[Vec<T>],
        probes: &[Vec<T>],
    ) -> Result<Vec<Vec<T>>, Error> {
        surrogate::penalized(self.machine(), lambda, gradient, [points, probes])
    }
    /// The step of an optimizer.
    fn optimizer_step(
        &self,
        rule: &Rule<T>,
        data: [&[T]; 2],
        running: &mut Running<T>,
    ) -> Result<(), Error> {
        running.step(self.machine(), rule, data).map(|_| ())
    }
    /// `objective::Objective::hessian_product` of a network.
    fn hessian_product(&self, network: &Network, params: &[f64], v: &[f64]) -> Vec<f64> {
        network.measure(self.machine(), params, v).hessian
    }
    /// Tr(G⁻¹H) by n products: the factorization and solves of the kernel, no probes.
    fn trace_ratio(&self, h: MatRef<'_, T>, g: MatRef<'_, T>) -> Result<T, Error> {
        let (machine, n) = (self.machine(), g.rows());
        let mut l: Vec<T> = (0..n * n).filter_map(|e| g.get(e / n, e % n)).collect();
        self.cholesky_in_place(MatMut::row_major(&mut l, n, n)?)?;
        let l = MatRef::row_major(&l, n, n)?.triangular(Triangle::Lower, Diagonal::NonUnit);
        let mut operator = FromFn::new(n, |x: &[T], y: &mut [T]| {
            let mut solved = x.to_vec();
            matrix::trsv(machine, l.t(), &mut solved)?;
            matrix::gemv(machine, T::ONE, h, &solved, T::ZERO, y)?;
            matrix::trsv(machine, l, y)
        });
        let mut scratch = vec![T::NAN; trace::trace_exact_scratch_len(operator.dim())];
        trace::trace_exact(&mut operator, &mut scratch)
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
