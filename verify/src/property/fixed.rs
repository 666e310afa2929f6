//! Sizes known to the compiler: the bits of the functions that do not know them.

use teeter::matrix::{Diagonal, MatMut, MatRef, Triangle, gemm, gemv, ger, trsv};
use teeter::{Float, factor, fixed, vector};

use super::{Context, Measured};
use crate::input::{Source, vector as input};
use crate::subject::Subject;

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![fixed_functions_have_the_bits_of_the_others(subject)]
}

/// How many comparisons were made, and how many failed.
#[derive(Default)]
struct Count {
    broken: usize,
    cases: usize,
}

impl Count {
    /// Equal, whatever they are.
    fn see_equal<X: PartialEq>(&mut self, found: &X, right: &X) {
        self.cases += 1;
        self.broken += usize::from(found != right);
    }

    /// Equal bits, but for the payload of NaN.
    fn see<T: Float>(&mut self, found: &[T], right: &[T]) {
        let same =
            |(a, b): (&T, &T)| a.to_bits_u64() == b.to_bits_u64() || a.is_nan() && b.is_nan();
        self.cases += 1;
        self.broken +=
            usize::from(found.len() != right.len() || !found.iter().zip(right).all(same));
    }
}

/// Every function at shapes around the width of registers and of the reduction, with every kind of factor, on
/// random numbers, zeros of both signs, subnormal, huge and non-finite ones.
#[must_use]
pub fn fixed_functions_have_the_bits_of_the_others<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut count = Count::default();
    macro_rules! shapes {
        ($(($m:literal, $k:literal, $n:literal)),*) => {$(
            products::<T, $m, $k, $n>(subject, &mut count);
        )*};
    }
    shapes!(
        (1, 1, 1),
        (2, 3, 4),
        (4, 4, 4),
        (6, 6, 6),
        (8, 8, 8),
        (12, 12, 12),
        (5, 7, 3),
        (16, 2, 17),
        (33, 1, 40),
        (1, 5, 2),
        (0, 3, 2),
        (3, 0, 2),
        (3, 2, 0)
    );
    macro_rules! orders {
        ($($n:literal),*) => {$(
            triangles::<T, $n>(subject, &mut count);
            squares::<T, $n>(subject, &mut count);
        )*};
    }
    orders!(0, 1, 2, 3, 4, 6, 8, 12, 15, 16, 17, 20, 35);
    let name = "fixed functions have the bits of the others";
    let context = Context::of("fixed", subject);
    Measured::exact(context, name, count.broken, count.cases)
}

/// Random numbers, with the edges of the format strewn in from `seed` 2 on.
fn numbers<T: Float, const N: usize>(source: &mut Source, seed: u64) -> [T; N] {
    let edges = input::edges::<T>();
    let uniform: Vec<T> = input::uniform(N, source);
    std::array::from_fn(|i| {
        let pick = source.bits() as usize;
        if seed >= 2 && pick.is_multiple_of(5) {
            edges[(pick / 5) % edges.len()]
        } else {
            uniform[i]
        }
    })
}

fn columns<T: Float, const M: usize, const N: usize>(
    source: &mut Source,
    seed: u64,
) -> [[T; M]; N] {
    std::array::from_fn(|_| numbers(source, seed))
}

/// What the shapes of arrays rule out.
const FITS: &str = "arrays have the lengths of their types";

fn products<T: Float, const M: usize, const K: usize, const N: usize>(
    subject: &dyn Subject<T>,
    count: &mut Count,
) {
    let machine = subject.machine().strict();
    let factors = [T::ZERO, T::ONE, -T::ONE, T::from_f64(0.3)];
    for seed in 0..4 {
        let source = &mut Source::new(seed);
        let (x, y): ([T; M], [T; M]) = (numbers(source, seed), numbers(source, seed));
        let (z, b): ([T; K], [[T; K]; N]) = (numbers(source, seed), columns(source, seed));
        let (a, c): ([[T; M]; K], [[T; M]; N]) = (columns(source, seed), columns(source, seed));
        count.see(&[fixed::dot(&x, &y)], &[vector::dot(machine, &x, &y).expect(FITS)]);
        count.see(&[fixed::norm2(&x)], &[vector::norm2(machine, &x)]);
        for alpha in factors {
            let (mut found, mut right) = (y, y);
            fixed::axpy(alpha, &x, &mut found);
            vector::axpy(machine, alpha, &x, &mut right).expect(FITS);
            count.see(&found, &right);

            let (mut found, mut right) = (a, a);
            fixed::ger(alpha, &x, &z, &mut found);
            let target = MatMut::col_major(right.as_flattened_mut(), M, K).expect(FITS);
            ger(machine, alpha, &x, &z, target).expect(FITS);
            count.see(found.as_flattened(), right.as_flattened());

            let left = MatRef::col_major(a.as_flattened(), M, K).expect(FITS);
            for beta in factors {
                let (mut found, mut right) = (y, y);
                fixed::gemv(alpha, &a, &z, beta, &mut found);
                gemv(machine, alpha, left, &z, beta, &mut right).expect(FITS);
                count.see(&found, &right);

                let (mut found, mut right) = (z, z);
                fixed::gemv_transposed(alpha, &a, &x, beta, &mut found);
                gemv(machine, alpha, left.t(), &x, beta, &mut right).expect(FITS);
                count.see(&found, &right);

                let (mut found, mut right) = (c, c);
                fixed::gemm(alpha, &a, &b, beta, &mut found);
                let factor = MatRef::col_major(b.as_flattened(), K, N).expect(FITS);
                let target = MatMut::col_major(right.as_flattened_mut(), M, N).expect(FITS);
                gemm(machine, alpha, left, factor, beta, target).expect(FITS);
                count.see(found.as_flattened(), right.as_flattened());
                transposed_products((alpha, beta), &a, &b, [&mut { c }, &mut { c }], &right, count);
            }
        }
    }
}

/// AᵀB and ABᵀ, of operands whose transposes are those of a product that is known.
fn transposed_products<T: Float, const M: usize, const K: usize, const N: usize>(
    (alpha, beta): (T, T),
    a: &[[T; M]; K],
    b: &[[T; K]; N],
    [first, second]: [&mut [[T; M]; N]; 2],
    right: &[[T; M]; N],
    count: &mut Count,
) {
    let rows_of_a: [[T; K]; M] = std::array::from_fn(|i| std::array::from_fn(|p| a[p][i]));
    fixed::gemm_tn(alpha, &rows_of_a, b, beta, first);
    count.see(first.as_flattened(), right.as_flattened());
    let rows_of_b: [[T; N]; K] = std::array::from_fn(|p| std::array::from_fn(|j| b[j][p]));
    fixed::gemm_nt(alpha, a, &rows_of_b, beta, second);
    count.see(second.as_flattened(), right.as_flattened());
}

/// Definite ones, one with a bad pivot in the middle, one with a NaN there.
fn triangles<T: Float, const N: usize>(subject: &dyn Subject<T>, count: &mut Count) {
    let machine = subject.machine().strict();
    for seed in 0..4 {
        let source = &mut Source::new(seed);
        let mut a: [[T; N]; N] = columns(source, 0);
        let x: [T; N] = numbers(source, 0);
        for (j, column) in a.iter_mut().enumerate() {
            column[j] = T::from_usize(N);
            // Above the diagonal: not to be read.
            column[..j].fill(T::NAN);
            if j == N / 2 && seed >= 2 {
                column[j] = if seed == 2 { T::ZERO } else { T::NAN };
            }
        }
        let (mut found, mut right) = (a, a);
        let target = MatMut::col_major(right.as_flattened_mut(), N, N).expect(FITS);
        let verdicts =
            [fixed::cholesky_in_place(&mut found), factor::cholesky_in_place(machine, target)];
        same_verdict(count, &verdicts);
        if verdicts[0].is_ok() {
            count.see(found.as_flattened(), right.as_flattened());
        }

        let (mut found, mut right) = (a, a);
        let target = MatMut::col_major(right.as_flattened_mut(), N, N).expect(FITS);
        let verdict = factor::ldlt_in_place(machine, target, None).map(|_| ());
        let verdicts = [fixed::ldlt_in_place(&mut found), verdict];
        // Which row a NaN is found in depends on who looks for it first.
        count.see_equal(&verdicts[0].is_ok(), &verdicts[1].is_ok());
        let unchanged = if verdicts[0].is_ok() { right } else { a };
        count.see(found.as_flattened(), unchanged.as_flattened());

        let l = MatRef::col_major(a.as_flattened(), N, N).expect(FITS);
        let l = l.triangular(Triangle::Lower, Diagonal::NonUnit);
        let (mut found, mut right) = (x, x);
        same_verdict(count, &[fixed::solve_lower(&a, &mut found), trsv(machine, l, &mut right)]);
        count.see(&found, &right);
        let (mut found, mut right) = (x, x);
        let verdict = fixed::solve_lower_transposed(&a, &mut found);
        same_verdict(count, &[verdict, trsv(machine, l.t(), &mut right)]);
        count.see(&found, &right);
    }
}

/// Any numbers, with a column of zeros, with edges of the format, with a NaN.
fn squares<T: Float, const N: usize>(subject: &dyn Subject<T>, count: &mut Count) {
    let machine = subject.machine().strict();
    for seed in 0..6 {
        let mut a: [[T; N]; N] = columns(&mut Source::new(seed), seed.min(2));
        match seed {
            1 if N > 0 => a[N / 2] = [T::ZERO; N],
            5 if N > 0 => a[N / 2][N - 1] = T::NAN,
            _ => {}
        }
        let (mut found, mut right, mut places) = (a, a, [0; N]);
        let target = MatMut::col_major(right.as_flattened_mut(), N, N).expect(FITS);
        let verdict = fixed::lu_in_place(&mut found);
        let known = factor::lu_in_place(machine, target, &mut places);
        same_verdict(count, &[verdict.map(|_| ()), known]);
        if let Ok(exchanged) = verdict {
            count.see(found.as_flattened(), right.as_flattened());
            count.see_equal(&exchanged, &places);
        } else {
            count.see(found.as_flattened(), a.as_flattened());
        }
    }
}

/// Both fine, or both refused at the same place; NaN is not equal to itself.
fn same_verdict(count: &mut Count, verdicts: &[Result<(), teeter::Error>; 2]) {
    let [found, right] = verdicts.each_ref().map(|verdict| format!("{verdict:?}"));
    count.cases += 1;
    count.broken += usize::from(found != right);
}
