//! The estimators as bytes.
//!
//! One is restored into another of the same sizes, with memory of the same length; its options come back with it.

use crate::error::Error;
use crate::float::Float;
use crate::random::Stream;
use crate::state::{Kind, Saved, Visitor};
use crate::trace::{
    DiagonalEstimator, HutchPp, Hutchinson, NaHutchPp, Probe, Slq, TraceRatioSolve, XNysTrace,
    XTrace,
};

fn draws<T: Float, V: Visitor<T>>(
    visitor: &mut V,
    probe: &mut Probe,
    stream: &mut Stream,
) -> Result<(), Error> {
    visitor.choice(&Probe::ALL, probe)?;
    visitor.count(&mut stream.seed)?;
    visitor.count(&mut stream.stream)
}

impl<T: Float> Saved<T> for Hutchinson<T> {
    const KIND: Kind = Kind::Hutchinson;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        draws(visitor, &mut self.probe, &mut self.stream)?;
        visitor.size(&mut self.count)?;
        for number in [&mut self.mean, &mut self.spread, &mut self.image, &mut self.concentration] {
            visitor.number(number)?;
        }
        Ok(())
    }
}

impl<T: Float> Saved<T> for HutchPp<'_, T> {
    const KIND: Kind = Kind::HutchPp;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let state = &mut self.state;
        visitor.same(state.n)?;
        visitor.same(state.sketch)?;
        for size in [&mut state.count, &mut state.rank, &mut state.step] {
            visitor.size(size)?;
        }
        visitor.number(&mut state.known)?;
        state.early.visit(visitor)?;
        state.rest.visit(visitor)?;
        visitor.array(self.basis)?;
        visitor.array(self.wanted)
    }
}

impl<T: Float> Saved<T> for NaHutchPp<'_, T> {
    const KIND: Kind = Kind::NaHutchPp;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let state = &mut self.state;
        visitor.same(state.n)?;
        visitor.same(state.sketch)?;
        for size in [&mut state.count, &mut state.rank, &mut state.step] {
            visitor.size(size)?;
        }
        visitor.number(&mut state.known)?;
        state.early.visit(visitor)?;
        state.rest.visit(visitor)?;
        for array in [&mut self.wanted, &mut self.basis, &mut self.tall, &mut self.inverse] {
            visitor.array(array)?;
        }
        Ok(())
    }
}

impl<T: Float> Saved<T> for XTrace<'_, T> {
    const KIND: Kind = Kind::XTrace;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let state = &mut self.state;
        visitor.same(state.n)?;
        visitor.same(state.probes)?;
        for size in [
            &mut state.count,
            &mut state.step,
            &mut state.drawn,
            &mut state.rank,
            &mut state.columns,
        ] {
            visitor.size(size)?;
        }
        visitor.number(&mut state.known)?;
        visitor.choice(&Probe::ALL, &mut state.probe)?;
        state.early.visit(visitor)?;
        for array in [&mut self.wanted, &mut self.image, &mut self.basis, &mut self.r] {
            visitor.array(array)?;
        }
        for array in [&mut self.w, &mut self.h, &mut self.pass, &mut self.place] {
            visitor.array(array)?;
        }
        visitor.array(self.squares)
    }
}

impl<T: Float> Saved<T> for XNysTrace<'_, T> {
    const KIND: Kind = Kind::XNysTrace;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let state = &mut self.state;
        visitor.same(state.n)?;
        visitor.same(state.lines)?;
        for size in [&mut state.count, &mut state.deflate, &mut state.step, &mut state.rank] {
            visitor.size(size)?;
        }
        visitor.number(&mut state.known)?;
        draws(visitor, &mut state.probe, &mut state.stream)?;
        state.early.visit(visitor)?;
        for array in [&mut self.wanted, &mut self.image, &mut self.basis, &mut self.r] {
            visitor.array(array)?;
        }
        visitor.array(self.h)?;
        visitor.array(self.gram)
    }
}

impl<T: Float> Saved<T> for DiagonalEstimator<'_, T> {
    const KIND: Kind = Kind::DiagonalEstimator;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let state = &mut self.state;
        visitor.same(state.n)?;
        visitor.size(&mut state.options.products)?;
        visitor.count(&mut state.options.stream.seed)?;
        visitor.count(&mut state.options.stream.stream)?;
        visitor.size(&mut state.count)?;
        visitor.array(self.wanted)?;
        visitor.array(self.mean)?;
        visitor.array(self.spread)
    }
}

impl<T: Float> Saved<T> for Slq<'_, T> {
    const KIND: Kind = Kind::Slq;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.same(self.n)?;
        visitor.same(self.options.probes)?;
        visitor.same(self.options.steps)?;
        draws(visitor, &mut self.options.probe, &mut self.options.stream)?;
        visitor.size(&mut self.done)?;
        visitor.size(&mut self.products)?;
        self.process.visit(visitor)?;
        visitor.array(self.records)
    }
}

/// The preconditioner is not saved: the estimator that is restored must have been given the same.
impl<T: Float> Saved<T> for TraceRatioSolve<'_, T> {
    const KIND: Kind = Kind::TraceRatioSolve;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let options = &mut self.options;
        draws(visitor, &mut options.probe, &mut options.stream)?;
        visitor.size(&mut options.probes)?;
        visitor.number(&mut options.confidence)?;
        visitor.number(&mut options.solve.tolerance)?;
        visitor.number(&mut options.solve.floor)?;
        visitor.size(&mut options.solve.product_max)?;
        self.estimator.visit(visitor)?;
        self.solver.visit(visitor)?;
        visitor.flag(&mut self.solving)?;
        visitor.size(&mut self.metric_products)?;
        visitor.size(&mut self.hessian_products)?;
        visitor.number(&mut self.solve_errors)?;
        visitor.number(&mut self.relative_residual)?;
        visitor.array(self.z)
    }
}
