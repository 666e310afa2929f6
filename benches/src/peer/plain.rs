//! The standard library: a loop over the platform's `exp`, `tanh`.

use teeter::Float;

use crate::case::{Case, Operation};
use crate::peer::{Peer, Task, on};

/// Loops over the standard library.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

macro_rules! impl_plain {
    ($($t:ident),*) => {$(
        impl Peer<$t> for Plain {
            fn name(&self) -> &'static str {
                "std"
            }

            fn task(&self, case: &Case<$t>) -> Option<Box<dyn Task>> {
                match case.shape.operation {
                    Operation::Exp => loop_over(case, $t::exp),
                    Operation::Tanh => loop_over(case, $t::tanh),
                    _ => None,
                }
            }
        }
    )*};
}

impl_plain!(f32, f64);

fn loop_over<T: Float>(case: &Case<T>, f: impl Fn(T) -> T + 'static) -> Option<Box<dyn Task>> {
    on(
        case,
        move |s| s.y.iter_mut().zip(s.x.iter()).for_each(|(y, &x)| *y = f(x)),
        |s| s.y.to_f64(),
    )
}
