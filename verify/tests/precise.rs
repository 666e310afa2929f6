//! Level 1 in twice the precision, rotations, exchange.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::vector::{Givens, dot_precise, givens, rotate, sum_precise, swap};
use teeter::{Error, Float, Machine};
use teeter_verify::bound::{elementary as bound, smallest_subnormal};
use teeter_verify::input::{Source, vector};
use teeter_verify::oracle::exact::{self, Exact, from};

fn assert_within<T: Float>(computed: T, truth: &Exact, allowed: &Exact, what: &str) {
    let error = exact::abs(&(from(computed) - truth));
    assert!(error <= *allowed, "{what}: {computed:e} is off by {:e}", error.to_f64_fast());
}

/// x and y whose products cancel: the second half repeats the first with the sign turned, and a
/// small rest is added, so that |x|ᵀ|y| is huge beside xᵀy.
fn cancelling<T: Float>(n: usize, source: &mut Source) -> (Vec<T>, Vec<T>) {
    let x: Vec<T> = vector::graded(n, 20, source);
    let y: Vec<T> = vector::graded(n, 20, source);
    let rest: Vec<T> = vector::uniform(2, source);
    let left = x.iter().chain(&x).chain(&rest[..1]).copied().collect();
    let right = y.iter().copied().chain(y.iter().map(|&y| -y)).chain([rest[1]]).collect();
    (left, right)
}

fn precise_stays_within_its_bound<T: Float>() {
    let source = &mut Source::new(0xD072);
    for n in [0, 1, 2, 7, 16, 33, 100, 257] {
        let (x, y) = cancelling::<T>(n, source);
        let (truth, magnitude) = exact::dot(&x, &y);
        let allowed = bound::dot_precise::<T>(x.len(), &truth, &magnitude);
        let ones = vec![T::ONE; x.len()];
        let (total, size) = exact::dot(&y, &ones);
        let allowed_sum = bound::sum_precise::<T>(y.len(), &total, &size);
        let machines: Vec<Machine> = Machine::present().collect();
        let first = dot_precise(machines[0], &x, &y).unwrap();
        for machine in machines {
            let what = format!("{machine:?}, n {n}");
            let dot = dot_precise(machine, &x, &y).unwrap();
            assert_within(dot, &truth, &allowed, &what);
            assert_eq!(dot.to_bits_u64(), first.to_bits_u64(), "{what}");
            assert_within(sum_precise(machine, &y), &total, &allowed_sum, &what);
        }
    }
}

#[test]
fn precise_sums_stay_within_their_bounds() {
    precise_stays_within_its_bound::<f32>();
    precise_stays_within_its_bound::<f64>();
}

#[test]
fn precise_sums_answer_the_edges() {
    for machine in Machine::present() {
        assert_eq!(dot_precise::<f64>(machine, &[], &[]), Ok(0.0));
        assert_eq!(sum_precise::<f32>(machine, &[]), 0.0);
        assert_eq!(sum_precise(machine, &[1e16, 1.0, -1e16]), 1.0, "an ordinary sum gives 0 or 2");
        assert!(sum_precise(machine, &[f64::MAX, f64::MAX]).is_infinite());
        assert!(dot_precise(machine, &[f64::NAN, 1.0], &[1.0, 1.0]).unwrap().is_nan());
        assert_eq!(dot_precise(machine, &[f64::INFINITY], &[2.0]), Ok(f64::INFINITY));
        let refused = Error::Length { argument: "y", expected: 2, found: 1 };
        assert_eq!(dot_precise(machine, &[1.0, 2.0], &[1.0]), Err(refused));
    }
}

/// c, s and r against each other, exactly: c² + s² = 1 and r² = f² + g² up to the errors of both.
fn rotations_are_rotations<T: Float>() {
    let source = &mut Source::new(0x61F);
    let moderate: Vec<T> = vector::graded(60, 40, source);
    let largest = [T::MAX, T::MAX / T::TWO, T::MIN_POSITIVE, T::ONE];
    let pairs = moderate.as_chunks::<2>().0.iter().copied();
    let edges = largest.iter().flat_map(|&f| largest.iter().map(move |&g| [f, -g]));
    for [f, g] in pairs.chain(edges) {
        let Givens { c, s, r } = givens(f, g);
        assert!(c >= T::ZERO, "c is not negative: {f:e} {g:e}");
        // A square and a product of two such numbers are off by δ(2 + δ) of themselves.
        let root = Exact::try_from(bound::givens::<T>(1.0)).unwrap();
        let unit = (Exact::ONE + Exact::ONE + &root) * &root;
        let one = from(c) * from(c) + from(s) * from(s);
        assert!(exact::abs(&(&one - from(T::ONE))) <= unit, "{f:e} {g:e}");
        if r.is_finite() {
            let square = from(f) * from(f) + from(g) * from(g);
            let error = exact::abs(&(from(r) * from(r) - &square));
            assert!(error <= &unit * &square, "r of {f:e} {g:e} is {r:e}");
            // −s·f + c·g = 0 against the sizes of the two terms.
            let zero = from(c) * from(g) - from(s) * from(f);
            let size = exact::abs(&(from(c) * from(g))) + exact::abs(&(from(s) * from(f)));
            // c or s may have underflowed by η.
            let lost = smallest_subnormal::<T>() * (from(f.abs()) + from(g.abs()));
            assert!(exact::abs(&zero) <= unit * size + lost, "{f:e} {g:e}");
        }
    }
}

#[test]
fn givens_rotations_are_rotations() {
    rotations_are_rotations::<f32>();
    rotations_are_rotations::<f64>();
    assert_eq!(givens(3.0, 0.0), Givens { c: 1.0, s: 0.0, r: 3.0 });
    assert_eq!(givens(0.0, -2.0), Givens { c: 0.0, s: -1.0, r: 2.0 });
    assert_eq!(givens(3.0, 4.0), Givens { c: 3.0 / 5.0, s: 4.0 / 5.0, r: 5.0 });
    let Givens { c, s, r } = givens(f64::NAN, 1.0);
    assert!(c.is_nan() || s.is_nan() || r.is_nan());
}

fn rotate_and_swap_as_written<T: Float>(machine: Machine) {
    let (c, s) = (T::from_f64(0.6), T::from_f64(0.8));
    let source = &mut Source::new(0x207);
    for n in 0..70 {
        let x: Vec<T> = vector::graded(n, 5, source);
        let y: Vec<T> = vector::graded(n, 5, source);
        let (mut u, mut v) = (x.clone(), y.clone());
        rotate(machine, (c, s), &mut u, &mut v).unwrap();
        for i in 0..n {
            let expected = [c * x[i] + s * y[i], c * y[i] - s * x[i]];
            assert_eq!([u[i], v[i]], expected, "{machine:?}, {i} of {n}");
        }
        let (mut u, mut v) = (x.clone(), y.clone());
        swap(machine, &mut u, &mut v).unwrap();
        assert_eq!((u, v), (y, x), "{machine:?}, n {n}");
    }
    let refused = Err(Error::Length { argument: "y", expected: 1, found: 2 });
    let (mut x, mut y) = ([T::ONE], [T::TWO; 2]);
    assert_eq!(rotate(machine, (c, s), &mut x, &mut y), refused, "lengths differ");
    assert_eq!(swap(machine, &mut x, &mut y), refused, "lengths differ");
    assert_eq!((x, y), ([T::ONE], [T::TWO; 2]), "nothing is written");
}

#[test]
fn rotate_and_swap_do_as_written() {
    for machine in Machine::present() {
        rotate_and_swap_as_written::<f32>(machine);
        rotate_and_swap_as_written::<f64>(machine);
    }
}
