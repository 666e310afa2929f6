//! LAPACK, as Fortran calls it: everything by pointer, the lengths of texts at the end.

use std::ffi::c_int;

use teeter::Float;

use crate::case::{Case, Operation};
use crate::peer::blas::library::Loaded;
use crate::peer::blas::{int, prefix};
use crate::peer::{
    Number, Task, copy_by_columns, eigen_answer, factor_answer, lu_answer, on, sources, task,
    upper_triangle,
};

type Potrf<T> =
    unsafe extern "C" fn(*const u8, *const c_int, *mut T, *const c_int, *mut c_int, usize);
type Sytrf<T> = unsafe extern "C" fn(
    *const u8,
    *const c_int,
    *mut T,
    *const c_int,
    *mut c_int,
    *mut T,
    *const c_int,
    *mut c_int,
    usize,
);
type Getrf<T> =
    unsafe extern "C" fn(*const c_int, *const c_int, *mut T, *const c_int, *mut c_int, *mut c_int);
type Geqrf<T> = unsafe extern "C" fn(
    *const c_int,
    *const c_int,
    *mut T,
    *const c_int,
    *mut T,
    *mut T,
    *const c_int,
    *mut c_int,
);
type Orgqr<T> = unsafe extern "C" fn(
    *const c_int,
    *const c_int,
    *const c_int,
    *mut T,
    *const c_int,
    *const T,
    *mut T,
    *const c_int,
    *mut c_int,
);
type Syevd<T> = unsafe extern "C" fn(
    *const u8,
    *const u8,
    *const c_int,
    *mut T,
    *const c_int,
    *mut T,
    *mut T,
    *const c_int,
    *mut c_int,
    *const c_int,
    *mut c_int,
    usize,
    usize,
);

/// LAPACK of one library in one format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lapack<T> {
    potrf: Potrf<T>,
    sytrf: Sytrf<T>,
    getrf: Getrf<T>,
    geqrf: Geqrf<T>,
    orgqr: Orgqr<T>,
    syevd: Syevd<T>,
}

/// Columns of the largest panel: work of n times this is never too little to go by panels.
const PANEL: usize = 128;

impl<T: Number> Lapack<T> {
    pub(super) fn of(library: &'static Loaded) -> Option<Self> {
        let symbol = |name: &str| format!("{}{name}_", prefix::<T>());
        // SAFETY: the types above are those of LAPACK, in the format that the prefix names.
        unsafe {
            Some(Self {
                potrf: library.function(&symbol("potrf"))?,
                sytrf: library.function(&symbol("sytrf"))?,
                getrf: library.function(&symbol("getrf"))?,
                geqrf: library.function(&symbol("geqrf"))?,
                orgqr: library.function(&symbol("orgqr"))?,
                syevd: library.function(&symbol("syevd"))?,
            })
        }
    }
}

impl<T: Float> Lapack<T> {
    pub(super) fn task(self, case: &Case<T>) -> Option<Box<dyn Task>> {
        match case.shape.operation {
            Operation::Cholesky => {
                on(case, move |s| self.cholesky(s), |s| factor_answer(s.shape, &s.c.to_f64()))
            }
            Operation::Ldlt => self.ldlt(case),
            Operation::Lu => self.lu(case),
            Operation::Qr => self.qr(case),
            Operation::SymmetricEigen => self.eigen(case),
            _ => None,
        }
    }

    /// By columns in either layout: A is symmetric, so its rows are its columns.
    #[inline(always)]
    fn cholesky(&self, s: &mut Case<T>) {
        s.c.copy_from_slice(&s.a);
        let (n, mut info) = (int(s.shape.n), 0);
        // SAFETY: C has n·n elements.
        unsafe {
            (self.potrf)(
                b"L".as_ptr(),
                &raw const n,
                s.c.as_mut_ptr(),
                &raw const n,
                &raw mut info,
                1,
            )
        };
        assert_eq!(info, 0, "A is positive definite");
    }

    /// By columns in either layout. It pivots, but A is dominant: if it ever did exchange rows, the
    /// answer would not be LDLᵀ, and would be refused.
    fn ldlt(self, case: &Case<T>) -> Option<Box<dyn Task>> {
        let order = case.shape.n;
        let n = int(order);
        let work = vec![T::ZERO; order * PANEL];
        task(
            (case.clone(), vec![0; order], work),
            move |(s, pivots, work)| {
                s.c.copy_from_slice(&s.a);
                let (work_len, mut info) = (int(work.len()), 0);
                let (c, pivots, work) = (s.c.as_mut_ptr(), pivots.as_mut_ptr(), work.as_mut_ptr());
                // SAFETY: C has n·n elements, the pivots are n, the work is as long as it says.
                unsafe {
                    (self.sytrf)(
                        b"L".as_ptr(),
                        &raw const n,
                        c,
                        &raw const n,
                        pivots,
                        work,
                        &raw const work_len,
                        &raw mut info,
                        1,
                    );
                }
                assert_eq!(info, 0, "A is not singular");
            },
            |(s, pivots, _)| {
                assert!((1..).zip(pivots).all(|(i, &p)| i == p), "A needs no pivots");
                factor_answer(s.shape, &s.c.to_f64())
            },
        )
    }

    fn lu(self, case: &Case<T>) -> Option<Box<dyn Task>> {
        let n = int(case.shape.n);
        task(
            (case.clone(), vec![0; case.shape.n]),
            move |(s, pivots)| {
                copy_by_columns(s);
                let mut info = 0;
                let (c, pivots) = (s.c.as_mut_ptr(), pivots.as_mut_ptr());
                // SAFETY: C has n·n elements, the pivots are n.
                unsafe {
                    (self.getrf)(
                        &raw const n,
                        &raw const n,
                        c,
                        &raw const n,
                        pivots,
                        &raw mut info,
                    );
                }
                assert_eq!(info, 0, "A is not singular");
            },
            |(s, pivots)| {
                let exchanges =
                    pivots.iter().map(|&p| usize::try_from(p).unwrap_or(0).wrapping_sub(1));
                lu_answer(s.shape, &s.c.to_f64(), sources(exchanges).into_iter())
            },
        )
    }

    fn qr(self, case: &Case<T>) -> Option<Box<dyn Task>> {
        let order = case.shape.n;
        let n = int(order);
        let (tau, work) = (vec![T::ZERO; order], vec![T::ZERO; order * PANEL]);
        task(
            (case.clone(), tau, work),
            move |(s, tau, work)| {
                copy_by_columns(s);
                let (work_len, mut info) = (int(work.len()), 0);
                let (c, tau, work) = (s.c.as_mut_ptr(), tau.as_mut_ptr(), work.as_mut_ptr());
                let n = &raw const n;
                // SAFETY: C has n·n elements, tau n, the work is as long as it says.
                unsafe { (self.geqrf)(n, n, c, n, tau, work, &raw const work_len, &raw mut info) };
                assert_eq!(info, 0, "every matrix has a QR factorization");
            },
            move |(s, tau, work)| {
                let (mut q, mut work) = (s.c.clone(), work.clone());
                let (work_len, mut info) = (int(work.len()), 0);
                let (c, tau, work) = (q.as_mut_ptr(), tau.as_ptr(), work.as_mut_ptr());
                let n = &raw const n;
                // SAFETY: Q has n·n elements, tau n, the work is as long as it says.
                unsafe {
                    (self.orgqr)(n, n, n, c, n, tau, work, &raw const work_len, &raw mut info)
                };
                let mut answer = q.to_f64();
                answer.extend(upper_triangle(&s.c.to_f64(), s.shape.n));
                answer
            },
        )
    }

    fn eigen(self, case: &Case<T>) -> Option<Box<dyn Task>> {
        let order = case.shape.n;
        let n = int(order);
        // What the manual asks for with vectors, and a panel of the reduction on top.
        let work = vec![T::ZERO; 1 + 6 * order + 2 * order * order + order * PANEL];
        let indices: Vec<c_int> = vec![0; 3 + 5 * order];
        task(
            (case.clone(), work, indices),
            move |(s, work, indices)| {
                s.c.copy_from_slice(&s.a);
                let (work_len, index_len, mut info) = (int(work.len()), int(indices.len()), 0);
                // SAFETY: C has n·n elements, y n; work and indices are as long as they say.
                unsafe {
                    (self.syevd)(
                        b"V".as_ptr(),
                        b"L".as_ptr(),
                        &raw const n,
                        s.c.as_mut_ptr(),
                        &raw const n,
                        s.y.as_mut_ptr(),
                        work.as_mut_ptr(),
                        &raw const work_len,
                        indices.as_mut_ptr(),
                        &raw const index_len,
                        &raw mut info,
                        1,
                        1,
                    );
                }
                assert_eq!(info, 0, "the eigen-solver converges");
            },
            |(s, ..)| eigen_answer(s),
        )
    }
}
