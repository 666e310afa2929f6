//! Orders that there is code for: what every machine says of them is the same.

use teeter::factor::{cholesky_in_place, ldlt_in_place};
use teeter::matrix::MatMut;
use teeter::{Error, Machine};

/// A = llᵀ of order two, rounded: the second pivot vanishes where product and sum round apart, and is the rounding
/// error of the product where they do not. Found by a search over random l.
const VANISHING: [f64; 3] = [0.6872415827013562, 0.39076602278798067, 0.22218982146761668];

/// The same for a₂₁²/a₁₁.
const VANISHING_LDLT: [f64; 3] = [0.5715472638835835, 0.4670015393917334, 0.38157900767883096];

/// The code of order two does not fuse, and what answers in its place when it finds no pivot must not either.
#[test]
fn no_machine_takes_a_pivot_that_another_refuses() {
    for machine in Machine::present() {
        let [a, b, c] = VANISHING;
        let mut matrix = [a, b, b, c];
        let view = MatMut::col_major(&mut matrix, 2, 2).expect("2 × 2");
        let refused = Err(Error::Pivot { index: 1, value: 0.0 });
        assert_eq!(cholesky_in_place(machine, view), refused, "{machine:?}");

        let [a, b, c] = VANISHING_LDLT;
        let mut matrix = [a, b, b, c];
        let view = MatMut::col_major(&mut matrix, 2, 2).expect("2 × 2");
        let refused = Err(Error::Pivot { index: 1, value: 0.0 });
        assert_eq!(ldlt_in_place(machine, view, None), refused, "{machine:?}");
    }
}
