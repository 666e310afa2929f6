//! Orders that there is code for: the bits of the code for all orders.
//!
//! A small problem is solved alone, and as the corner of one that is too large for that code. No element of the
//! corner depends on the rest, so in Strict arithmetic both must agree bit for bit.

use teeter::factor::{LdltRegularization, cholesky_in_place, ldlt_in_place, lu_in_place};
use teeter::matrix::{Diagonal, MatMut, MatRef, Side, Triangle, gemm, gemv, trsm};
use teeter::{Float, Machine};

use super::{Context, Measured};
use crate::input::{Source, vector as input};
use crate::subject::Subject;

/// Every property of small orders.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![small_orders_have_the_bits_of_large_ones(subject)]
}

/// Orders around those with code of their own.
const ORDERS: std::ops::RangeInclusive<usize> = 1..=9;

/// Rows and columns that make a problem large.
const MORE: usize = 12;

const FITS: &str = "a shape that was made to fit";

/// How an operand lies in memory: its strides for a matrix of so many columns.
#[derive(Clone, Copy)]
enum Laid {
    Rows,
    Columns,
    Apart,
}

impl Laid {
    const ALL: [Self; 3] = [Self::Rows, Self::Columns, Self::Apart];

    fn strides(self, size: usize) -> [usize; 2] {
        match self {
            Self::Rows => [size, 1],
            Self::Columns => [1, size],
            Self::Apart => [2, 2 * size + 1],
        }
    }
}

/// A square matrix somewhere in memory.
#[derive(Clone)]
struct Square<T> {
    data: Vec<T>,
    size: usize,
    strides: [usize; 2],
}

impl<T: Float> Square<T> {
    fn new(size: usize, laid: Laid, element: impl Fn(usize, usize) -> T) -> Self {
        let strides = laid.strides(size);
        let mut square = Self { data: vec![T::NAN; 3 * size * size + 3 * size], size, strides };
        for i in 0..size {
            for j in 0..size {
                square.data[i * strides[0] + j * strides[1]] = element(i, j);
            }
        }
        square
    }

    fn view(&self) -> MatRef<'_, T> {
        MatRef::strided(&self.data, [self.size; 2], self.strides).expect(FITS)
    }

    fn view_mut(&mut self) -> MatMut<'_, T> {
        MatMut::strided(&mut self.data, [self.size; 2], self.strides).expect(FITS)
    }

    /// The elements of the first n rows and columns that count.
    fn corner(&self, n: usize, counts: impl Fn(usize, usize) -> bool) -> Vec<T> {
        let places =
            (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).filter(|&(i, j)| counts(i, j));
        places.map(|(i, j)| self.view().get(i, j).expect(FITS)).collect()
    }
}

/// Cholesky, LDLᵀ with and without regularization, LU, solves from every side, products with every kind of
/// factor and β, in every layout.
#[must_use]
pub fn small_orders_have_the_bits_of_large_ones<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let machine = subject.machine().strict();
    let (mut broken, mut cases) = (0, 0);
    for n in ORDERS {
        for (laid, seed) in Laid::ALL.into_iter().flat_map(|laid| (0..3).map(move |s| (laid, s))) {
            for same in factors::<T>(machine, n, laid, seed)
                .into_iter()
                .chain(solves::<T>(machine, n, laid, seed))
            {
                cases += 1;
                broken += usize::from(!same);
            }
            for same in products::<T>(machine, n, laid, seed) {
                cases += 1;
                broken += usize::from(!same);
            }
        }
    }
    let context = Context::of("factor", subject);
    Measured::exact(context, "small orders have the bits of large ones", broken, cases)
}

fn same<T: Float>(found: &[T], right: &[T]) -> bool {
    found.iter().map(|x| x.to_bits_u64()).eq(right.iter().map(|x| x.to_bits_u64()))
}

/// Random numbers for an n × n matrix.
fn random<T: Float>(n: usize, seed: u64) -> Vec<T> {
    input::uniform(n * n, &mut Source::new(seed + 31 * n as u64))
}

/// A, and A beside an identity.
fn alone_and_in_a_corner<T: Float>(n: usize, laid: Laid, a: &[T]) -> [Square<T>; 2] {
    [n, n + MORE].map(|size| {
        Square::new(size, laid, |i, j| match (i < n && j < n, i == j) {
            (true, _) => a[i * n + j],
            (false, true) => T::ONE,
            (false, false) => T::ZERO,
        })
    })
}

fn factors<T: Float>(machine: Machine, n: usize, laid: Laid, seed: u64) -> Vec<bool> {
    let lower = |i: usize, j: usize| i >= j;
    let mut a = random::<T>(n, seed);
    let mut verdicts = Vec::new();

    let mut pair = alone_and_in_a_corner(n, laid, &a);
    let mut places = [vec![0; n], vec![0; n + MORE]];
    for (square, places) in pair.iter_mut().zip(&mut places) {
        lu_in_place(machine, square.view_mut(), places).expect("finite");
    }
    let [alone, corner] = pair.each_ref().map(|square| square.corner(n, |_, _| true));
    verdicts.push(same(&alone, &corner) && places[0] == places[1][..n]);

    for (i, x) in a.iter_mut().enumerate().filter(|(e, _)| e % (n + 1) == 0) {
        *x = T::from_usize(n) + T::from_usize(i % 3);
    }
    let mut pair = alone_and_in_a_corner(n, laid, &a);
    for square in &mut pair {
        cholesky_in_place(machine, square.view_mut()).expect("dominated by its diagonal");
    }
    let [alone, corner] = pair.each_ref().map(|square| square.corner(n, lower));
    verdicts.push(same(&alone, &corner));

    // One pivot of the wrong sign, and one that is small.
    let negative = a[(n / 2) * (n + 1)];
    a[(n / 2) * (n + 1)] = -negative;
    let signs = vec![1; n + MORE];
    for regularized in [false, true] {
        let mut pair = alone_and_in_a_corner(n, laid, &a);
        let counts = pair.each_mut().map(|square| {
            let rule = LdltRegularization {
                signs: &signs[..square.size],
                epsilon: T::from_f64(0.125),
                delta: T::from_f64(0.25),
            };
            ldlt_in_place(machine, square.view_mut(), regularized.then_some(rule)).expect("no zero")
        });
        let [alone, corner] = pair.each_ref().map(|square| square.corner(n, lower));
        // The identity may be small beside A, and then it is changed as well.
        let same_count = counts[0] == counts[1] || counts[1] == counts[0] + MORE;
        verdicts.push(same(&alone, &corner) && same_count);
    }
    verdicts
}

fn solves<T: Float>(machine: Machine, n: usize, laid: Laid, seed: u64) -> Vec<bool> {
    let mut a = random::<T>(n, seed);
    for x in a.iter_mut().step_by(n + 1) {
        *x += T::TWO;
    }
    if seed == 2 {
        // Without a normal reciprocal: to be divided by.
        a[(n / 2) * (n + 1)] = T::MIN_POSITIVE / T::TWO;
    }
    let a = Square::new(n, laid, |i, j| a[i * n + j]);
    let b = random::<T>(n + MORE, seed + 7);
    let mut verdicts = Vec::new();
    for triangle in [Triangle::Lower, Triangle::Upper] {
        for diagonal in [Diagonal::Unit, Diagonal::NonUnit] {
            for left in [true, false] {
                for alpha in [T::ONE, T::from_f64(-0.3)] {
                    // The vectors on the other side are few or many.
                    let [alone, many] = [n, n + MORE].map(|vectors| {
                        let mut b = Square::new(n + MORE, laid, |i, j| b[i * (n + MORE) + j]);
                        let a = a.view().triangular(triangle, diagonal);
                        let shape = if left { [n, vectors] } else { [vectors, n] };
                        let target = b.view_mut().sub([0, 0], shape).expect(FITS);
                        let a = if left { Side::Left(a) } else { Side::Right(a) };
                        trsm(machine, alpha, a, target).expect("no zero on the diagonal");
                        b.corner(n, |_, _| true)
                    });
                    verdicts.push(same(&alone, &many));
                }
            }
        }
    }
    verdicts
}

fn products<T: Float>(machine: Machine, n: usize, laid: Laid, seed: u64) -> Vec<bool> {
    let size = n + MORE;
    let [a, b, c] = [11, 12, 13].map(|k| random::<T>(size, seed + k));
    let [a, b] = [a, b].map(|x| Square::new(size, laid, |i, j| x[i * size + j]));
    let mut verdicts = Vec::new();
    let factors = [T::ZERO, T::ONE, -T::ONE, T::from_f64(0.3)];
    for (alpha, beta) in factors.into_iter().flat_map(|a| factors.map(|b| (a, b))) {
        for k in [0, 1, n] {
            for [turn_a, turn_b, turn_c] in [[false; 3], [true, false, false], [false, true, true]]
            {
                let [alone, many] = [n, size].map(|m| {
                    let mut c = Square::new(size, laid, |i, j| c[i * size + j]);
                    let left = if turn_a { a.view().t() } else { a.view() };
                    let left = left.sub([0, 0], [m, k]).expect(FITS);
                    let right = if turn_b { b.view().t() } else { b.view() };
                    let right = right.sub([0, 0], [k, m]).expect(FITS);
                    let target = if turn_c { c.view_mut().t() } else { c.view_mut() };
                    let target = target.sub([0, 0], [m, m]).expect(FITS);
                    gemm(machine, alpha, left, right, beta, target).expect(FITS);
                    c.corner(n, |_, _| true)
                });
                verdicts.push(same(&alone, &many));
            }
            for turn in [false, true] {
                let [alone, many] = [n, size].map(|m| {
                    let a = if turn { a.view().t() } else { a.view() };
                    let a = a.sub([0, 0], [m, k]).expect(FITS);
                    let mut y = c[..m].to_vec();
                    gemv(machine, alpha, a, &c[size..size + k], beta, &mut y).expect(FITS);
                    y.truncate(n);
                    y
                });
                verdicts.push(same(&alone, &many));
            }
        }
    }
    verdicts
}
