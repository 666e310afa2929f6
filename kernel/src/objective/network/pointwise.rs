//! Number by number: activations, GELU, dropout, residual connections; and the mean over positions.

use crate::error::Error;
use crate::float::Float;
use crate::objective::Activation;
use crate::objective::network::map::{Context, Linear, Map, Point};
use crate::objective::shape::part_mut;
use crate::simd::{pieces, pieces_mut};
use crate::vector;

/// f, whose derivatives are read off x and one more number t of each.
///
/// | f        | t          | f′                          | f″                            |
/// |----------|------------|-----------------------------|-------------------------------|
/// | tanh     | tanh x     | (1 − t)(1 + t)              | −2tf′                         |
/// | relu     | –          | x > 0 ? 1 : 0               | 0                             |
/// | softplus | sigmoid x  | t                           | t(1 − t)                      |
/// | identity | –          | 1                           | 0                             |
/// | gelu     | tanh u(x)  | ½(1 + t) + ½xt′             | t′ + ½xt″                     |
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pointwise {
    Plain(Activation),
    Gelu,
}

/// √(2/π) and 0.044715 of GELU's u(x) = √(2/π)(x + 0.044715 x³).
const GELU: [f64; 2] = [0.797_884_560_802_865_4, 0.044_715];

/// u(x).
fn gelu_inner<T: Float>(x: T) -> T {
    let [scale, cubic] = GELU.map(T::from_f64);
    scale * (x + cubic * x * x * x)
}

impl Pointwise {
    /// t of each.
    fn helpers<T: Float>(self, cx: &Context<'_, T>, x: &[T], t: &mut [T]) {
        t.iter_mut().zip(x).for_each(|(t, &x)| *t = x);
        match self {
            Self::Plain(Activation::Tanh) => vector::tanh_in_place(cx.machine, t),
            Self::Plain(Activation::Softplus) => vector::sigmoid_in_place(cx.machine, t),
            Self::Plain(Activation::Relu | Activation::Identity) => {}
            Self::Gelu => {
                t.iter_mut().for_each(|t| *t = gelu_inner(*t));
                vector::tanh_in_place(cx.machine, t);
            }
        }
    }

    /// f′ and f″.
    fn derivatives<T: Float>(self, x: T, t: T) -> [T; 2] {
        match self {
            Self::Plain(Activation::Tanh) => {
                let slope = (T::ONE - t) * (T::ONE + t);
                [slope, -(T::TWO * t) * slope]
            }
            Self::Plain(Activation::Relu) => [if x > T::ZERO { T::ONE } else { T::ZERO }, T::ZERO],
            Self::Plain(Activation::Softplus) => [t, t * (T::ONE - t)],
            Self::Plain(Activation::Identity) => [T::ONE, T::ZERO],
            Self::Gelu => {
                let [scale, cubic] = GELU.map(T::from_f64);
                let three = T::from_f64(3.0);
                let slope = scale * (T::ONE + three * cubic * x * x);
                let bend = scale * (T::TWO * three * cubic * x);
                let complement = (T::ONE - t) * (T::ONE + t);
                let first = complement * slope;
                let second = complement * bend - T::TWO * t * first * slope;
                [T::HALF * (T::ONE + t) + T::HALF * x * first, first + T::HALF * x * second]
            }
        }
    }
}

impl<T: Float> Map<T> for Pointwise {
    fn forward(&self, cx: &mut Context<'_, T>, at: Point<'_, T>, y: &mut [T]) -> Result<(), Error> {
        match self {
            Self::Plain(activation) => {
                vector::copy(at.input, y)?;
                activation.apply(cx.machine, y);
            }
            Self::Gelu => {
                self.helpers(cx, at.input, y);
                y.iter_mut().zip(at.input).for_each(|(y, &x)| *y = T::HALF * x * (T::ONE + *y));
            }
        }
        Ok(())
    }

    fn tangent(
        &self,
        cx: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        ry: &mut [T],
    ) -> Result<(), Error> {
        self.helpers(cx, at.input, ry);
        for (ry, (&x, &rx)) in ry.iter_mut().zip(at.input.iter().zip(along.input)) {
            let [slope, _] = self.derivatives(x, *ry);
            *ry = slope * rx;
        }
        Ok(())
    }

    fn pull(
        &self,
        cx: &mut Context<'_, T>,
        at: Point<'_, T>,
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        let work = core::mem::take(&mut cx.work);
        let t = part_mut(work, 0, at.input.len())?;
        self.helpers(cx, at.input, t);
        let each = at.input.iter().zip(&*t).zip(y_bar);
        for (x_bar, ((&x, &t), &y_bar)) in x_bar.iter_mut().zip(each) {
            let [slope, _] = self.derivatives(x, t);
            *x_bar += slope * y_bar;
        }
        cx.work = work;
        Ok(())
    }

    fn pull_tangent(
        &self,
        cx: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        [y_bar, ry_bar]: [&[T]; 2],
        rx_bar: &mut [T],
    ) -> Result<(), Error> {
        let work = core::mem::take(&mut cx.work);
        let t = part_mut(work, 0, at.input.len())?;
        self.helpers(cx, at.input, t);
        let points = at.input.iter().zip(along.input).zip(&*t);
        let bars = y_bar.iter().zip(ry_bar);
        for (rx_bar, (((&x, &rx), &t), (&y_bar, &ry_bar))) in
            rx_bar.iter_mut().zip(points.zip(bars))
        {
            let [slope, bend] = self.derivatives(x, t);
            *rx_bar += bend * rx * y_bar + slope * ry_bar;
        }
        cx.work = work;
        Ok(())
    }
}

/// y = x: what a residual connection does but for what it adds.
pub(super) struct Identity;

impl<T: Float> Linear<T> for Identity {
    fn apply(&self, _: &mut Context<'_, T>, x: &[T], y: &mut [T]) -> Result<(), Error> {
        vector::copy(x, y)
    }

    fn add_transposed(
        &self,
        cx: &mut Context<'_, T>,
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        vector::axpy(cx.machine, T::ONE, y_bar, x_bar)
    }
}

/// The mean over positions of `features` numbers.
pub(super) struct Mean {
    pub(super) features: usize,
    pub(super) positions: usize,
}

impl Mean {
    /// Of a position and of a sample; neither is 0.
    fn lengths(&self) -> [usize; 2] {
        [self.features.max(1), (self.features * self.positions).max(1)]
    }
}

impl<T: Float> Linear<T> for Mean {
    fn apply(&self, _: &mut Context<'_, T>, x: &[T], y: &mut [T]) -> Result<(), Error> {
        let [features, len] = self.lengths();
        let samples = pieces(x, len).zip(pieces_mut(y, features));
        for (x, y) in samples {
            y.fill(T::ZERO);
            for position in pieces(x, features) {
                y.iter_mut().zip(position).for_each(|(y, &x)| *y += x);
            }
            y.iter_mut().for_each(|y| *y /= T::from_usize(self.positions));
        }
        Ok(())
    }

    fn add_transposed(
        &self,
        _: &mut Context<'_, T>,
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        let [features, len] = self.lengths();
        let samples = pieces(y_bar, features).zip(pieces_mut(x_bar, len));
        for (y_bar, x_bar) in samples {
            for position in pieces_mut(x_bar, features) {
                for (x_bar, &y_bar) in position.iter_mut().zip(y_bar) {
                    *x_bar += y_bar / T::from_usize(self.positions);
                }
            }
        }
        Ok(())
    }
}

/// Numbers left out at random, of a row of `len`.
pub(super) struct Dropped {
    pub(super) rate: f64,
    pub(super) len: usize,
}

impl Dropped {
    /// 0 or 1/(1 − rate) for each number of the samples at hand: a function of seed, stream, step, layer, sample and
    /// place alone.
    fn factors<T: Float>(&self, cx: &Context<'_, T>) -> impl Iterator<Item = T> + use<T> {
        let stream =
            cx.dropout.map(|dropout| dropout.stream.child(dropout.step).child(cx.layer as u64));
        let first = cx.first as u64 * self.len as u64;
        let kept = T::ONE / (T::ONE - T::from_f64(self.rate));
        // A number is left out if 32 bits are below rate·2³².
        let limit = (self.rate * 4_294_967_296.0) as u64;
        (first..).map(move |index| match stream {
            None => T::ONE,
            Some(stream) if stream.bits(index) >> 32 < limit => T::ZERO,
            Some(_) => kept,
        })
    }
}

impl<T: Float> Linear<T> for Dropped {
    fn apply(&self, cx: &mut Context<'_, T>, x: &[T], y: &mut [T]) -> Result<(), Error> {
        // A chosen zero, and not zero times x: what is left out may be infinite.
        for ((y, &x), factor) in y.iter_mut().zip(x).zip(self.factors(cx)) {
            *y = if factor == T::ZERO { T::ZERO } else { x * factor };
        }
        Ok(())
    }

    fn add_transposed(
        &self,
        cx: &mut Context<'_, T>,
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        for ((x_bar, &y_bar), factor) in x_bar.iter_mut().zip(y_bar).zip(self.factors(cx)) {
            if factor != T::ZERO {
                *x_bar += y_bar * factor;
            }
        }
        Ok(())
    }
}
