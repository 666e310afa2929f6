//! A [`SharpnessTracker`] as bytes.

use crate::error::Error;
use crate::float::Float;
use crate::krylov::SharpnessTracker;
use crate::krylov::tracking_state::Turn;
use crate::state::{Kind, Saved, Visitor};

/// What was asked of it (`dim_max`, products a step, seed, length) is the caller's to give again; what moves is saved,
/// the limit among it. Of the memory that is what lies in front: vectors, products, values, residuals, ages; the rest is
/// scratch, which a machine may leave as it likes.
impl<T: Float> Saved<T> for SharpnessTracker<'_, T> {
    const KIND: Kind = Kind::SharpnessTracker;

    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let state = &mut self.state;
        let mut turn = match state.turn {
            Turn::Idle => [0, 0],
            Turn::Refresh(index) => [1, index],
            Turn::Join => [2, 0],
        };
        let mut has_limit = u64::from(state.options.limit.is_some());
        let mut limit = state.options.limit.unwrap_or(T::ZERO);
        for part in &mut turn {
            visitor.size(part)?;
        }
        visitor.size(&mut state.dim)?;
        visitor.size(&mut state.spent)?;
        for count in [
            &mut has_limit,
            &mut state.steps,
            &mut state.products,
            &mut state.others,
            &mut state.drawn,
            &mut state.measured_age,
        ] {
            visitor.count(count)?;
        }
        for number in [
            &mut limit,
            &mut state.norm,
            &mut state.drift,
            &mut state.measured,
            &mut state.measured_residual,
        ] {
            visitor.number(number)?;
        }
        let columns = state.n.saturating_mul(2).saturating_add(3);
        let len = state.capacity.saturating_mul(columns).min(self.memory.len());
        visitor.array(self.memory.get_mut(..len).unwrap_or(&mut []))?;
        // What no tracker wrote must not send one out of its memory, or round for ever.
        state.dim = state.dim.min(state.capacity);
        state.turn = match turn {
            [1, index] if index < state.dim.max(1) => Turn::Refresh(index),
            [2, _] if state.dim < state.capacity => Turn::Join,
            _ => Turn::Idle,
        };
        state.options.limit = (has_limit != 0).then_some(limit);
        Ok(())
    }
}
