//! Networks of layers against the tape, and against themselves in other blocks.

use teeter::{Float, Machine};

use super::{Context, Measured, Worst};
use crate::bound::layers::difference;
use crate::input::layers::{Answers, Layers};
use crate::oracle::tape::Running;
use crate::subject::Subject;

/// Every property.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        network_derivatives_are_those_of_the_tape(subject),
        blocks_change_neither_loss_nor_gradient(subject),
        strict_networks_have_one_answer(subject),
    ]
}

/// Loss, gradient, Hessian and Gauss–Newton product, Fisher diagonal of every kind of layer.
#[must_use]
pub fn network_derivatives_are_those_of_the_tape<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for case in Layers::all() {
        let truth = case.truth::<T>();
        match case.measure::<T>(subject.machine(), 2) {
            Ok(found) => see(&mut worst, &found, &truth),
            Err(_) => worst.see_f64(f64::NAN, 0.0),
        }
    }
    let name = "network derivatives are those of the tape";
    worst.finish(Context::of("objective", subject), name)
}

/// Element by element.
fn see<T: Float>(worst: &mut Worst, found: &Answers<T>, truth: &Answers<Running>) {
    let lists = |of: &Answers<T>| {
        [&of.gradient, &of.hessian, &of.gauss_newton, &of.fisher].map(|list| list.clone())
    };
    let right = [&truth.gradient, &truth.hessian, &truth.gauss_newton, &truth.fisher];
    worst.see_f64((found.loss.to_f64() - truth.loss.value).abs(), difference::<T>(truth.loss));
    for (found, right) in lists(found).iter().zip(right) {
        for (found, right) in found.iter().zip(right) {
            worst.see_f64((found.to_f64() - right.value).abs(), difference::<T>(*right));
        }
    }
}

/// The bits of blocks of 1, 2 and all samples.
#[must_use]
pub fn blocks_change_neither_loss_nor_gradient<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for case in Layers::all() {
        let answers = [1, 2, 5, 9].map(|block| case.measure::<T>(subject.machine(), block));
        for other in &answers[1..] {
            cases += 1;
            let same = match (&answers[0], other) {
                (Ok(a), Ok(b)) => {
                    let of = |x: &Answers<T>| (x.loss, x.gradient.clone(), x.fisher.clone());
                    of(a) == of(b)
                }
                _ => false,
            };
            broken += usize::from(!same);
        }
    }
    let name = "blocks change neither loss nor gradient";
    Measured::exact(Context::of("objective", subject), name, broken, cases)
}

/// The bits of the portable machine in Strict.
#[must_use]
pub fn strict_networks_have_one_answer<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for case in Layers::all() {
        let portable = case.measure::<T>(Machine::portable(), 2);
        let here = case.measure::<T>(subject.machine().strict(), 2);
        cases += 1;
        broken += usize::from(portable.is_err() || portable != here);
    }
    let name = "strict networks have one answer";
    Measured::exact(Context::of("objective", subject), name, broken, cases)
}
