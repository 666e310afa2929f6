//! The most a core can do: fused multiply-adds that never leave the registers.

use std::hint::black_box;
use std::marker::PhantomData;

use teeter::simd::{Operation, Simd};
use teeter::{Float, Machine};

use crate::peer::Task;

/// Independent chains: more than latency times throughput of any core so far (4 · 2, 5 · 2), and few
/// enough for sixteen registers.
const CHAINS: usize = 12;

/// Links of each chain in one run.
const LINKS: usize = 256;

/// The chains on one machine, as something that can take part in a race.
#[derive(Clone, Copy, Debug)]
pub struct Peak<T> {
    machine: Machine,
    sum: T,
}

impl<T: Float> Peak<T> {
    /// On a machine in fused arithmetic, if it has it.
    #[must_use]
    pub fn new(machine: Machine) -> Self {
        Self::on(machine.fused())
    }

    /// On a machine as it is: in strict arithmetic with a product and a sum apart.
    #[must_use]
    pub fn on(machine: Machine) -> Self {
        Self { machine, sum: T::ZERO }
    }

    /// Additions and multiplications in one run.
    #[must_use]
    pub fn flops(&self) -> f64 {
        (2 * CHAINS * LINKS * self.machine.run(Width(PhantomData::<T>))) as f64
    }
}

impl<T: Float> Task for Peak<T> {
    fn run(&mut self, repetitions: usize) {
        let half = black_box(T::HALF);
        self.sum = self.machine.run(Chains { factor: half, links: repetitions * LINKS });
        black_box(&mut self.sum);
    }

    fn answer(&self) -> Vec<f64> {
        vec![self.sum.to_f64()]
    }
}

/// x ← x·f + f, so many times, on every chain; the sum of all lanes.
struct Chains<T> {
    factor: T,
    links: usize,
}

impl<T: Float> Operation<T> for Chains<T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let factor = simd.splat(self.factor);
        let mut chains = [factor; CHAINS];
        for _ in 0..self.links {
            for x in &mut chains {
                *x = simd.mul_add(*x, factor, factor);
            }
        }
        let mut sum = simd.splat(T::ZERO);
        for x in chains {
            sum = simd.add(sum, x);
        }
        simd.sum(sum)
    }
}

/// Lanes of a machine.
struct Width<T>(PhantomData<T>);

impl<T: Float> Operation<T> for Width<T> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) -> usize {
        S::WIDTH
    }
}

#[cfg(test)]
mod tests {
    use super::{CHAINS, LINKS, Peak, Task};
    use teeter::Machine;

    #[test]
    fn the_chains_run_to_their_fixed_point_on_every_machine() {
        for machine in Machine::present() {
            let mut peak = Peak::<f64>::new(machine);
            peak.run(1);
            // x = x/2 + 1/2 has the fixed point 1, reached exactly after 53 links.
            let lanes = peak.flops() / (2 * CHAINS * LINKS) as f64;
            assert_eq!(peak.answer(), [CHAINS as f64 * lanes], "{machine:?}");
        }
    }
}
