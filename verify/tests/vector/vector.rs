//! Layer `vector`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use teeter::{Error, Float, Machine, vector};
use teeter_verify::bound;
use teeter_verify::input::{Source, vector as input};
use teeter_verify::oracle::exact;
use teeter_verify::property::{self, assert_caught};
use teeter_verify::subject::Subject;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("vector"));
}

/// Each method is wrong in its own way; one subject suffices, since each property asks one of them.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    /// Drops the tail that fills no register.
    fn dot(&self, x: &[f64], y: &[f64]) -> Result<f64, Error> {
        let whole = x.len() / 4 * 4;
        vector::dot(self.machine(), &x[..whole], &y[..whole])
    }
    /// Adds the last element twice.
    fn sum(&self, x: &[f64]) -> f64 {
        vector::sum(self.machine(), x) + x.last().copied().unwrap_or(0.0)
    }
    /// No second pass.
    fn norm2(&self, x: &[f64]) -> f64 {
        vector::dot(self.machine(), x, x).map_or(f64::NAN, f64::sqrt)
    }
    /// Rounds once.
    fn axpy(&self, alpha: f64, x: &[f64], y: &mut [f64]) -> Result<(), Error> {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = alpha.mul_add(*x, *y));
        Ok(())
    }
    /// (1 − e⁻²ˣ)/(1 + e⁻²ˣ), which cancels near 0.
    fn tanh_in_place(&self, x: &mut [f64]) {
        x.iter_mut().for_each(|x| *x = (1.0 - (-2.0 * *x).exp()) / (1.0 + (-2.0 * *x).exp()));
    }
}

/// Overflows to ∞, which is no answer: ∞ ≤ ∞ must not pass.
struct Infinite;
impl Subject<f64> for Infinite {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn dot(&self, _: &[f64], _: &[f64]) -> Result<f64, Error> {
        Ok(f64::INFINITY)
    }
    fn sum(&self, _: &[f64]) -> f64 {
        f64::NAN
    }
    fn tanh_in_place(&self, x: &mut [f64]) {
        x.fill(f64::NAN);
    }
}

/// f32 accumulation of f64 data: off by far less than 1e-6 relative, and far outside the bound.
struct NarrowAccumulator;
impl Subject<f64> for NarrowAccumulator {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn dot(&self, x: &[f64], y: &[f64]) -> Result<f64, Error> {
        Ok(x.iter().zip(y).fold(0.0_f32, |sum, (x, y)| sum + (x * y) as f32).into())
    }
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&property::vector::dot_stays_within_its_bound(&Faulty));
    assert_caught(&property::vector::sum_stays_within_its_bound(&Faulty));
    assert_caught(&property::vector::norm2_stays_within_its_bound(&Faulty));
    assert_caught(&property::vector::norm2_scales_by_powers_of_two(&Faulty));
    assert_caught(&property::vector::axpy_rounds_twice(&Faulty));
    assert_caught(&property::vector::tanh_stays_within_its_bound(&Faulty));
    assert_caught(&property::vector::tanh_is_odd(&Faulty));
    assert_caught(&property::vector::dot_stays_within_its_bound(&Infinite));
    assert_caught(&property::vector::sum_stays_within_its_bound(&Infinite));
    assert_caught(&property::vector::tanh_stays_within_its_bound(&Infinite));
    assert_caught(&property::vector::tanh_is_odd(&Infinite));
    assert_caught(&property::vector::dot_stays_within_its_bound(&NarrowAccumulator));
}

/// Whole numbers: no rounding, so no tolerance; every length past two virtual registers, at
/// every offset from alignment, with canaries on both sides of what is written.
fn whole_numbers_are_exact<T: Float>() {
    const CANARY: f64 = 12_345.0;
    let source = &mut Source::new(0xE4);
    let at = |x: &[T], i: usize| x[i].to_f64();
    for n in 0..=2 * bound::lanes::<T>() + 1 {
        for offset in 0..4 {
            let x: Vec<T> = input::lattice(n + offset, source);
            let x = &x[offset..];
            let old: Vec<T> = input::lattice(n, source);
            let dot: f64 = (0..n).map(|i| at(x, i) * at(&old, i)).sum();
            for machine in Machine::present() {
                let scale = |out: &mut [T]| vector::scale(machine, -T::TWO, out);
                assert_eq!(vector::dot(machine, x, &old).unwrap().to_f64(), dot, "{machine:?}");
                let sums = [vector::sum(machine, x), vector::sum_abs(machine, x)];
                let whole: f64 = (0..n).map(|i| at(x, i)).sum();
                let size: f64 = (0..n).map(|i| at(x, i).abs()).sum();
                assert_eq!(sums.map(T::to_f64), [whole, size], "{machine:?}, n {n}");
                type Update<'a, T> = (&'a dyn Fn(&mut [T]), &'a dyn Fn(usize) -> f64);
                let updates: [Update<T>; 4] = [
                    (&|y| vector::axpy(machine, T::TWO, x, y).unwrap(), &|i| {
                        2.0 * at(x, i) + at(&old, i)
                    }),
                    (&|y| vector::multiply(machine, x, y).unwrap(), &|i| at(x, i) * at(&old, i)),
                    (&|y| vector::copy(x, y).unwrap(), &|i| at(x, i)),
                    (&scale, &|i| -2.0 * at(&old, i)),
                ];
                for (update, truth) in updates {
                    let mut memory = vec![T::from_f64(CANARY); n + 2 * offset + 9];
                    let range = offset..offset + n;
                    memory[range.clone()].copy_from_slice(&old);
                    update(&mut memory[range.clone()]);
                    for (i, value) in memory.iter().enumerate() {
                        let expected = if range.contains(&i) { truth(i - offset) } else { CANARY };
                        assert_eq!(value.to_f64(), expected, "{machine:?}, n {n}, at {i}");
                    }
                }
            }
        }
    }
}

#[test]
fn whole_numbers_are_exact_at_every_length_and_offset() {
    whole_numbers_are_exact::<f32>();
    whole_numbers_are_exact::<f64>();
}

fn all_machines_agree<T: Float>(x: &[T], y: &[T]) {
    let results = |machine| {
        let (mut updated, mut tanh) = (y.to_vec(), x.to_vec());
        vector::axpy(machine, T::PI, x, &mut updated).unwrap();
        vector::multiply(machine, y, &mut updated).unwrap();
        vector::scale(machine, -T::PI, &mut updated);
        vector::tanh_in_place(machine, &mut tanh);
        let reductions = [
            vector::dot(machine, x, y).unwrap(),
            vector::sum(machine, x),
            vector::sum_abs(machine, x),
            vector::norm2(machine, x),
        ];
        reductions.into_iter().chain(updated).chain(tanh).map(T::to_bits_u64).collect::<Vec<_>>()
    };
    let reference = results(Machine::portable());
    for machine in Machine::present() {
        assert_eq!(results(machine), reference, "{machine:?} differs from portable");
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 120, rng_seed: RngSeed::Fixed(0x7EE7), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// Seeds and lengths shrink, not vectors: a failure is one readable line.
    #[test]
    fn machines_agree_bit_for_bit(n in 0_usize..400, spread in 0_i64..40, seed: u64) {
        let source = &mut Source::new(seed);
        all_machines_agree::<f32>(&input::graded(n, spread, source), &input::graded(n, spread, source));
        all_machines_agree::<f64>(&input::graded(n, spread, source), &input::graded(n, spread, source));
    }

    /// Permuting terms may change the sum by the two bounds at most; negating all negates it.
    #[test]
    fn dot_is_odd_and_nearly_symmetric(n in 0_usize..200, seed: u64) {
        let source = &mut Source::new(seed);
        let x: Vec<f64> = input::graded(n, 30, source);
        let y: Vec<f64> = input::graded(n, 30, source);
        let minus: Vec<f64> = x.iter().map(|x| -x).collect();
        let (mut back, mut forth) = (x.clone(), y.clone());
        back.reverse();
        forth.reverse();
        let (_, magnitude) = exact::dot(&x, &y);
        let allowed = bound::dot::<f64>(n, &magnitude) * exact::whole(2);
        for machine in Machine::present() {
            let dot = vector::dot(machine, &x, &y).unwrap();
            prop_assert_eq!(vector::dot(machine, &y, &x).unwrap(), dot);
            prop_assert_eq!(vector::dot(machine, &minus, &y).unwrap(), -dot);
            let reversed = vector::dot(machine, &back, &forth).unwrap();
            let moved = exact::abs(&(exact::from(reversed) - exact::from(dot)));
            prop_assert!(moved <= allowed, "{machine:?}: {dot} became {reversed}");
        }
    }
}

#[test]
fn lengths_that_differ_are_refused_and_nothing_is_written() {
    for machine in Machine::present() {
        let (x, mut y) = ([1.0, 2.0, 3.0], [9.0, 9.0]);
        let refused = Error::Length { argument: "y", expected: 3, found: 2 };
        assert_eq!(vector::dot(machine, &x, &y), Err(refused));
        assert_eq!(vector::axpy(machine, 2.0, &x, &mut y), Err(refused));
        assert_eq!(vector::multiply(machine, &x, &mut y), Err(refused));
        assert_eq!(vector::copy(&x, &mut y), Err(refused));
        assert_eq!(y, [9.0, 9.0]);
        assert_eq!(vector::argmax_abs::<f64>(machine, &[]), Err(Error::Empty { argument: "x" }));
    }
}

#[test]
fn nothing_has_sum_and_norm_plus_zero() {
    for machine in Machine::present() {
        let empty: [f32; 0] = [];
        for zero in [
            vector::dot(machine, &empty, &empty).unwrap(),
            vector::sum(machine, &empty),
            vector::sum_abs(machine, &empty),
            vector::norm2(machine, &empty),
            // −0 becomes +0, at every length.
            vector::sum(machine, &[-0.0; 1]),
            vector::sum(machine, &[-0.0; 50]),
            vector::dot(machine, &[-0.0; 5], &[1.0; 5]).unwrap(),
            vector::norm2(machine, &[-0.0; 3]),
        ] {
            assert_eq!(zero.to_bits(), 0, "{machine:?}");
        }
        assert_eq!(vector::first_not_finite(machine, &empty), None);
    }
}

/// NaN and ∞ in each place: sums and norms show them, searches find the first.
fn special_values_are_seen<T: Float>() {
    for machine in Machine::present() {
        for n in [1, 2, 5, 31, 33, 66] {
            for i in 0..n {
                let mut x = vec![T::ONE; n];
                x[i] = T::NAN;
                let mut tanh = x.clone();
                vector::tanh_in_place(machine, &mut tanh);
                assert!(tanh[i].is_nan(), "tanh of NaN");
                assert!(
                    vector::sum(machine, &x).is_nan() && vector::norm2(machine, &x).is_nan(),
                    "{machine:?}, n {n}, at {i}"
                );
                assert!(vector::dot(machine, &x, &vec![T::ZERO; n]).unwrap().is_nan(), "0·NaN");
                assert_eq!(
                    vector::first_not_finite(machine, &x),
                    Some(i),
                    "{machine:?}, n {n}, at {i}"
                );
                assert_eq!(vector::argmax_abs(machine, &x), Ok(i), "{machine:?}, n {n}, at {i}");
                x[i] = -T::INFINITY;
                assert_eq!(vector::sum(machine, &x), -T::INFINITY, "{machine:?}, n {n}, at {i}");
                assert_eq!(vector::sum_abs(machine, &x), T::INFINITY, "{machine:?}, n {n}, at {i}");
                assert_eq!(vector::norm2(machine, &x), T::INFINITY, "{machine:?}, n {n}, at {i}");
                assert_eq!(
                    vector::first_not_finite(machine, &x),
                    Some(i),
                    "{machine:?}, n {n}, at {i}"
                );
                assert_eq!(vector::argmax_abs(machine, &x), Ok(i), "{machine:?}, n {n}, at {i}");
                if n > 1 {
                    x[(i + 1) % n] = T::NAN;
                    assert!(vector::norm2(machine, &x).is_nan(), "NaN wins over ∞");
                }
                // As large as a number can be, and as small: the norm is the number itself.
                for value in [T::MAX, T::MIN_POSITIVE * T::EPSILON, T::MIN_POSITIVE, T::TWO] {
                    let mut x = vec![T::ZERO; n];
                    x[i] = -value;
                    assert_eq!(vector::norm2(machine, &x), value, "{machine:?}, n {n}, at {i}");
                    assert_eq!(
                        vector::argmax_abs(machine, &x),
                        Ok(i),
                        "{machine:?}, n {n}, at {i}"
                    );
                    assert_eq!(
                        vector::first_not_finite(machine, &x),
                        None,
                        "{machine:?}, n {n}, at {i}"
                    );
                }
            }
        }
    }
}

#[test]
fn special_values_are_seen_in_every_place() {
    special_values_are_seen::<f32>();
    special_values_are_seen::<f64>();
}

#[test]
fn argmax_takes_the_first_of_equals() {
    let machine = Machine::detect();
    assert_eq!(vector::argmax_abs(machine, &[1.0, -3.0, 3.0, 2.0]), Ok(1));
    assert_eq!(vector::argmax_abs(machine, &[0.0, -0.0]), Ok(0));
}

/// A strided sample of all f32: the relative error of tanh against f64 (exact to 2⁻²⁹ units).
#[test]
fn tanh_holds_its_bound_over_a_sample_of_all_f32() {
    const STRIDE: usize = 4093;
    let machine = Machine::detect();
    let mut x: Vec<f32> = (0..0x7F80_0000_u32).step_by(STRIDE).map(f32::from_bits).collect();
    let arguments = x.clone();
    vector::tanh_in_place(machine, &mut x);
    let mut worst = 0.0_f64;
    for (&x, &computed) in arguments.iter().zip(&x) {
        let truth = f64::from(x).tanh();
        if truth < f64::from(f32::MIN_POSITIVE) {
            assert_eq!(computed, x, "a subnormal is returned as it is");
            continue;
        }
        let error = (f64::from(computed) - truth).abs() / truth;
        assert!(error <= bound::tanh::<f32>(), "tanh {x:e} is off by {error:e}");
        worst = worst.max(error);
    }
    println!("tanh, f32: worst of {} is {:.3} u", x.len(), worst / f64::from(f32::UNIT_ROUNDOFF));
}
