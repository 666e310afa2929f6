//! The processes as bytes.
//!
//! A process is restored into one of the same sizes, with memory of the same length; its options come back with it.
//! What it only borrows to read (a start, a preconditioner) is the caller's to keep.

use crate::error::{Error, Stop};
use crate::float::Float;
use crate::krylov::conjugate_gradient::{ConjugateGradient, Phase as Solving};
use crate::krylov::lobpcg_state::Phase as Locking;
use crate::krylov::low_memory::Phase as Running;
use crate::krylov::thick_state::Phase as Searching;
use crate::krylov::tracking_state::Turn;
use crate::krylov::{
    Lanczos, LanczosRecurrence, Lobpcg, LowMemoryLanczos, SharpnessTracker, SpectrumEnd,
    ThickRestart, ThickRestartOptions, Which,
};
use crate::state::{Kind, Saved, Visitor};

const STOPS: [Stop; 3] = [Stop::Converged, Stop::LimitReached, Stop::Invariant];
const WHICH: [Which; 4] =
    [Which::LargestAlgebraic, Which::SmallestAlgebraic, Which::LargestMagnitude, Which::BothEnds];

/// Counts, in turn.
fn sizes<T: Float, V: Visitor<T>>(visitor: &mut V, all: &mut [&mut usize]) -> Result<(), Error> {
    all.iter_mut().try_for_each(|size| visitor.size(size))
}

/// Numbers, in turn.
fn numbers<T: Float, V: Visitor<T>>(visitor: &mut V, all: &mut [&mut T]) -> Result<(), Error> {
    all.iter_mut().try_for_each(|number| visitor.number(number))
}

fn limit<T: Float, V: Visitor<T>>(visitor: &mut V, limit: &mut Option<T>) -> Result<(), Error> {
    let (mut there, mut value) = (limit.is_some(), limit.unwrap_or(T::ZERO));
    visitor.flag(&mut there)?;
    visitor.number(&mut value)?;
    *limit = there.then_some(value);
    Ok(())
}

impl<T: Float> Saved<T> for Lanczos<'_, T> {
    const KIND: Kind = Kind::Lanczos;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.same(self.n)?;
        visitor.same(self.dim_max)?;
        visitor.size(&mut self.steps)?;
        visitor.flag(&mut self.invariant)?;
        visitor.number(&mut self.norm)?;
        visitor.array(self.basis)?;
        visitor.array(self.diagonal)?;
        visitor.array(self.off_diagonal)
    }
}

impl<T: Float> Saved<T> for LanczosRecurrence<'_, T> {
    const KIND: Kind = Kind::LanczosRecurrence;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.same(self.n)?;
        visitor.same(self.steps_max)?;
        visitor.size(&mut self.steps)?;
        visitor.flag(&mut self.closed)?;
        visitor.number(&mut self.norm)?;
        visitor.array(self.vectors)?;
        visitor.array(self.diagonal)?;
        visitor.array(self.off_diagonal)
    }
}

/// The start is not saved: the process that is restored must have been given the same.
impl<T: Float> Saved<T> for LowMemoryLanczos<'_, T> {
    const KIND: Kind = Kind::LowMemoryLanczos;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.same(self.options.steps_max)?;
        visitor.choice(&WHICH, &mut self.options.which)?;
        visitor.number(&mut self.options.tolerance)?;
        self.recurrence.visit(visitor)?;
        let phases = [Running::First, Running::Second, Running::Check, Running::Done];
        visitor.choice(&phases, &mut self.phase)?;
        let pair = &mut self.pair;
        visitor.choice(&STOPS, &mut pair.stop)?;
        let [value, residual] = [&mut pair.value, &mut pair.residual];
        numbers(visitor, &mut [value, residual, &mut pair.lower, &mut pair.upper])?;
        sizes(visitor, &mut [&mut pair.products, &mut pair.steps])?;
        visitor.array(self.small)?;
        visitor.array(self.vector)
    }
}

fn search<T: Float, V: Visitor<T>>(
    visitor: &mut V,
    options: &mut ThickRestartOptions<T>,
) -> Result<(), Error> {
    visitor.same(options.krylov_dim)?;
    visitor.choice(&WHICH, &mut options.which)?;
    limit(visitor, &mut options.limit)?;
    visitor.number(&mut options.tolerance)?;
    visitor.count(&mut options.seed)?;
    let [count, block] = [&mut options.count, &mut options.block];
    sizes(visitor, &mut [count, block, &mut options.checked, &mut options.product_max])
}

impl<T: Float> Saved<T> for ThickRestart<'_, T> {
    const KIND: Kind = Kind::ThickRestart;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let state = &mut self.state;
        visitor.same(state.n)?;
        visitor.same(state.dim)?;
        search(visitor, &mut state.options)?;
        let phases = [Searching::Expand, Searching::Check, Searching::Done];
        visitor.choice(&phases, &mut state.phase)?;
        let [total, taken] = [&mut state.total, &mut state.taken];
        sizes(visitor, &mut [total, taken, &mut state.found, &mut state.wanted])?;
        let [checked, products] = [&mut state.checked, &mut state.products];
        sizes(visitor, &mut [checked, products, &mut state.restarts, &mut state.chain])?;
        sizes(visitor, &mut [&mut state.closed_chains, &mut state.since_drawn])?;
        visitor.count(&mut state.drawn)?;
        for flag in
            [&mut state.answered, &mut state.invariant, &mut state.reopened, &mut state.in_order]
        {
            visitor.flag(flag)?;
        }
        let before = &mut state.before;
        numbers(visitor, &mut [&mut before.low, &mut before.high])?;
        sizes(visitor, &mut [&mut before.beyond, &mut before.number])?;
        numbers(visitor, &mut [&mut state.norm, &mut state.orthogonality])?;
        visitor.array(self.memory)
    }
}

impl<T: Float> Saved<T> for Lobpcg<'_, T> {
    const KIND: Kind = Kind::Lobpcg;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let state = &mut self.state;
        visitor.same(state.n)?;
        visitor.same(state.count)?;
        visitor.same(state.dim)?;
        let options = &mut state.options;
        visitor.choice(&[SpectrumEnd::Largest, SpectrumEnd::Smallest], &mut options.end)?;
        let [count, starts] = [&mut options.count, &mut options.starts];
        sizes(visitor, &mut [count, starts, &mut options.product_max])?;
        visitor.number(&mut options.tolerance)?;
        visitor.count(&mut options.seed)?;
        let [start, residual, direction] = [Locking::Start, Locking::Residual, Locking::Direction];
        let phases = [start, residual, direction, Locking::Refresh, Locking::Check, Locking::Done];
        visitor.choice(&phases, &mut state.phase)?;
        let [starts, total] = [&mut state.starts, &mut state.total];
        sizes(visitor, &mut [starts, total, &mut state.found, &mut state.turn])?;
        let [joined, products] = [&mut state.joined, &mut state.products];
        sizes(visitor, &mut [joined, products, &mut state.rounds, &mut state.since])?;
        let [norm, verified] = [&mut state.norm, &mut state.verified];
        numbers(visitor, &mut [norm, verified, &mut state.orthogonality])?;
        visitor.flag(&mut state.whole)?;
        visitor.array(self.memory)
    }
}

impl<T: Float> Saved<T> for SharpnessTracker<'_, T> {
    const KIND: Kind = Kind::SharpnessTracker;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let state = &mut self.state;
        visitor.same(state.n)?;
        visitor.same(state.capacity)?;
        let options = &mut state.options;
        sizes(visitor, &mut [&mut options.dim_max, &mut options.products_per_step])?;
        limit(visitor, &mut options.limit)?;
        visitor.count(&mut options.seed)?;
        let (mut turn, mut which) = match state.turn {
            Turn::Idle => (0, 0),
            Turn::Refresh(which) => (1, which),
            Turn::Join => (2, 0),
        };
        visitor.choice(&[0, 1, 2], &mut turn)?;
        visitor.size(&mut which)?;
        sizes(visitor, &mut [&mut state.dim, &mut state.spent])?;
        // What no tracker wrote must not send one out of its memory, or round for ever.
        state.dim = state.dim.min(state.capacity);
        state.turn = match turn {
            1 if which < state.dim.max(1) => Turn::Refresh(which),
            2 if state.dim < state.capacity => Turn::Join,
            _ => Turn::Idle,
        };
        for count in [
            &mut state.steps,
            &mut state.products,
            &mut state.others,
            &mut state.drawn,
            &mut state.measured_age,
        ] {
            visitor.count(count)?;
        }
        let [norm, drift] = [&mut state.norm, &mut state.drift];
        let measured = [&mut state.measured, &mut state.measured_residual];
        numbers(visitor, &mut [norm, drift])?;
        measured.into_iter().try_for_each(|number| visitor.number(number))?;
        // What lies in front: vectors, products, values, residuals, ages; the rest is scratch, which a machine may leave
        // as it likes.
        let columns = state.n.saturating_mul(2).saturating_add(3);
        let len = state.capacity.saturating_mul(columns).min(self.memory.len());
        visitor.array(self.memory.get_mut(..len).unwrap_or(&mut []))
    }
}

/// The preconditioner is not saved: the process that is restored must have been given the same.
impl<T: Float> Saved<T> for ConjugateGradient<'_, T> {
    const KIND: Kind = Kind::ConjugateGradient;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.same(self.n)?;
        let options = &mut self.options;
        numbers(visitor, &mut [&mut options.tolerance, &mut options.floor])?;
        sizes(visitor, &mut [&mut options.product_max, &mut self.products, &mut self.steps])?;
        let phases = [
            Solving::Step,
            Solving::Verify,
            Solving::Done(Stop::Converged),
            Solving::Done(Stop::LimitReached),
            Solving::Done(Stop::Invariant),
        ];
        visitor.choice(&phases, &mut self.phase)?;
        // An i32, by its bits.
        let mut power = u64::from(self.power as u32);
        visitor.count(&mut power)?;
        self.power = power as u32 as i32;
        visitor.number(&mut self.rho)?;
        visitor.array(&mut self.norms)?;
        visitor.array(&mut self.falls)?;
        visitor.flag(&mut self.verified)?;
        for vector in [&mut self.x, &mut self.b, &mut self.r, &mut self.p, &mut self.z] {
            visitor.array(vector)?;
        }
        Ok(())
    }
}
