//! LOBPCG: right at both ends, helped by a preconditioner and by good starts, total.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{
    Eigenpair, Lobpcg, LobpcgOptions, LobpcgWants, SpectrumEnd, Which, lobpcg,
    lobpcg_machine_scratch_len, lobpcg_scratch_len,
};
use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal, FromFn, Identity, LinearOperator};
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::bound;
use teeter_verify::input::{Source, matrix, vector};
use teeter_verify::oracle::{naive, reference};
use teeter_verify::property::factor::{narrow, wide};
use teeter_verify::property::thick_restart::{self as properties, Answer};
use teeter_verify::property::{Context, assert_all};

fn options<T: Float>(end: SpectrumEnd, count: usize) -> LobpcgOptions<T> {
    let tolerance = T::EPSILON.sqrt();
    LobpcgOptions { end, count, starts: 0, tolerance, product_max: 3000, seed: 5 }
}

/// Pairs of a dense matrix, from the `starts` at the front of `vectors`.
fn solve<T: Float>(
    machine: Machine,
    a: &[T],
    inverse: &mut impl LinearOperator<T>,
    options: &LobpcgOptions<T>,
    starts: &[T],
) -> Result<Answer, Error> {
    let (n, count) = (a.len().isqrt(), options.count);
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n)?)?;
    let mut scratch = vec![T::NAN; lobpcg_scratch_len(n, count)];
    let mut vectors = vec![T::NAN; n * count];
    vectors[..starts.len()].clone_from_slice(starts);
    let mut pairs = vec![Eigenpair::unknown(); count];
    let found =
        lobpcg(machine, (&mut operator, inverse), options, &mut pairs, &mut vectors, &mut scratch)?;
    let dim = (3 * count).min(n);
    let defect = bound::lanczos_orthogonality::<T>(n, dim);
    let rounds = pairs[0].steps as f64;
    let pairs = pairs[..found].iter().map(|pair| Eigenpair {
        stop: pair.stop,
        value: pair.value.to_f64(),
        residual: pair.residual.to_f64(),
        lower: pair.lower.to_f64(),
        upper: pair.upper.to_f64(),
        products: pair.products,
        steps: pair.steps,
        orthogonality: pair.orthogonality.to_f64(),
    });
    let format = if T::BITS == 32 { "f32" } else { "f64" };
    Ok(Answer {
        n,
        pairs: pairs.collect(),
        vectors: wide(&vectors[..n * found]),
        context: Context { layer: "krylov", machine: machine.name(), format },
        // Each round turns the basis, and rounds its products of at most `dim` terms.
        rounding: rounds.max(1.0) * (bound::lanczos::<T>(n, dim, defect) + bound::eigen::<T>(dim)),
    })
}

fn at_end(end: SpectrumEnd) -> Which {
    match end {
        SpectrumEnd::Largest => Which::LargestAlgebraic,
        SpectrumEnd::Smallest => Which::SmallestAlgebraic,
    }
}

const ENDS: [SpectrumEnd; 2] = [SpectrumEnd::Largest, SpectrumEnd::Smallest];

/// Every promise of an answer; `truth` ascending.
fn judge(a: &[f64], truth: &[f64], end: SpectrumEnd, answer: &Answer, case: &str) {
    let wanted = properties::wanted(truth, at_end(end), answer.pairs.len());
    let measured = [
        properties::residuals_are_those_of_the_vectors(a, answer),
        properties::vectors_are_orthonormal(answer),
        properties::values_are_the_wanted_ones(&wanted, |x| x, a, answer),
    ];
    for measured in &measured {
        assert!(measured.passed, "{case}: {measured:?}\n{:?}\n{wanted:?}", answer.pairs);
    }
    assert_all(&measured);
}

fn named_spectra<T: Float>(machine: Machine) {
    for n in [1, 2, 3, 5, 40] {
        for (name, spectrum) in matrix::spectra(n) {
            let a = narrow::<T>(&matrix::with_spectrum(&spectrum, 5));
            let truth = reference::eigenvalues(&wide(&a), n);
            for end in ENDS {
                for count in [1, 2, 3, 5] {
                    let mut options = options(end, count);
                    // Where the values lie closer than √ε, only what rounding leaves will tell them apart.
                    if name == "clustered" || name == "geometric" {
                        options.tolerance = T::ZERO;
                    }
                    let case = format!("{name}, {n}, {end:?}, {count}");
                    let answer = solve(machine, &a, &mut Identity::new(n), &options, &[]).unwrap();
                    assert_eq!(answer.pairs.len(), count.min(n), "{case}");
                    assert!(answer.pairs.iter().all(|pair| pair.products <= 3000), "{case}");
                    assert!(properties::all_reached(&answer), "{case}: {:?}", answer.pairs);
                    judge(&wide(&a), &truth, end, &answer, &case);
                }
            }
        }
    }
}

#[test]
fn pairs_are_those_of_faer() {
    for machine in Machine::present() {
        named_spectra::<f32>(machine);
        named_spectra::<f64>(machine);
    }
}

/// A badly scaled matrix near its diagonal: κ = 10⁶.
fn graded(n: usize) -> Vec<f64> {
    let mut a = vec![0.0; n * n];
    for i in 0..n {
        a[i * n + i] = 10.0_f64.powf(6.0 * i as f64 / n as f64);
        if i > 0 {
            let beside = 0.1 * a[(i - 1) * n + i - 1];
            (a[i * n + i - 1], a[(i - 1) * n + i]) = (beside, beside);
        }
    }
    a
}

/// The preconditioner of the diagonal finds the small end where no other search here does, and starts from last time's vectors
/// save most of the products.
#[test]
fn a_preconditioner_and_good_starts_save_products() {
    let (n, machine) = (150, Machine::detect());
    let a = graded(n);
    let truth = reference::eigenvalues(&a, n);
    let inverse: Vec<f64> = (0..n).map(|i| 1.0 / a[i * n + i]).collect();
    let mut search = options(SpectrumEnd::Smallest, 4);
    search.product_max = 400;
    let helped = solve(machine, &a, &mut Diagonal::new(&inverse), &search, &[]).unwrap();
    assert!(properties::all_reached(&helped), "{:?}", helped.pairs);
    judge(&a, &truth, SpectrumEnd::Smallest, &helped, "helped");
    let alone = solve(machine, &a, &mut Identity::new(n), &search, &[]).unwrap();
    assert!(!properties::all_reached(&alone), "{:?}", alone.pairs);
    assert_eq!(alone.pairs[0].products, 400, "the budget, and no more");
    let mut thick = properties::options(n, 4, Which::SmallestAlgebraic);
    thick.search.product_max = 400;
    let thick = properties::solve(machine, &a, &thick, &[]).unwrap();
    assert!(!properties::all_reached(&thick), "{:?}", thick.pairs);

    let near: Vec<f64> = a.iter().map(|x| x * (1.0 + 1e-4 * x.cos())).collect();
    search.starts = 4;
    let warm =
        solve(machine, &near, &mut Diagonal::new(&inverse), &search, &helped.vectors).unwrap();
    assert!(properties::all_reached(&warm), "{:?}", warm.pairs);
    judge(&near, &reference::eigenvalues(&near, n), SpectrumEnd::Smallest, &warm, "warm");
    let (cold, warm) = (helped.pairs[0].products, warm.pairs[0].products);
    assert!(2 * warm <= cold, "{warm} after {cold} products");
    // From the very vectors: their products, and those of the check.
    let same = solve(machine, &a, &mut Diagonal::new(&inverse), &search, &helped.vectors).unwrap();
    assert_eq!((same.pairs[0].products, properties::all_reached(&same)), (8, true));
}

/// Preconditioners that are no help: zero, of rank 1, skew, random at each call. The answer is the same, later.
#[test]
fn a_bad_preconditioner_costs_products_only() {
    let (n, machine) = (30, Machine::detect());
    let spectrum: Vec<f64> = (0..n).map(|i| (i as f64).sqrt()).collect();
    let a = matrix::with_spectrum(&spectrum, 5);
    let search = options(SpectrumEnd::Largest, 3);
    let mut source = Source::new(3);
    let zero = |_: &[f64], y: &mut [f64]| y.fill(0.0);
    let flat = |x: &[f64], y: &mut [f64]| y.fill(x.iter().sum());
    let skew = |x: &[f64], y: &mut [f64]| {
        for i in 0..x.len() {
            y[i] = x[(i + 1) % x.len()] - x[(i + x.len() - 1) % x.len()];
        }
    };
    let random =
        |x: &[f64], y: &mut [f64]| y.copy_from_slice(&vector::uniform(x.len(), &mut source));
    let mut ways: [(&str, Box<dyn FnMut(&[f64], &mut [f64])>); 4] = [
        ("zero", Box::new(zero)),
        ("rank 1", Box::new(flat)),
        ("skew", Box::new(skew)),
        ("random", Box::new(random)),
    ];
    for (name, way) in &mut ways {
        let mut inverse = FromFn::new(n, |x: &[f64], y: &mut [f64]| {
            way(x, y);
            Ok(())
        });
        let answer = solve(machine, &a, &mut inverse, &search, &[]).unwrap();
        assert!(properties::all_reached(&answer), "{name}: {:?}", answer.pairs);
        judge(&a, &spectrum, SpectrumEnd::Largest, &answer, name);
    }
}

/// Multiplicities up to the width of the block; zero; identity; huge and tiny.
#[test]
fn adversarial_spectra_are_solved() {
    let n = 64;
    let of = |f: &dyn Fn(usize) -> f64| (0..n).map(f).collect::<Vec<f64>>();
    let cases = [
        ("zero", of(&|_| 0.0)),
        ("identity", of(&|_| 1.0)),
        ("rank 1", of(&|i| if i == 5 { 3.0 } else { 0.0 })),
        ("1, 50", of(&|i| if i % 2 == 0 { 1.0 } else { 50.0 })),
        ("+1, −1", of(&|i| if i < 30 { 1.0 } else { -1.0 })),
        ("four-fold", of(&|i| if i < 4 { 2.0 } else { i as f64 / 64.0 })),
        ("1e150", of(&|i| 1e150 * (1 + i) as f64)),
        ("1e−150", of(&|i| 1e-150 * (1 + i) as f64)),
    ];
    for (name, spectrum) in cases {
        let a = matrix::dense(&spectrum, &[]);
        let mut truth = spectrum.clone();
        truth.sort_by(f64::total_cmp);
        for end in ENDS {
            for count in [1, 4] {
                let search = options(end, count);
                let case = format!("{name}, {end:?}, {count}");
                let answer =
                    solve(Machine::detect(), &a, &mut Identity::new(n), &search, &[]).unwrap();
                assert!(properties::all_reached(&answer), "{case}: {:?}", answer.pairs);
                judge(&a, &truth, end, &answer, &case);
            }
        }
    }
}

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

impl<A: LinearOperator<f64>> teeter::operator::Symmetric<f64> for Symmetrically<A> {}

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
