//! The judge of the benchmarks, judged: every peer's answer passes, a wrong one does not.

use teeter::Machine;
use teeter_benches::case::Case;
use teeter_benches::peer::{Number, Peer, Teeter, TeeterFixed};
use teeter_benches::plan::{Sizes, plan};
use teeter_benches::reference::Reference;

/// Beyond this order a test build takes long over naive references.
const ORDER_MAX: usize = 32;

/// Far above every bound at these sizes, far below the numbers themselves.
const FAULT: f64 = 1e-2;

fn implementations<T: Number>() -> Vec<Box<dyn Peer<T>>> {
    let machine = Machine::detect();
    let mut list = T::peers();
    list.push(Box::new(Teeter(machine)));
    list.push(Box::new(Teeter(machine.fused())));
    list.push(Box::new(Teeter(Machine::portable())));
    list.push(Box::new(TeeterFixed));
    list
}

/// Runs `judge` on every answer of every implementation, and counts them.
fn on_every_answer<T: Number>(judge: impl Fn(&Reference, Vec<f64>, &str)) -> usize {
    let mut count = 0;
    for shape in plan(&Sizes::full()).into_iter().filter(|shape| shape.n <= ORDER_MAX) {
        let case = Case::<T>::new(shape);
        let reference = Reference::new(&case);
        for peer in implementations::<T>() {
            if let Some(mut task) = peer.task(&case) {
                task.run(1);
                judge(&reference, task.answer(), &format!("{} {shape} {}", peer.name(), T::NAME));
                count += 1;
            }
        }
    }
    count
}

fn right_answers_pass<T: Number>() {
    let count = on_every_answer::<T>(|reference, answer, who| {
        assert_eq!(reference.check(&answer), Ok(()), "{who}");
    });
    assert!(count > 100, "only {count} answers were judged");
}

/// The number that is largest in size is moved by a hundredth of itself, then made NaN.
fn wrong_answers_do_not<T: Number>() {
    on_every_answer::<T>(|reference, mut answer, who| {
        let largest =
            (0..answer.len()).max_by(|&i, &j| answer[i].abs().total_cmp(&answer[j].abs()));
        let largest = largest.unwrap_or(0);
        answer[largest] *= 1.0 + FAULT;
        assert!(reference.check(&answer).is_err(), "{who}: a fault of {FAULT} passed");
        answer[largest] = f64::NAN;
        assert!(reference.check(&answer).is_err(), "{who}: NaN passed");
        answer.pop();
        assert!(reference.check(&answer).is_err(), "{who}: a missing number passed");
    });
}

#[test]
fn right_answers_pass_in_f64() {
    right_answers_pass::<f64>();
}

#[test]
fn right_answers_pass_in_f32() {
    right_answers_pass::<f32>();
}

#[test]
fn wrong_answers_are_refused_in_f64() {
    wrong_answers_do_not::<f64>();
}

#[test]
fn wrong_answers_are_refused_in_f32() {
    wrong_answers_do_not::<f32>();
}
