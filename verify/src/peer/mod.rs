//! Other eigensolvers behind one question. Each is run as its own documents say, with all that it can be told of the
//! case; what it cannot be told (a budget, a refusal of the operator) makes the case one that it is not asked.

pub mod faer;
#[cfg(feature = "peers")]
pub mod lanczos;
#[cfg(feature = "peers")]
pub mod nalgebra;
#[cfg(feature = "peers")]
pub mod rustebra;

use teeter::krylov::Which;

use crate::input::adversarial::{Case, Counted};
use crate::property::adversarial::{self, Outcome};

/// An eigensolver.
#[derive(Clone, Copy, Debug)]
pub struct Solver {
    /// Its name, and that of its crate.
    pub name: &'static str,
    /// What of it is called.
    pub call: &'static str,
    /// The end of the spectrum that it looks at.
    pub which: fn(&Case) -> Which,
    /// Its answer.
    pub ask: fn(&Counted<'_>) -> Outcome,
}

fn as_asked(case: &Case) -> Which {
    case.which
}

/// Ours.
pub const OURS: Solver =
    Solver { name: "teeter", call: "extremal_eigenpairs", which: as_asked, ask: adversarial::ours };

/// All of them, ours first; the three that are heavy to build with the feature `peers` alone.
#[must_use]
pub fn all() -> Vec<Solver> {
    #[allow(unused_mut, reason = "more of them with the feature `peers`")]
    let mut list = vec![OURS, faer::SOLVER];
    #[cfg(feature = "peers")]
    list.extend([nalgebra::SOLVER, lanczos::SOLVER, rustebra::SOLVER]);
    list
}

/// The newest version of a crate that this program was built with.
#[must_use]
pub fn version(name: &str) -> &'static str {
    let lock = include_str!("../../../Cargo.lock");
    let mut found = "";
    let mut lines = lock.lines();
    while let Some(line) = lines.next() {
        if line.strip_prefix("name = \"").and_then(|rest| rest.strip_suffix('"')) == Some(name) {
            found = lines.next().and_then(|line| line.split('"').nth(1)).unwrap_or("");
        }
    }
    found
}
