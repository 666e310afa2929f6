//! Levels 2 and 3.

use teeter::Float;
use teeter::matrix::{MatMut, MatRef};

use super::{Context, Measured, Worst, symmetric, triangular};
use crate::bound;
use crate::input::{Source, vector};
use crate::oracle::exact::{self, from};
use crate::oracle::{naive, reference, strict};
use crate::subject::Subject;

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    let own = vec![
        gemm_stays_within_its_bound(subject),
        gemm_has_the_bits_of_the_definition(subject),
        gemm_agrees_with_faer(subject),
        gemv_stays_within_its_bound(subject),
        ger_rounds_three_times(subject),
    ];
    [own, symmetric::all(subject), triangular::all(subject)].concat()
}

/// m, k, n on both sides of the tiles.
const SHAPES: [[usize; 3]; 9] = [
    [1, 1, 1],
    [2, 3, 1],
    [4, 5, 6],
    [8, 7, 5],
    [9, 16, 7],
    [3, 65, 4],
    [17, 6, 13],
    [5, 130, 3],
    [33, 9, 12],
];

/// |Ĉ − C| ≤ γ₍ₖ₊₂₎(|α||A||B| + |β||C|), each element against exact rationals.
#[must_use]
pub fn gemm_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let source = &mut Source::new(0x6E);
    let (alpha, beta) = (T::from_f64(1.7), T::from_f64(-0.3));
    for [m, k, n] in SHAPES {
        for spread in [3, 25] {
            let a: Vec<T> = vector::graded(m * k, spread, source);
            let b: Vec<T> = vector::graded(k * n, spread, source);
            let old: Vec<T> = vector::graded(m * n, spread, source);
            let mut c = old.clone();
            let done = views(&a, &b, &mut c, [m, k, n])
                .and_then(|(a, b, c)| subject.gemm((alpha, beta), a, b, c));
            for e in 0..m * n {
                let (i, j) = (e / n, e % n);
                let column: Vec<T> = (0..k).map(|p| b[p * n + j]).collect();
                let (product, magnitude) = exact::dot(&a[i * k..(i + 1) * k], &column);
                let (start, product) = (from(beta) * from(old[e]), from(alpha) * product);
                let size = exact::abs(&start) + from(alpha.abs()) * magnitude;
                let largest = a.iter().fold(T::ONE, |x, y| x.max_of(y.abs()));
                let allowed = bound::chain::<T>(k, &size, &from(largest));
                let computed = if done.is_ok() { c[e] } else { T::NAN };
                worst.see(computed, &(start + product), &allowed);
            }
        }
    }
    worst.finish(Context::of("matrix", subject), "gemm stays within its bound")
}

type Views<'a, T> = (MatRef<'a, T>, MatRef<'a, T>, MatMut<'a, T>);

fn views<'a, T: Float>(
    a: &'a [T],
    b: &'a [T],
    c: &'a mut [T],
    [m, k, n]: [usize; 3],
) -> Result<Views<'a, T>, teeter::Error> {
    Ok((MatRef::row_major(a, m, k)?, MatRef::row_major(b, k, n)?, MatMut::row_major(c, m, n)?))
}

/// gemm equals the chain as written, fused where the machine is, in every layout of C.
#[must_use]
pub fn gemm_has_the_bits_of_the_definition<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    let source = &mut Source::new(0xB175);
    let rounding = strict::multiply_add::<T>(subject.machine());
    let (alpha, beta) = (T::from_f64(1.7), T::from_f64(-0.3));
    for [m, k, n] in SHAPES {
        let a: Vec<T> = vector::graded(m * k, 5, source);
        let b: Vec<T> = vector::graded(k * n, 5, source);
        let old: Vec<T> = vector::graded(m * n, 5, source);
        for columns in [false, true] {
            let at = |i: usize, j: usize| if columns { j * m + i } else { i * n + j };
            let mut c = old.clone();
            let view = if columns {
                MatMut::col_major(&mut c, m, n)
            } else {
                MatMut::row_major(&mut c, m, n)
            };
            let done = view.and_then(|c| {
                let (a, b) = (MatRef::row_major(&a, m, k)?, MatRef::row_major(&b, k, n)?);
                subject.gemm((alpha, beta), a, b, c)
            });
            broken += usize::from(done.is_err());
            for e in 0..m * n {
                let (i, j) = (e / n, e % n);
                let factors = |p: usize| (a[i * k + p], alpha * b[p * n + j]);
                let defined = strict::chain(beta * old[at(i, j)], k, factors, rounding);
                cases += 1;
                broken += usize::from(c[at(i, j)].to_bits_u64() != defined.to_bits_u64());
            }
        }
    }
    let context = Context::of("matrix", subject);
    Measured::exact(context, "gemm has the bits of the definition", broken, cases)
}

/// Against faer in f64: both are within γ₍ₖ₊₂₎|A||B| of the truth, so within the sum of each other.
#[must_use]
pub fn gemm_agrees_with_faer<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let source = &mut Source::new(0xFAE);
    for n in [24, 50] {
        let a: Vec<T> = vector::uniform(n * n, source);
        let b: Vec<T> = vector::uniform(n * n, source);
        let mut c = vec![T::NAN; n * n];
        let done = views(&a, &b, &mut c, [n, n, n])
            .and_then(|(a, b, c)| subject.gemm((T::ONE, T::ZERO), a, b, c));
        let wide = |x: &[T]| x.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
        let (a, b) = (wide(&a), wide(&b));
        let reference = reference::product(&a, &b, [n, n, n]);
        let size = |x: &[f64]| x.iter().map(|x| x.abs()).collect::<Vec<f64>>();
        let magnitude = naive::multiply(&size(&a), &size(&b), n);
        let gamma = bound::gamma_f64::<T>(n + 2) + bound::gamma_f64::<f64>(n + 2);
        for ((c, reference), magnitude) in c.iter().zip(&reference).zip(&magnitude) {
            let computed = if done.is_ok() { c.to_f64() } else { f64::NAN };
            worst.see_f64((computed - reference).abs(), gamma * magnitude);
        }
    }
    worst.finish(Context::of("matrix", subject), "gemm agrees with faer")
}

/// gemv on rows and on columns, each element against exact rationals.
#[must_use]
pub fn gemv_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let source = &mut Source::new(0x6E7);
    let (alpha, beta) = (T::from_f64(-1.1), T::from_f64(0.7));
    for [m, n, _] in SHAPES {
        let a: Vec<T> = vector::graded(m * n, 20, source);
        let x: Vec<T> = vector::graded(n, 20, source);
        let old: Vec<T> = vector::graded(m, 20, source);
        for columns in [false, true] {
            let view =
                if columns { MatRef::col_major(&a, m, n) } else { MatRef::row_major(&a, m, n) };
            let mut y = old.clone();
            let done = view.and_then(|a| subject.gemv((alpha, beta), a, &x, &mut y));
            for i in 0..m {
                let element = |j: usize| if columns { a[j * m + i] } else { a[i * n + j] };
                let row: Vec<T> = (0..n).map(element).collect();
                let (product, magnitude) = exact::dot(&row, &x);
                let (start, product) = (from(beta) * from(old[i]), from(alpha) * product);
                let size = exact::abs(&start) + from(alpha.abs()) * magnitude;
                let largest = a.iter().fold(T::TWO, |x, y| x.max_of(y.abs()));
                // A single row or column is both; the larger bound holds for either way.
                let chain = bound::chain::<T>(n, &size, &from(largest));
                let allowed = if columns || m == 1 || n == 1 {
                    chain.max(bound::gemv_reduction::<T>(n, &size))
                } else {
                    bound::gemv_reduction::<T>(n, &size)
                };
                let computed = if done.is_ok() { y[i] } else { T::NAN };
                worst.see(computed, &(start + product), &allowed);
            }
        }
    }
    worst.finish(Context::of("matrix", subject), "gemv stays within its bound")
}

/// ger is fl(a + fl(x·fl(αy))), bit for bit, in every layout.
#[must_use]
pub fn ger_rounds_three_times<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    let source = &mut Source::new(0x6E2);
    let alpha = T::from_f64(1.3);
    for [m, n, _] in SHAPES {
        let x: Vec<T> = vector::graded(m, 5, source);
        let y: Vec<T> = vector::graded(n, 5, source);
        for strides in [[n, 1], [1, m], [n + 2, 1], [1, m + 3], [2 * n, 2]] {
            let len = (m - 1) * strides[0] + (n - 1) * strides[1] + 1;
            let old: Vec<T> = vector::graded(len, 5, source);
            let mut new = old.clone();
            let done = MatMut::strided(&mut new, [m, n], strides)
                .and_then(|a| subject.ger(alpha, &x, &y, a));
            broken += usize::from(done.is_err());
            let mut defined = old;
            for (i, &x) in x.iter().enumerate() {
                for (j, &y) in y.iter().enumerate() {
                    defined[i * strides[0] + j * strides[1]] += x * (alpha * y);
                }
            }
            cases += len;
            broken += differing(&new, &defined);
        }
    }
    let context = Context::of("matrix", subject);
    Measured::exact(context, "ger rounds three times, as written", broken, cases)
}

/// How many elements differ in a bit.
#[must_use]
pub fn differing<T: Float>(a: &[T], b: &[T]) -> usize {
    let pairs = a.iter().zip(b).filter(|(a, b)| a.to_bits_u64() != b.to_bits_u64());
    pairs.count() + a.len().abs_diff(b.len())
}
