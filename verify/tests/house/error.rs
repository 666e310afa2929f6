//! Errors: each variant says in words which argument, and both numbers.
//!
//! All but `NoConvergence` are provoked where their functions are tested; that one bounds an
//! iteration which no known input exhausts.

use teeter::{Error, Stop};

#[test]
fn sentences_name_the_argument_and_both_numbers() {
    let argument = "scratch";
    let cases: [(Error, &[&str]); 14] = [
        (Error::Length { argument, expected: 7, found: 5 }, &["`scratch`", "7", "5"]),
        (Error::Short { argument, needed: 31, found: 30 }, &["`scratch`", "31", "30"]),
        (
            Error::Range { argument, found: -0.5, low: 0.25, high: 1.75 },
            &["`scratch`", "-0.5", "0.25", "1.75"],
        ),
        (Error::Empty { argument }, &["`scratch`", "0", "1"]),
        (Error::NotFinite { argument, index: 12 }, &["`scratch`", "12"]),
        (Error::ZeroVector { argument }, &["`scratch`", "zero"]),
        (Error::Pivot { index: 3, value: -2.5 }, &["3", "-2.5", "positive definite"]),
        (Error::Pivot { index: 3, value: 0.0 }, &["3", "0", "singular"]),
        (Error::Pivot { index: 3, value: 2.5e-20 }, &["3", "2.5e-20", "depends"]),
        (Error::Pivot { index: 3, value: f64::NAN }, &["3", "NaN", "no number"]),
        (Error::NoConvergence { index: 4, limit: 30 }, &["4", "30"]),
        (Error::Operator { code: -17 }, &["-17"]),
        (Error::State { expected: "evaluate" }, &["`evaluate`"]),
        (Error::Saved { part: "version", expected: 1, found: 7 }, &["version", "1", "7"]),
    ];
    for (error, parts) in cases {
        let sentence = error.to_string();
        for part in parts {
            assert!(sentence.contains(part), "{error:?} says {sentence:?}, without {part:?}");
        }
        let boxed: Box<dyn std::error::Error> = Box::new(error);
        assert_eq!(boxed.to_string(), sentence, "an error like any other");
    }
}

#[test]
fn stops_have_the_layout_that_c_expects() {
    assert_eq!(Stop::Converged as i32, 0);
    assert_eq!(Stop::LimitReached as i32, 1);
    assert_eq!(Stop::Invariant as i32, 2);
}
