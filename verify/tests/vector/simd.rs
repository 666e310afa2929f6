//! Layer `simd`: machines, and that all of them give the same bits.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::simd::{Operation, Simd};
use teeter::{Float, Machine, vector};
use teeter_verify::input::{Source, vector as input};
use teeter_verify::oracle::strict;
use teeter_verify::property::{self, assert_caught, simd};
use teeter_verify::subject::{Subject, Teeter};

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("simd"));
}

/// The sum of lanes adds the low half twice, as a wrong shuffle would.
struct LowHalfTwice;
impl Subject<f64> for LowHalfTwice {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn sum(&self, x: &[f64]) -> f64 {
        vector::sum(self.machine(), &x[..x.len() / 2]) * 2.0
    }
}

/// Another order: within every bound, but not the bits of the definition.
struct LeftToRight;
impl Subject<f32> for LeftToRight {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn dot(&self, x: &[f32], y: &[f32]) -> Result<f32, teeter::Error> {
        Ok(x.iter().zip(y).map(|(x, y)| x * y).sum())
    }
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&simd::reductions_have_the_bits_of_the_definition(&LowHalfTwice));
    assert_caught(&simd::reductions_have_the_bits_of_the_definition(&LeftToRight));
}

#[test]
fn machines_are_listed_once_and_know_their_names() {
    let list: Vec<Machine> = Machine::present().collect();
    assert_eq!(list[0], Machine::portable());
    assert!(list.contains(&Machine::detect()), "the best one is listed");
    assert!(list.contains(&Machine::native()), "so is the one compiled for");
    for (i, machine) in list.iter().enumerate() {
        assert!(!list[..i].contains(machine), "{machine:?} is listed twice");
        assert_eq!(format!("{machine:?}"), machine.name());
        assert_eq!(machine.fused().strict(), machine.strict());
        assert_eq!(machine.is_fused(), *machine != machine.strict());
        assert!(!machine.strict().is_fused());
    }
    assert!(!Machine::portable().fused().is_fused(), "portable never fuses");
}

/// The number that crosses the C interface tells machines apart; coming back from it takes the
/// caller's word, and is tested where that word is given (`kernel/capi/tests`).
#[test]
fn machines_come_back_from_their_codes() {
    let codes: Vec<u32> = Machine::present().map(Machine::code).collect();
    for (i, code) in codes.iter().enumerate() {
        assert!(!codes[..i].contains(code), "{codes:?}");
    }
}

/// What a CI job demands must not be skipped silently: `REQUIRE_MACHINE=avx2,avx2 fused`.
#[test]
fn required_machines_are_present() {
    let present: Vec<&str> = Machine::present().map(Machine::name).collect();
    println!("machines: {}", present.join(", "));
    let required = std::env::var("REQUIRE_MACHINE").unwrap_or_default();
    for name in required.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        assert!(present.contains(&name), "{name} is required, but only {present:?} are present");
    }
}

/// Every lane operation on every machine equals the scalar one, in each lane, tails included.
struct Lanes<'a, T> {
    abc: [&'a [T]; 3],
    out: &'a mut Vec<T>,
}

impl<T: Float> Operation<T> for Lanes<'_, T> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> usize {
        let [a, b, c] = self.abc.map(|x| simd.load(x));
        let [low, high] = simd.interleave(a, b);
        let [x, y, z] = self.abc.map(|x| x.first().copied().unwrap_or(T::ZERO));
        let results = [
            low,
            high,
            simd.mul_add(a, b, c),
            simd.neg_mul_add(a, b, c),
            simd.exponent(a),
            simd.mantissa(a),
            simd.add(a, b),
            simd.sub(a, b),
            simd.mul(a, b),
            simd.div(a, b),
            simd.sqrt(simd.abs(a)),
            simd.abs(a),
            simd.copysign(a, b),
            simd.select_less([a, b], c, b),
            simd.splat(T::PI),
            simd.splat(simd.neg_mul_add_one(x, y, z)),
        ];
        for v in results {
            let mut lanes = vec![T::NAN; S::WIDTH];
            simd.store(v, &mut lanes);
            self.out.extend(lanes);
        }
        simd.call(Width)
    }
}

/// The width, as seen from a function of its own.
struct Width;

impl<T: Float> Operation<T> for Width {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) -> usize {
        S::WIDTH
    }
}

fn is_normal<T: Float>(x: T) -> bool {
    x.is_finite() && x.abs() >= T::MIN_POSITIVE
}

/// What lane `lane` of operation `index` must hold; `None` where anything may.
fn scalar<T: Float>(
    index: usize,
    (lane, width): (usize, usize),
    of: [impl Fn(usize) -> T; 3],
    multiply_add: fn(T, T, T) -> T,
) -> Option<T> {
    let [a, b, c] = [of[0](lane), of[1](lane), of[2](lane)];
    let mixed = |at: usize| if at.is_multiple_of(2) { of[0](at / 2) } else { of[1](at / 2) };
    Some(match index {
        0 => mixed(lane),
        1 => mixed(lane + width),
        2 => multiply_add(a, b, c),
        3 => multiply_add(-a, b, c),
        4 if is_normal(a) => T::from_f64(f64::from(a.exponent())),
        5 if is_normal(a) => a.abs().scale_by_power(-a.exponent()),
        4 | 5 => return None,
        6 => a + b,
        7 => a - b,
        8 => a * b,
        9 => a / b,
        10 => a.abs().sqrt(),
        11 => a.abs(),
        12 => a.copysign(b),
        13 if a < b => c,
        13 => b,
        14 => T::PI,
        _ => multiply_add(-of[0](0), of[1](0), of[2](0)),
    })
}

fn lanes_equal_scalars<T: Float>(machine: Machine) {
    let mut list = input::edges::<T>();
    list.extend([T::NAN, T::INFINITY, -T::INFINITY]);
    let multiply_add = strict::multiply_add::<T>(machine);
    let mut source = Source::new(3);
    for trial in 0..400 {
        let pick = |source: &mut Source| -> Vec<T> {
            let len = if trial % 4 == 0 { source.whole(0, 9) as usize } else { 32 };
            (0..len).map(|_| list[source.whole(0, list.len() as i64 - 1) as usize]).collect()
        };
        let abc = [pick(&mut source), pick(&mut source), pick(&mut source)];
        let mut out = Vec::new();
        let values = &abc;
        let width = machine.run(Lanes { abc: [&abc[0], &abc[1], &abc[2]], out: &mut out });
        for (index, lanes) in out.chunks(width).enumerate() {
            for (lane, &computed) in lanes.iter().enumerate() {
                // Missing elements are +0.
                let of =
                    [0, 1, 2].map(|v| move |i: usize| values[v].get(i).copied().unwrap_or(T::ZERO));
                let [a, b, c] = [of[0](lane), of[1](lane), of[2](lane)];
                let Some(expected) = scalar(index, (lane, width), of, multiply_add) else {
                    continue;
                };
                // The sign and the payload of a NaN are not part of the promise.
                let same = computed.to_bits_u64() == expected.to_bits_u64()
                    || (computed.is_nan() && expected.is_nan());
                assert!(same, "{machine:?}, operation {index}, lane {lane}: {a:e} {b:e} {c:e}");
            }
        }
    }
}

#[test]
fn lane_operations_equal_scalar_ones() {
    for machine in Machine::present() {
        lanes_equal_scalars::<f32>(machine);
        lanes_equal_scalars::<f64>(machine);
    }
}

/// The strict promise for special values: everywhere the bits of portable, or NaN where it is NaN.
fn special_values_agree<T: Float>() {
    let special =
        [T::NAN, T::INFINITY, -T::INFINITY, -T::ZERO, T::MAX, T::MIN_POSITIVE * T::EPSILON];
    for n in [1, 3, 8, 17, 40, 70] {
        for position in 0..n {
            for value in special {
                let mut x: Vec<T> = input::graded(n, 3, &mut Source::new(n as u64));
                x[position] = value;
                let y: Vec<T> = input::graded(n, 3, &mut Source::new(1));
                let results = |subject: Teeter| {
                    let mut tanh = x.clone();
                    Subject::<T>::tanh_in_place(&subject, &mut tanh);
                    let reductions = [
                        subject.dot(&x, &y).unwrap(),
                        subject.sum(&x),
                        subject.sum_abs(&x),
                        subject.norm2(&x),
                    ];
                    reductions.into_iter().chain(tanh).collect::<Vec<T>>()
                };
                let reference = results(Teeter(Machine::portable()));
                for machine in Machine::present() {
                    for (a, b) in results(Teeter(machine)).iter().zip(&reference) {
                        let same = a.to_bits_u64() == b.to_bits_u64() || (a.is_nan() && b.is_nan());
                        assert!(same, "{machine:?}, n {n}, {value:e} at {position}");
                    }
                }
            }
        }
    }
}

#[test]
fn special_values_agree_on_every_machine() {
    special_values_agree::<f32>();
    special_values_agree::<f64>();
}

/// Sums of four vectors at once and one by one, and the first lanes as a vector of half the width.
struct Four<'a, T> {
    lanes: [&'a [T]; 4],
    half: &'a mut [T],
}

impl<T: Float> Operation<T> for Four<'_, T> {
    type Output = ([[T; 4]; 2], [usize; 2]);

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Self::Output {
        let [a, b, c, d] = self.lanes;
        let v = [simd.load(a), simd.load(b), simd.load(c), simd.load(d)];
        let each = [simd.sum(v[0]), simd.sum(v[1]), simd.sum(v[2]), simd.sum(v[3])];
        let half = simd.half();
        half.store(half.add(half.load(a), half.load(b)), self.half);
        ([simd.sum_each(v), each], [<S::Half as Simd<T>>::WIDTH, S::WIDTH])
    }
}

fn four_sums_are_those_of_each<T: Float>() {
    let source = &mut Source::new(17);
    for machine in Machine::present() {
        for _ in 0..50 {
            let lanes: Vec<Vec<T>> = (0..4).map(|_| input::uniform(16, source)).collect();
            let mut half = [T::ZERO; 16];
            let four =
                Four { lanes: [&lanes[0], &lanes[1], &lanes[2], &lanes[3]], half: &mut half };
            let ([at_once, one_by_one], [narrow, wide]) = machine.run(four);
            assert_eq!(at_once, one_by_one, "{machine:?}");
            assert!(narrow == wide || 2 * narrow == wide, "{machine:?}: {narrow} of {wide} lanes");
            for (i, &sum) in half.iter().enumerate().take(narrow) {
                assert_eq!(sum, lanes[0][i] + lanes[1][i], "{machine:?}: lane {i} of the half");
            }
        }
    }
}

#[test]
fn four_sums_have_the_bits_of_each() {
    four_sums_are_those_of_each::<f64>();
    four_sums_are_those_of_each::<f32>();
}

/// Says how wide the vectors are on which it runs, though it calls itself short.
struct Short;

impl<T: Float> Operation<T> for Short {
    type Output = usize;

    fn is_short(&self) -> bool {
        true
    }
    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) -> usize {
        S::WIDTH
    }
}

#[test]
fn short_operations_run_on_narrow_vectors_and_the_portable_machine_stays_portable() {
    for machine in Machine::present() {
        let (short, long) =
            (machine.run::<f64, _>(Short), Operation::<f64>::is_short(&Width).then_some(0));
        assert_eq!(long, None, "an operation is long unless it says otherwise");
        let full = machine.run::<f64, _>(Width);
        assert!(short <= full, "{machine:?}: {short} lanes of {full}");
    }
    let portable = Machine::portable();
    assert_eq!(portable.run::<f64, _>(Short), portable.run::<f64, _>(Width), "the specification");
}
