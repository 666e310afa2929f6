//! matrixmultiply: gemm by pointers and strides.

use crate::case::{Case, Layout};
use crate::peer::{Peer, Task, on};

/// The crate matrixmultiply, one thread.
#[derive(Clone, Copy, Debug)]
pub struct MatrixMultiply;

macro_rules! impl_matrixmultiply {
    ($($t:ident => $gemm:ident),*) => {$(
        impl Peer<$t> for MatrixMultiply {
            fn name(&self) -> &'static str {
                "matrixmultiply"
            }

            fn task(&self, case: &Case<$t>) -> Option<Box<dyn Task>> {
                let n = case.shape.n;
                let len = n as isize;
                let (row, col) =
                    if case.shape.layout == Layout::Row { (len, 1) } else { (1, len) };
                let operation = case.shape.operation;
                if operation.family() != "gemm" {
                    return None;
                }
                let turned = |yes| if yes { (col, row) } else { (row, col) };
                let (a_row, a_col) = turned(operation.transposes_a());
                let (b_row, b_col) = turned(operation.transposes_b());
                on(
                    case,
                    move |s| {
                        let (a, b, c) = (s.a.as_ptr(), s.b.as_ptr(), s.c.as_mut_ptr());
                        // SAFETY: each buffer holds n·n elements, which is what n rows and n
                        // columns at these strides reach; C is borrowed exclusively.
                        unsafe {
                            matrixmultiply::$gemm(
                                n, n, n, 1.0, a, a_row, a_col, b, b_row, b_col, 0.0, c, row, col,
                            );
                        }
                    },
                    |s| s.c.to_f64(),
                )
            }
        }
    )*};
}

impl_matrixmultiply!(f32 => sgemm, f64 => dgemm);
