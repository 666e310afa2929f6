//! XTrace and XNysTrace.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal};
use teeter::trace::{
    Hutchinson, HutchinsonOptions, Probe, TraceEstimate, TraceMethod, XNysTrace, XTrace,
    student_t_quantile, xnystrace, xnystrace_deflated, xnystrace_estimate_scratch_len,
    xnystrace_machine_scratch_len, xnystrace_scratch_len, xtrace, xtrace_estimate_scratch_len,
    xtrace_machine_scratch_len, xtrace_scratch_len,
};
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;
use teeter_verify::property::leave_one_out::{self as properties, Method, apply, options, run};
use teeter_verify::property::{assert_all, coverage};
use teeter_verify::subject::Teeter;

const METHODS: [Method; 3] = [Method::XTrace, Method::XNysTrace, Method::Deflated];

#[test]
fn properties_of_leaving_one_out_hold() {
    for machine in Machine::present() {
        assert_all(&properties::all::<f64>(&Teeter(machine)));
        assert_all(&properties::all::<f32>(&Teeter(machine)));
    }
}

/// The loop over the machine.
fn looped<T: Float>(
    method: Method,
    machine: Machine,
    a: &[T],
    options: &HutchinsonOptions<T>,
) -> Result<TraceEstimate<T>, Error> {
    let (n, m) = (a.len().isqrt(), options.products);
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n)?)?;
    match method {
        Method::XTrace => {
            let mut scratch = vec![T::NAN; xtrace_scratch_len(n, m)];
            xtrace(machine, &mut operator, options, &mut scratch)
        }
        Method::XNysTrace => {
            let mut scratch = vec![T::NAN; xnystrace_scratch_len(n, m)];
            xnystrace(machine, &mut operator, options, &mut scratch)
        }
        Method::Deflated => {
            let mut scratch = vec![T::NAN; xnystrace_scratch_len(n, m)];
            xnystrace_deflated(machine, &mut operator, options, m / 2, &mut scratch)
        }
    }
}

fn numbers<T: Float>(e: TraceEstimate<T>) -> [T; 5] {
    [e.value, e.standard_error, e.sample_error, e.lower, e.upper]
}

#[test]
fn leaving_out_scales_exactly_and_agrees_on_all_machines() {
    let n = 15;
    let a = matrix::whole_positive(n, 1);
    for method in METHODS {
        for probe in [Probe::Rademacher, Probe::Gaussian] {
            for products in [1, 2, 3, 7, 14, 15, 40] {
                let asked = options(probe, products, 5);
                let plain = looped(method, Machine::portable(), &a, &asked).unwrap();
                let odd = method == Method::XTrace && products % 2 == 1 && products > 1;
                let used = if products < n { products - usize::from(odd) } else { n };
                assert_eq!(plain.products, used, "{method:?}, {products}");
                if method == Method::XTrace && plain.method == TraceMethod::XTrace {
                    let quantile: f64 = student_t_quantile(0.95, used / 2 - 1).unwrap();
                    assert_eq!(plain.upper, plain.value + quantile * plain.standard_error);
                }
                for machine in Machine::present() {
                    let found = looped(method, machine, &a, &asked);
                    assert_eq!(found, Ok(plain), "{method:?}, {}", machine.name());
                }
                for k in [-500, -1, 31, 500] {
                    let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(k)).collect();
                    let e = looped(method, Machine::detect(), &scaled, &asked).unwrap();
                    let right = numbers(plain).map(|x| x.scale_by_power(k));
                    assert_eq!(numbers(e), right, "{method:?} 2^{k}, {products}");
                }
            }
        }
    }
}

/// Whole numbers: no rounding, a point for an interval, and no claim before the end.
#[test]
fn as_many_products_as_rows_sum_the_diagonal() {
    for method in METHODS {
        for n in [1, 2, 3, 17] {
            let a = matrix::whole_symmetric(n, 3);
            let truth: f64 = (0..n).map(|i| a[i * (n + 1)]).sum();
            for products in [n, n + 1, 1000] {
                let e =
                    looped(method, Machine::detect(), &a, &options(Probe::Gaussian, products, 0));
                let e = e.unwrap();
                assert_eq!((e.value, e.lower, e.upper, e.products), (truth, truth, truth, n));
                assert_eq!((e.stop, e.method), (Stop::Invariant, TraceMethod::Diagonal));
            }
        }
    }
    let (machine, asked) = (Machine::detect(), options(Probe::Rademacher, 2, 0));
    let state = Error::State { expected: "push" };
    let mut scratch = [0.0; 6];
    let mut trace = XTrace::new(machine, 2, &asked, &mut scratch).unwrap();
    trace.push(&[1.0, 1.0]).unwrap();
    assert_eq!(trace.estimate(0.9, &mut []), Err(state));
    let mut trace = XNysTrace::new(machine, 2, &asked, &mut scratch).unwrap();
    trace.push(&[1.0, 1.0]).unwrap();
    assert_eq!(trace.estimate(0.9, &mut []), Err(state));
}

#[test]
fn nothing_has_no_trace_without_any_probe() {
    for method in METHODS {
        let asked = options(Probe::Gaussian, 8, 0);
        let e = looped(method, Machine::detect(), &[0.0; 100], &asked).unwrap();
        assert_eq!(numbers(e), [0.0; 5]);
        // No column to ask about: XTrace is done with its probes.
        let used = if method == Method::XTrace { 4 } else { 8 };
        assert_eq!((e.stop, e.products), (Stop::LimitReached, used));
    }
}

/// Every point between two estimates that count is the estimate of so many probes: what a new machine would say that was
/// asked for no more.
#[test]
fn an_estimate_on_the_way_is_that_of_fewer_probes() {
    let (n, machine) = (12, Machine::detect());
    let a = matrix::whole_positive(n, 2);
    for probe in [Probe::Rademacher, Probe::Gaussian] {
        let asked = options::<f64>(probe, 8, 3);
        let fewer = |method, products| {
            run(method, machine, &a, &HutchinsonOptions { products, ..asked }).unwrap()
        };
        let mut scratch = vec![f64::NAN; xtrace_machine_scratch_len(n, 8)];
        let mut small = vec![f64::NAN; xtrace_estimate_scratch_len(n, 8)];
        let mut trace = XTrace::new(machine, n, &asked, &mut scratch).unwrap();
        assert_eq!(trace.estimate(0.9, &mut small), Err(Error::Empty { argument: "products" }));
        let mut plain = Hutchinson::new(asked.stream, probe);
        for step in 1..=8_usize {
            let wanted = trace.wants().unwrap().to_vec();
            let product = apply(&a, &wanted);
            if step % 2 == 1 {
                plain.push(machine, &wanted, &product).unwrap();
            }
            trace.push(&product).unwrap();
            assert_eq!((trace.products(), trace.rank()), (step, step.div_ceil(2)));
            let e = trace.estimate(0.95, &mut small).unwrap();
            let right = if step < 4 {
                plain.estimate(0.95).unwrap()
            } else {
                fewer(Method::XTrace, step - step % 2)
            };
            assert_eq!(e, TraceEstimate { products: step, ..right });
        }
        let mut scratch = vec![f64::NAN; xnystrace_machine_scratch_len(n, 8)];
        let mut small = vec![f64::NAN; xnystrace_estimate_scratch_len(n, 8)];
        let mut trace = XNysTrace::new(machine, n, &asked, &mut scratch).unwrap();
        assert_eq!(trace.estimate(0.9, &mut small), Err(Error::Empty { argument: "products" }));
        for step in 1..=8 {
            let product = apply(&a, trace.wants().unwrap());
            trace.push(&product).unwrap();
            assert_eq!((trace.products(), trace.rank()), (step, step));
            let e = trace.estimate(0.95, &mut small).unwrap();
            assert_eq!(e, fewer(Method::XNysTrace, step));
        }
    }
}

/// A multiple of the identity closes Lanczos' process after each product: it goes on from other vectors, orthonormal to all
/// before, and there is no estimate until a probe's product is known.
#[test]
fn a_process_that_closes_goes_on_from_another_vector() {
    let (n, machine) = (12, Machine::detect());
    let asked = options::<f64>(Probe::Gaussian, 8, 3);
    let mut scratch = vec![f64::NAN; xnystrace_machine_scratch_len(n, 8)];
    let mut small = vec![f64::NAN; xnystrace_estimate_scratch_len(n, 8)];
    let mut trace = XNysTrace::deflated(machine, n, &asked, 4, &mut scratch).unwrap();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for _ in 0..4 {
        let q = trace.wants().unwrap().to_vec();
        for (i, other) in columns.iter().chain([&q]).enumerate() {
            let ideal = f64::from(u8::from(i == columns.len()));
            let allowed = bound::lanczos_orthogonality::<f64>(n, 4);
            assert!((naive::dot(&q, other) - ideal).abs() <= allowed, "{i}");
        }
        trace.push(&q.iter().map(|x| 3.0 * x).collect::<Vec<f64>>()).unwrap();
        columns.push(q);
        let found = trace.estimate(0.9, &mut small);
        assert_eq!(found, Err(Error::Empty { argument: "products" }));
    }
    let z = trace.wants().unwrap().to_vec();
    trace.push(&z.iter().map(|x| 3.0 * x).collect::<Vec<f64>>()).unwrap();
    assert_eq!(trace.estimate(0.9, &mut small).unwrap().method, TraceMethod::Hutchinson);
    let range = XNysTrace::deflated(machine, n, &asked, 8, &mut scratch).err();
    assert!(matches!(range, Some(Error::Range { argument: "columns", .. })));
}

/// With A not positive semidefinite the same products are Hutchinson's samples.
#[test]
fn a_matrix_that_is_indefinite_is_told() {
    let (n, machine) = (10, Machine::detect());
    let mut a = vec![0.0; n * n];
    (0..n).for_each(|i| a[i * (n + 1)] = if i % 2 == 0 { -1.0 } else { 1.0 });
    let asked = options::<f64>(Probe::Rademacher, 6, 3);
    let e = run(Method::XNysTrace, machine, &a, &asked).unwrap();
    assert_eq!((e.method, e.value, e.products), (TraceMethod::Hutchinson, 0.0, 6));
    let positive = run(Method::XNysTrace, machine, &matrix::whole_positive(n, 1), &asked).unwrap();
    assert_eq!(positive.method, TraceMethod::XNysTrace);
    let any = run(Method::XTrace, machine, &a, &asked).unwrap();
    assert_eq!(any.method, TraceMethod::XTrace);
}

/// A refused product leaves the machine as it was, and one taken up from copies of state and memory goes on with the same
/// bits.
#[test]
fn leaving_out_refuses_resumes_and_goes_on() {
    let (n, machine) = (10, Machine::detect());
    let a = matrix::whole_positive(n, 2);
    for products in [2, 8, 10] {
        let asked = options::<f64>(Probe::Gaussian, products, 3);
        let right = run(Method::XTrace, machine, &a, &asked).unwrap();
        let mut scratch = vec![f64::NAN; xtrace_machine_scratch_len(n, products)];
        let mut small = vec![f64::NAN; xtrace_estimate_scratch_len(n, products)];
        let mut state = XTrace::new(machine, n, &asked, &mut scratch).unwrap().state();
        for _ in 0..products {
            let mut copied = scratch.clone();
            let mut trace = XTrace::resume(machine, state, &mut copied).unwrap();
            let wanted = trace.wants().unwrap().to_vec();
            let product = apply(&a, &wanted);
            refuses(n, &product, |product| trace.push(product));
            assert_eq!(trace.wants(), Some(&wanted[..]));
            trace.push(&product).unwrap();
            state = trace.state();
            scratch = copied;
        }
        let mut short = scratch.clone();
        let mut trace = XTrace::resume(machine, state, &mut scratch).unwrap();
        assert_eq!(trace.estimate(0.95, &mut small), Ok(right));
        let full = Err(Error::State { expected: "a new estimate" });
        assert_eq!((trace.push(&[0.0; 10]), trace.wants()), (full, None));
        for confidence in [0.0, 1.0, f64::NAN] {
            assert!(matches!(trace.estimate(confidence, &mut small), Err(Error::Range { .. })));
        }
        let _ = short.pop();
        assert!(matches!(XTrace::resume(machine, state, &mut short), Err(Error::Short { .. })));

        let right = run(Method::XNysTrace, machine, &a, &asked).unwrap();
        let mut scratch = vec![f64::NAN; xnystrace_machine_scratch_len(n, products)];
        let mut small = vec![f64::NAN; xnystrace_estimate_scratch_len(n, products)];
        let mut state = XNysTrace::new(machine, n, &asked, &mut scratch).unwrap().state();
        for _ in 0..products {
            let mut copied = scratch.clone();
            let mut trace = XNysTrace::resume(machine, state, &mut copied).unwrap();
            let wanted = trace.wants().unwrap().to_vec();
            let product = apply(&a, &wanted);
            refuses(n, &product, |product| trace.push(product));
            assert_eq!(trace.wants(), Some(&wanted[..]));
            trace.push(&product).unwrap();
            state = trace.state();
            scratch = copied;
        }
        let mut short = scratch.clone();
        let mut trace = XNysTrace::resume(machine, state, &mut scratch).unwrap();
        assert_eq!(trace.estimate(0.95, &mut small), Ok(right));
        assert_eq!((trace.push(&[0.0; 10]), trace.wants()), (full, None));
        for confidence in [0.0, 1.0, f64::NAN] {
            assert!(matches!(trace.estimate(confidence, &mut small), Err(Error::Range { .. })));
        }
        let _ = short.pop();
        assert!(matches!(XNysTrace::resume(machine, state, &mut short), Err(Error::Short { .. })));
    }
}

fn refuses(n: usize, product: &[f64], mut push: impl FnMut(&[f64]) -> Result<(), Error>) {
    let length = Error::Length { argument: "product", expected: n, found: 3 };
    assert_eq!(push(&[0.0; 3]), Err(length), "a short product");
    for bad in [f64::NAN, f64::INFINITY] {
        let mut broken = product.to_vec();
        broken[4] = bad;
        let refused = Err(Error::NotFinite { argument: "product", index: 4 });
        assert_eq!(push(&broken), refused, "a product with {bad}");
    }
    let huge = vec![f64::MAX / 64.0; n];
    let refused = Err(Error::NotFinite { argument: "product", index: n });
    assert_eq!(push(&huge), refused, "a product whose sums overflow");
}

#[test]
fn leaving_out_of_nothing_is_refused() {
    let machine = Machine::detect();
    let good = options::<f64>(Probe::Rademacher, 2, 0);
    let none = HutchinsonOptions { products: 0, ..good };
    let doubtful = HutchinsonOptions { confidence: 1.0, ..good };
    type Call = fn(&[f64], &HutchinsonOptions<f64>, usize) -> Option<Error>;
    let calls: [(Call, usize); 2] = [
        (
            |d, asked, len| {
                let scratch = &mut vec![0.0; len];
                xtrace(Machine::detect(), &mut Diagonal::new(d), asked, scratch).err()
            },
            xtrace_scratch_len(3, 2),
        ),
        (
            |d, asked, len| {
                let scratch = &mut vec![0.0; len];
                xnystrace(Machine::detect(), &mut Diagonal::new(d), asked, scratch).err()
            },
            xnystrace_scratch_len(3, 2),
        ),
    ];
    let d = [1.0, 2.0, 3.0];
    for (call, needed) in calls {
        assert_eq!(call(&d, &good, needed), None);
        assert_eq!(call(&[], &good, 99), Some(Error::Empty { argument: "operator" }));
        assert_eq!(call(&d, &none, 99), Some(Error::Empty { argument: "products" }));
        let short = Error::Short { argument: "scratch", needed, found: needed - 1 };
        assert_eq!(call(&d, &good, needed - 1), Some(short));
        assert!(matches!(call(&d, &doubtful, 99), Some(Error::Range { .. })));
    }
    let empty = Some(Error::Empty { argument: "n" });
    assert_eq!(XTrace::new(machine, 0, &good, &mut []).err(), empty);
    assert_eq!(XNysTrace::new(machine, 0, &good, &mut []).err(), empty);
    let mut scratch = vec![0.0; xtrace_machine_scratch_len(9, 4)];
    let asked = HutchinsonOptions { products: 4, ..good };
    let mut trace = XTrace::new(machine, 9, &asked, &mut scratch).unwrap();
    trace.push(&[1.0; 9]).unwrap();
    let needed = xtrace_estimate_scratch_len(9, 4);
    let short = Error::Short { argument: "scratch", needed, found: 0 };
    assert_eq!(trace.estimate(0.9, &mut []), Err(short));
    let mut scratch = vec![0.0; xnystrace_machine_scratch_len(9, 4)];
    let mut trace = XNysTrace::new(machine, 9, &asked, &mut scratch).unwrap();
    trace.push(&[1.0; 9]).unwrap();
    let needed = xnystrace_estimate_scratch_len(9, 4);
    let short = Error::Short { argument: "scratch", needed, found: 0 };
    assert_eq!(trace.estimate(0.9, &mut []), Err(short));
    for len in [
        xtrace_scratch_len,
        xtrace_machine_scratch_len,
        xnystrace_scratch_len,
        xnystrace_machine_scratch_len,
    ] {
        assert_eq!(len(usize::MAX, 9), usize::MAX);
    }
}

/// The jackknife's interval at 95 % holds the trace as often as it says or more often, on five spectra; what it is
/// wider than it must be is printed by `accuracy`.
#[test]
fn jackknife_intervals_cover_as_often_as_they_say() {
    const SEEDS: u64 = 400;
    let (n, machine) = (60, Machine::detect());
    let mut failed = Vec::new();
    for (number, (spectrum, values)) in coverage::spectra(n).into_iter().enumerate() {
        let a = matrix::with_spectrum_mixed(&values, 71 + number as u64);
        let trace: f64 = (0..n).map(|i| a[i * (n + 1)]).sum();
        for method in METHODS {
            if method != Method::XTrace && spectrum == "indefinite" {
                continue;
            }
            for products in [8, 32] {
                let covered = (0..SEEDS).filter(|&seed| {
                    let asked = options(Probe::Rademacher, products, seed);
                    let e = looped(method, machine, &a, &asked).unwrap();
                    e.lower <= trace && trace <= e.upper
                });
                let share = covered.count() as f64 / SEEDS as f64;
                if share < bound::leave_one_out::coverage(0.95, SEEDS) {
                    failed.push(format!("{spectrum}, {method:?}, {products}: {share}"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
