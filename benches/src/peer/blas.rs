//! OpenBLAS and BLIS through CBLAS, and LAPACK where the library has it.
//!
//! | file         | holds                                         |
//! |--------------|-----------------------------------------------|
//! | `library.rs` | how the libraries are found, loaded, described |
//! | `lapack.rs`  | factorizations                                |

use std::ffi::c_int;

use teeter::Float;

use crate::case::{Case, Layout, Operation, Shape};
use crate::peer::{Number, Peer, Task, lower_answer, on};

mod lapack;
mod library;

use lapack::Lapack;
use library::{Loaded, loaded};

/// A line about each library: version and core, or that it is missing.
#[must_use]
pub fn libraries() -> Vec<String> {
    let line = |name: &str| match loaded().iter().find(|library| library.name == name) {
        Some(library) => library.description.clone(),
        None => format!("{name} is not installed: see benches/install-peers"),
    };
    ["OpenBLAS", "BLIS"].map(line).to_vec()
}

/// CBLAS of one library in one format, one thread.
#[derive(Clone, Copy, Debug)]
pub struct Blas<T> {
    name: &'static str,
    level: Levels<T>,
    lapack: Option<Lapack<T>>,
}

type Dot<T> = unsafe extern "C" fn(c_int, *const T, c_int, *const T, c_int) -> T;
type Axpy<T> = unsafe extern "C" fn(c_int, T, *const T, c_int, *mut T, c_int);
type Norm2<T> = unsafe extern "C" fn(c_int, *const T, c_int) -> T;
type Gemv<T> = unsafe extern "C" fn(
    c_int,
    c_int,
    c_int,
    c_int,
    T,
    *const T,
    c_int,
    *const T,
    c_int,
    T,
    *mut T,
    c_int,
);
type Ger<T> =
    unsafe extern "C" fn(c_int, c_int, c_int, T, *const T, c_int, *const T, c_int, *mut T, c_int);
type Gemm<T> = unsafe extern "C" fn(
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    T,
    *const T,
    c_int,
    *const T,
    c_int,
    T,
    *mut T,
    c_int,
);
type Syrk<T> =
    unsafe extern "C" fn(c_int, c_int, c_int, c_int, c_int, T, *const T, c_int, T, *mut T, c_int);
type Trsm<T> = unsafe extern "C" fn(
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    T,
    *const T,
    c_int,
    *mut T,
    c_int,
);

#[derive(Clone, Copy, Debug)]
struct Levels<T> {
    dot: Dot<T>,
    axpy: Axpy<T>,
    norm2: Norm2<T>,
    gemv: Gemv<T>,
    ger: Ger<T>,
    gemm: Gemm<T>,
    syrk: Syrk<T>,
    trsm: Trsm<T>,
}

// The enumerations of cblas.h.
const NO_TRANS: c_int = 111;
const TRANS: c_int = 112;
const LOWER: c_int = 122;
const NON_UNIT: c_int = 131;
const LEFT: c_int = 141;

fn order(layout: Layout) -> c_int {
    if layout == Layout::Row { 101 } else { 102 }
}

/// How A and B enter.
fn trans(operation: Operation) -> [c_int; 2] {
    [operation.transposes_a(), operation.transposes_b()]
        .map(|yes| if yes { TRANS } else { NO_TRANS })
}

/// 's' or 'd'.
fn prefix<T: Number>() -> char {
    if T::NAME == "f32" { 's' } else { 'd' }
}

fn int(n: usize) -> c_int {
    c_int::try_from(n).expect("an order that fits")
}

impl<T: Number> Blas<T> {
    /// Every library that is installed.
    #[must_use]
    pub fn installed() -> Vec<Self> {
        loaded().iter().filter_map(Self::of).collect()
    }

    fn of(library: &'static Loaded) -> Option<Self> {
        let symbol = |name: &str| format!("cblas_{}{name}", prefix::<T>());
        // SAFETY: the types above are those of cblas.h, in the format that the prefix names.
        let level = unsafe {
            Levels {
                dot: library.function(&symbol("dot"))?,
                axpy: library.function(&symbol("axpy"))?,
                norm2: library.function(&symbol("nrm2"))?,
                gemv: library.function(&symbol("gemv"))?,
                ger: library.function(&symbol("ger"))?,
                gemm: library.function(&symbol("gemm"))?,
                syrk: library.function(&symbol("syrk"))?,
                trsm: library.function(&symbol("trsm"))?,
            }
        };
        Some(Self { name: library.name, level, lapack: Lapack::of(library) })
    }
}

impl<T: Number> Peer<T> for Blas<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn task(&self, case: &Case<T>) -> Option<Box<dyn Task>> {
        let level = self.level;
        match case.shape.operation {
            Operation::Dot => on(case, move |s| level.dot(s), |s| vec![s.value.to_f64()]),
            Operation::Axpy => on(case, move |s| level.axpy(s), |s| s.y.to_f64()),
            Operation::Norm2 => on(case, move |s| level.norm2(s), |s| vec![s.value.to_f64()]),
            Operation::Gemv | Operation::GemvT => {
                on(case, move |s| level.gemv(s), |s| s.y.to_f64())
            }
            Operation::Ger => on(case, move |s| level.ger(s), |s| s.a.to_f64()),
            Operation::Gemm | Operation::GemmTn | Operation::GemmNt => {
                on(case, move |s| level.gemm(s), |s| s.c.to_f64())
            }
            Operation::Syrk => on(case, move |s| level.syrk(s), lower_answer),
            Operation::Trsm => on(case, move |s| level.trsm(s), |s| s.c.to_f64()),
            _ => self.lapack?.task(case),
        }
    }
}

// The buffers of a case hold n or n·n elements each, which is what every call below says of them;
// what is written is borrowed exclusively.
impl<T: Float> Levels<T> {
    #[inline(always)]
    fn dot(&self, s: &mut Case<T>) {
        let n = int(s.shape.n);
        // SAFETY: x and y have n elements.
        s.value = unsafe { (self.dot)(n, s.x.as_ptr(), 1, s.y.as_ptr(), 1) };
    }

    #[inline(always)]
    fn axpy(&self, s: &mut Case<T>) {
        let n = int(s.shape.n);
        // SAFETY: x and y have n elements.
        unsafe { (self.axpy)(n, s.alpha, s.x.as_ptr(), 1, s.y.as_mut_ptr(), 1) };
    }

    #[inline(always)]
    fn norm2(&self, s: &mut Case<T>) {
        // SAFETY: x has n elements.
        s.value = unsafe { (self.norm2)(int(s.shape.n), s.x.as_ptr(), 1) };
    }

    #[inline(always)]
    fn gemv(&self, s: &mut Case<T>) {
        let Shape { operation, layout, n } = s.shape;
        let (order, [trans, _], n) = (order(layout), trans(operation), int(n));
        let (a, x, y) = (s.a.as_ptr(), s.x.as_ptr(), s.y.as_mut_ptr());
        // SAFETY: A has n·n elements, x and y have n.
        unsafe { (self.gemv)(order, trans, n, n, T::ONE, a, n, x, 1, T::ZERO, y, 1) };
    }

    #[inline(always)]
    fn ger(&self, s: &mut Case<T>) {
        let (order, n) = (order(s.shape.layout), int(s.shape.n));
        let (x, y, a) = (s.x.as_ptr(), s.y.as_ptr(), s.a.as_mut_ptr());
        // SAFETY: A has n·n elements, x and y have n.
        unsafe { (self.ger)(order, n, n, s.alpha, x, 1, y, 1, a, n) };
    }

    #[inline(always)]
    fn gemm(&self, s: &mut Case<T>) {
        let Shape { operation, layout, n } = s.shape;
        let (order, n) = (order(layout), int(n));
        let [on_a, on_b] = trans(operation);
        let (a, b, c) = (s.a.as_ptr(), s.b.as_ptr(), s.c.as_mut_ptr());
        // SAFETY: A, B and C have n·n elements.
        unsafe { (self.gemm)(order, on_a, on_b, n, n, n, T::ONE, a, n, b, n, T::ZERO, c, n) };
    }

    #[inline(always)]
    fn syrk(&self, s: &mut Case<T>) {
        let (order, n) = (order(s.shape.layout), int(s.shape.n));
        let (a, c) = (s.a.as_ptr(), s.c.as_mut_ptr());
        // SAFETY: A and C have n·n elements.
        unsafe { (self.syrk)(order, LOWER, NO_TRANS, n, n, T::ONE, a, n, T::ZERO, c, n) };
    }

    #[inline(always)]
    fn trsm(&self, s: &mut Case<T>) {
        let (order, n) = (order(s.shape.layout), int(s.shape.n));
        s.c.copy_from_slice(&s.b);
        let (a, x) = (s.a.as_ptr(), s.c.as_mut_ptr());
        // SAFETY: A and X have n·n elements.
        unsafe { (self.trsm)(order, LEFT, LOWER, NO_TRANS, NON_UNIT, n, n, T::ONE, a, n, x, n) };
    }
}
