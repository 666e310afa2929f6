//! Elementary functions of level 1.

use teeter::{Float, Machine};
use teeter_verify::property::elementary::{
    Apply, Function, SINGLES, Sweep, kernel, sample_doubles, sweep_doubles, sweep_nans,
    sweep_singles,
};

/// Blocks of 1024 numbers of f32: every 4099th, and those around ±0, ±1 and the ends.
fn sample(function: Function, machine: Machine, apply: Apply<f32>) -> Sweep {
    const BLOCK: u64 = 1024;
    let middle = SINGLES / 2;
    let one = u64::from(1.0_f32.to_bits());
    // Where 1 − exp(−2x) is no single number, and tanh x next to 1.
    let near = u64::from(8.7_f32.to_bits());
    let edges =
        [0, middle, middle + one, middle - one, middle + near, middle - near, SINGLES - BLOCK / 2];
    let starts = edges.map(|at| at.saturating_sub(BLOCK / 2));
    let strided = (0..SINGLES).step_by(4099 * BLOCK as usize);
    strided.chain(starts).fold(Sweep::default(), |found, start| {
        let range = start..(start + BLOCK).min(SINGLES);
        found.and(sweep_singles(function, machine, apply, range))
    })
}

#[test]
fn elementary_functions_hold_their_bounds_in_f32() {
    for machine in Machine::present() {
        for function in Function::ALL {
            let found =
                sample(function, machine, kernel).and(sweep_nans(function, machine, 40_961));
            assert!(found.passes(function), "{function:?} on {machine:?}: {found:?}");
        }
    }
}

#[test]
fn elementary_functions_hold_their_bounds_in_f64() {
    let numbers = sample_doubles(1);
    for machine in Machine::present() {
        for function in Function::ALL {
            let found = sweep_doubles(function, machine, kernel, &numbers);
            assert!(found.passes(function), "{function:?} on {machine:?}: {found:?}");
        }
    }
}

/// One unit too much where it is easiest to miss: at a single number.
fn off_at_one_number<T: Float>(function: Function, machine: Machine, x: &mut [T]) {
    let hit: Vec<bool> = x.iter().map(|&x| x == T::ONE).collect();
    kernel(function, machine, x);
    for (x, _) in x.iter_mut().zip(hit).filter(|pair| pair.1) {
        *x *= T::ONE + T::TWO * T::EPSILON;
    }
}

/// ∞ becomes NaN.
fn loses_infinity<T: Float>(function: Function, machine: Machine, x: &mut [T]) {
    kernel(function, machine, x);
    x.iter_mut().filter(|x| !x.is_finite()).for_each(|x| *x = T::NAN);
}

#[test]
fn planted_faults_are_seen() {
    let machine = Machine::portable();
    for function in Function::ALL {
        assert!(!sample(function, machine, off_at_one_number).passes(function), "{function:?}");
        let numbers = [0.5, 1.0, 2.0];
        let found = sweep_doubles(function, machine, off_at_one_number, &numbers);
        assert!(!found.passes(function), "{function:?}");
    }
    assert!(!sample(Function::Exp, machine, loses_infinity).passes(Function::Exp));
    assert!(!Sweep::default().passes(Function::Exp), "no cases, no pass");
}

fn special_values_have_their_answers<T: Float>() {
    let [zero, one, infinity] = [T::ZERO, T::ONE, T::INFINITY];
    let cases = [
        (Function::Exp, [(zero, one), (-zero, one), (infinity, infinity), (-infinity, zero)]),
        (Function::Log1p, [(zero, zero), (-zero, -zero), (infinity, infinity), (-one, -infinity)]),
        (Function::Tanh, [(zero, zero), (-zero, -zero), (infinity, one), (-infinity, -one)]),
        (
            Function::Sigmoid,
            [(zero, T::HALF), (-zero, T::HALF), (infinity, one), (-infinity, zero)],
        ),
        (
            Function::Softplus,
            [(T::MAX, T::MAX), (-T::MAX, zero), (infinity, infinity), (-infinity, zero)],
        ),
    ];
    for machine in Machine::present() {
        for (function, pairs) in cases {
            for (x, expected) in pairs {
                let mut y = [x; 3];
                kernel(function, machine, &mut y);
                let bits = expected.to_bits_u64();
                assert_eq!(y.map(T::to_bits_u64), [bits; 3], "{function:?} of {x} on {machine:?}");
            }
            kernel::<T>(function, machine, &mut []);
        }
    }
}

#[test]
fn special_values_of_elementary_functions_have_their_answers() {
    special_values_have_their_answers::<f32>();
    special_values_have_their_answers::<f64>();
}
