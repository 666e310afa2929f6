//! Issue 4, must-show 1: operators on which eigensolvers hang, panic, or answer wrongly.

use teeter::krylov::Which;
use teeter_verify::input::adversarial::{Case, Counted, Fault, cases};
use teeter_verify::peer::OURS;
use teeter_verify::property::adversarial::{Outcome, Verdict, judge};

/// Every question that has an answer is answered right; of the others nothing wrong is said; no budget is
/// exceeded.
#[test]
fn ours_is_right_or_refuses_with_reason() {
    let all = cases();
    assert!(all.len() > 90, "{} cases", all.len());
    for case in &all {
        let operator = Counted::new(case);
        let outcome = (OURS.ask)(&operator);
        let verdict = judge(&operator, (OURS.which)(case), &outcome);
        let name = format!("{}: {:?}, {verdict:?}, {outcome:?}", case.row, case.fault);
        let right = verdict == Verdict::Right;
        assert!(right || verdict == Verdict::Refused && !case.has_answer(), "{name}");
        assert!(operator.products() <= case.budget, "{name}");
        if let (Fault::Element(at, _) | Fault::Refuses(at), Outcome::Refused(_)) =
            (case.fault, &outcome)
        {
            assert_eq!(operator.products(), at, "it stops where the fault is: {name}");
        }
    }
}

/// The judge itself: wrong values, wrong vectors, missing copies, and too many products are seen.
#[test]
fn wrong_outcomes_are_caught() {
    let all = cases();
    let case: &Case =
        all.iter().find(|case| case.row == "start = an eigenvector").expect("a known row");
    let verdict = |values: &[f64], vectors: &[f64]| {
        let outcome = Outcome::Claimed { values: values.to_vec(), vectors: vectors.to_vec() };
        judge(&Counted::new(case), Which::LargestAlgebraic, &outcome)
    };
    let top = case.truth[case.n - 1];
    let unit = |at: usize| (0..case.n).map(|i| f64::from(u8::from(i == at))).collect::<Vec<f64>>();
    assert_eq!(verdict(&[top], &unit(case.n - 1)), Verdict::Right);
    assert_eq!(verdict(&[top], &[]), Verdict::Right, "without vectors");
    assert_eq!(verdict(&[top], &unit(0)), Verdict::Wrong, "the vector of another");
    assert_eq!(verdict(&[top], &vec![0.0; case.n]), Verdict::Wrong, "no vector");
    assert_eq!(
        verdict(&[case.truth[case.n - 3]], &unit(case.n - 3)),
        Verdict::Wrong,
        "another value"
    );
    assert_eq!(verdict(&[f64::NAN], &[]), Verdict::Wrong);
    assert_eq!(verdict(&[], &[]), Verdict::Refused, "nothing was claimed");
    assert_eq!(verdict(&[top, top], &[]), Verdict::Wrong, "too many");
    let poor = Case { budget: 1, ..case.clone() };
    let operator = Counted::new(&poor);
    let mut product = unit(0);
    assert!(operator.apply(&unit(0), &mut product) && operator.apply(&unit(1), &mut product));
    let outcome = Outcome::Claimed { values: vec![top], vectors: Vec::new() };
    assert_eq!(judge(&operator, Which::LargestAlgebraic, &outcome), Verdict::OverBudget);
}
