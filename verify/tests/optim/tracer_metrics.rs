//! G-TRACER in metrics that are not diagonal, put together from what there is: u = L⁻ᵀz with G = LLᵀ makes the trace penalty
//! that of Tr(G⁻¹H). Dense and Kronecker, in whole numbers, over all signs.

use teeter::matrix::{Diagonal, MatRef, Triangle, trsv};
use teeter::optim::{Displacement, PenaltyMean, TracePenalty, TraceProbe, tracer_scratch_len};
use teeter::{Error, Machine, vector};
use teeter_verify::bound::optim as bound;
use teeter_verify::oracle::signs;
use teeter_verify::property::surrogate::{DIRECTIONS, combine, gradient};

const N: usize = 4;

/// z ← L⁻ᵀz for a unit lower triangle of order n.
fn whiten(l: &[f64], n: usize, z: &mut [f64]) -> Result<(), Error> {
    let l = MatRef::row_major(l, n, n)?.triangular(Triangle::Lower, Diagonal::Unit);
    trsv(Machine::detect(), l.t(), z)
}

/// The gradient of Tr(G⁻¹H) at w, by the doors that a caller has; ε is a half, and a second difference of a cubic has no
/// truncation, so that it is exact but for the mean. (The value of a quartic has one.)
fn penalty(w: &[f64], mut whiten: impl FnMut(&mut [f64])) -> Vec<f64> {
    let machine = Machine::detect();
    let rule = TracePenalty { lambda: 1.0, probe: TraceProbe::Signs, probes: 16, interval: 1 };
    let (mut memory, mut scratch) = ([0.0; N], [0.0; tracer_scratch_len(N)]);
    let mut mean = PenaltyMean::new(&mut memory);
    let (here, mut params) = (gradient(w), w.to_vec());
    signs::for_each(N, |z| {
        let mut probe = z.to_vec();
        whiten(&mut probe);
        let distance = 0.5 * vector::norm2(machine, &probe);
        let from = Displacement { gradient: &here, direction: &probe, distance };
        let ahead = rule.ahead(machine, from, &mut params, &mut scratch).expect("valid");
        let there = gradient(ahead.params());
        let behind = ahead.gradient(&there).expect("finite");
        let there = gradient(behind.params());
        mean.push(machine, &behind.gradient(&there).expect("finite")).expect("finite");
    });
    mean.gradient.to_vec()
}

/// Of Tr(G⁻¹H) = Σₖ 3(tₖᵀw)²‖L⁻¹tₖ‖² the gradient.
fn right(w: &[f64], square: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut slope = vec![0.0; N];
    for t in &DIRECTIONS {
        let factor = 6.0 * t.iter().zip(w).map(|(t, w)| t * w).sum::<f64>() * square(t);
        slope.iter_mut().zip(t).for_each(|(s, t)| *s += factor * t);
    }
    slope
}

/// L⁻¹t, by substitution.
fn solved(l: &[f64], n: usize, t: &[f64]) -> Vec<f64> {
    let mut x = t.to_vec();
    for i in 0..n {
        for j in 0..i {
            x[i] -= l[i * n + j] * x[j];
        }
    }
    x
}

/// Within the mean's rounding: no penalty is as large as 2²⁰.
fn agree(found: &[f64], right: &[f64]) -> bool {
    found
        .iter()
        .zip(right)
        .all(|(found, right)| (found - right).abs() <= bound::penalty_mean(16, 1_048_576.0))
}

const DENSE: [f64; 16] =
    [1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, -1.0, 2.0, 1.0, 0.0, 0.0, 1.0, -1.0, 1.0];

const SMALL: [[f64; 4]; 2] = [[1.0, 0.0, 2.0, 1.0], [1.0, 0.0, -1.0, 1.0]];

#[test]
fn a_dense_metric_is_a_triangular_solve_of_each_probe() {
    let w = [1.0, -2.0, 0.0, 1.0];
    let found = penalty(&w, |z| whiten(&DENSE, N, z).expect("4 × 4"));
    let square = |t: &[f64]| solved(&DENSE, N, t).iter().map(|x| x * x).sum();
    assert!(agree(&found, &right(&w, square)), "{found:?}");
    // The metric forgotten, and G⁻¹ taken for G^−½: each is another number.
    let plain = penalty(&w, |_| ());
    assert!(!agree(&plain, &found), "a metric forgotten goes unseen");
    let twice = penalty(&w, |z| {
        whiten(&DENSE, N, z).expect("4 × 4");
        whiten(&DENSE, N, z).expect("4 × 4");
    });
    assert!(!agree(&twice, &found), "a metric squared goes unseen");
}

/// G = A ⊗ B of a layer's 2 × 2 weights: solves along columns and along rows.
#[test]
fn a_kronecker_metric_is_a_solve_along_rows_and_columns() {
    let w = [1.0, -2.0, 0.0, 1.0];
    let [a, b] = SMALL;
    let each = |z: &mut [f64], solve: &dyn Fn(&[f64], &mut [f64])| {
        z.chunks_mut(2).for_each(|row| solve(&b, row));
        for j in 0..2 {
            let mut column = [z[j], z[j + 2]];
            solve(&a, &mut column);
            [z[j], z[j + 2]] = column;
        }
    };
    let transposed = |l: &[f64], x: &mut [f64]| whiten(l, 2, x).expect("2 × 2");
    let found = penalty(&w, |z| each(z, &transposed));
    let forward = |l: &[f64], x: &mut [f64]| x.copy_from_slice(&solved(l, 2, x));
    let square = |t: &[f64]| {
        let mut x = t.to_vec();
        each(&mut x, &forward);
        x.iter().map(|x| x * x).sum()
    };
    assert!(agree(&found, &right(&w, square)), "{found:?}");
}

/// The gradient that the closed form is built from is that of the model of the properties.
#[test]
fn the_model_is_its_own_trace() {
    let w = [3.0, 1.0, -1.0, 2.0];
    let by_model = combine(&w, |f, square| 6.0 * f * square);
    let square = |t: &[f64]| t.iter().map(|x| x * x).sum();
    assert_eq!(right(&w, square), by_model);
}
