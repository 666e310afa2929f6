//! LOBPCG as a machine: scaled, resumed, refused, ended.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{
    Eigenpair, Lobpcg, LobpcgOptions, LobpcgWants, SpectrumEnd, lobpcg, lobpcg_machine_scratch_len,
    lobpcg_scratch_len,
};
use teeter::operator::{FromFn, Identity, LinearOperator, Symmetric};
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::input::{Source, matrix, vector};
use teeter_verify::oracle::naive;
use teeter_verify::property::lobpcg::{options, solve};
use teeter_verify::property::thick_restart as properties;

/// 2ᵏA has 2ᵏ times the values and residuals and the same vectors; and every machine agrees.
#[test]
fn pairs_scale_exactly_on_every_machine() {
    let n = 33;
    let a: Vec<f64> = vector::uniform(n * n, &mut Source::new(2));
    let a: Vec<f64> = (0..n * n).map(|e| a[e] + a[e % n * n + e / n]).collect();
    let search = options(SpectrumEnd::Largest, 3);
    let plain = solve(Machine::portable(), &a, &mut Identity::new(n), &search, &[]).unwrap();
    for machine in Machine::present() {
        for power in [-400, -3, 0, 300] {
            let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(power)).collect();
            let other = solve(machine, &scaled, &mut Identity::new(n), &search, &[]).unwrap();
            assert_eq!(plain.vectors, other.vectors, "2^{power}");
            for (x, y) in plain.pairs.iter().zip(&other.pairs) {
                assert_eq!(x.value.scale_by_power(power), y.value, "2^{power}");
                assert_eq!(x.residual.scale_by_power(power), y.residual, "2^{power}");
                assert_eq!((x.products, x.stop), (y.products, y.stop), "2^{power}");
            }
        }
    }
}

/// At every step the process moves into copies of its state and memory; wrong answers are refused on the way.
#[test]
fn resumed_is_uninterrupted() {
    let (n, machine) = (40, Machine::detect());
    let spectrum: Vec<f64> = (0..40).map(f64::from).collect();
    let a = matrix::with_spectrum(&spectrum, 6);
    let search = options(SpectrumEnd::Smallest, 3);
    let half = |wanted: LobpcgWants<'_, f64>| match wanted {
        LobpcgWants::Product(x) => naive::apply(&a, x),
        LobpcgWants::Preconditioned(x) => x.iter().map(|x| 0.5 * x).collect(),
    };
    let mut memory = vec![0.0; lobpcg_machine_scratch_len(n, 3)];
    let mut process = Lobpcg::new(machine, n, &search, &[], &mut memory).unwrap();
    while let Some(wanted) = process.wants() {
        let answer = half(wanted);
        process.push(&answer).unwrap();
    }
    assert!(process.rounds() > 5, "{}", process.rounds());

    let mut other = vec![0.0; lobpcg_machine_scratch_len(n, 3)];
    let mut state = Lobpcg::new(machine, n, &search, &[], &mut other).unwrap().state();
    loop {
        let mut copy = other.clone();
        let mut resumed = Lobpcg::resume(machine, state, &mut copy).unwrap();
        let Some(wanted) = resumed.wants() else { break };
        let mut answer = half(wanted);
        let right = std::mem::replace(&mut answer[7], f64::NAN);
        let refused = Err(Error::NotFinite { argument: "answer", index: 7 });
        assert_eq!(resumed.push(&answer), refused);
        assert!(resumed.push(&answer[1..]).is_err());
        answer[7] = right;
        resumed.push(&answer).unwrap();
        state = resumed.state();
        other = resumed.memory().to_vec();
    }
    let mut resumed = Lobpcg::resume(machine, state, &mut other).unwrap();
    assert!(resumed.push(&vec![0.0; n]).is_err(), "nothing is wanted");
    assert_eq!((resumed.found(), process.found()), (3, 3));
    for i in 0..3 {
        assert_eq!(resumed.pair(i), process.pair(i));
        assert_eq!(resumed.vector(i), process.vector(i));
        assert_eq!(process.pair(i).unwrap().stop, Stop::Converged);
    }
    assert!(process.pair(3).is_none() && process.vector(3).is_none());
}

/// Products that are those of no matrix, and preconditioners that are none: the process ends all the same.
#[test]
fn a_process_ends_within_its_budget_whatever_it_is_given() {
    let source = &mut Source::new(7);
    for (n, count) in [(1, 1), (5, 2), (5, 5), (40, 3)] {
        for product_max in [1, 2, 3, 7, 40] {
            let mut memory = vec![0.0; lobpcg_machine_scratch_len(n, count)];
            let search = LobpcgOptions { product_max, ..options(SpectrumEnd::Largest, count) };
            let machine = Machine::detect();
            let mut process = Lobpcg::new(machine, n, &search, &[], &mut memory).unwrap();
            let mut asked = 0;
            while process.wants().is_some() {
                process.push(&vector::uniform::<f64>(n, source)).unwrap();
                asked += 1;
                // A preconditioned vector for a product, at most, and one for each pair of the last round.
                assert!(asked <= 2 * product_max + count, "{n}, {count}, {product_max}");
            }
            assert!(process.products() <= product_max, "{n}, {count}, {product_max}");
            assert!((1..=count).contains(&process.found()), "{n}, {count}, {product_max}");
        }
    }
}

/// NaN at the jth product, or the jth preconditioned vector, and an operator that fails there: the error, and what was found.
#[test]
fn failures_are_handed_back() {
    let (n, machine) = (12, Machine::detect());
    let d: Vec<f64> = (0..12).map(f64::from).collect();
    for j in 1..=12 {
        for bad in [f64::NAN, f64::INFINITY] {
            let mut calls = 0;
            let mut operator = Symmetrically(FromFn::new(n, |x: &[f64], y: &mut [f64]| {
                calls += 1;
                if calls == j && bad.is_nan() {
                    return Err(Error::Operator { code: 7 });
                }
                for ((y, x), d) in y.iter_mut().zip(x).zip(&d) {
                    *y = d * x;
                }
                if calls == j {
                    y[3] = bad;
                }
                Ok(())
            }));
            let search = options(SpectrumEnd::Largest, 2);
            let mut scratch = vec![0.0; lobpcg_scratch_len(n, 2)];
            let (mut pairs, mut vectors) = ([Eigenpair::unknown(); 2], vec![0.0; 2 * n]);
            let mut inverse = Identity::new(n);
            let operators = (&mut operator, &mut inverse);
            let outcome =
                lobpcg(machine, operators, &search, &mut pairs, &mut vectors, &mut scratch);
            let expected = if bad.is_nan() {
                Error::Operator { code: 7 }
            } else {
                Error::NotFinite { argument: "answer", index: 3 }
            };
            assert_eq!(outcome, Err(expected), "product {j}");
            assert_eq!(pairs[0].products, j - 1);
            assert_eq!(pairs[0].value.is_nan(), j <= 2, "found after the starts: {:?}", pairs[0]);
        }
    }
}

/// Symmetric, the test promises.
struct Symmetrically<A>(A);

impl<A: LinearOperator<f64>> LinearOperator<f64> for Symmetrically<A> {
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn apply(&mut self, x: &[f64], y: &mut [f64]) -> Result<(), Error> {
        self.0.apply(x, y)
    }
}

impl<A: LinearOperator<f64>> Symmetric<f64> for Symmetrically<A> {}

/// A promise of symmetry that is broken: the residuals say so, and so does `stop`.
#[test]
fn broken_promises_are_not_called_converged() {
    let n = 12;
    let skew = |e: usize| if e / n < e % n { 3.0 } else { 0.0 };
    let a: Vec<f64> = (0..n * n).map(|e| skew(e) + f64::from(u8::from(e / n == e % n))).collect();
    let search = options(SpectrumEnd::Largest, 2);
    let answer = solve(Machine::detect(), &a, &mut Identity::new(n), &search, &[]).unwrap();
    assert!(answer.pairs.iter().all(|pair| pair.stop == Stop::LimitReached), "{answer:?}");
    let measured = properties::residuals_are_those_of_the_vectors(&a, &answer);
    assert!(measured.passed, "{measured:?}");
}

#[test]
fn arguments_are_checked_first() {
    let machine = Machine::detect();
    let search = options::<f64>(SpectrumEnd::Largest, 2);
    let memory = &mut vec![0.0; lobpcg_machine_scratch_len(4, 2)];
    let refuses = |options: LobpcgOptions<f64>, n: usize, starts: &[f64], memory: &mut [f64]| {
        Lobpcg::new(machine, n, &options, starts, memory).unwrap_err()
    };
    assert_eq!(refuses(search, 0, &[], memory), Error::Empty { argument: "operator" });
    for tolerance in [-1.0, f64::NAN, f64::INFINITY] {
        let refused = refuses(LobpcgOptions { tolerance, ..search }, 4, &[], memory);
        assert!(matches!(refused, Error::Range { argument: "tolerance", .. }), "{refused:?}");
    }
    let range = |refused: Error, name: &str| {
        assert!(
            matches!(refused, Error::Range { argument, .. } if argument == name),
            "{refused:?}"
        );
    };
    range(refuses(LobpcgOptions { count: 0, ..search }, 4, &[], memory), "count");
    range(refuses(LobpcgOptions { product_max: 0, ..search }, 4, &[], memory), "product_max");
    range(refuses(LobpcgOptions { starts: 3, ..search }, 4, &[1.0; 12], memory), "starts");
    let one = LobpcgOptions { starts: 1, ..search };
    assert_eq!(
        refuses(one, 4, &[1.0; 3], memory),
        Error::Length { argument: "starts", expected: 4, found: 3 }
    );
    assert_eq!(
        refuses(one, 4, &[1.0, f64::NAN, 0.0, 0.0], memory),
        Error::NotFinite { argument: "starts", index: 1 }
    );
    let (needed, found) = (memory.len(), memory.len() - 1);
    assert_eq!(
        refuses(search, 4, &[], &mut memory[1..]),
        Error::Short { argument: "scratch", needed, found }
    );
    // Zero, dependent or too few starts are made up for.
    let two = LobpcgOptions { starts: 2, ..search };
    for starts in [[0.0; 8], [1.0; 8]] {
        let process = Lobpcg::new(machine, 4, &two, &starts, memory).unwrap();
        let norm: f64 = process.wants().unwrap().vector().iter().map(|x| x * x).sum();
        assert!((norm - 1.0).abs() < 4.0 * f64::EPSILON, "a unit vector");
    }
}
