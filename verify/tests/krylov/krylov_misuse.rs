//! What the loops of layer `krylov` refuse, and starts at the edges of the format.

use teeter::krylov::{
    Lanczos, LanczosOptions, PowerOptions, Which, extremal_eigenpair,
    extremal_eigenpair_scratch_len, lanczos_scratch_len, power_iteration, ritz_values,
};
use teeter::operator::Diagonal;
use teeter::{Error, Machine, Stop};

const OPTIONS: LanczosOptions<f64> = LanczosOptions {
    which: Which::LargestAlgebraic,
    krylov_dim: 3,
    product_max: 9,
    tolerance: 1e-9,
};

#[test]
fn loops_check_their_arguments_first() {
    let machine = Machine::detect();
    let d = [1.0, 2.0, 3.0];
    let run = |options: LanczosOptions<f64>, v: &[f64], len: usize| {
        let (mut v, mut scratch) = (v.to_vec(), vec![f64::NAN; len]);
        let before = v.clone();
        let mut operator = Diagonal::new(&d);
        let out = extremal_eigenpair(machine, &mut operator, &options, &mut v, &mut scratch);
        assert!(v.iter().zip(&before).all(|(a, b)| a.to_bits() == b.to_bits()), "v is untouched");
        out.err()
    };
    let full = extremal_eigenpair_scratch_len(3, 3);
    let one = [1.0; 3];
    let short = Error::Short { argument: "scratch", needed: full, found: full - 1 };
    assert_eq!(run(OPTIONS, &one, full - 1), Some(short));
    assert_eq!(
        run(OPTIONS, &one[..2], full),
        Some(Error::Length { argument: "vector", expected: 3, found: 2 })
    );
    let empty = |argument| Some(Error::Empty { argument });
    let below = |argument, found: f64, low| {
        Some(Error::Range { argument, found, low, high: f64::INFINITY })
    };
    for krylov_dim in [0, 1] {
        let out = run(LanczosOptions { krylov_dim, ..OPTIONS }, &one, full);
        assert_eq!(out, below("krylov_dim", krylov_dim as f64, 2.0));
    }
    let out = run(LanczosOptions { product_max: 0, ..OPTIONS }, &one, full);
    assert_eq!(out, below("product_max", 0.0, 1.0));
    for tolerance in [-1.0, f64::NAN, f64::INFINITY] {
        let out = run(LanczosOptions { tolerance, ..OPTIONS }, &one, full);
        assert!(matches!(out, Some(Error::Range { argument: "tolerance", .. })), "{out:?}");
    }
    assert_eq!(run(OPTIONS, &[0.0; 3], full), Some(Error::ZeroVector { argument: "start" }));
    let out = run(OPTIONS, &[1.0, 0.0, f64::NAN], full);
    assert_eq!(out, Some(Error::NotFinite { argument: "start", index: 2 }));
    let nothing: [f64; 0] = [];
    let mut operator = Diagonal::new(&nothing);
    let out = extremal_eigenpair(machine, &mut operator, &OPTIONS, &mut [], &mut [0.0; 99]);
    assert_eq!(out.err(), empty("operator"));
    assert_eq!(extremal_eigenpair_scratch_len(usize::MAX, usize::MAX), usize::MAX);
    assert_eq!(lanczos_scratch_len(usize::MAX, usize::MAX), usize::MAX);

    let power = |options: PowerOptions<f64>, v: &mut [f64], scratch: &mut [f64]| {
        power_iteration(machine, &mut Diagonal::new(&d), &options, v, scratch).err()
    };
    let options = PowerOptions { product_max: 3, tolerance: 0.0 };
    let none = PowerOptions { product_max: 0, ..options };
    assert_eq!(power(none, &mut [1.0; 3], &mut [0.0; 3]), below("product_max", 0.0, 1.0));
    let out = power(options, &mut [1.0; 3], &mut [0.0; 2]);
    assert_eq!(out, Some(Error::Short { argument: "scratch", needed: 3, found: 2 }));
    let out = power(options, &mut [0.0; 3], &mut [0.0; 3]);
    assert_eq!(out, Some(Error::ZeroVector { argument: "start" }));
    let out = power(options, &mut [1.0, f64::INFINITY, 0.0], &mut [0.0; 3]);
    assert_eq!(out, Some(Error::NotFinite { argument: "vector", index: 1 }));
}

/// Starts whose squares over- or underflow have a direction all the same.
#[test]
fn starts_at_the_edges_of_the_format_are_normalized() {
    for size in [5e-324, 1e-310, f64::MIN_POSITIVE, 1e-170, 1.0, 1e170, f64::MAX] {
        let mut scratch = [f64::NAN; lanczos_scratch_len(2, 1)];
        let lanczos = Lanczos::new(Machine::detect(), &[0.0, -size], 1, &mut scratch).unwrap();
        assert_eq!(lanczos.wants(), Some(&[0.0, -1.0][..]), "{size:e}");
    }
}

/// n = 1: one product, exact, and it says so.
#[test]
fn one_dimension_is_an_invariant_subspace() {
    let mut v = [-3.0];
    let mut scratch = vec![f64::NAN; extremal_eigenpair_scratch_len(1, 3)];
    let mut operator = Diagonal::new(&[7.0]);
    let machine = Machine::detect();
    let pair = extremal_eigenpair(machine, &mut operator, &OPTIONS, &mut v, &mut scratch).unwrap();
    assert_eq!((pair.stop, pair.value, pair.residual), (Stop::Invariant, 7.0, 0.0));
    assert_eq!((pair.products, pair.steps, v[0].abs()), (1, 1, 1.0));
}

/// Exactly the scratch asked for is enough, and its content does not show in a single bit.
#[test]
fn scratch_is_memory_and_nothing_else() {
    let d = [1.0, 2.5, 3.0, -4.0, 0.1, 9.0];
    for machine in Machine::present() {
        let run = |content: f64| {
            let mut scratch = vec![content; extremal_eigenpair_scratch_len(6, 3)];
            let mut v = [1.0, -1.0, 0.5, 2.0, 1.0, 0.3];
            let mut operator = Diagonal::new(&d);
            let pair =
                extremal_eigenpair(machine, &mut operator, &OPTIONS, &mut v, &mut scratch).unwrap();
            (pair, v)
        };
        assert_eq!(run(f64::NAN), run(0.0), "{machine:?}");
    }
}

#[test]
fn lanczos_refuses_and_can_go_on() {
    let machine = Machine::detect();
    let needed = lanczos_scratch_len(3, 2);
    let mut scratch = vec![f64::NAN; needed];
    let new = |start: &[f64], dim, len| {
        let mut scratch = vec![0.0; len];
        Lanczos::new(machine, start, dim, &mut scratch).map(|_| ()).err()
    };
    assert_eq!(new(&[], 2, 99), Some(Error::Empty { argument: "start" }));
    assert_eq!(new(&[1.0], 0, 99), Some(Error::Empty { argument: "dim_max" }));
    assert_eq!(new(&[0.0; 3], 2, 99), Some(Error::ZeroVector { argument: "start" }));
    assert_eq!(
        new(&[1.0, f64::NAN, 0.0], 2, 99),
        Some(Error::NotFinite { argument: "start", index: 1 })
    );
    let short = Error::Short { argument: "scratch", needed, found: needed - 1 };
    assert_eq!(new(&[1.0; 3], 2, needed - 1), Some(short));
    let mut lanczos = Lanczos::new(machine, &[1.0, 2.0, 2.0], 2, &mut scratch).unwrap();
    let length = Error::Length { argument: "product", expected: 3, found: 2 };
    assert_eq!(lanczos.push(&[1.0; 2]), Err(length));
    let infinite = Error::NotFinite { argument: "product", index: 2 };
    assert_eq!(lanczos.push(&[1.0, 0.0, f64::INFINITY]), Err(infinite));
    assert_eq!((lanczos.steps(), lanczos.residual_norm(), lanczos.norm_estimate()), (0, 0.0, 0.0));
    lanczos.push(&[1.0, 4.0, 6.0]).unwrap();
    lanczos.push(&[0.5, 0.0, 0.25]).unwrap();
    assert_eq!(lanczos.wants(), None);
    assert_eq!(lanczos.push(&[0.0; 3]), Err(Error::State { expected: "a new Lanczos process" }));
    assert_eq!(lanczos.steps(), 2);
    assert!(lanczos.norm_estimate() > 0.0 && lanczos.basis().unwrap().cols() == 2);
    let [mut a, mut b, mut c] = [[0.0; 2]; 3];
    let refused = ritz_values(&lanczos, &mut a[..1], &mut b, &mut c, &mut [0.0; 4]);
    assert_eq!(refused, Err(Error::Length { argument: "values", expected: 2, found: 1 }));
    let refused = ritz_values(&lanczos, &mut a, &mut b, &mut c, &mut [0.0; 3]);
    assert_eq!(refused, Err(Error::Short { argument: "scratch", needed: 4, found: 3 }));
}

/// A restart takes two steps and a check; products too few for that are not spent, and no loop
/// repeats itself.
#[test]
fn products_that_cannot_help_are_not_spent() {
    let machine = Machine::detect();
    let d: Vec<f64> = (0..40).map(f64::from).collect();
    for product_max in 1..=40 {
        let options = LanczosOptions { krylov_dim: 2, product_max, tolerance: 0.0, ..OPTIONS };
        let (mut v, mut scratch) =
            (vec![1.0; 40], vec![0.0; extremal_eigenpair_scratch_len(40, 2)]);
        let mut operator = Diagonal::new(&d);
        let pair = extremal_eigenpair(machine, &mut operator, &options, &mut v, &mut scratch)
            .expect("the arguments fit");
        assert_eq!(pair.stop, Stop::LimitReached);
        assert!(pair.products <= product_max && pair.products + 3 > product_max, "{pair:?}");
    }
    // One vector suffices where there is one direction.
    let options = LanczosOptions { krylov_dim: 1, ..OPTIONS };
    let (mut v, mut scratch) = ([2.0], [0.0; extremal_eigenpair_scratch_len(1, 1)]);
    let mut operator = Diagonal::new(&[7.0]);
    let pair = extremal_eigenpair(machine, &mut operator, &options, &mut v, &mut scratch);
    assert_eq!(pair.map(|pair| (pair.value, pair.stop)), Ok((7.0, Stop::Invariant)));
}
