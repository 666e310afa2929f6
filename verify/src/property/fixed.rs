//! Sizes known to the compiler: the bits of the functions that do not know them.

use teeter::matrix::{
    Diagonal, MatMut, MatRef, Side, Triangle, gemm, gemv, ger, symm, symv, syr, syr2, syrk, trmm,
    trmv, trsm, trsv,
};
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
            symmetric::<T, $n, 3>(subject, &mut count);
            symmetric::<T, $n, 8>(subject, &mut count);
            triangular::<T, $n, 1>(subject, &mut count);
            triangular::<T, $n, 5>(subject, &mut count);
        )*};
    }
    orders!(0, 1, 2, 3, 4, 6, 8, 12, 15, 16, 17, 20, 35);
    let name = "fixed functions have the bits of the others";
    let context = Context::of("fixed", subject);
    Measured::exact(context, name, count.broken, count.cases)
}

/// Random numbers, with the edges of the format strewn in from `seed` 2 on; of seed 4 nothing but −0.
fn numbers<T: Float, const N: usize>(source: &mut Source, seed: u64) -> [T; N] {
    if seed == 4 {
        return [-T::ZERO; N];
    }
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

/// A triangle, and above it what must not be read, NaN, or not be written.
fn with_upper<T: Float, const N: usize>(lower: &[[T; N]; N], upper: T) -> [[T; N]; N] {
    let mut a = *lower;
    for (j, column) in a.iter_mut().enumerate() {
        column[..j].fill(upper);
    }
    a
}

/// Products of a matrix of which one triangle is known, and updates of one triangle.
fn symmetric<T: Float, const N: usize, const M: usize>(
    subject: &dyn Subject<T>,
    count: &mut Count,
) {
    let machine = subject.machine().strict();
    let factors = [T::ZERO, T::ONE, -T::ONE, T::from_f64(0.3)];
    for seed in 0..5 {
        let source = &mut Source::new(seed);
        let lower_part: [[T; N]; N] = columns(source, seed);
        let (a, written) = (with_upper(&lower_part, T::NAN), with_upper(&lower_part, T::TWO));
        let [mut x, y] = columns::<T, N, 2>(source, seed);
        if seed == 4 {
            // Products of −0: a sum of them is −0 only as long as nothing else is added.
            x = [T::ONE; N];
        }
        let (b, c): ([[T; N]; M], [[T; N]; M]) = (columns(source, seed), columns(source, seed));
        let view = MatRef::col_major(a.as_flattened(), N, N).expect(FITS);
        let view = view.symmetric(Triangle::Lower);
        let factor = MatRef::col_major(b.as_flattened(), N, M).expect(FITS);
        for alpha in factors {
            let (mut found, mut right) = (written, written);
            fixed::syr(alpha, &x, &mut found);
            fixed::syr2(alpha, &x, &y, &mut found);
            syr(machine, alpha, &x, lower(&mut right)).expect(FITS);
            syr2(machine, alpha, &x, &y, lower(&mut right)).expect(FITS);
            count.see(found.as_flattened(), right.as_flattened());
            for beta in factors {
                let (mut found, mut right) = (y, y);
                fixed::symv(alpha, &a, &x, beta, &mut found);
                symv(machine, alpha, view, &x, beta, &mut right).expect(FITS);
                count.see(&found, &right);

                let (mut found, mut right) = (written, written);
                fixed::syrk(alpha, &b, beta, &mut found);
                syrk(machine, alpha, factor, beta, lower(&mut right)).expect(FITS);
                count.see(found.as_flattened(), right.as_flattened());

                let (mut found, mut right) = (c, c);
                fixed::symm(alpha, &a, &b, beta, &mut found);
                let target = MatMut::col_major(right.as_flattened_mut(), N, M).expect(FITS);
                symm(machine, alpha, Side::Left(view), factor, beta, target).expect(FITS);
                count.see(found.as_flattened(), right.as_flattened());
            }
        }
    }
}

/// The lower triangle, to write.
fn lower<T: Float, const N: usize>(a: &mut [[T; N]; N]) -> teeter::matrix::SymmetricMut<'_, T> {
    MatMut::col_major(a.as_flattened_mut(), N, N).expect(FITS).symmetric(Triangle::Lower)
}

/// Products with a triangle and its transpose, and solves; with edges of the format, and pivots whose reciprocals
/// are not normal.
fn triangular<T: Float, const N: usize, const M: usize>(
    subject: &dyn Subject<T>,
    count: &mut Count,
) {
    let machine = subject.machine().strict();
    for seed in 0..8 {
        let source = &mut Source::new(seed);
        let mut a = with_upper::<T, N>(&columns(source, seed % 4), T::NAN);
        let (x, b): ([T; N], [[T; N]; M]) = (numbers(source, seed % 4), columns(source, seed % 4));
        for (j, column) in a.iter_mut().enumerate() {
            match seed {
                4 => column[j] = T::MIN_POSITIVE * T::from_usize(j + 1),
                5 if j == N / 2 => column[j] = T::ZERO,
                6 if j == N / 2 => column[j] = T::NAN,
                7 => column[j] = T::MAX,
                _ => {}
            }
        }
        let l = MatRef::col_major(a.as_flattened(), N, N).expect(FITS);
        let l = l.triangular(Triangle::Lower, Diagonal::NonUnit);

        let (mut found, mut right) = ([x, x], [x, x]);
        fixed::multiply_lower(&a, &mut found[0]);
        fixed::multiply_lower_transposed(&a, &mut found[1]);
        trmv(machine, l, &mut right[0]).expect(FITS);
        trmv(machine, l.t(), &mut right[1]).expect(FITS);
        count.see(found.as_flattened(), right.as_flattened());

        for (l, multiply, solve) in [
            (
                l,
                fixed::multiply_lower_matrix as fn(&_, &mut _),
                fixed::solve_lower_matrix as fn(&_, &mut _) -> _,
            ),
            (l.t(), fixed::multiply_lower_transposed_matrix, fixed::solve_lower_transposed_matrix),
        ] {
            let (mut found, mut right) = (b, b);
            multiply(&a, &mut found);
            let target = MatMut::col_major(right.as_flattened_mut(), N, M).expect(FITS);
            trmm(machine, T::ONE, Side::Left(l), target).expect(FITS);
            count.see(found.as_flattened(), right.as_flattened());

            let (mut found, mut right) = (b, b);
            let verdict = solve(&a, &mut found);
            let target = MatMut::col_major(right.as_flattened_mut(), N, M).expect(FITS);
            same_verdict(count, &[verdict, trsm(machine, T::ONE, Side::Left(l), target)]);
            count.see(found.as_flattened(), right.as_flattened());
        }
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
