//! Operations of this kernel and of CMSIS-DSP side by side, each call between two marks at which an emulator may count.
//!
//! A line "OPERATION N WHO" for each, in the order in which marks are met. Answers are checked first, against sums in
//! f64 and the bound that both must keep. Linked with the peer's objects by `verify/firmware/cmsis`.
#![no_std]

// What a program needs where there is no operating system; not as a crate, which would bring the golden suite.
#[path = "../../bare/src/lib.rs"]
#[allow(unused_attributes, reason = "the file is the root of a crate of its own")]
mod bare;

use core::hint::black_box;

use bare::Line;
use teeter::matrix::{MatMut, MatRef, gemm, gemv};
use teeter::{Machine, factor, vector};

/// Largest order.
const ORDER_MAX: usize = 64;

/// What the peer calls a matrix: by rows.
#[repr(C)]
struct Matrix {
    rows: u16,
    cols: u16,
    data: *mut f32,
}

unsafe extern "C" {
    fn arm_dot_prod_f32(x: *const f32, y: *const f32, n: u32, result: *mut f32);
    fn arm_mat_vec_mult_f32(a: *const Matrix, x: *const f32, y: *mut f32);
    fn arm_mat_mult_f32(a: *const Matrix, b: *const Matrix, c: *mut Matrix) -> i32;
    fn arm_mat_cholesky_f32(a: *const Matrix, l: *mut Matrix) -> i32;
}

/// Where the emulator begins to count.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn mark_begin() {
    // SAFETY: does nothing, and is not optimized away.
    unsafe { core::arch::asm!("nop", options(nostack)) }
}

/// Where it stops.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn mark_end() {
    // SAFETY: does nothing; another instruction than above, so that the two functions are not made one.
    unsafe { core::arch::asm!("nop", "nop", options(nostack)) }
}

/// Two operands and a result.
struct Memory {
    a: [f32; ORDER_MAX * ORDER_MAX],
    b: [f32; ORDER_MAX * ORDER_MAX],
    c: [f32; ORDER_MAX * ORDER_MAX],
}

static mut MEMORY: Memory = Memory { a: [0.0; 4096], b: [0.0; 4096], c: [0.0; 4096] };

/// A call on order n.
type Call = fn(&mut Memory, usize);

fn by_rows(data: &mut [f32], n: usize) -> Matrix {
    Matrix { rows: n as u16, cols: n as u16, data: data.as_mut_ptr() }
}

fn dot(memory: &mut Memory, n: usize) {
    let Memory { a, b, c } = memory;
    c[0] = vector::dot(Machine::native(), &a[..n], &b[..n]).unwrap_or(f32::NAN);
}

fn dot_of_peer(memory: &mut Memory, n: usize) {
    let Memory { a, b, c } = memory;
    // SAFETY: n elements each, and one.
    unsafe { arm_dot_prod_f32(a.as_ptr(), b.as_ptr(), n as u32, c.as_mut_ptr()) }
}

fn product_with_vector(memory: &mut Memory, n: usize) {
    let Memory { a, b, c } = memory;
    let Ok(a) = MatRef::row_major(&a[..n * n], n, n) else { return };
    let _ = black_box(gemv(Machine::native(), 1.0, a, &b[..n], 0.0, &mut c[..n]));
}

fn product_with_vector_of_peer(memory: &mut Memory, n: usize) {
    let Memory { a, b, c } = memory;
    // SAFETY: n × n elements, n and n.
    unsafe { arm_mat_vec_mult_f32(&by_rows(a, n), b.as_ptr(), c.as_mut_ptr()) }
}

fn product(memory: &mut Memory, n: usize) {
    let Memory { a, b, c } = memory;
    let (Ok(a), Ok(b)) =
        (MatRef::row_major(&a[..n * n], n, n), MatRef::row_major(&b[..n * n], n, n))
    else {
        return;
    };
    let Ok(c) = MatMut::row_major(&mut c[..n * n], n, n) else { return };
    let _ = black_box(gemm(Machine::native(), 1.0, a, b, 0.0, c));
}

fn product_of_peer(memory: &mut Memory, n: usize) {
    let Memory { a, b, c } = memory;
    let (a, b, mut c) = (by_rows(a, n), by_rows(b, n), by_rows(c, n));
    // SAFETY: n × n elements each.
    black_box(unsafe { arm_mat_mult_f32(&a, &b, &mut c) });
}

/// A copy first, since the peer's keeps its operand.
fn cholesky(memory: &mut Memory, n: usize) {
    let Memory { a, c, .. } = memory;
    c[..n * n].copy_from_slice(&a[..n * n]);
    let Ok(c) = MatMut::row_major(&mut c[..n * n], n, n) else { return };
    let _ = black_box(factor::cholesky_in_place(Machine::native(), c));
}

fn cholesky_of_peer(memory: &mut Memory, n: usize) {
    let Memory { a, c, .. } = memory;
    let (a, mut c) = (by_rows(a, n), by_rows(c, n));
    // SAFETY: n × n elements each.
    black_box(unsafe { arm_mat_cholesky_f32(&a, &mut c) });
}

/// Positive numbers, not whole; a symmetric matrix that is positive definite if `order` is not 0.
fn fill(x: &mut [f32], order: usize) {
    for (i, x) in x.iter_mut().enumerate() {
        let k = if order == 0 { i } else { (i / order) * (i % order) };
        *x = (k * 7 % 13 + 1) as f32 * 0.0625;
        if order > 0 && i % (order + 1) == 0 {
            *x += order as f32;
        }
    }
}

/// Σ over p of x(p)·y(p), twice: as it is, and of magnitudes.
fn sums(terms: impl Iterator<Item = (f32, f32)>) -> (f64, f64) {
    terms.fold((0.0, 0.0), |(sum, size), (x, y)| {
        let term = f64::from(x) * f64::from(y);
        (sum + term, size + term.abs())
    })
}

/// Whether a sum of n products is right within γ₍ₙ₊₃₎ of its magnitudes (Higham 2002, §3.5 and Theorem 10.3; three
/// roundings more for a reciprocal of a root).
fn is_near(found: f32, (sum, size): (f64, f64), n: usize) -> bool {
    let roundings = (n + 3) as f64 * f64::from(f32::EPSILON) / 2.0;
    (f64::from(found) - sum).abs() <= roundings / (1.0 - roundings) * size
}

/// Whether what the call left is right.
type Check = fn(&Memory, usize) -> bool;

fn dot_is_right(m: &Memory, n: usize) -> bool {
    is_near(m.c[0], sums((0..n).map(|p| (m.a[p], m.b[p]))), n)
}

fn vector_is_right(m: &Memory, n: usize) -> bool {
    (0..n).all(|i| is_near(m.c[i], sums((0..n).map(|p| (m.a[i * n + p], m.b[p]))), n))
}

fn product_is_right(m: &Memory, n: usize) -> bool {
    (0..n * n).all(|at| {
        let (i, j) = (at / n, at % n);
        is_near(m.c[at], sums((0..n).map(|p| (m.a[i * n + p], m.b[p * n + j]))), n)
    })
}

/// LLᵀ = A in the lower triangle.
fn factor_is_right(m: &Memory, n: usize) -> bool {
    (0..n * n).filter(|at| at % n <= at / n).all(|at| {
        let (i, j) = (at / n, at % n);
        is_near(m.a[at], sums((0..=j).map(|p| (m.c[i * n + p], m.c[j * n + p]))), n)
    })
}

const OPERATIONS: [(&str, [Call; 2], Check); 4] = [
    ("dot", [dot, dot_of_peer], dot_is_right),
    ("mat_vec_mult", [product_with_vector, product_with_vector_of_peer], vector_is_right),
    ("mat_mult", [product, product_of_peer], product_is_right),
    ("cholesky", [cholesky, cholesky_of_peer], factor_is_right),
];

#[unsafe(no_mangle)]
extern "C" fn main() {
    // SAFETY: `main` runs once, and nobody else names it.
    let memory = unsafe { &mut *&raw mut MEMORY };
    for (name, calls, is_right) in OPERATIONS {
        for n in [4, 8, 16, 32, ORDER_MAX] {
            for (who, call) in ["ours", "theirs"].into_iter().zip(calls) {
                fill(&mut memory.a, if name == "cholesky" { n } else { 0 });
                fill(&mut memory.b, 0);
                memory.c.fill(0.0);
                mark_begin();
                black_box(call)(memory, n);
                mark_end();
                if !is_right(memory, n) {
                    Line::print(format_args!("{name} {n} {who}: a wrong answer"));
                    bare::exit(false);
                }
                Line::print(format_args!("{name} {n} {who}"));
            }
        }
    }
    bare::exit(true);
}
