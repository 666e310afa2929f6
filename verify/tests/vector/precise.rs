//! Layer `vector`: sums as if in twice the precision, plane rotations, exchanges.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::vector::{self, Givens};
use teeter::{Error, Float, Machine};
use teeter_verify::bound::{self, precise};
use teeter_verify::input::{Source, vector as input};
use teeter_verify::oracle::exact::{self, Exact};

const LENGTHS: [usize; 12] = [0, 1, 2, 3, 7, 15, 16, 17, 33, 64, 65, 300];

fn assert_sum<T: Float>(x: &[T], name: &str) {
    let (value, magnitude) = exact::sum(x);
    let allowed = precise::sum_precise::<T>(x.len(), &value, &magnitude);
    for machine in Machine::present() {
        let found = vector::sum_precise(machine, x);
        assert!(found.is_finite(), "{name}, n {}, {machine:?}: {found}", x.len());
        let error = exact::abs(&(exact::from(found) - &value));
        assert!(error <= allowed, "{name}, n {}, {machine:?}: {found:e}", x.len());
        let minus: Vec<T> = x.iter().map(|&x| -x).collect();
        let zero_is_plus = -found + T::ZERO;
        let negated = vector::sum_precise(machine, &minus).to_bits_u64();
        assert_eq!(negated, zero_is_plus.to_bits_u64(), "{name}: not odd");
    }
}

/// The condition number 2|x|ᵀ|y|/|xᵀy|, and whether the plain product would break the bound.
fn assert_dot<T: Float>(x: &[T], y: &[T], name: &str) -> (f64, bool) {
    let (value, magnitude) = exact::dot(x, y);
    let allowed = precise::dot_precise::<T>(x.len(), &value, &magnitude);
    let error = |found: T| exact::abs(&(exact::from(found) - &value));
    for machine in Machine::present() {
        let found = vector::dot_precise(machine, x, y).unwrap();
        assert!(found.is_finite(), "{name}, n {}, {machine:?}: {found}", x.len());
        assert!(error(found) <= allowed, "{name}, n {}, {machine:?}: {found:e}", x.len());
        let minus: Vec<T> = x.iter().map(|&x| -x).collect();
        let negated = vector::dot_precise(machine, &minus, y).unwrap().to_bits_u64();
        assert_eq!(negated, (-found + T::ZERO).to_bits_u64(), "{name}: not odd");
    }
    let plain = vector::dot(Machine::portable(), x, y).unwrap();
    let condition = if value == exact::whole(0) {
        f64::INFINITY
    } else {
        (exact::whole(2) * &magnitude / exact::abs(&value)).to_f64_fast()
    };
    (condition, !plain.is_finite() || error(plain) > allowed)
}

/// x, then −x in another order, and one small number: what is left is the small one.
fn cancelling<T: Float>(n: usize, spread: i64, source: &mut Source) -> Vec<T> {
    let mut x: Vec<T> = input::graded(n / 2, spread, source);
    x.extend(x.clone().iter().rev().map(|&x| -x));
    x.extend(input::graded::<T>(n % 2, 0, source));
    x
}

fn sums_hold<T: Float>() {
    let source = &mut Source::new(0x5A);
    let (wide, deep) = if T::BITS == 32 { (50, -140) } else { (400, -1060) };
    for n in LENGTHS {
        assert_sum::<T>(&input::uniform(n, source), "uniform");
        assert_sum::<T>(&input::graded(n, wide, source), "graded");
        assert_sum::<T>(&cancelling(n, wide, source), "cancelling");
        let tiny: Vec<T> = input::uniform::<T>(n, source);
        let tiny: Vec<T> = tiny.iter().map(|x| x.scale_by_power(deep)).collect();
        assert_sum(&tiny, "subnormal");
        // Σ|x| stays below MAX/2: as far as the document promises.
        let share = T::MAX * T::HALF * (T::ONE - T::EPSILON) / T::from_usize(n.max(1));
        let huge: Vec<T> = input::uniform(n, source).iter().map(|&x: &T| x * share).collect();
        assert_sum(&huge, "huge");
    }
}

#[test]
fn sums_hold_their_bound() {
    sums_hold::<f32>();
    sums_hold::<f64>();
    // Cancels wholly but for 1: a plain sum of these is 0.
    let x = [1.0, 1e100, 1.0, -1e100];
    assert_eq!(vector::sum_precise(Machine::detect(), &x), 2.0);
}

fn dots_hold<T: Float>() {
    for n in LENGTHS {
        for seed in 0..4 {
            for pair in input::pairs::<T>(n, seed) {
                assert_dot(&pair.x, &pair.y, pair.name);
            }
        }
        // Low halves vanish, products do not; then factors as far apart as the document promises.
        let source = &mut Source::new(0xD0);
        let (low, large) = if T::BITS == 32 { (-60, 114) } else { (-500, 994) };
        let scaled = |power: i32, source: &mut Source| -> Vec<T> {
            input::uniform::<T>(n, source).iter().map(|x| x.scale_by_power(power)).collect()
        };
        assert_dot(&scaled(low, source), &scaled(low, source), "low halves subnormal");
        assert_dot(&scaled(large, source), &scaled(-large, source), "large and small");
        assert_dot(&scaled(large, source), &scaled(0, source), "large");
    }
}

#[test]
fn dots_hold_their_bound() {
    dots_hold::<f32>();
    dots_hold::<f64>();
}

/// Ogita, Rump, Oishi 2005, Algorithm 6.1: exponents fall from `bits`/2 to 0 while each product of the
/// second half cancels the exact product so far.
fn ill_conditioned<T: Float>(n: usize, bits: i64, source: &mut Source) -> (Vec<T>, Vec<T>) {
    let half = n / 2;
    let mut x: Vec<T> = input::graded(half, bits / 4, source);
    let mut y: Vec<T> = input::graded(half, bits / 4, source);
    x[0] = T::PI.scale_by_power((bits / 2) as i32);
    y[0] = T::PI.scale_by_power((bits / 2) as i32);
    let (mut so_far, _) = exact::dot(&x, &y);
    for i in half..n {
        let power = (bits / 2) * (n - 1 - i) as i64 / (n - half) as i64;
        let shape: Vec<T> = input::graded(2, 0, source);
        let next = shape[0].scale_by_power(power as i32);
        let aim = shape[1].to_f64() * 2.0_f64.powi(power as i32) - so_far.to_f64_fast();
        let other = T::from_f64(aim / next.to_f64());
        so_far += exact::from(next) * exact::from(other);
        x.push(next);
        y.push(other);
    }
    // Mixed, so that what cancels meets in different lanes.
    for i in (1..n).rev() {
        let j = source.whole(0, i as i64) as usize;
        x.swap(i, j);
        y.swap(i, j);
    }
    (x, y)
}

fn ill_conditioned_dots_hold<T: Float>(bits_max: i64, condition: f64) {
    let source = &mut Source::new(0x111);
    let (mut worst, mut broken) = (0.0_f64, 0);
    for bits in (8..=bits_max).step_by(4) {
        for n in [6, 20, 100, 257] {
            let (x, y) = ill_conditioned::<T>(n, bits, source);
            let (reached, plain_breaks) = assert_dot(&x, &y, "ill-conditioned");
            worst = if reached.is_finite() { worst.max(reached) } else { worst };
            broken += usize::from(plain_breaks);
        }
    }
    assert!(worst >= condition, "the inputs reach a condition of {worst:e} only");
    assert!(broken > 10, "the plain product breaks the bound {broken} times only");
}

#[test]
fn ill_conditioned_dots_hold_their_bound() {
    ill_conditioned_dots_hold::<f32>(44, 1e12);
    ill_conditioned_dots_hold::<f64>(104, 1e30);
}

/// NaN payloads and signs are free; all else is compared by bits.
fn same<T: Float>(a: T, b: T) -> bool {
    a.to_bits_u64() == b.to_bits_u64() || a.is_nan() && b.is_nan()
}

fn not_finite_is_plain<T: Float>() {
    let beyond_split = T::ONE.scale_by_power(if T::BITS == 32 { 120 } else { 1000 });
    for machine in Machine::present() {
        for n in [1, 2, 16, 33, 70] {
            for i in 0..n {
                for value in [T::NAN, T::INFINITY, -T::INFINITY, T::MAX, beyond_split] {
                    let (mut x, ones) = (vec![T::PI; n], vec![T::ONE; n]);
                    x[i] = value;
                    let plain = vector::dot(machine, &x, &ones).unwrap();
                    let found = vector::dot_precise(machine, &x, &ones).unwrap();
                    assert!(same(found, plain), "{machine:?}: {value} at {i}: {found}, {plain}");
                    x[(i + 1) % n] = value;
                    let (plain, found) =
                        (vector::sum(machine, &x), vector::sum_precise(machine, &x));
                    let fine = same(found, plain) || plain.is_finite() && found.is_finite();
                    assert!(fine, "{machine:?}: sum, {value} at {i}: {found}, {plain}");
                }
            }
        }
    }
}

#[test]
fn what_is_not_finite_is_that_of_the_plain_reduction() {
    not_finite_is_plain::<f32>();
    not_finite_is_plain::<f64>();
}

fn machines_agree<T: Float>() {
    let results = |machine: Machine, x: &[T], y: &[T]| -> Vec<u64> {
        let (mut a, mut b) = (x.to_vec(), y.to_vec());
        vector::rotate(machine, (T::HALF, T::PI), &mut a, &mut b).unwrap();
        let sums = [vector::sum_precise(machine, x), vector::dot_precise(machine, x, y).unwrap()];
        vector::swap(machine, &mut a, &mut b).unwrap();
        sums.into_iter().chain(a).chain(b).map(T::to_bits_u64).collect()
    };
    let source = &mut Source::new(0xB17);
    for n in 0..=4 * bound::lanes::<T>() + 1 {
        // Sums that cancel show the order of the errors too.
        let (x, y): (Vec<T>, Vec<T>) = (cancelling(n, 20, source), input::graded(n, 20, source));
        let reference = results(Machine::portable(), &x, &y);
        for machine in Machine::present() {
            assert_eq!(results(machine, &x, &y), reference, "{machine:?}, n {n}");
        }
    }
}

#[test]
fn precise_machines_agree_bit_for_bit() {
    machines_agree::<f32>();
    machines_agree::<f64>();
}

/// | |found| − √square | ≤ relative·√square + absolute, without a root.
fn near_root<T: Float>(found: T, square: &Exact, relative: &Exact, absolute: &Exact) -> bool {
    let found = exact::from(found.abs());
    let (more, less) = (exact::whole(1) + relative, exact::whole(1) - relative);
    let (above, below) = (&found - absolute, &found + absolute);
    let low = above <= exact::whole(0) || &above * &above <= square * &more * &more;
    low && &below * &below >= square * &less * &less
}

fn assert_givens<T: Float>(f: T, g: T) {
    let Givens { c, s, r } = vector::givens(f, g);
    let what = format!("f {f:e}, g {g:e}: c {c:e}, s {s:e}, r {r:e}");
    if g == T::ZERO {
        assert!(c == T::ONE && s == T::ZERO && same(r, f), "{what}");
        return;
    }
    if f == T::ZERO {
        assert!(c == T::ZERO && s == T::ONE.copysign(g) && r == g.abs(), "{what}");
        return;
    }
    let [quotients, root, lost] = precise::givens::<T>();
    let (ff, gg) = (exact::from(f) * exact::from(f), exact::from(g) * exact::from(g));
    let square = &ff + &gg;
    assert!(near_root(c, &(&ff / &square), &quotients, &lost), "c: {what}");
    assert!(near_root(s, &(&gg / &square), &quotients, &lost), "s: {what}");
    if r.is_finite() {
        assert!(near_root(r, &square, &root, &lost), "r: {what}");
    } else {
        let most = exact::from(T::MAX) * (exact::whole(1) - &root);
        assert!(r.abs() == T::INFINITY && square >= &most * &most, "r: {what}");
    }
    let signs = T::ONE.copysign(f) * T::ONE.copysign(g);
    assert!(T::ONE.copysign(r) == T::ONE.copysign(f), "the sign of r: {what}");
    assert!(T::ONE.copysign(c) == T::ONE && T::ONE.copysign(s) == signs, "signs: {what}");
}

fn givens_holds<T: Float>() {
    let (low, high) = (T::LIMITS.square_low, T::LIMITS.square_high);
    let mut values = input::edges::<T>();
    // Both sides of where scaling begins, and subnormal numbers with a few digits.
    for at in [low, high] {
        values.extend([at, at * (T::ONE + T::EPSILON), at * (T::ONE - T::UNIT_ROUNDOFF)]);
    }
    let digits = if T::BITS == 32 { -140 } else { -1060 };
    values.extend([T::PI.scale_by_power(digits), -T::PI.scale_by_power(digits / 2)]);
    for &f in &values {
        for &g in &values {
            assert_givens(f, g);
        }
    }
    let source = &mut Source::new(0x61);
    for spread in [0, 1, 12, if T::BITS == 32 { 120 } else { 1000 }] {
        for pair in input::graded::<T>(800, spread, source).chunks(2) {
            assert_givens(pair[0], pair[1]);
        }
    }
}

#[test]
fn givens_holds_its_bound_at_every_edge() {
    givens_holds::<f32>();
    givens_holds::<f64>();
}

fn givens_keeps_its_bits<T: Float>() {
    let source = &mut Source::new(0x62);
    let (least, most) = if T::BITS == 32 { (-126, 127) } else { (-1022, 1023) };
    for spread in [1, 20, if T::BITS == 32 { 60 } else { 500 }] {
        for pair in input::graded::<T>(40, spread, source).chunks(2) {
            let right = vector::givens(pair[0], pair[1]);
            let smaller = pair[0].abs().min_of(pair[1].abs()).exponent();
            let larger = pair[0].abs().max_of(pair[1].abs()).exponent();
            for k in least - smaller..=most - larger {
                let turned = vector::givens(pair[0].scale_by_power(k), pair[1].scale_by_power(k));
                assert!(turned.c == right.c && turned.s == right.s, "{pair:?} times 2^{k}");
            }
        }
    }
}

#[test]
fn givens_is_the_same_at_every_power_of_two() {
    givens_keeps_its_bits::<f32>();
    givens_keeps_its_bits::<f64>();
}

fn givens_shows<T: Float>() {
    let special = [T::NAN, T::INFINITY, -T::INFINITY];
    let all: Vec<T> = input::edges().into_iter().chain(special).collect();
    for (f, g) in all.iter().flat_map(|&f| special.iter().flat_map(move |&g| [(f, g), (g, f)])) {
        let Givens { c, s, r } = vector::givens(f, g);
        let shown = c.is_nan() || s.is_nan() || r.is_nan();
        let infinite = f == T::ZERO && !g.is_nan() || g == T::ZERO && !f.is_nan();
        assert_eq!(shown, !infinite, "f {f}, g {g}: c {c}, s {s}, r {r}");
        assert!(shown || r.abs() == T::INFINITY, "f {f}, g {g}: r {r}");
    }
}

#[test]
fn givens_shows_what_is_not_finite() {
    givens_shows::<f32>();
    givens_shows::<f64>();
}

fn pairs_are_exchanged_and_turned<T: Float>() {
    let source = &mut Source::new(0x5AA);
    let special = [T::NAN, T::INFINITY, -T::ZERO, T::MAX, T::MIN_POSITIVE * T::EPSILON];
    for n in 0..=2 * bound::lanes::<T>() + 1 {
        let (mut x, y): (Vec<T>, Vec<T>) =
            (input::graded(n, 20, source), input::graded(n, 20, source));
        x.iter_mut().rev().zip(special).for_each(|(x, value)| *x = value);
        for machine in Machine::present() {
            let (mut a, mut b) = (x.clone(), y.clone());
            vector::swap(machine, &mut a, &mut b).unwrap();
            let exchanged = |(a, b): (&T, &T)| a.to_bits_u64() == b.to_bits_u64();
            assert!(a.iter().zip(&y).all(exchanged), "{machine:?}, n {n}: x");
            assert!(b.iter().zip(&x).all(exchanged), "{machine:?}, n {n}: y");
            for (c, s) in [(T::PI, T::HALF / T::PI), (T::ZERO, T::ONE), (T::ONE, T::ZERO)] {
                let (mut a, mut b) = (x.clone(), y.clone());
                vector::rotate(machine, (c, s), &mut a, &mut b).unwrap();
                for i in 0..n {
                    let right = [c * x[i] + s * y[i], c * y[i] - s * x[i]];
                    let fine = same(a[i], right[0]) && same(b[i], right[1]);
                    assert!(fine, "{machine:?}, n {n}, at {i}: {} {} {right:?}", a[i], b[i]);
                }
            }
        }
    }
}

#[test]
fn swap_exchanges_and_rotate_rounds_thrice() {
    pairs_are_exchanged_and_turned::<f32>();
    pairs_are_exchanged_and_turned::<f64>();
}

fn lengths_are_kept<T: Float>() {
    let source = &mut Source::new(0x0F);
    for turn in input::graded::<T>(40, 6, source).chunks(2) {
        let Givens { c, s, .. } = vector::givens(turn[0], turn[1]);
        let (x, y): (Vec<T>, Vec<T>) =
            (input::graded(65, 10, source), input::graded(65, 10, source));
        for machine in Machine::present() {
            let (mut a, mut b) = (x.clone(), y.clone());
            vector::rotate(machine, (c, s), &mut a, &mut b).unwrap();
            for i in 0..x.len() {
                let length = |x: T, y: T| exact::dot(&[x, y], &[x, y]).0;
                let (old, new) = (length(x[i], y[i]), length(a[i], b[i]));
                let allowed = precise::rotation_square::<T>(&old);
                assert!(exact::abs(&(new - &old)) <= allowed, "{machine:?}, {turn:?}, at {i}");
            }
        }
    }
}

#[test]
fn rotations_keep_lengths() {
    lengths_are_kept::<f32>();
    lengths_are_kept::<f64>();
}

#[test]
fn precise_lengths_that_differ_are_refused_and_nothing_is_written() {
    for machine in Machine::present() {
        let (mut x, mut y) = ([1.0, 2.0, 3.0], [9.0, 9.0]);
        let refused = Error::Length { argument: "y", expected: 3, found: 2 };
        assert_eq!(vector::dot_precise(machine, &x, &y), Err(refused));
        assert_eq!(vector::swap(machine, &mut x, &mut y), Err(refused));
        assert_eq!(vector::rotate(machine, (0.6, 0.8), &mut x, &mut y), Err(refused));
        assert_eq!((x, y), ([1.0, 2.0, 3.0], [9.0, 9.0]));
        for zero in [
            vector::sum_precise::<f64>(machine, &[]),
            vector::dot_precise::<f64>(machine, &[], &[]).unwrap(),
            vector::sum_precise(machine, &[-0.0; 40]),
            vector::dot_precise(machine, &[-0.0; 5], &[1.0; 5]).unwrap(),
        ] {
            assert_eq!(zero.to_bits(), 0, "{machine:?}");
        }
    }
}
