//! What reads and writes by pointer stays within its operands: each operand ends, then begins, at a page
//! that may not be touched, and canaries stand between and around its elements.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::matrix::{self, Diagonal, MatMut, MatRef, Side, Triangle};
use teeter::{Error, Float, Machine, vector};
use teeter_verify::input::Source;
use teeter_verify::input::guarded::{End, Guarded, canary};

/// Three operands: their memory, shapes and strides.
struct Operands<'a, T> {
    memory: [&'a mut [T]; 3],
    shapes: [[usize; 2]; 3],
    strides: [[usize; 2]; 3],
}

impl<T: Float> Operands<'_, T> {
    /// Matrices to read, read, and write.
    fn matrices(&mut self) -> (MatRef<'_, T>, MatRef<'_, T>, MatMut<'_, T>) {
        let ([a, b, c], [of_a, of_b, of_c]) = (&mut self.memory, self.shapes);
        let [to_a, to_b, to_c] = self.strides;
        let a = MatRef::strided(a, of_a, to_a).unwrap();
        let b = MatRef::strided(b, of_b, to_b).unwrap();
        (a, b, MatMut::strided(c, of_c, to_c).unwrap())
    }
}

/// A function under test: its shapes for m, k, n, and a call of it.
struct Row<T> {
    name: &'static str,
    shapes: fn([usize; 3]) -> [[usize; 2]; 3],
    call: fn(Machine, &mut Operands<'_, T>) -> Result<(), Error>,
}

const NONE: [usize; 2] = [0, 0];

/// Not a power of two, so that operands are packed.
const fn factors<T: Float>() -> (T, T) {
    (T::PI, T::HALF)
}

fn level_1<T: Float>() -> [Row<T>; 4] {
    [
        Row {
            name: "dot",
            shapes: |[m, ..]| [[m, 1], [m, 1], [1, 1]],
            call: |machine, o| {
                let [x, y, out] = &mut o.memory;
                out[0] = vector::dot(machine, x, y)?;
                Ok(())
            },
        },
        Row {
            name: "axpy",
            shapes: |[m, ..]| [[m, 1], NONE, [m, 1]],
            call: |machine, o| {
                let [x, _, y] = &mut o.memory;
                vector::axpy(machine, T::PI, x, y)
            },
        },
        Row {
            name: "exp_in_place",
            shapes: |[m, ..]| [NONE, NONE, [m, 1]],
            call: |machine, o| {
                vector::exp_in_place(machine, o.memory[2]);
                Ok(())
            },
        },
        Row {
            name: "norm2, tanh_in_place",
            shapes: |[m, ..]| [[m, 1], [1, 1], [m, 1]],
            call: |machine, o| {
                let [x, out, y] = &mut o.memory;
                out[0] = vector::norm2(machine, x);
                vector::tanh_in_place(machine, y);
                Ok(())
            },
        },
    ]
}

fn level_3<T: Float>() -> [Row<T>; 4] {
    [
        Row {
            name: "gemm",
            shapes: |[m, k, n]| [[m, k], [k, n], [m, n]],
            call: |machine, o| {
                let ((alpha, beta), (a, b, c)) = (factors(), o.matrices());
                matrix::gemm(machine, alpha, a, b, beta, c)
            },
        },
        Row {
            name: "gemm without factors",
            shapes: |[m, k, n]| [[m, k], [k, n], [m, n]],
            call: |machine, o| {
                let (a, b, c) = o.matrices();
                matrix::gemm(machine, T::ONE, a, b, T::ONE, c)
            },
        },
        Row {
            name: "syrk",
            shapes: |[m, k, _]| [[m, k], NONE, [m, m]],
            call: |machine, o| {
                let ((alpha, beta), (a, _, c)) = (factors(), o.matrices());
                matrix::syrk(machine, alpha, a, beta, c.symmetric(Triangle::Lower))
            },
        },
        Row {
            name: "trsm",
            shapes: |[m, _, n]| [[m, m], NONE, [m, n]],
            call: |machine, o| {
                let (a, _, b) = o.matrices();
                let a = a.triangular(Triangle::Lower, Diagonal::NonUnit);
                matrix::trsm(machine, T::PI, Side::Left(a), b)
            },
        },
    ]
}

fn level_2<T: Float>() -> [Row<T>; 3] {
    [
        Row {
            name: "gemv",
            shapes: |[m, _, n]| [[m, n], [n, 1], [m, 1]],
            call: |machine, o| {
                let ((alpha, beta), [a, x, y]) = (factors(), &mut o.memory);
                let a = MatRef::strided(a, o.shapes[0], o.strides[0])?;
                matrix::gemv(machine, alpha, a, x, beta, y)
            },
        },
        Row {
            name: "ger",
            shapes: |[m, _, n]| [[m, 1], [n, 1], [m, n]],
            call: |machine, o| {
                let [x, y, a] = &mut o.memory;
                let a = MatMut::strided(a, o.shapes[2], o.strides[2])?;
                matrix::ger(machine, T::PI, x, y, a)
            },
        },
        Row {
            name: "symv",
            shapes: |[m, ..]| [[m, m], [m, 1], [m, 1]],
            call: |machine, o| {
                let ((alpha, beta), [a, x, y]) = (factors(), &mut o.memory);
                let a = MatRef::strided(a, o.shapes[0], o.strides[0])?;
                matrix::symv(machine, alpha, a.symmetric(Triangle::Lower), x, beta, y)
            },
        },
    ]
}

/// Row-major and column-major, without and with a gap; vectors are adjacent.
fn strides([rows, cols]: [usize; 2], layout: usize) -> [usize; 2] {
    match layout {
        _ if cols == 1 => [1, rows.max(1)],
        0 => [cols.max(1), 1],
        1 => [1, rows.max(1)],
        2 => [cols + 3, 1],
        _ => [1, rows + 2],
    }
}

const LAYOUTS: usize = 4;

/// Numbers in (0.5, 1.5) where elements are, canaries between them; no element more.
fn memory<T: Float>(shape: [usize; 2], strides: [usize; 2], source: &mut Source) -> Vec<T> {
    let ([rows, cols], [down, across]) = (shape, strides);
    if rows == 0 || cols == 0 {
        return Vec::new();
    }
    let mut memory = vec![canary(); (rows - 1) * down + (cols - 1) * across + 1];
    for i in 0..rows {
        for j in 0..cols {
            let eighths = source.whole(-4, 4) as f64;
            memory[i * down + j * across] = T::from_f64(1.0 + eighths / 8.0);
        }
    }
    memory
}

/// Between guards as in ordinary memory, bit for bit; what is no element keeps its bits.
fn stays_within<T: Float>(
    row: &Row<T>,
    machine: Machine,
    shape: [usize; 3],
    layouts: [usize; 3],
    guards: &mut [Guarded; 3],
) {
    let source = &mut Source::new(0x6A7D);
    let shapes = (row.shapes)(shape);
    let strides = [0, 1, 2].map(|i| strides(shapes[i], layouts[i]));
    let before = [0, 1, 2].map(|i| memory::<T>(shapes[i], strides[i], source));
    let mut after = before.clone();
    let mut operands =
        Operands { memory: after.each_mut().map(Vec::as_mut_slice), shapes, strides };
    (row.call)(machine, &mut operands).unwrap();
    let what = || format!("{}, {machine:?}, {shape:?}, {layouts:?}", row.name);
    for (before, after) in before.iter().flatten().zip(after.iter().flatten()) {
        let (was, is) = (before.to_bits_u64(), after.to_bits_u64());
        let fine = if before.is_nan() { was == is } else { !after.is_nan() };
        assert!(fine, "{}: a gap was written or read", what());
    }
    for end in [End::First, End::Last] {
        let [a, b, c] = &mut *guards;
        let memory = [a.hold(&before[0], end), b.hold(&before[1], end), c.hold(&before[2], end)];
        let mut operands = Operands { memory, shapes, strides };
        (row.call)(machine, &mut operands).unwrap();
        for (found, expected) in operands.memory.iter().zip(&after) {
            let same = |(a, b): (&T, &T)| a.to_bits_u64() == b.to_bits_u64();
            assert!(found.iter().zip(expected).all(same), "{}, {end:?}", what());
        }
        for (guard, memory) in guards.iter_mut().zip(&before) {
            assert!(guard.is_whole::<T>(memory.len(), end), "{}, {end:?}: beside", what());
        }
    }
}

/// Past twice the tallest tile, three vectors of 512 bits, and the widest one, eight columns.
const fn tall<T: Float>() -> usize {
    2 * 3 * 512 / T::BITS as usize + 1
}
const WIDE: usize = 2 * 8 + 1;

fn guards(len: usize) -> [Guarded; 3] {
    [Guarded::new(len), Guarded::new(len), Guarded::new(len)]
}

fn vectors_stay_within<T: Float>() {
    let guards = &mut guards(300);
    for machine in Machine::present() {
        for row in level_1::<T>() {
            for m in 0..=140 {
                stays_within(&row, machine, [m, 0, 0], [0; 3], guards);
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
                    let layouts = [turn, turn / LAYOUTS, turn / 3].map(|layout| layout % LAYOUTS);
                    for shape in [[long, k, short], [short, k, long]] {
                        stays_within(&row, machine, shape, layouts, guards);
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
