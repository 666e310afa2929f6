//! When SGD itself is stable: exact, in the mean square, for small problems.

use crate::check;
use crate::error::Error;
use crate::factor::{symmetric_eigen, symmetric_eigen_scratch_len};
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemm};
use crate::simd::{Machine, pieces, pieces_mut};

/// d(d + 1)/2: the entries of a symmetric matrix.
const fn pairs(d: usize) -> usize {
    d.saturating_mul(d.saturating_add(1)) / 2
}

/// Elements that a [`MeanSquare`] of d parameters keeps: d² + d + m² + m, m = d(d + 1)/2.
#[must_use]
pub const fn mean_square_memory_len(d: usize) -> usize {
    let m = pairs(d);
    let small = d.saturating_mul(d.saturating_add(1));
    small.saturating_add(m.saturating_mul(m.saturating_add(1)))
}

/// Elements of scratch that [`MeanSquare::new`] and [`MeanSquare::covariance_into`] need: 2d² + 2m and those of
/// `symmetric_eigen` (m), m = d(d + 1)/2.
#[must_use]
pub const fn mean_square_scratch_len(d: usize) -> usize {
    let square = d.saturating_mul(d).saturating_mul(2);
    let vectors = pairs(d).saturating_mul(2);
    square.saturating_add(vectors).saturating_add(symmetric_eigen_scratch_len(pairs(d)))
}

/// SGD near a minimum where n samples have Hessians Hᵢ, batches of B drawn without replacement.
///
/// The covariance of w obeys Σ ← Q(η)Σ + η²p Σ_g, Q = I − 2ηC + η²D, C = ½(H⊗I + I⊗H), D = (1 − p)H⊗H + (p/n)ΣHᵢ⊗Hᵢ, p =
/// (n − B)/(B(n − 1)).
#[derive(Clone, Copy, Debug)]
pub struct MeanSquare<'a, T> {
    machine: Machine,
    /// p.
    share: T,
    /// Eigenvectors of H, columns.
    vectors: MatRef<'a, T>,
    /// Eigenvalues of H, ascending.
    values: &'a [T],
    /// Eigenvectors of C^{−½}DC^{−½}, in symmetric matrices over the eigenvectors of H.
    modes: MatRef<'a, T>,
    /// Its eigenvalues, ascending.
    rates: &'a [T],
    bounds: [T; 2],
}

/// A learning rate beyond which the mean square grows, and simpler ones that must be larger.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct MeanSquareThreshold<T> {
    /// η* = 2/λ_max(C⁺D); ∞ for H = 0.
    pub threshold: T,
    /// 2/λ₁, that of the full batch.
    pub full_batch: T,
    /// 2λ₁/(λ₁² + (p/n)Σ(vᵀHᵢv − λ₁)²), from the top eigenvector alone: at least η*.
    pub along_top: T,
    /// 2 Tr H/((1 − p)‖H‖_F² + (p/n)Σ‖Hᵢ‖_F²): at least η*.
    pub by_trace: T,
}

impl<'a, T: Float> MeanSquare<'a, T> {
    /// Takes the samples' Hessians.
    ///
    /// # Shapes
    /// `hessians`: n·d·d, n ≥ 1 symmetric positive semi-definite matrices one after another. `[d, batch]`: d ≥ 1, 1 ≤ B ≤ n.
    /// `memory`: at least [`mean_square_memory_len`] (d), kept. `scratch`: at least [`mean_square_scratch_len`] (d).
    ///
    /// # Method
    /// H = VΛVᵀ; the rest in its eigenvectors, where C is diagonal, and among symmetric matrices, where the largest
    /// eigenvalue of a positive map lies: an eigenproblem of order d(d + 1)/2. Pairs with λᵢ + λⱼ ≤ 2duλ₁ are left out:
    /// there all Hᵢ vanish.
    ///
    /// # Accuracy
    /// C^{−½}DC^{−½} within c·m·u of its norm times λ₁/λ_min⁺, c = 20; the largest eigenvalue is not affected by small λ
    /// to that degree. Not checked: that the Hᵢ are symmetric and semi-definite; of H the lower triangle counts. Scaling all
    /// by 2ᵏ scales thresholds by 2⁻ᵏ exactly.
    ///
    /// # Errors
    /// `Error::Empty`, `Error::Length`, `Error::Short`, `Error::NotFinite`; `Error::Range` for B > n.
    ///
    /// # Cost
    /// n(4d³ + 4m²) + 9m³ flops: for d up to a dozen.
    ///
    /// # Source
    /// Mulayoff, Michaeli 2023, arXiv:2306.07850, Theorem 3.
    pub fn new(
        machine: Machine,
        hessians: &[T],
        [d, batch]: [usize; 2],
        memory: &'a mut [T],
        scratch: &mut [T],
    ) -> Result<Self, Error> {
        check::not_empty("d", d)?;
        check::not_empty("batch", batch)?;
        check::not_empty("hessians", hessians.len())?;
        let square = d.saturating_mul(d);
        let n = hessians.len().checked_div(square).unwrap_or(0);
        check::same_len("hessians", n.max(1) * square, hessians.len())?;
        if batch > n {
            let (found, high) = (batch as f64, n as f64);
            return Err(Error::Range { argument: "batch", found, low: 1.0, high });
        }
        check::at_least("memory", mean_square_memory_len(d), memory.len())?;
        check::at_least("scratch", mean_square_scratch_len(d), scratch.len())?;
        check::finite("hessians", hessians)?;
        let share = if n == 1 {
            T::ZERO
        } else {
            T::from_usize(n - batch) / (T::from_usize(batch) * T::from_usize(n - 1))
        };
        let (m, mut memory, mut scratch) = (pairs(d), memory, scratch);
        let vectors = check::take(&mut memory, square)?;
        let values = check::take(&mut memory, d)?;
        let modes = check::take(&mut memory, m * m)?;
        let rates = check::take(&mut memory, m)?;
        let half = check::take(&mut scratch, square)?;
        let turned = check::take(&mut scratch, square)?;

        mean(hessians, vectors);
        symmetric_eigen(machine, MatMut::col_major(vectors, d, d)?, values, scratch)?;
        let vectors = MatRef::col_major(vectors, d, d)?;
        let top = values.last().copied().unwrap_or(T::ZERO);
        let (mut scatter, mut squares) = (T::ZERO, T::ZERO);
        modes.fill(T::ZERO);
        for hessian in pieces(hessians, square) {
            let h = MatRef::row_major(hessian, d, d)?;
            let turned_view = MatMut::row_major(turned, d, d)?;
            gemm(machine, T::ONE, h, vectors, T::ZERO, MatMut::row_major(half, d, d)?)?;
            let half = MatRef::row_major(half, d, d)?;
            gemm(machine, T::ONE, vectors.t(), half, T::ZERO, turned_view)?;
            let g = MatRef::row_major(turned, d, d)?;
            let along = g.get(d - 1, d - 1).unwrap_or(T::ZERO) - top;
            scatter += along * along;
            squares += turned.iter().fold(T::ZERO, |sum, &x| sum + x * x);
            add_products(g, modes);
        }
        let each = share / T::from_usize(n);
        normalize(values, [each, T::ONE - share], modes);
        symmetric_eigen(machine, MatMut::col_major(modes, m, m)?, rates, scratch)?;
        let norm = values.iter().fold(T::ZERO, |sum, &x| sum + x * x);
        let trace = values.iter().fold(T::ZERO, |sum, &x| sum + x);
        let bounds = [
            T::TWO * top / (top * top + each * scatter),
            T::TWO * trace / ((T::ONE - share) * norm + each * squares),
        ];
        let modes = MatRef::col_major(modes, m, m)?;
        Ok(Self { machine, share, vectors, values, modes, rates, bounds })
    }

    /// η* = 2/λ_max(C⁺D), with what bounds it from above.
    ///
    /// SGD of constant η stays bounded in the mean square near an interpolating minimum exactly for η ≤ η*. It falls with the
    /// batch size and is 2/λ₁ for the full batch.
    ///
    /// # Accuracy
    /// As [`MeanSquare::new`], two roundings more.
    #[must_use]
    pub fn threshold(&self) -> MeanSquareThreshold<T> {
        let top = self.values.last().copied().unwrap_or(T::ZERO);
        let rate = self.rates.last().copied().unwrap_or(T::ZERO);
        if top <= T::ZERO || rate <= T::ZERO {
            let none = T::INFINITY;
            return MeanSquareThreshold {
                threshold: none,
                full_batch: none,
                along_top: none,
                by_trace: none,
            };
        }
        let [along_top, by_trace] = self.bounds;
        let full_batch = T::TWO / top;
        MeanSquareThreshold { threshold: T::TWO / rate, full_batch, along_top, by_trace }
    }

    /// Σ = ηp(2C − ηD)⁺Σ_g: the covariance of w that SGD settles at where the samples' gradients do not vanish.
    ///
    /// # Shapes
    /// `gradients`: Σ_g = (1/n)Σgᵢgᵢᵀ, d × d, symmetric. `covariance`: d × d, not read; symmetric, bit for bit. `scratch`: at
    /// least [`mean_square_scratch_len`] (d).
    ///
    /// # Accuracy
    /// The system's condition is that of 2 − ηλ(C⁺D) and of C: error at most c·m·u·(λ₁/λ_min⁺)·2/(2 − η·2/η*) of ‖Σ‖, c = 40.
    /// Directions in which all Hᵢ vanish get 0.
    ///
    /// # Errors
    /// `Error::Length`, `Error::Short`, `Error::NotFinite`; `Error::Range` for η outside (0, η*).
    ///
    /// # Cost
    /// 4m² + 8d³ flops.
    ///
    /// # Source
    /// Mulayoff, Michaeli 2023, arXiv:2306.07850, Theorem 5.
    pub fn covariance_into(
        &self,
        learning_rate: T,
        gradients: MatRef<'_, T>,
        covariance: MatMut<'_, T>,
        scratch: &mut [T],
    ) -> Result<(), Error> {
        let d = self.values.len();
        check::same_len("gradients.rows", d, gradients.rows())?;
        check::same_len("gradients.cols", d, gradients.cols())?;
        check::same_len("covariance.rows", d, covariance.rows())?;
        check::same_len("covariance.cols", d, covariance.cols())?;
        check::at_least("scratch", mean_square_scratch_len(d), scratch.len())?;
        let limit = self.threshold().threshold;
        let smallest = T::MIN_POSITIVE.to_f64();
        check::in_range("learning_rate", learning_rate, smallest, T::MAX.to_f64())?;
        if learning_rate >= limit {
            let (found, high) = (learning_rate.to_f64(), limit.to_f64());
            return Err(Error::Range { argument: "learning_rate", found, low: smallest, high });
        }
        let (mut scratch, mut covariance) = (scratch, covariance);
        let half = check::take(&mut scratch, d * d)?;
        let turned = check::take(&mut scratch, d * d)?;
        let packed = check::take(&mut scratch, pairs(d))?;
        let solved = check::take(&mut scratch, pairs(d))?;
        for (i, row) in pieces_mut(half, d).enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                *x = gradients.get(i, j).unwrap_or(T::ZERO);
            }
        }
        check::finite("gradients", half)?;
        self.turn([half, turned], Turn::Into)?;
        let view = MatRef::row_major(turned, d, d)?;
        let least = least_pair(self.values);
        each_pair(d, |index, [a, b]| {
            let sum = pair_sum(self.values, [a, b]);
            let weight = if sum <= least { T::ZERO } else { T::ONE / sum.sqrt() };
            let value = view.get(a, b).unwrap_or(T::ZERO) * weight * pair_root([a, b]);
            if let Some(x) = packed.get_mut(index) {
                *x = value;
            }
        });
        self.solve(learning_rate, packed, solved);
        each_pair(d, |index, [a, b]| {
            let sum = pair_sum(self.values, [a, b]);
            let weight = if sum <= least { T::ZERO } else { T::ONE / sum.sqrt() };
            let value = solved.get(index).copied().unwrap_or(T::ZERO) * weight / pair_root([a, b]);
            for place in [a * d + b, b * d + a] {
                if let Some(x) = half.get_mut(place) {
                    *x = value;
                }
            }
        });
        self.turn([half, turned], Turn::Back)?;
        let scale = learning_rate * self.share;
        let view = MatRef::row_major(turned, d, d)?;
        each_pair(d, |_, [a, b]| {
            let value = scale * view.get(b, a).unwrap_or(T::ZERO);
            let _ = covariance.set(a, b, value);
            let _ = covariance.set(b, a, value);
        });
        Ok(())
    }

    /// x ← Q(2·½ − ηM)⁻¹Qᵀx: C is counted as λₐ + λ_b here, twice itself, so that M is half.
    fn solve(&self, learning_rate: T, x: &[T], y: &mut [T]) {
        y.fill(T::ZERO);
        for (k, &rate) in self.rates.iter().enumerate() {
            let mut along = T::ZERO;
            for (i, &x) in x.iter().enumerate() {
                along += self.modes.get(i, k).unwrap_or(T::ZERO) * x;
            }
            let share = along / (T::ONE - learning_rate * (T::HALF * rate));
            for (i, y) in y.iter_mut().enumerate() {
                *y += self.modes.get(i, k).unwrap_or(T::ZERO) * share;
            }
        }
    }

    /// VᵀXV or VXVᵀ of the first, into the second.
    fn turn(&self, [x, out]: [&mut [T]; 2], turn: Turn) -> Result<(), Error> {
        let d = self.values.len();
        let v = match turn {
            Turn::Into => self.vectors,
            Turn::Back => self.vectors.t(),
        };
        gemm(
            self.machine,
            T::ONE,
            MatRef::row_major(x, d, d)?,
            v,
            T::ZERO,
            MatMut::row_major(out, d, d)?,
        )?;
        let (half, result) = (MatRef::row_major(out, d, d)?, MatMut::row_major(x, d, d)?);
        gemm(self.machine, T::ONE, v.t(), half, T::ZERO, result)?;
        crate::vector::copy(x, out)
    }
}

#[derive(Clone, Copy)]
enum Turn {
    Into,
    Back,
}

/// a ≤ b in order, with their place in the list of all.
fn each_pair(d: usize, mut f: impl FnMut(usize, [usize; 2])) {
    let mut index = 0;
    for a in 0..d {
        for b in a..d {
            f(index, [a, b]);
            index += 1;
        }
    }
}

/// λₐ + λ_b.
fn pair_sum<T: Float>(values: &[T], pair: [usize; 2]) -> T {
    pair.into_iter().fold(T::ZERO, |sum, i| sum + values.get(i).copied().unwrap_or(T::ZERO))
}

/// √2 off the diagonal: what a pair's coordinate is beside the entry.
fn pair_root<T: Float>([a, b]: [usize; 2]) -> T {
    if a == b { T::ONE } else { T::TWO.sqrt() }
}

/// Sums of eigenvalues up to here count as 0.
fn least_pair<T: Float>(values: &[T]) -> T {
    let top = values.last().copied().unwrap_or(T::ZERO);
    T::TWO * T::from_usize(values.len()) * T::UNIT_ROUNDOFF * top
}

fn mean<T: Float>(hessians: &[T], out: &mut [T]) {
    let n = T::from_usize(hessians.len() / out.len().max(1));
    out.fill(T::ZERO);
    for hessian in pieces(hessians, out.len()) {
        for (sum, &x) in out.iter_mut().zip(hessian) {
            *sum += x;
        }
    }
    for sum in out {
        *sum /= n;
    }
}

/// G⊗G among symmetric matrices, added: s_ab·s_cd(g_ac·g_bd + g_ad·g_bc), s = 1/√2 on the diagonal.
fn add_products<T: Float>(g: MatRef<'_, T>, out: &mut [T]) {
    let (d, root) = (g.rows(), T::HALF.sqrt());
    let scale = |pair: [usize; 2]| if pair[0] == pair[1] { root } else { T::ONE };
    let m = pairs(d);
    each_pair(d, |row, [a, b]| {
        let Some(line) = out.get_mut(row * m..(row + 1) * m) else { return };
        each_pair(d, |column, [c, e]| {
            let get = |i, j| g.get(i, j).unwrap_or(T::ZERO);
            let product = get(a, c) * get(b, e) + get(a, e) * get(b, c);
            if let Some(x) = line.get_mut(column) {
                *x += scale([a, b]) * scale([c, e]) * product;
            }
        });
    });
}

/// C^{−½}((1 − p)H⊗H + (p/n)Σ)C^{−½}, C = ½(λₐ + λ_b); rows of no curvature become 0.
fn normalize<T: Float>(values: &[T], [each, whole]: [T; 2], modes: &mut [T]) {
    let (d, least) = (values.len(), least_pair(values));
    let m = pairs(d);
    let weight = |pair: [usize; 2]| {
        let sum = pair_sum(values, pair);
        if sum <= least { T::ZERO } else { T::TWO.sqrt() / sum.sqrt() }
    };
    each_pair(d, |row, here| {
        let Some(line) = modes.get_mut(row * m..(row + 1) * m) else { return };
        each_pair(d, |column, there| {
            let Some(x) = line.get_mut(column) else { return };
            let mut value = each * *x;
            if row == column {
                let [a, b] = here.map(|i| values.get(i).copied().unwrap_or(T::ZERO));
                value += whole * (a * b);
            }
            *x = weight(here) * value * weight(there);
        });
    });
}
