//! What quadrature refuses, and that it can go on.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{Jacobi, LanczosRecurrence, lanczos_recurrence_scratch_len};
use teeter::operator::{Diagonal, LinearOperator};
use teeter::trace::{
    Slq, SpectralFunction, SpectrumBounds, gauss_radau_rule, gauss_rule, quadratic_form_bracket,
    quadrature_scratch_len, slq_scratch_len, stochastic_lanczos_quadrature,
    stochastic_lanczos_quadrature_scratch_len,
};
use teeter::{Error, Machine};
use teeter_verify::input::matrix;
use teeter_verify::input::quadrature::{known, options, with};

/// A refused product changes nothing: what follows is what would have been.
#[test]
fn refused_products_change_nothing() {
    let d = [1.0, 5.0, 2.0, -3.0];
    let asked = options(2, 3, 8);
    let machine = Machine::detect();
    let mut small = vec![f64::NAN; quadrature_scratch_len(3)];
    let mut answers = Vec::new();
    for refuse in [false, true] {
        let mut scratch = vec![f64::NAN; slq_scratch_len(4, 2, 3)];
        let mut slq = Slq::new(machine, 4, &asked, &mut scratch).unwrap();
        let (mut operator, mut product) = (Diagonal::new(&d), [f64::NAN; 4]);
        assert_eq!(slq.ends(&mut small), Err(Error::Empty { argument: "probes" }));
        while let Some(q) = slq.wants() {
            operator.apply(q, &mut product).unwrap();
            if refuse {
                let found = Err(Error::Length { argument: "product", expected: 4, found: 3 });
                assert_eq!(slq.push(&product[..3]), found);
                let mut wrong = product;
                wrong[2] = f64::NAN;
                let found = Err(Error::NotFinite { argument: "product", index: 2 });
                assert_eq!(slq.push(&wrong), found);
                let found = Err(Error::NotFinite { argument: "product", index: 4 });
                assert_eq!(slq.push(&[f64::MAX; 4]), found);
            }
            slq.push(&product).unwrap();
        }
        let found = Err(Error::State { expected: "a new quadrature" });
        assert_eq!(slq.push(&product), found);
        answers.push((slq.estimate_of(|x| x, 0.5, &mut small), slq.ends(&mut small)));
    }
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    let machine = Machine::detect();
    let short =
        |needed: usize| Some(Error::Short { argument: "scratch", needed, found: needed - 1 });
    let empty = |argument| Some(Error::Empty { argument });
    let new = |n, probes, steps, len: usize| {
        Slq::<f64>::new(machine, n, &options(probes, steps, 0), &mut vec![0.0; len]).err()
    };
    assert_eq!(new(0, 1, 1, 99), empty("n"));
    assert_eq!(new(1, 0, 1, 99), empty("probes"));
    assert_eq!(new(1, 1, 0, 99), empty("steps"));
    let needed = slq_scratch_len(3, 2, 4);
    assert_eq!(new(3, 2, 4, needed - 1), short(needed));
    assert_eq!(new(3, 2, 4, needed), None);
    assert_eq!(slq_scratch_len(usize::MAX, 2, 2), usize::MAX);
    assert_eq!(new(usize::MAX, usize::MAX, usize::MAX, 9), short_of(usize::MAX, 9));

    let start = |start: &[f64], steps, len: usize| {
        LanczosRecurrence::new(machine, start, steps, &mut vec![0.0; len]).err()
    };
    assert_eq!(start(&[], 1, 99), empty("start"));
    assert_eq!(start(&[1.0], 0, 99), empty("steps_max"));
    assert_eq!(start(&[0.0; 2], 1, 99), Some(Error::ZeroVector { argument: "start" }));
    assert_eq!(
        start(&[0.0, f64::NAN], 1, 99),
        Some(Error::NotFinite { argument: "start", index: 1 })
    );
    let needed = lanczos_recurrence_scratch_len(2, 3);
    assert_eq!(start(&[1.0; 2], 3, needed - 1), short(needed));

    let d = [1.0, 2.0];
    let asked = options(1, 1, 0);
    let len = stochastic_lanczos_quadrature_scratch_len(2, 1, 1);
    let mut scratch = vec![0.0; len - 1];
    let slq = stochastic_lanczos_quadrature(machine, &mut Diagonal::new(&d), &asked, &mut scratch);
    assert_eq!(slq.err(), short(len));
    let none: [f64; 0] = [];
    let mut scratch = [0.0; 99];
    let slq =
        stochastic_lanczos_quadrature(machine, &mut Diagonal::new(&none), &asked, &mut scratch);
    assert_eq!(slq.err(), empty("operator"));
}

fn short_of(needed: usize, found: usize) -> Option<Error> {
    Some(Error::Short { argument: "scratch", needed, found })
}

#[test]
fn rules_refuse_what_is_no_process() {
    let jacobi = Jacobi { diagonal: &[1.0, 3.0], off_diagonal: &[1.0], residual_norm: 0.5 };
    let mut scratch = [0.0; quadrature_scratch_len(2)];
    let (mut x, mut w) = ([0.0; 2], [0.0; 2]);
    let length = |argument, expected, found| Err(Error::Length { argument, expected, found });
    let wrong = Jacobi { off_diagonal: &[], ..jacobi };
    let found = gauss_rule(wrong, &mut x, &mut w, &mut scratch);
    assert_eq!(found, length("jacobi.off_diagonal", 1, 0));
    assert_eq!(gauss_rule(jacobi, &mut x[..1], &mut w, &mut scratch), length("nodes", 2, 1));
    assert_eq!(gauss_rule(jacobi, &mut x, &mut w[..1], &mut scratch), length("weights", 2, 1));
    let short = Err(Error::Short { argument: "scratch", needed: 12, found: 3 });
    assert_eq!(gauss_rule(jacobi, &mut x, &mut w, &mut scratch[..3]), short);
    let nan = Jacobi { diagonal: &[1.0, f64::NAN], ..jacobi };
    let found = Err(Error::NotFinite { argument: "jacobi.diagonal", index: 1 });
    assert_eq!(gauss_rule(nan, &mut x, &mut w, &mut scratch), found);
    let nothing = Jacobi { diagonal: &[], off_diagonal: &[], residual_norm: 0.0 };
    assert_eq!(gauss_rule(nothing, &mut [], &mut [], &mut scratch), Ok(()));

    let (mut x, mut w) = ([0.0; 3], [0.0; 3]);
    let found = gauss_radau_rule(nothing, 0.0, &mut x[..1], &mut w[..1], &mut scratch);
    assert_eq!(found, Err(Error::Empty { argument: "jacobi" }));
    // Eigenvalues 2 ± √2: 2 lies between, 1 is the first element, 0 and 4 lie outside.
    let mut at = |z| gauss_radau_rule(jacobi, z, &mut x, &mut w, &mut scratch);
    assert_eq!(at(2.0), Err(Error::Pivot { index: 1, value: 2.0 }));
    assert_eq!(at(1.0), Err(Error::Pivot { index: 0, value: 0.0 }));
    assert_eq!(at(f64::NAN), Err(Error::NotFinite { argument: "node", index: 0 }));
    assert_eq!((at(0.0), at(4.0)), (Ok(()), Ok(())));

    let unknown = SpectrumBounds::unknown();
    let mut ask = |function, bounds| quadratic_form_bracket(jacobi, function, bounds, &mut scratch);
    for shift in [-2.0, f64::NAN, f64::INFINITY] {
        for function in [
            SpectralFunction::Log { shift },
            SpectralFunction::Reciprocal { shift },
            SpectralFunction::Share { shift },
            SpectralFunction::ShareMagnitude { shift },
        ] {
            let refused = ask(function, unknown);
            assert!(matches!(refused, Err(Error::Range { argument: "shift", .. })), "{refused:?}");
        }
    }
    let inside = SpectrumBounds { floor: 2.0, ..unknown };
    let refused = ask(SpectralFunction::Exp, inside);
    assert!(matches!(refused, Err(Error::Range { argument: "floor", .. })), "{refused:?}");
    let inside = SpectrumBounds { ceiling: 2.0, ..unknown };
    let refused = ask(SpectralFunction::Exp, inside);
    assert!(matches!(refused, Err(Error::Range { argument: "ceiling", .. })), "{refused:?}");
    // Without a floor one end alone is known, and with a corner at 0 none.
    let log = ask(SpectralFunction::Log { shift: 0.0 }, unknown).unwrap();
    assert!(log.lower == -f64::INFINITY && log.upper.is_finite());
    let corner = ask(SpectralFunction::ShareMagnitude { shift: 1.0 }, unknown).unwrap();
    assert_eq!((corner.lower, corner.upper), (-f64::INFINITY, f64::INFINITY));
    let smooth = ask(SpectralFunction::ShareMagnitude { shift: 1.0 }, known(0.0)).unwrap();
    assert_eq!(smooth, ask(SpectralFunction::Share { shift: 1.0 }, known(0.0)).unwrap());
    let square = ask(SpectralFunction::Square, unknown).unwrap();
    assert_eq!(square.lower, square.upper);
}

#[test]
fn answers_refuse_what_they_cannot_mean() {
    let a = matrix::whole_positive(6, 3);
    with(Machine::detect(), &a, &options(2, 3, 0), |slq, small| {
        let unknown = SpectrumBounds::unknown();
        for confidence in [0.0, 1.0, -1.0, f64::NAN] {
            let refused = slq.estimate(SpectralFunction::Square, unknown, confidence, small);
            assert!(refused.is_err(), "{refused:?}");
        }
        let short = Error::Short { argument: "scratch", needed: 16, found: 2 };
        assert_eq!(slq.estimate_of(|x| x, 0.5, &mut [0.0; 2]).err(), Some(short));
        assert_eq!(slq.ends(&mut [0.0; 2]).err(), Some(short));
        let found = slq.estimate_of(|_| f64::INFINITY, 0.5, small).err();
        assert_eq!(found, Some(Error::NotFinite { argument: "f", index: 0 }));
        let mut out = [0.0; 2];
        let range = |e: Result<(), Error>, name| {
            assert!(matches!(e, Err(Error::Range { argument, .. }) if argument == name), "{e:?}");
        };
        range(slq.density_into(&[0.0; 2], 0.0, &mut out, small), "sigma");
        range(slq.density_into(&[0.0; 2], f64::NAN, &mut out, small), "sigma");
        range(slq.cumulative_into(&[0.0; 2], -1.0, &mut out, small), "sigma");
        range(slq.spectral_grid_into(-1.0, &mut out, small).map(|_| ()), "width");
        let nan = Err(Error::NotFinite { argument: "grid", index: 1 });
        assert_eq!(slq.density_into(&[0.0, f64::NAN], 1.0, &mut out, small), nan);
        let length = Err(Error::Length { argument: "density", expected: 1, found: 2 });
        assert_eq!(slq.density_into(&[0.0], 1.0, &mut out, small), length);
    });
    assert_eq!(SpectralFunction::Share { shift: 0.0 }.value(0.0_f64), 0.0);
    assert_eq!(SpectralFunction::ShareMagnitude { shift: f64::MAX }.value(-f64::MAX), 0.5);
}

/// A process says when it has closed, and how far it has come.
#[test]
fn recurrence_knows_its_state() {
    let mut scratch = vec![f64::NAN; lanczos_recurrence_scratch_len(2, 5)];
    let mut process =
        LanczosRecurrence::new(Machine::detect(), &[1.0, 0.0], 5, &mut scratch).unwrap();
    assert_eq!((process.steps(), process.is_closed()), (0, false));
    assert_eq!(process.wants(), Some([1.0, 0.0].as_slice()));
    process.push(&[4.0, 0.0]).unwrap();
    assert_eq!((process.steps(), process.is_closed(), process.wants()), (1, true, None));
    assert_eq!(process.jacobi().diagonal, [4.0]);
    let state = Err(Error::State { expected: "a new Lanczos process" });
    assert_eq!(process.push(&[4.0, 0.0]), state);
}
