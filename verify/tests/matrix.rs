//! Layer `matrix`: every shape, stride and factor exactly, on whole numbers.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use teeter::matrix::{MatMut, MatRef, gemm, gemv, ger, trsv_lower, trsv_lower_t};
use teeter::{Error, Float, Machine};
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
    /// Solves with the transpose.
    fn trsv_lower(&self, l: MatRef<'_, f64>, x: &mut [f64]) -> Result<(), Error> {
        trsv_lower_t(self.machine(), l, x)
    }
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&property::matrix::gemm_stays_within_its_bound(&Faulty));
    assert_caught(&property::matrix::gemm_has_the_bits_of_the_definition(&Faulty));
    assert_caught(&property::matrix::gemv_stays_within_its_bound(&Faulty));
    assert_caught(&property::matrix::ger_rounds_three_times(&Faulty));
    assert_caught(&property::matrix::trsv_solves_a_nearby_system(&Faulty));
}

const FACTORS: [f64; 4] = [0.0, 1.0, -1.0, 2.0];
const CANARY: f64 = 7777.0;

/// A matrix laid out at strides in memory of its own, canaries between and around its elements.
#[derive(Clone)]
struct Laid<T> {
    memory: Vec<T>,
    offset: usize,
    shape: [usize; 2],
    strides: [usize; 2],
}

/// Row-major, column-major, either with a gap, and strides that suit no vector.
const LAYOUTS: usize = 5;

impl<T: Float> Laid<T> {
    fn new(values: &[i64], shape: [usize; 2], layout: usize) -> Self {
        let [rows, cols] = shape;
        let strides = match layout {
            0 => [cols.max(1), 1],
            1 => [1, rows.max(1)],
            2 => [cols + 3, 1],
            3 => [1, rows + 2],
            _ => [2 * cols + 1, 2],
        };
        let extent = rows.max(1) * strides[0] + cols.max(1) * strides[1];
        let offset = layout + 1;
        let memory = vec![T::from_f64(CANARY); extent + offset + 8];
        let mut laid = Self { memory, offset, shape, strides };
        for (e, &value) in values.iter().enumerate() {
            let index = laid.index(e);
            laid.memory[index] = T::from_f64(value as f64);
        }
        laid
    }

    /// Where element e of the row-major list lies.
    fn index(&self, e: usize) -> usize {
        let cols = self.shape[1];
        self.offset + e / cols * self.strides[0] + e % cols * self.strides[1]
    }

    fn view(&self) -> MatRef<'_, T> {
        MatRef::strided(&self.memory[self.offset..], self.shape, self.strides).unwrap()
    }

    fn view_mut(&mut self) -> MatMut<'_, T> {
        MatMut::strided(&mut self.memory[self.offset..], self.shape, self.strides).unwrap()
    }

    /// The elements are these, and every canary is alive.
    fn assert_is(&self, expected: &[i64], what: &dyn Fn() -> String) {
        let mut ideal = vec![CANARY; self.memory.len()];
        for (e, &value) in expected.iter().enumerate() {
            ideal[self.index(e)] = value as f64;
        }
        for (i, (value, ideal)) in self.memory.iter().zip(&ideal).enumerate() {
            assert!(value.to_f64() == *ideal, "{}: {value} at {i}, not {ideal}", what());
        }
    }
}

fn lattice(n: usize, source: &mut Source) -> Vec<i64> {
    (0..n).map(|_| source.whole(-4, 4)).collect()
}

/// The widest tile: two vectors of AVX2 by six columns; both directions go past twice its size.
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
                    let a = Laid::<T>::new(&a, [m, k], layouts[0]);
                    let b = Laid::<T>::new(&b, [k, n], layouts[1]);
                    let mut c = Laid::<T>::new(&old, [m, n], layouts[2]);
                    if beta == 0.0 {
                        for e in 0..m * n {
                            let index = c.index(e);
                            c.memory[index] = T::NAN;
                        }
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
                    let a = Laid::<f32>::new(&a, [*m, k], (layout + rest) % LAYOUTS);
                    let b = Laid::<f32>::new(&b, [k, *n], rest);
                    let mut c = Laid::<f32>::new(&product, [*m, *n], layout);
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
            let narrow = |v: &[i64]| v.iter().map(|&v| T::from_f64(v as f64)).collect::<Vec<T>>();
            let product = naive::product(&values, &x, [m, n, 1]);
            for layout in 0..LAYOUTS {
                turn += 1;
                let (alpha, beta) = (FACTORS[turn % 4], FACTORS[turn / 4 % 4]);
                let a = Laid::<T>::new(&values, [m, n], layout);
                let mut y = Laid::<T>::new(&old, [m, 1], 0);
                if beta == 0.0 {
                    y.memory[1..=m].fill(T::NAN);
                }
                let (a_, b_) = (T::from_f64(alpha), T::from_f64(beta));
                gemv(machine, a_, a.view(), &narrow(&x), b_, &mut y.memory[1..=m]).unwrap();
                let (alpha, beta) = (alpha as i64, beta as i64);
                let expected: Vec<i64> =
                    product.iter().zip(&old).map(|(p, y)| alpha * p + beta * y).collect();
                let what = || format!("{machine:?}, {m} x {n}, {alpha}, {beta}, layout {layout}");
                y.assert_is(&expected, &what);

                let mut a = a;
                ger(machine, a_, &narrow(&old), &narrow(&x), a.view_mut()).unwrap();
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

/// L with ±1 on the diagonal: whole-number solutions come back exactly; what lies above the
/// diagonal is NaN and must not be read.
fn solves_are_exact<T: Float>(machine: Machine) {
    let source = &mut Source::new(0x504E);
    for n in (0..=2 * tile::<T>() + 1).chain([40]) {
        let mut l = vec![0; n * n];
        for i in 0..n {
            for j in i.saturating_sub(2)..i {
                l[i * n + j] = source.whole(-1, 1);
            }
            l[i * n + i] = if source.whole(0, 1) == 0 { 1 } else { -1 };
        }
        let transposed: Vec<i64> = (0..n * n).map(|e| l[e % n * n + e / n]).collect();
        let truth = lattice(n, source);
        for layout in 0..LAYOUTS {
            let mut laid = Laid::<T>::new(&l, [n, n], layout);
            for e in (0..n * n).filter(|e| e % n > e / n) {
                let index = laid.index(e);
                laid.memory[index] = T::NAN;
            }
            let solve: [(&[i64], _); 2] = [
                (&l, trsv_lower as fn(Machine, MatRef<'_, T>, &mut [T]) -> Result<(), Error>),
                (&transposed, trsv_lower_t),
            ];
            for (matrix, solve) in solve {
                let right = naive::product(matrix, &truth, [n, n, 1]);
                let mut x: Vec<T> = right.iter().map(|&v| T::from_f64(v as f64)).collect();
                solve(machine, laid.view(), &mut x).unwrap();
                let back: Vec<i64> = x.iter().map(|x| x.to_f64() as i64).collect();
                assert_eq!(back, truth, "{machine:?}, n {n}, layout {layout}");
                assert!(x.iter().all(|x| x.is_finite()), "garbage above the diagonal was read");
            }
        }
    }
}

#[test]
fn triangular_solves_are_exact_on_whole_numbers() {
    for machine in Machine::present() {
        solves_are_exact::<f32>(machine);
        solves_are_exact::<f64>(machine);
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
