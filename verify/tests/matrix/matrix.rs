//! Layer `matrix`: every shape, stride and factor exactly, on whole numbers.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use teeter::matrix::{MatMut, MatRef, gemm, gemv, ger};
use teeter::{Error, Float, Machine};
use teeter_verify::input::laid::{LAYOUTS, Laid, narrow};
use teeter_verify::input::{Source, vector as input};
use teeter_verify::oracle::naive;
use teeter_verify::property::{self, assert_caught};
use teeter_verify::subject::Subject;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("matrix"));
}

/// Each method wrong in its own way.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    /// β is applied after the product, to all of it.
    fn gemm(
        &self,
        (alpha, beta): (f64, f64),
        a: MatRef<'_, f64>,
        b: MatRef<'_, f64>,
        mut c: MatMut<'_, f64>,
    ) -> Result<(), Error> {
        gemm(self.machine(), alpha, a, b, 1.0, c.rb_mut())?;
        gemm(self.machine(), 0.0, a, b, beta, c)
    }
    /// Forgets α.
    fn gemv(
        &self,
        (_, beta): (f64, f64),
        a: MatRef<'_, f64>,
        x: &[f64],
        y: &mut [f64],
    ) -> Result<(), Error> {
        gemv(self.machine(), 1.0, a, x, beta, y)
    }
    /// Another association: (αx)y.
    fn ger(&self, alpha: f64, x: &[f64], y: &[f64], a: MatMut<'_, f64>) -> Result<(), Error> {
        let x: Vec<f64> = x.iter().map(|x| alpha * x).collect();
        ger(self.machine(), 1.0, &x, y, a)
    }
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&property::matrix::gemm_stays_within_its_bound(&Faulty));
    assert_caught(&property::matrix::gemm_has_the_bits_of_the_definition(&Faulty));
    assert_caught(&property::matrix::gemv_stays_within_its_bound(&Faulty));
    assert_caught(&property::matrix::ger_rounds_three_times(&Faulty));
}

const FACTORS: [f64; 4] = [0.0, 1.0, -1.0, 2.0];

fn lattice(n: usize, source: &mut Source) -> Vec<i64> {
    (0..n).map(|_| source.whole(-4, 4)).collect()
}

/// A vector of 512 bits, or two of AVX2: both directions go past twice their size.
fn tile<T: Float>() -> usize {
    512 / T::BITS as usize
}

/// All shapes, layouts in turn, factors in turn: neighbors in the sweep cover every combination.
/// With β = 0 the old C is NaN, which must not show.
fn gemm_is_exact<T: Float>(machine: Machine, step: usize) {
    let source = &mut Source::new(0x6E44);
    let edge = 2 * tile::<T>() + 1;
    let mut turn = 0_usize;
    for m in (0..=edge).step_by(step) {
        for n in (0..=edge).step_by(step) {
            for k in [0, 1, 2, 3, 5] {
                let (a, b, old) =
                    (lattice(m * k, source), lattice(k * n, source), lattice(m * n, source));
                let product = naive::product(&a, &b, [m, k, n]);
                for _ in 0..4 {
                    turn += 1;
                    let (alpha, beta) = (FACTORS[turn % 4], FACTORS[turn / 4 % 4]);
                    let layouts = [turn % LAYOUTS, turn / 5 % LAYOUTS, turn / 25 % LAYOUTS];
                    let a = Laid::<T>::whole(&a, [m, k], layouts[0]);
                    let b = Laid::<T>::whole(&b, [k, n], layouts[1]);
                    let mut c = Laid::<T>::whole(&old, [m, n], layouts[2]);
                    if beta == 0.0 {
                        c = c.hide(|_, _| true);
                    }
                    let (alpha, beta) = (T::from_f64(alpha), T::from_f64(beta));
                    gemm(machine, alpha, a.view(), b.view(), beta, c.view_mut()).unwrap();
                    let (alpha, beta) = (alpha.to_f64() as i64, beta.to_f64() as i64);
                    let expected: Vec<i64> =
                        product.iter().zip(&old).map(|(p, c)| alpha * p + beta * c).collect();
                    c.assert_is(&expected, &|| {
                        format!("{machine:?}, {m} x {k} x {n}, {alpha}, {beta}, {layouts:?}")
                    });
                }
            }
        }
    }
}

#[test]
fn gemm_is_exact_on_whole_numbers_f64() {
    for machine in Machine::present() {
        gemm_is_exact::<f64>(machine, 1);
    }
}

#[test]
fn gemm_is_exact_on_whole_numbers_f32() {
    for machine in Machine::present() {
        gemm_is_exact::<f32>(machine, 1);
    }
}

/// The tallest tile of all machines, three vectors of 512 bits by eight columns: past twice its height beside
/// past twice its width, and the other way round.
fn gemm_is_exact_past_every_tile<T: Float>() {
    let source = &mut Source::new(0x711E);
    let mut turn = 0_usize;
    for tall in 0..=2 * 3 * tile::<T>() + 1 {
        for wide in 0..=2 * 8 + 1 {
            turn += 1;
            let k = [1, 2, 3][turn % 3];
            let [alpha, beta] = [FACTORS[turn % 4], FACTORS[turn / 4 % 4]];
            for [m, n] in [[tall, wide], [wide, tall]] {
                let (a, b) = (lattice(m * k, source), lattice(k * n, source));
                let (old, product) = (lattice(m * n, source), naive::product(&a, &b, [m, k, n]));
                let (alpha, beta) = (alpha as i64, beta as i64);
                let expected: Vec<i64> =
                    product.iter().zip(&old).map(|(p, c)| alpha * p + beta * c).collect();
                let layouts = [turn, turn / 5, turn / 25].map(|layout| layout % LAYOUTS);
                let a = Laid::<T>::whole(&a, [m, k], layouts[0]);
                let b = Laid::<T>::whole(&b, [k, n], layouts[1]);
                let c = Laid::<T>::whole(&old, [m, n], layouts[2]).hide(|_, _| beta == 0);
                let factors = [alpha, beta].map(|factor| T::from_f64(factor as f64));
                for machine in Machine::present() {
                    let mut c = c.clone();
                    gemm(machine, factors[0], a.view(), b.view(), factors[1], c.view_mut())
                        .unwrap();
                    c.assert_is(&expected, &|| {
                        format!("{machine:?}, {m} x {k} x {n}, {alpha}, {beta}, {layouts:?}")
                    });
                }
            }
        }
    }
}

#[test]
fn gemm_is_exact_past_every_tile_of_every_machine() {
    gemm_is_exact_past_every_tile::<f32>();
    gemm_is_exact_past_every_tile::<f64>();
}

/// Depths on both sides of the packing block, and products far longer than a tile.
#[test]
fn gemm_is_exact_across_packing_blocks() {
    let source = &mut Source::new(0xDEE9);
    for machine in Machine::present() {
        for k in [31, 32, 33, 63, 64, 65, 127, 128, 129, 257] {
            for (layout, [m, n]) in [[3, 5], [9, 7], [33, 2], [2, 33], [1, 1]].iter().enumerate() {
                let (a, b) = (lattice(m * k, source), lattice(k * n, source));
                let product = naive::product(&a, &b, [*m, k, *n]);
                for rest in 0..LAYOUTS {
                    let a = Laid::<f32>::whole(&a, [*m, k], (layout + rest) % LAYOUTS);
                    let b = Laid::<f32>::whole(&b, [k, *n], rest);
                    let mut c = Laid::<f32>::whole(&product, [*m, *n], layout);
                    gemm(machine, 2.0, a.view(), b.view(), -1.0, c.view_mut()).unwrap();
                    c.assert_is(&product, &|| format!("{machine:?}, {m} x {k} x {n}"));
                }
            }
        }
    }
}

fn gemv_and_ger_are_exact<T: Float>(machine: Machine) {
    let source = &mut Source::new(0x6E44);
    let mut turn = 0_usize;
    for m in (0..=2 * tile::<T>() + 1).chain([64, 67, 130]) {
        for n in (0..=2 * tile::<T>() + 1).chain([64, 67]) {
            let (values, x, old) = (lattice(m * n, source), lattice(n, source), lattice(m, source));
            let product = naive::product(&values, &x, [m, n, 1]);
            for layout in 0..LAYOUTS {
                turn += 1;
                let (alpha, beta) = (FACTORS[turn % 4], FACTORS[turn / 4 % 4]);
                let a = Laid::<T>::whole(&values, [m, n], layout);
                let mut y = Laid::<T>::whole(&old, [m, 1], 0);
                if beta == 0.0 {
                    y.memory[1..=m].fill(T::NAN);
                }
                let (a_, b_) = (T::from_f64(alpha), T::from_f64(beta));
                gemv(machine, a_, a.view(), &narrow::<T>(&x), b_, &mut y.memory[1..=m]).unwrap();
                let (alpha, beta) = (alpha as i64, beta as i64);
                let expected: Vec<i64> =
                    product.iter().zip(&old).map(|(p, y)| alpha * p + beta * y).collect();
                let what = || format!("{machine:?}, {m} x {n}, {alpha}, {beta}, layout {layout}");
                y.assert_is(&expected, &what);

                let mut a = a;
                ger(machine, a_, &narrow::<T>(&old), &narrow::<T>(&x), a.view_mut()).unwrap();
                let expected: Vec<i64> = values
                    .iter()
                    .enumerate()
                    .map(|(e, v)| v + alpha * old[e / n] * x[e % n])
                    .collect();
                a.assert_is(&expected, &what);
            }
        }
    }
}

#[test]
fn gemv_and_ger_are_exact_on_whole_numbers() {
    for machine in Machine::present() {
        gemv_and_ger_are_exact::<f32>(machine);
        gemv_and_ger_are_exact::<f64>(machine);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60, rng_seed: RngSeed::Fixed(0x7EE7), ..ProptestConfig::default()
    })]

    /// Strict machines agree with portable, fused ones with each other, in every layout.
    #[test]
    fn machines_agree_bit_for_bit(
        (m, k, n) in (1_usize..40, 0_usize..90, 1_usize..40), spread in 0_i64..30, seed: u64
    ) {
        let source = &mut Source::new(seed);
        let a: Vec<f32> = input::graded(m * k, spread, source);
        let b: Vec<f32> = input::graded(k * n, spread, source);
        let old: Vec<f32> = input::graded(m * n, spread, source);
        let (a, b) = (MatRef::row_major(&a, m, k).unwrap(), MatRef::row_major(&b, k, n).unwrap());
        let result = |machine, columns: u8| {
            let mut c = old.clone();
            let view = if columns == 0 {
                MatMut::row_major(&mut c, m, n).unwrap()
            } else {
                MatMut::row_major(&mut c, n, m).unwrap().t()
            };
            gemm(machine, 1.25, a, b, -0.75, view).unwrap();
            c.iter().map(|x| x.to_bits()).collect::<Vec<u32>>()
        };
        for columns in [0, 1] {
            for fused in [false, true] {
                let same: Vec<Machine> =
                    Machine::present().filter(|machine| machine.is_fused() == fused).collect();
                for pair in same.windows(2) {
                    prop_assert_eq!(result(pair[0], columns), result(pair[1], columns));
                }
            }
        }
    }

    /// (AB)ᵀ = BᵀAᵀ bit for bit: the chain over k does not know the layout. Not with α ≠ 1, which
    /// belongs to the second operand.
    #[test]
    fn product_of_transposes_is_the_transpose(
        (m, k, n) in (1_usize..30, 1_usize..30, 1_usize..30), seed: u64
    ) {
        let source = &mut Source::new(seed);
        let a: Vec<f64> = input::graded(m * k, 9, source);
        let b: Vec<f64> = input::graded(k * n, 9, source);
        let (a, b) = (MatRef::row_major(&a, m, k).unwrap(), MatRef::col_major(&b, k, n).unwrap());
        for machine in Machine::present() {
            let (mut c, mut d) = (vec![0.0; m * n], vec![0.0; m * n]);
            gemm(machine, 1.0, a, b, 0.0, MatMut::row_major(&mut c, m, n).unwrap()).unwrap();
            gemm(machine, 1.0, b.t(), a.t(), 0.0, MatMut::col_major(&mut d, n, m).unwrap()).unwrap();
            prop_assert_eq!(&c, &d);
        }
    }
}

/// NaN and ∞ in the operands show in exactly the elements that depend on them.
#[test]
fn special_values_spread_as_they_must() {
    for machine in Machine::present() {
        for value in [f64::NAN, f64::INFINITY] {
            for at in 0..9 * 10 {
                let mut a = vec![1.0; 90];
                a[at] = value;
                let (mut c, b) = (vec![f64::NAN; 63], vec![1.0; 70]);
                let a = MatRef::row_major(&a, 9, 10).unwrap();
                let b = MatRef::row_major(&b, 10, 7).unwrap();
                gemm(machine, 1.0, a, b, 0.0, MatMut::row_major(&mut c, 9, 7).unwrap()).unwrap();
                let mut y = vec![f64::NAN; 9];
                gemv(machine, 1.0, a, &[1.0; 10], 0.0, &mut y).unwrap();
                for (e, c) in c.iter().enumerate() {
                    assert_eq!(c.is_finite(), e / 7 != at / 10, "{machine:?}, {value} at {at}");
                    assert_eq!(y[e / 7].is_finite(), e / 7 != at / 10);
                }
            }
        }
    }
}

/// Without rows or columns no stride leads anywhere, however large.
#[test]
fn empty_matrices_may_have_any_stride() {
    let strides = [[1, usize::MAX / 2], [usize::MAX / 2, 1], [usize::MAX, usize::MAX]];
    for (machine, stride) in Machine::present().flat_map(|m| strides.map(|s| (m, s))) {
        for [rows, cols] in [[0, 4], [4, 0], [0, 9], [9, 0], [0, 0]] {
            let (x, mut y) = (vec![1.0; cols], vec![2.0; rows]);
            let a = MatRef::strided(&[], [rows, cols], stride).unwrap();
            gemv(machine, 1.0, a, &x, 0.0, &mut y).unwrap();
            assert!(y.iter().all(|&y| y == 0.0), "{machine:?}, {rows} x {cols}");
            let mut none: [f64; 0] = [];
            let c = MatMut::strided(&mut none, [rows, cols], stride).unwrap();
            ger(machine, 1.0, &y, &x, c).unwrap();
            let c = MatMut::strided(&mut none, [rows, cols], stride).unwrap();
            let right = MatRef::strided(&[], [0, cols], stride).unwrap();
            let left = MatRef::strided(&[], [rows, 0], stride).unwrap();
            gemm(machine, 1.0, left, right, 1.0, c).unwrap();
        }
    }
}
