//! The states of optimizers as bytes.

use crate::error::Error;
use crate::float::Float;
use crate::optim::{
    AdamState, AverageState, LookSamState, LookaheadState, PadamState, PenaltyMean, RmsPropState,
    SgdState, SophiaState, TracePenaltyState, TracerState,
};
use crate::state::{Kind, Saved, Visitor};

impl<T: Float> Saved<T> for SgdState<'_, T> {
    const KIND: Kind = Kind::Sgd;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.array(self.velocity)
    }
}

impl<T: Float> Saved<T> for AdamState<'_, T> {
    const KIND: Kind = Kind::Adam;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.count(&mut self.steps)?;
        visitor.number(&mut self.beta1_power)?;
        visitor.number(&mut self.beta2_power)?;
        visitor.array(self.first)?;
        visitor.array(self.second)
    }
}

impl<T: Float> Saved<T> for PadamState<'_, T> {
    const KIND: Kind = Kind::Padam;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        self.averages.visit(visitor)?;
        visitor.array(self.largest)
    }
}

impl<T: Float> Saved<T> for RmsPropState<'_, T> {
    const KIND: Kind = Kind::RmsProp;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.array(self.second)?;
        visitor.array(self.velocity)
    }
}

impl<T: Float> Saved<T> for SophiaState<'_, T> {
    const KIND: Kind = Kind::Sophia;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.count(&mut self.steps)?;
        visitor.count(&mut self.updates)?;
        visitor.array(self.first)?;
        visitor.array(self.curvature)
    }
}

impl<T: Float> Saved<T> for TracerState<'_, T> {
    const KIND: Kind = Kind::Tracer;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.count(&mut self.updates)?;
        visitor.array(self.metric)?;
        visitor.array(self.peak)
    }
}

impl<T: Float> Saved<T> for LookSamState<'_, T> {
    const KIND: Kind = Kind::LookSam;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.count(&mut self.steps)?;
        visitor.array(self.sideways)
    }
}

impl<T: Float> Saved<T> for AverageState<'_, T> {
    const KIND: Kind = Kind::Average;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.count(&mut self.seen)?;
        visitor.count(&mut self.taken)?;
        visitor.array(self.mean)
    }
}

impl<T: Float> Saved<T> for LookaheadState<'_, T> {
    const KIND: Kind = Kind::Lookahead;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.count(&mut self.steps)?;
        visitor.array(self.slow)
    }
}

impl<T: Float> Saved<T> for PenaltyMean<'_, T> {
    const KIND: Kind = Kind::PenaltyMean;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.count(&mut self.taken)?;
        visitor.number(&mut self.value)?;
        visitor.array(self.gradient)
    }
}

impl<T: Float> Saved<T> for TracePenaltyState<'_, T> {
    const KIND: Kind = Kind::TracePenalty;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.count(&mut self.steps)?;
        self.mean.visit(visitor)
    }
}
