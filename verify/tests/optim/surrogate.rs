//! The faults of released SAM and trace-penalty code, planted one by one: each is seen by its property.

use teeter::Error;
use teeter::Machine;
use teeter_verify::property::surrogate as properties;
use teeter_verify::property::{assert_all, assert_caught};
use teeter_verify::subject::{Subject, Teeter};

#[test]
fn properties_of_surrogates_hold() {
    for machine in Machine::present() {
        assert_all(&properties::all(&Teeter(machine)));
    }
}

/// What released programs do in place of SAM's move and of its way back.
#[derive(Clone, Copy)]
enum SamFault {
    /// g/‖g‖ where g is 0.
    Unguarded,
    /// ‖g‖ + 1e-12.
    Constant,
    /// (w + ε) − ε in place of a copy.
    Subtracted,
}

impl Subject<f64> for SamFault {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn sam(&self, rho: f64, gradient: &[f64], params: &mut [f64]) -> Result<Vec<f64>, Error> {
        let right = Teeter(Machine::portable()).sam(rho, gradient, &mut params.to_vec())?;
        let norm = Teeter(Machine::portable()).norm2(gradient);
        let by = match self {
            Self::Unguarded => rho / norm,
            Self::Constant => rho / (norm + 1e-12),
            Self::Subtracted => {
                for ((w, there), g) in params.iter_mut().zip(&right).zip(gradient) {
                    *w = there - rho / norm * g;
                }
                return Ok(right);
            }
        };
        Ok(params.iter().zip(gradient).map(|(w, g)| w + by * g).collect())
    }
}

#[test]
fn planted_faults_of_sam_are_caught() {
    assert_caught(&properties::sam_stands_still_without_a_gradient(&SamFault::Unguarded));
    assert_caught(&properties::sam_moves_alike_at_every_scale(&SamFault::Constant));
    assert_caught(&properties::sam_gives_back_every_bit(&SamFault::Subtracted));
}

/// What the released trace penalty does (science.md §6.5), and what it is likely to be mended to.
#[derive(Clone, Copy)]
enum PenaltyFault {
    /// The trace became a number: nothing to differentiate. Noise on that number is the same.
    Detached,
    /// One sign for all elements of a tensor of two.
    OneSignATensor,
    /// The outputs f among the variables: Tr ∂²L/∂f² is penalized too.
    Outputs,
    /// The penalty of the first point, at every point.
    Stale,
    /// A metric that was differentiated too.
    Twice,
}

impl Subject<f64> for PenaltyFault {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn trace_penalty(
        &self,
        lambda: f64,
        gradient: &dyn Fn(&[f64]) -> Vec<f64>,
        points: &[Vec<f64>],
        probes: &[Vec<f64>],
    ) -> Result<Vec<Vec<f64>>, Error> {
        let of = |lambda, probes: &[Vec<f64>]| {
            Teeter(Machine::portable()).trace_penalty(lambda, gradient, points, probes)
        };
        match self {
            Self::Detached => Ok(points.iter().map(|point| gradient(point)).collect()),
            Self::OneSignATensor => {
                let drawn = |z: &Vec<f64>| vec![z[0], z[0], z[2], z[2]];
                of(lambda, &probes.iter().map(drawn).collect::<Vec<_>>())
            }
            Self::Outputs => {
                let mut right = of(lambda, probes)?;
                for (found, point) in right.iter_mut().zip(points) {
                    let more = properties::combine(point, |f, _| lambda * 6.0 * f);
                    found.iter_mut().zip(&more).for_each(|(found, more)| *found += more);
                }
                Ok(right)
            }
            Self::Stale => {
                let right = of(lambda, probes)?;
                let first: Vec<f64> =
                    right[0].iter().zip(gradient(&points[0])).map(|(all, g)| all - g).collect();
                let with = |point: &Vec<f64>| {
                    gradient(point).iter().zip(&first).map(|(g, p)| g + p).collect()
                };
                Ok(points.iter().map(with).collect())
            }
            Self::Twice => of(2.0 * lambda, probes),
        }
    }
}

#[test]
fn planted_faults_of_trace_penalties_are_caught() {
    use PenaltyFault::{Detached, OneSignATensor, Outputs, Stale, Twice};
    for fault in [Detached, OneSignATensor, Outputs, Stale, Twice] {
        assert_caught(&properties::a_penalty_has_its_gradient(&fault));
    }
}
