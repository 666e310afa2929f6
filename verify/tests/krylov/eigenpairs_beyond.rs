//! All eigenpairs beyond a limit, their number unknown.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{
    Completeness, Eigenpair, EigenpairsOptions, Which, eigenpairs_beyond,
    extremal_eigenpairs_scratch_len, krylov_dim_for,
};
use teeter::matrix::MatRef;
use teeter::operator::Dense;
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;
use teeter_verify::property::thick_restart as properties;

struct Found {
    pairs: Vec<Eigenpair<f64>>,
    completeness: Completeness,
}

fn beyond(a: &[f64], options: &EigenpairsOptions<f64>) -> Result<Found, Error> {
    let (n, count) = (a.len().isqrt(), options.search.count);
    let machine = Machine::detect();
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n)?)?;
    let mut scratch = vec![f64::NAN; extremal_eigenpairs_scratch_len(n, options.search.krylov_dim)];
    let (mut vectors, mut pairs) = (vec![0.5; n * count], vec![Eigenpair::unknown(); count]);
    let found =
        eigenpairs_beyond(machine, &mut operator, options, &mut pairs, &mut vectors, &mut scratch)?;
    assert!(pairs[found.0..].iter().all(|pair| pair.value.is_nan()), "the rest is unknown");
    assert!(vectors[n * found.0..].iter().all(|&x| x == 0.5), "the rest is untouched");
    pairs.truncate(found.0);
    // The vectors are those of the pairs.
    for (pair, v) in pairs.iter().zip(vectors.chunks(n)) {
        let rest: Vec<f64> =
            naive::apply(a, v).iter().zip(v).map(|(av, v)| av - pair.value * v).collect();
        let defect = bound::lanczos_orthogonality::<f64>(n, options.search.krylov_dim);
        let step = bound::lanczos::<f64>(n, options.search.krylov_dim, defect);
        let rounding = (step + bound::eigen::<f64>(n)) * naive::frobenius(a);
        assert!((naive::norm(&rest) - pair.residual).abs() <= rounding, "{pair:?}");
    }
    Ok(Found { pairs, completeness: found.1 })
}

fn options(n: usize, count: usize, which: Which, limit: f64) -> EigenpairsOptions<f64> {
    let mut options = properties::options(n, count, which);
    (options.search.limit, options.search.krylov_dim) = (Some(limit), krylov_dim_for(n, count));
    options
}

/// The wanted ones of a spectrum: those beyond the limit, the most wanted first; of two that `BothEnds` takes in turns.
fn truth(spectrum: &[f64], which: Which, limit: f64) -> Vec<f64> {
    let mut list: Vec<f64> = match which {
        Which::LargestAlgebraic => spectrum.iter().copied().filter(|&x| x > limit).collect(),
        Which::SmallestAlgebraic => spectrum.iter().copied().filter(|&x| x < limit).collect(),
        _ => spectrum.iter().copied().filter(|&x| x.abs() > limit).collect(),
    };
    list.sort_by(f64::total_cmp);
    list
}

/// Limits halfway between eigenvalues: the number is exact, and each is found.
#[test]
fn all_beyond_a_limit_are_counted() {
    let n = 80;
    let linear: Vec<f64> = (0..n).map(|i| i as f64 - 30.0).collect();
    let outliers: Vec<f64> =
        (0..n).map(|i| if i < 7 { 20.0 - i as f64 } else { -(i as f64) / n as f64 }).collect();
    let cases = [
        (&linear, Which::LargestAlgebraic, 44.5),
        (&linear, Which::SmallestAlgebraic, -26.5),
        (&linear, Which::LargestMagnitude, 40.5),
        (&linear, Which::LargestMagnitude, 27.5),
        (&linear, Which::BothEnds, 28.5),
        (&linear, Which::BothEnds, 41.5),
        (&outliers, Which::LargestAlgebraic, 2.5),
        (&outliers, Which::LargestAlgebraic, 17.5),
        (&outliers, Which::SmallestAlgebraic, -10.5),
        (&outliers, Which::LargestAlgebraic, 90.0),
        (&outliers, Which::BothEnds, 13.5),
    ];
    for (spectrum, which, limit) in cases {
        let a = matrix::with_spectrum(spectrum, 4);
        let truth = truth(spectrum, which, limit);
        let room = truth.len() + 1;
        for block in [1, 2] {
            let mut options = options(n, room, which, limit);
            options.search.block = block;
            let found = beyond(&a, &options).unwrap();
            let case = format!("{which:?} {limit} {block}: {:?}", found.pairs);
            assert_eq!(found.completeness, Completeness::All, "{case}");
            assert_eq!(found.pairs.len(), truth.len(), "{case}");
            let mut values: Vec<f64> = found.pairs.iter().map(|pair| pair.value).collect();
            values.sort_by(f64::total_cmp);
            let worst = found.pairs.iter().fold(0.0_f64, |m, pair| m.max(pair.residual));
            let allowed =
                (n as f64).sqrt() * worst + 2.0 * bound::eigen::<f64>(n) * naive::frobenius(&a);
            for (value, truth) in values.iter().zip(&truth) {
                assert!((value - truth).abs() <= allowed, "{truth}, {case}");
            }
            assert!(found.pairs.iter().all(|pair| pair.stop != Stop::LimitReached), "{case}");
        }
    }
}

/// As many as there is room for, the most wanted ones; copies are counted where the subspace closes.
#[test]
fn memory_that_runs_out_says_so() {
    let n = 60;
    let a = matrix::with_spectrum(&(0..n).map(|i| i as f64).collect::<Vec<f64>>(), 4);
    for room in [1, 4, 9] {
        let found = beyond(&a, &options(n, room, Which::LargestAlgebraic, 40.5)).unwrap();
        assert_eq!((found.pairs.len(), found.completeness), (room, Completeness::MemoryFull));
        let last = &found.pairs[room - 1];
        let allowed = last.residual + 2.0 * bound::eigen::<f64>(n) * naive::frobenius(&a);
        assert!((last.value - (n - room) as f64).abs() <= allowed, "{last:?}");
    }
    let spectrum: Vec<f64> = (0..n).map(|i| if i < 5 { 2.0 } else { 1.0 }).collect();
    let a = matrix::with_spectrum(&spectrum, 4);
    for (room, found, completeness) in [
        (3, 3, Completeness::MemoryFull),
        (6, 5, Completeness::All),
        (5, 5, Completeness::MemoryFull),
    ] {
        let result = beyond(&a, &options(n, room, Which::LargestAlgebraic, 1.5)).unwrap();
        assert_eq!((result.pairs.len(), result.completeness), (found, completeness), "{room}");
    }
    // Products spent first: nothing is claimed.
    let a = matrix::with_spectrum(&(0..n).map(|i| i as f64).collect::<Vec<f64>>(), 4);
    let mut options = options(n, 9, Which::LargestAlgebraic, 52.5);
    options.search.product_max = 20;
    assert_eq!(beyond(&a, &options).unwrap().completeness, Completeness::Unknown);
}

#[test]
fn limits_at_the_edges() {
    let a = matrix::dense(&[3.0, 2.0, 1.0, -5.0], &[]);
    let run = |which, limit| {
        beyond(&a, &options(4, 4, which, limit)).map(|found| {
            (
                found.pairs.iter().map(|pair| pair.value.round()).collect::<Vec<f64>>(),
                found.completeness,
            )
        })
    };
    let all = Completeness::All;
    assert_eq!(run(Which::LargestAlgebraic, 0.5), Ok((vec![3.0, 2.0, 1.0], all)));
    assert_eq!(run(Which::LargestAlgebraic, -9.0), Ok((vec![3.0, 2.0, 1.0, -5.0], all)));
    assert_eq!(run(Which::SmallestAlgebraic, 0.5), Ok((vec![-5.0], all)));
    assert_eq!(run(Which::LargestMagnitude, 1.5), Ok((vec![-5.0, 3.0, 2.0], all)));
    assert_eq!(run(Which::BothEnds, 1.5), Ok((vec![3.0, -5.0, 2.0], all)));
    assert_eq!(run(Which::LargestAlgebraic, 9.0), Ok((vec![], all)));
    let zero = beyond(&[0.0; 16], &options(4, 2, Which::LargestMagnitude, 0.0)).unwrap();
    assert_eq!((zero.pairs.len(), zero.completeness), (0, all), "0 is not beyond 0");
    for limit in [f64::NAN, f64::INFINITY, -f64::INFINITY] {
        let refused = run(Which::LargestAlgebraic, limit);
        assert!(matches!(refused, Err(Error::Range { argument: "limit", .. })), "{refused:?}");
    }
    let none = properties::options(4, 2, Which::LargestAlgebraic);
    let refused = beyond(&a, &none).map(|_| ());
    assert!(matches!(refused, Err(Error::Range { argument: "limit", .. })), "{refused:?}");
}

/// A and the limit times 2ᵏ: the same pairs, times 2ᵏ.
#[test]
fn limits_scale_with_the_matrix() {
    let n = 40;
    let a = matrix::with_spectrum(&(0..n).map(|i| (i * i) as f64).collect::<Vec<f64>>(), 4);
    let plain = beyond(&a, &options(n, 8, Which::LargestAlgebraic, 1200.0)).unwrap();
    assert_eq!((plain.pairs.len(), plain.completeness), (5, Completeness::All));
    for power in [-300, 5, 300] {
        let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(power)).collect();
        let limit = 1200.0.scale_by_power(power);
        let machine = Machine::detect();
        let mut operator = Dense::new(machine, MatRef::row_major(&scaled, n, n).unwrap()).unwrap();
        let options = options(n, 8, Which::LargestAlgebraic, limit);
        let mut scratch = vec![0.0; extremal_eigenpairs_scratch_len(n, options.search.krylov_dim)];
        let (mut vectors, mut pairs) = (vec![0.0; n * 8], vec![Eigenpair::unknown(); 8]);
        let found = eigenpairs_beyond(
            machine,
            &mut operator,
            &options,
            &mut pairs,
            &mut vectors,
            &mut scratch,
        );
        assert_eq!(found, Ok((5, Completeness::All)));
        for (x, y) in plain.pairs.iter().zip(&pairs) {
            assert_eq!(x.value.scale_by_power(power), y.value, "2^{power}");
        }
    }
}
