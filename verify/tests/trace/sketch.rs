//! Hutch++.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal};
use teeter::trace::{
    HutchPp, Hutchinson, HutchinsonOptions, Probe, TraceEstimate, hutch_pp,
    hutch_pp_machine_scratch_len, hutch_pp_scratch_len,
};
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::property::{self, coverage, sketch};
use teeter_verify::subject::Teeter;

use sketch::options;

#[test]
fn properties_of_sketches_hold() {
    let list: Vec<_> = Machine::present()
        .flat_map(|machine| {
            let subject = Teeter(machine);
            sketch::all::<f32>(&subject).into_iter().chain(sketch::all::<f64>(&subject))
        })
        .collect();
    property::assert_all(&list);
}

fn estimate<T: Float>(
    machine: Machine,
    a: &[T],
    n: usize,
    options: &HutchinsonOptions<T>,
) -> Result<TraceEstimate<T>, Error> {
    let mut scratch = vec![T::NAN; hutch_pp_scratch_len(n, options.products)];
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n)?)?;
    hutch_pp(machine, &mut operator, options, &mut scratch)
}

/// 2,000 seeds a row. The interval may be wider than it must be, never narrower.
#[test]
fn sketched_intervals_cover_as_often_as_they_say() {
    const SEEDS: u32 = 2000;
    let (n, machine) = (80, Machine::detect());
    let mut failed = Vec::new();
    for (number, (spectrum, values)) in coverage::spectra(n).into_iter().enumerate() {
        let a = matrix::with_spectrum_mixed(&values, 71 + number as u64);
        let trace: f64 = (0..n).map(|i| a[i * (n + 1)]).sum();
        for products in [8, 16, 32, 64] {
            let (mut covered, mut width, mut squares) = (0_u32, 0.0, 0.0);
            for seed in 0..SEEDS {
                let asked = options(Probe::Rademacher, products, u64::from(seed));
                let e = estimate(machine, &a, n, &asked).unwrap();
                covered += u32::from(e.lower <= trace && trace <= e.upper);
                width += (e.upper - e.lower) / 2.0 / f64::from(SEEDS);
                squares += (e.value - trace).powi(2) / f64::from(SEEDS);
            }
            let share = f64::from(covered) / f64::from(SEEDS);
            let ideal = bound::trace::normal_quantile(0.95) * squares.sqrt();
            let row = format!("{spectrum}, {products}: {share} {:.2}", width / ideal);
            if share < bound::sketch::coverage(0.95) {
                failed.push(row);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn sketched_estimates_scale_exactly_and_agree_on_all_machines() {
    let n = 15;
    let a = matrix::whole_symmetric(n, 1);
    for probe in [Probe::Rademacher, Probe::Gaussian] {
        for products in [1, 2, 3, 7, 14, 15, 40] {
            let asked = options(probe, products, 5);
            let plain = estimate(Machine::portable(), &a, n, &asked).unwrap();
            assert_eq!(plain.products, products.min(n));
            let sides = [plain.value - plain.lower, plain.upper - plain.value];
            let rounding = bound::gamma_f64::<f64>(4) * (plain.lower.abs() + plain.upper.abs());
            assert!((sides[0] - sides[1]).abs() <= rounding, "{plain:?}");
            for machine in Machine::present() {
                assert_eq!(estimate(machine, &a, n, &asked), Ok(plain), "{}", machine.name());
            }
            for k in [-500, -1, 30, 500] {
                let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(k)).collect();
                let e = estimate(Machine::detect(), &scaled, n, &asked).unwrap();
                let [found, right] = [e, plain]
                    .map(|e| [e.value, e.standard_error, e.sample_error, e.lower, e.upper]);
                assert_eq!(found, right.map(|x| x.scale_by_power(k)), "2^{k}, {products}");
            }
        }
    }
}

/// Whole numbers: no rounding, a point for an interval, and no claim before the end.
#[test]
fn as_many_products_as_rows_give_the_trace_itself() {
    for n in [1, 2, 3, 17] {
        let a = matrix::whole_symmetric(n, 3);
        let truth: f64 = (0..n).map(|i| a[i * (n + 1)]).sum();
        for products in [n, n + 1, 1000] {
            let e = estimate(Machine::detect(), &a, n, &options(Probe::Gaussian, products, 0));
            let e = e.unwrap();
            assert_eq!((e.value, e.lower, e.upper, e.products), (truth, truth, truth, n));
            assert_eq!(e.stop, Stop::Invariant);
        }
    }
    let mut scratch = [0.0; 4];
    let asked = options(Probe::Rademacher, 2, 0);
    let mut state = HutchPp::new(Machine::detect(), 2, &asked, &mut scratch).unwrap();
    state.push(&[1.0, 1.0]).unwrap();
    assert_eq!(state.estimate(0.9), Err(Error::State { expected: "push" }));
}

/// The zero matrix has no range: all products but those of the sketch are samples, and all are zero.
#[test]
fn nothing_has_no_trace() {
    let e = estimate(Machine::detect(), &[0.0; 100], 10, &options(Probe::Gaussian, 9, 0)).unwrap();
    assert_eq!((e.value, e.standard_error, e.lower, e.upper), (0.0, 0.0, 0.0, 0.0));
    assert_eq!((e.stop, e.products), (Stop::LimitReached, 9));
}

/// Until the range is done the estimate is Hutchinson's of the sketch's own products.
#[test]
fn a_sketch_is_a_sample_until_there_are_better_ones() {
    let (n, machine) = (10, Machine::detect());
    let a = matrix::whole_positive(n, 2);
    let asked = options::<f64>(Probe::Rademacher, 9, 3);
    let mut scratch = vec![f64::NAN; hutch_pp_machine_scratch_len(n, 9)];
    let mut state = HutchPp::new(machine, n, &asked, &mut scratch).unwrap();
    let mut plain = Hutchinson::new(asked.stream.child(0), Probe::Rademacher);
    let mut z = vec![0.0; n];
    for step in 0..6 {
        let wanted = state.wants().unwrap().to_vec();
        let product: Vec<f64> =
            a.chunks(n).map(|row| row.iter().zip(&wanted).map(|(a, z)| a * z).sum()).collect();
        if step < 3 {
            plain.probe_into(&mut z);
            assert_eq!(z, wanted);
            plain.push(machine, &z, &product).unwrap();
        }
        state.push(&product).unwrap();
        let right = TraceEstimate { products: step + 1, ..plain.estimate(0.9).unwrap() };
        assert_eq!(state.estimate(0.9), Ok(right));
        assert_eq!(state.products(), step + 1);
    }
}

/// A refused product leaves the machine as it was: interrupted at every step, the same bits in the end.
#[test]
fn sketches_refuse_and_can_go_on() {
    let (n, machine) = (10, Machine::detect());
    let a = matrix::whole_symmetric(n, 2);
    let asked = options::<f64>(Probe::Gaussian, 9, 3);
    let right = sketch::run(machine, &a, n, &asked).unwrap().1;
    let mut scratch = vec![f64::NAN; hutch_pp_machine_scratch_len(n, 9)];
    let mut state = HutchPp::new(machine, n, &asked, &mut scratch).unwrap();
    assert_eq!(state.estimate(0.9), Err(Error::Empty { argument: "products" }));
    while let Some(wanted) = state.wants() {
        let wanted = wanted.to_vec();
        let product: Vec<f64> = a
            .chunks(n)
            .map(|row| row.iter().zip(&wanted).fold(0.0, |sum, (a, z)| sum + a * z))
            .collect();
        let length = Error::Length { argument: "product", expected: n, found: 3 };
        assert_eq!(state.push(&[0.0; 3]), Err(length));
        for bad in [f64::NAN, f64::INFINITY] {
            let mut broken = product.clone();
            broken[4] = bad;
            let refused = Err(Error::NotFinite { argument: "product", index: 4 });
            assert_eq!(state.push(&broken), refused);
        }
        let huge: Vec<f64> = wanted.iter().map(|z| f64::MAX.copysign(*z)).collect();
        if let Err(refused) = state.push(&huge) {
            assert_eq!(refused, Error::NotFinite { argument: "product", index: n });
        } else {
            panic!("an overflow was taken");
        }
        assert_eq!(state.wants(), Some(&wanted[..]));
        state.push(&product).unwrap();
    }
    assert_eq!(state.push(&[0.0; 10]), Err(Error::State { expected: "a new estimate" }));
    assert_eq!(state.estimate(0.95), Ok(right));
    assert_eq!(state.rank(), 3);
    for confidence in [0.0, 1.0, f64::NAN] {
        assert!(matches!(state.estimate(confidence), Err(Error::Range { .. })));
    }
}

/// Taken up at every step from a copy of state and memory.
#[test]
fn an_interrupted_sketch_goes_on_with_the_same_bits() {
    let (n, machine) = (10, Machine::detect());
    let a = matrix::whole_symmetric(n, 2);
    for products in [2, 9, 10] {
        let asked = options::<f64>(Probe::Gaussian, products, 3);
        let right = sketch::run(machine, &a, n, &asked).unwrap().1;
        let mut scratch = vec![f64::NAN; hutch_pp_machine_scratch_len(n, products)];
        let mut state = HutchPp::new(machine, n, &asked, &mut scratch).unwrap().state();
        for _ in 0..products {
            let mut copied = scratch.clone();
            let mut resumed = HutchPp::resume(machine, state, &mut copied).unwrap();
            let wanted = resumed.wants().unwrap();
            let product: Vec<f64> = a
                .chunks(n)
                .map(|row| row.iter().zip(wanted).fold(0.0, |sum, (a, z)| sum + a * z))
                .collect();
            resumed.push(&product).unwrap();
            state = resumed.state();
            scratch = copied;
        }
        let mut short = scratch.clone();
        let resumed = HutchPp::resume(machine, state, &mut scratch).unwrap();
        assert_eq!(resumed.estimate(0.95), Ok(right));
        let _ = short.pop();
        assert!(matches!(HutchPp::resume(machine, state, &mut short), Err(Error::Short { .. })));
    }
}

#[test]
fn sketches_of_nothing_are_refused() {
    let machine = Machine::detect();
    let good = options::<f64>(Probe::Rademacher, 2, 0);
    let none = HutchinsonOptions { products: 0, ..good };
    let call = |d: &[f64], options: &HutchinsonOptions<f64>, len: usize| {
        hutch_pp(machine, &mut Diagonal::new(d), options, &mut vec![0.0; len]).err()
    };
    let d = [1.0, 2.0, 3.0];
    assert_eq!(call(&d, &good, 9), None);
    assert_eq!(call(&[], &good, 9), Some(Error::Empty { argument: "operator" }));
    assert_eq!(call(&d, &none, 9), Some(Error::Empty { argument: "products" }));
    let short = Error::Short { argument: "scratch", needed: 9, found: 8 };
    assert_eq!(call(&d, &good, 8), Some(short));
    let doubtful = HutchinsonOptions { confidence: 1.0, ..good };
    assert!(matches!(call(&d, &doubtful, 9), Some(Error::Range { .. })));
    let empty = HutchPp::new(machine, 0, &good, &mut []).err();
    assert_eq!(empty, Some(Error::Empty { argument: "n" }));
    let short = Error::Short { argument: "scratch", needed: 6, found: 5 };
    assert_eq!(HutchPp::new(machine, 3, &good, &mut [0.0; 5]).err(), Some(short));
    assert_eq!(hutch_pp_scratch_len(usize::MAX, 9), usize::MAX);
    assert_eq!(hutch_pp_machine_scratch_len(usize::MAX, 9), usize::MAX);
}
