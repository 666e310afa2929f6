//! What reads and writes by pointer stays within its operands: each operand ends, then begins, at a page
//! that may not be touched, and canaries stand between and around its elements.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::matrix::{self, Diagonal, Side, Triangle};
use teeter::{Float, Machine, vector};
use teeter_verify::input::guarded::{End, Guarded};
use teeter_verify::input::operands::Fill::{General, Indefinite, Positive};
use teeter_verify::input::operands::{COUNT, NONE, Row, Spec, square, stays_within, vector};

/// Not a power of two, so that operands are packed.
const fn factors<T: Float>() -> (T, T) {
    (T::PI, T::HALF)
}

/// Three operands.
const fn three(a: Spec, b: Spec, c: Spec) -> [Spec; COUNT] {
    [a, b, c, NONE, NONE]
}

fn level_1<T: Float>() -> [Row<T>; 4] {
    [
        Row {
            name: "dot",
            specs: |[m, ..]| three(vector(m), vector(m), vector(1)),
            call: |machine, [x, y, out, ..]| {
                out.memory[0] = vector::dot(machine, x.memory, y.memory)?;
                Ok(())
            },
        },
        Row {
            name: "axpy",
            specs: |[m, ..]| three(vector(m), vector(m), NONE),
            call: |machine, [x, y, ..]| vector::axpy(machine, T::PI, x.memory, y.memory),
        },
        Row {
            name: "exp_in_place",
            specs: |[m, ..]| three(vector(m), NONE, NONE),
            call: |machine, [x, ..]| {
                vector::exp_in_place(machine, x.memory);
                Ok(())
            },
        },
        Row {
            name: "norm2, tanh_in_place",
            specs: |[m, ..]| three(vector(m), vector(1), vector(m)),
            call: |machine, [x, out, y, ..]| {
                out.memory[0] = vector::norm2(machine, x.memory);
                vector::tanh_in_place(machine, y.memory);
                Ok(())
            },
        },
    ]
}

fn level_2<T: Float>() -> [Row<T>; 3] {
    [
        Row {
            name: "gemv",
            specs: |[m, _, n]| three((General, [m, n]), vector(n), vector(m)),
            call: |machine, [a, x, y, ..]| {
                let (alpha, beta) = factors();
                matrix::gemv(machine, alpha, a.read(), x.memory, beta, y.memory)
            },
        },
        Row {
            name: "ger",
            specs: |[m, _, n]| three(vector(m), vector(n), (General, [m, n])),
            call: |machine, [x, y, a, ..]| {
                matrix::ger(machine, T::PI, x.memory, y.memory, a.write())
            },
        },
        Row {
            name: "symv",
            specs: |[m, ..]| three(square(Indefinite, m), vector(m), vector(m)),
            call: |machine, [a, x, y, ..]| {
                let ((alpha, beta), a) = (factors(), a.read().symmetric(Triangle::Lower));
                matrix::symv(machine, alpha, a, x.memory, beta, y.memory)
            },
        },
    ]
}

fn level_3<T: Float>() -> [Row<T>; 4] {
    [
        Row {
            name: "gemm",
            specs: |[m, k, n]| three((General, [m, k]), (General, [k, n]), (General, [m, n])),
            call: |machine, [a, b, c, ..]| {
                let (alpha, beta) = factors();
                matrix::gemm(machine, alpha, a.read(), b.read(), beta, c.write())
            },
        },
        Row {
            name: "gemm without factors",
            specs: |[m, k, n]| three((General, [m, k]), (General, [k, n]), (General, [m, n])),
            call: |machine, [a, b, c, ..]| {
                matrix::gemm(machine, T::ONE, a.read(), b.read(), T::ONE, c.write())
            },
        },
        Row {
            name: "syrk",
            specs: |[m, k, _]| three((General, [m, k]), square(Indefinite, m), NONE),
            call: |machine, [a, c, ..]| {
                let ((alpha, beta), c) = (factors(), c.write().symmetric(Triangle::Lower));
                matrix::syrk(machine, alpha, a.read(), beta, c)
            },
        },
        Row {
            name: "trsm",
            specs: |[m, _, n]| three(square(Positive, m), (General, [m, n]), NONE),
            call: |machine, [a, b, ..]| {
                let a = a.read().triangular(Triangle::Lower, Diagonal::NonUnit);
                matrix::trsm(machine, T::PI, Side::Left(a), b.write())
            },
        },
    ]
}

/// Past twice the tallest tile, three vectors of 512 bits, and the widest one, eight columns.
const fn tall<T: Float>() -> usize {
    2 * 3 * 512 / T::BITS as usize + 1
}
const WIDE: usize = 2 * 8 + 1;

fn guards(len: usize) -> [Guarded; COUNT] {
    std::array::from_fn(|_| Guarded::new(len))
}

fn vectors_stay_within<T: Float>() {
    let guards = &mut guards(300);
    for machine in Machine::present() {
        for row in level_1::<T>() {
            for m in 0..=140 {
                stays_within(&row, machine, [m, 0, 0], 0, guards);
            }
        }
    }
}

#[test]
fn level_1_stays_within_its_operands() {
    vectors_stay_within::<f32>();
    vectors_stay_within::<f64>();
}

/// Every height beside widths up to twice a tile, and the other way round; layouts in turn.
fn matrices_stay_within<T: Float>() {
    let guards = &mut guards((tall::<T>() + 3) * (tall::<T>() + 3));
    let mut turn = 0_usize;
    for machine in Machine::present() {
        for row in level_2::<T>().into_iter().chain(level_3()) {
            for long in 0..=tall::<T>() {
                for short in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, WIDE] {
                    turn += 1;
                    let k = [0, 1, 2, 5, 9][turn % 5];
                    for shape in [[long, k, short], [short, k, long]] {
                        stays_within(&row, machine, shape, turn, guards);
                    }
                }
            }
        }
    }
}

#[test]
fn matrices_stay_within_their_operands_f32() {
    matrices_stay_within::<f32>();
}

#[test]
fn matrices_stay_within_their_operands_f64() {
    matrices_stay_within::<f64>();
}

/// The guards bite: canaries show a write, and the elements are where they should be.
#[test]
fn canaries_show_what_is_written_beside() {
    let mut guard = Guarded::new(8);
    for (end, at) in [(End::First, 7), (End::Last, 0)] {
        let values = [1.0_f64; 7];
        assert_eq!(guard.hold(&values, end), values);
        assert!(guard.is_whole::<f64>(7, end));
        // Too long by one, on the side of the canaries.
        let longer = guard.hold(&[2.0_f64; 8], end);
        assert_eq!(longer[at], 2.0);
        assert!(!guard.is_whole::<f64>(7, end), "{end:?}");
    }
}
