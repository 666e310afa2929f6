//! Instructions per multiply-add, and stack, of the operations that a controller lives on; stack of others.
//!
//! Under `-icount shift=0` an instruction takes a nanosecond of the emulated clock, and SysTick ticks
//! every forty; forty repeats make a tick an instruction.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::ptr::{read_volatile, write_volatile};

use bare::Line;
use teeter::matrix::{Diagonal, MatMut, MatRef, Side, Triangle, gemm, gemv, ger, syrk, trsm, trsv};
use teeter::{Error, Float, Machine, factor, vector};

/// Repeats of a measured call: as many as a tick has instructions.
const REPEATS: u32 = 40;

/// Largest order measured.
const ORDER_MAX: usize = 64;

/// Three matrices, and rows of one.
struct Memory<T> {
    a: [T; ORDER_MAX * ORDER_MAX],
    b: [T; ORDER_MAX * ORDER_MAX],
    c: [T; ORDER_MAX * ORDER_MAX],
    pivots: [usize; ORDER_MAX],
}

static mut SINGLE: Memory<f32> =
    Memory { a: [0.0; 4096], b: [0.0; 4096], c: [0.0; 4096], pivots: [0; 64] };
static mut DOUBLE: Memory<f64> =
    Memory { a: [0.0; 4096], b: [0.0; 4096], c: [0.0; 4096], pivots: [0; 64] };

/// A call to measure.
type Call<T> = fn(&mut Memory<T>, usize);

const SYSTICK: *mut u32 = 0xE000_E010 as *mut u32;

/// The count, which runs down from 2²⁴ − 1.
fn ticks() -> u32 {
    // SAFETY: the current value of SysTick, which every one of these machines has.
    unsafe { read_volatile(SYSTICK.add(2)) }
}

fn start_clock() {
    // SAFETY: reload value, current value, control: processor clock, no interrupt, on.
    unsafe {
        write_volatile(SYSTICK.add(1), 0xFF_FFFF);
        write_volatile(SYSTICK.add(2), 0);
        write_volatile(SYSTICK, 0b101);
    }
}

/// Instructions of one call.
#[inline(never)]
fn instructions<T>(call: Call<T>, memory: &mut Memory<T>, n: usize) -> u32 {
    let start = ticks();
    for _ in 0..REPEATS {
        black_box(call)(memory, n);
    }
    start.wrapping_sub(ticks()) & 0xFF_FFFF
}

const PAINT: u32 = 0xA5A5_A5A5;

unsafe extern "C" {
    static mut __stack_start: u32;
}

fn stack_pointer() -> usize {
    let at: usize;
    // SAFETY: reads the register.
    unsafe { core::arch::asm!("mov {}, sp", out(reg) at, options(nomem, nostack)) };
    at
}

/// Bytes of stack that one call has written, below its caller's frame.
#[inline(never)]
fn stack<T>(call: Call<T>, memory: &mut Memory<T>, n: usize) -> usize {
    let (low, here) = ((&raw mut __stack_start) as usize, stack_pointer());
    // What this function itself calls must not be painted over.
    let top = here - 128;
    let mut at = low;
    while at < top {
        // SAFETY: memory below the stack pointer, which nobody else uses: there are no interrupts.
        unsafe { write_volatile(at as *mut u32, PAINT) };
        at += 4;
    }
    black_box(call)(memory, n);
    at = low;
    // SAFETY: as above.
    while at < top && unsafe { read_volatile(at as *const u32) } == PAINT {
        at += 4;
    }
    here - at
}

/// Positive definite, and not whole numbers.
fn fill<T: Float>(x: &mut [T], n: usize) {
    for (i, x) in x.iter_mut().enumerate() {
        let value = T::from_usize(i * 7 % 13) * T::from_f64(0.0625);
        *x = if n > 0 && i % (n + 1) == 0 { value + T::from_usize(n) } else { value };
    }
}

fn nothing<T: Float>(memory: &mut Memory<T>, n: usize) {
    black_box((memory, n));
}

fn dot<T: Float>(memory: &mut Memory<T>, n: usize) {
    let Memory { a, b, .. } = memory;
    let _ = black_box(vector::dot(Machine::native(), &a[..n], &b[..n]));
}

fn gemv_chains<T: Float>(memory: &mut Memory<T>, n: usize) {
    let Memory { a, b, c, .. } = memory;
    let Ok(a) = MatRef::col_major(&a[..n * n], n, n) else { return };
    let done = gemv(Machine::native(), T::ONE, a, &b[..n], T::ZERO, &mut c[..n]);
    let _ = black_box(done);
}

fn gemv_reductions<T: Float>(memory: &mut Memory<T>, n: usize) {
    let Memory { a, b, c, .. } = memory;
    let Ok(a) = MatRef::row_major(&a[..n * n], n, n) else { return };
    let done = gemv(Machine::native(), T::ONE, a, &b[..n], T::ZERO, &mut c[..n]);
    let _ = black_box(done);
}

fn product<T: Float>(memory: &mut Memory<T>, n: usize) {
    let Memory { a, b, c, .. } = memory;
    let (Ok(a), Ok(b)) =
        (MatRef::col_major(&a[..n * n], n, n), MatRef::col_major(&b[..n * n], n, n))
    else {
        return;
    };
    let Ok(c) = MatMut::col_major(&mut c[..n * n], n, n) else { return };
    let _ = black_box(gemm(Machine::native(), T::ONE, a, b, T::ZERO, c));
}

fn copy<T: Float>(memory: &mut Memory<T>, n: usize) {
    let Memory { a, c, .. } = memory;
    c[..n * n].copy_from_slice(&a[..n * n]);
    black_box(c);
}

fn cholesky<T: Float>(memory: &mut Memory<T>, n: usize) {
    copy(memory, n);
    let Ok(c) = MatMut::col_major(&mut memory.c[..n * n], n, n) else { return };
    let _ = black_box(factor::cholesky_in_place(Machine::native(), c));
}

fn ldlt<T: Float>(memory: &mut Memory<T>, n: usize) {
    copy(memory, n);
    let Ok(c) = MatMut::col_major(&mut memory.c[..n * n], n, n) else { return };
    let _ = black_box(factor::ldlt_in_place(Machine::native(), c, None));
}

fn lu<T: Float>(memory: &mut Memory<T>, n: usize) {
    copy(memory, n);
    let Memory { c, pivots, .. } = memory;
    let Ok(c) = MatMut::col_major(&mut c[..n * n], n, n) else { return };
    let _ = black_box(factor::lu_in_place(Machine::native(), c, &mut pivots[..n]));
}

fn cholesky_by_rows<T: Float>(memory: &mut Memory<T>, n: usize) {
    copy(memory, n);
    let Ok(c) = MatMut::row_major(&mut memory.c[..n * n], n, n) else { return };
    let _ = black_box(factor::cholesky_in_place(Machine::native(), c));
}

/// Whether factorizations whose loops are in assembly where rows are adjacent give the bits that plain Rust gives where
/// columns are; with pivots whose reciprocals are not normal numbers, and with bad ones.
fn layouts_agree(memory: &mut Memory<f32>) -> bool {
    type Factor = fn(MatMut<'_, f32>) -> Result<(), Error>;
    let factors: [Factor; 2] = [
        |a| factor::cholesky_in_place(Machine::native(), a),
        |a| factor::ldlt_in_place(Machine::native(), a, None).map(|_| ()),
    ];
    for factor in factors {
        for n in 1..=40 {
            for scale in [1.0, f32::MIN_POSITIVE, 5.3e36] {
                if !layouts_agree_on(memory, n, (factor, scale, None))
                    || !layouts_agree_on(memory, n, (factor, scale, Some(n / 2)))
                {
                    Line::print(format_args!("n {n}: layouts differ"));
                    return false;
                }
            }
        }
    }
    Line::print(format_args!("cholesky, ldlt: the same bits in both layouts, n <= 40"));
    true
}

/// The same for one matrix, with a pivot that is negative or NaN, if any.
fn layouts_agree_on(
    memory: &mut Memory<f32>,
    n: usize,
    (factor, scale, bad): (fn(MatMut<'_, f32>) -> Result<(), Error>, f32, Option<usize>),
) -> bool {
    let Memory { a, b, c, .. } = memory;
    fill(&mut a[..], n);
    for i in 0..n {
        for j in 0..n {
            let other = if scale == 1.0 { f32::NAN } else { -scale };
            let x = if i == j && bad == Some(i) { other } else { a[i + j * n] * scale };
            (b[i + j * n], c[i * n + j]) = (x, x);
        }
    }
    let (Ok(columns), Ok(rows)) =
        (MatMut::col_major(&mut b[..n * n], n, n), MatMut::row_major(&mut c[..n * n], n, n))
    else {
        return false;
    };
    let done = [factor(columns), factor(rows)];
    if done[0] != done[1] || (bad.is_none() && done[0].is_err()) {
        return false;
    }
    let finished = match done[0] {
        Ok(()) => n,
        Err(Error::Pivot { index, .. } | Error::NotFinite { index, .. }) => index,
        Err(_) => return false,
    };
    (0..n).all(|i| {
        (0..n).all(|j| {
            let same = b[i + j * n].to_bits() == c[i * n + j].to_bits();
            let kept = b[i + j * n].to_bits() == (a[i + j * n] * scale).to_bits();
            if j > i { same && kept } else { same || i >= finished }
        })
    })
}

fn ldlt_by_rows<T: Float>(memory: &mut Memory<T>, n: usize) {
    copy(memory, n);
    let Ok(c) = MatMut::row_major(&mut memory.c[..n * n], n, n) else { return };
    let _ = black_box(factor::ldlt_in_place(Machine::native(), c, None));
}

/// A row of the table: name, call, what of it is not the operation, multiply-adds for n.
type Row<T> = (&'static str, Call<T>, Call<T>, fn(u32) -> u32);

fn table<T: Float>(format: &str, memory: &mut Memory<T>) {
    let rows: [Row<T>; 9] = [
        ("dot", dot, nothing, |n| n),
        ("gemv, columns adjacent", gemv_chains, nothing, |n| n * n),
        ("gemv, rows adjacent", gemv_reductions, nothing, |n| n * n),
        ("gemm", product, nothing, |n| n * n * n),
        ("cholesky", cholesky, copy, |n| (n * n * n - n) / 6),
        ("cholesky, rows adjacent", cholesky_by_rows, copy, |n| (n * n * n - n) / 6),
        ("ldlt", ldlt, copy, |n| (n * n * n - n) / 6),
        ("ldlt, rows adjacent", ldlt_by_rows, copy, |n| (n * n * n - n) / 6),
        ("lu", lu, copy, |n| (2 * n * n * n - 3 * n * n + n) / 6),
    ];
    for (name, call, without, multiply_adds) in rows {
        for n in [8, 16, 32, 64, 256, 1024] {
            if n > ORDER_MAX && name != "dot" {
                continue;
            }
            let order = if name == "dot" { 0 } else { n };
            fill(&mut memory.a, order);
            fill(&mut memory.b, order);
            let (all, less) = (instructions(call, memory, n), instructions(without, memory, n));
            let (used, products) = (all.saturating_sub(less), multiply_adds(n as u32));
            let hundredths =
                (u64::from(used) * 100 + u64::from(products) / 2) / u64::from(products);
            let (whole, part) = (hundredths / 100, hundredths % 100);
            let bytes = stack(call, memory, n);
            Line::print(format_args!(
                "{format} {name:<24} n {n:>5} {used:>9} {products:>8} {whole:>5}.{part:02} {bytes:>6}"
            ));
        }
    }
}

/// Largest order whose stack is measured: the scratch of the eigensolver fits a matrix of `ORDER_MAX`.
const STACK_ORDER: usize = 48;

/// The first n × n elements; there are so many.
fn square<T: Float>(x: &mut [T], n: usize) -> MatMut<'_, T> {
    let Ok(a) = MatMut::col_major(&mut x[..n * n], n, n) else { bare::exit(false) };
    a
}

/// Operations whose stack alone is measured, named as in `operations`. A refusal is not looked at: it takes less.
const fn stacked<T: Float>() -> [(&'static str, Call<T>); 13] {
    [
        ("axpy", |m, n| {
            let _ = black_box(vector::axpy(Machine::native(), T::HALF, &m.a[..n], &mut m.b[..n]));
        }),
        ("norm2", |m, n| {
            black_box(vector::norm2(Machine::native(), &m.a[..n]));
        }),
        ("exp", |m, n| vector::exp_in_place(Machine::native(), &mut m.a[..n])),
        ("tanh", |m, n| vector::tanh_in_place(Machine::native(), &mut m.a[..n])),
        ("ger", |m, n| {
            let a = square(&mut m.a, n);
            let _ = black_box(ger(Machine::native(), T::HALF, &m.b[..n], &m.c[..n], a));
        }),
        ("syrk", |m, n| {
            let (c, a) = (square(&mut m.a, n).symmetric(Triangle::Lower), square(&mut m.b, n));
            let _ = black_box(syrk(Machine::native(), T::HALF, a.rb(), T::ONE, c));
        }),
        ("trsv", |m, n| {
            let a = square(&mut m.a, n);
            let l = a.rb().triangular(Triangle::Lower, Diagonal::NonUnit);
            let _ = black_box(trsv(Machine::native(), l, &mut m.b[..n]));
        }),
        ("trsm", |m, n| {
            let (a, b) = (square(&mut m.a, n), square(&mut m.b, n));
            let l = Side::Left(a.rb().triangular(Triangle::Lower, Diagonal::NonUnit));
            let _ = black_box(trsm(Machine::native(), T::HALF, l, b));
        }),
        ("cholesky_and_solve", |m, n| {
            let mut a = square(&mut m.a, n);
            let _ = black_box(factor::cholesky_in_place(Machine::native(), a.rb_mut()));
            let _ = black_box(factor::cholesky_solve(Machine::native(), a.rb(), &mut m.b[..n]));
        }),
        ("ldlt", |m, n| {
            let _ = black_box(factor::ldlt_in_place(Machine::native(), square(&mut m.a, n), None));
        }),
        ("lu", |m, n| {
            let a = square(&mut m.a, n);
            let _ = black_box(factor::lu_in_place(Machine::native(), a, &mut m.pivots[..n]));
        }),
        ("qr", |m, n| {
            let (a, tau, scratch) = (square(&mut m.a, n), &mut m.b[..n], &mut m.c);
            let _ = black_box(factor::qr_in_place(Machine::native(), a, tau, scratch));
        }),
        ("symmetric_eigen", |m, n| {
            let (a, values, scratch) = (square(&mut m.a, n), &mut m.b[..n], &mut m.c);
            let _ = black_box(factor::symmetric_eigen(Machine::native(), a, values, scratch));
        }),
    ]
}

/// The worst stack of each over some orders.
fn table_of_stack<T: Float>(memory: &mut Memory<T>) {
    for (name, call) in stacked::<T>() {
        let mut worst = 0;
        for n in [1, 8, 16, 33, STACK_ORDER] {
            fill(&mut memory.a, n);
            fill(&mut memory.b, n);
            worst = worst.max(stack(call, memory, n));
        }
        Line::print(format_args!("stack {name:<24} {worst:>6}"));
    }
}

#[unsafe(no_mangle)]
extern "C" fn main() {
    start_clock();
    Line::print(format_args!(
        "operation                          instructions  mul-adds   each  stack"
    ));
    // SAFETY: `main` runs once, and nobody else names these.
    let (single, double) = unsafe { (&mut *&raw mut SINGLE, &mut *&raw mut DOUBLE) };
    if !layouts_agree(single) {
        bare::exit(false);
    }
    table("f32", single);
    if cfg!(target_feature = "vfp2") {
        table("f64", double);
    }
    Line::print(format_args!("worst stack of others, f32, n <= {STACK_ORDER}"));
    table_of_stack(single);
    bare::exit(true);
}
