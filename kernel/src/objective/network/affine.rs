//! Dense layers and convolutions: a sum of products, one for each tap of a window.
//!
//! For one tap and one row of the image, the positions that it reads are rows of a matrix with a stride, and so are
//! those that it adds to: y += x(tap)·W(tap) is a `gemm` on views, and nothing is copied. A dense layer is the
//! window of one tap; then all positions of all samples are one product.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemm};
use crate::objective::mlp::spread;
use crate::objective::network::map::{Context, Map, Point};
use crate::objective::shape::{part, part_mut};
use crate::simd::{Machine, pieces};
use crate::vector;

/// A window that moves over an image; [rows, columns] each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Affine {
    input: [usize; 2],
    output: [usize; 2],
    /// Before and after.
    channels: [usize; 2],
    taps: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
}

/// One product: which tap, and from where to where.
#[derive(Clone, Copy)]
struct Product {
    tap: usize,
    x: usize,
    x_stride: usize,
    y: usize,
    count: usize,
}

/// Windows over `len` positions with zeros at both ends.
fn windows(len: usize, taps: usize, stride: usize, padding: usize) -> Result<usize, Error> {
    check::not_empty("width", taps)?;
    check::not_empty("stride", stride)?;
    let all = len.saturating_add(padding.saturating_mul(2));
    check::at_least("layers", taps, all)?;
    Ok((all - taps) / stride + 1)
}

/// The windows whose tap lies on one of `len` positions: the first, how many, and the position of the first.
fn reached(
    tap: usize,
    (len, count): (usize, usize),
    stride: usize,
    padding: usize,
) -> (usize, usize, usize) {
    // At least 1 since it was checked; here so that the compiler knows.
    let stride = stride.max(1);
    let first = padding.saturating_sub(tap).div_ceil(stride);
    let at = first.saturating_mul(stride).saturating_add(tap).saturating_sub(padding);
    let end = if at < len { first + (len - 1 - at) / stride + 1 } else { first };
    (first, end.min(count).saturating_sub(first), at)
}

impl Affine {
    pub(super) fn new(
        input: [usize; 2],
        channels: [usize; 2],
        taps: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
    ) -> Result<Self, Error> {
        let [(height, width), (down, across)] = [input, taps].map(|[a, b]| (a, b));
        let rows = windows(height, down, stride[0], padding[0])?;
        let columns = windows(width, across, stride[1], padding[1])?;
        check::not_empty("outputs", channels[1])?;
        Ok(Self { input, output: [rows, columns], channels, taps, stride, padding })
    }

    pub(super) fn output_len(&self) -> usize {
        let [rows, columns] = self.output;
        rows.saturating_mul(columns).saturating_mul(self.channels[1])
    }

    pub(super) fn param_len(&self) -> usize {
        let [rows, columns] = self.taps;
        let taps = rows.saturating_mul(columns);
        taps.saturating_mul(self.channels[0]).saturating_add(1).saturating_mul(self.channels[1])
    }

    /// The products of `samples` images, in an order that no one's sums depend on but by tap.
    fn products(self, samples: usize) -> impl Iterator<Item = Product> {
        let whole = self.taps == [1, 1] && self.stride == [1, 1] && self.padding == [0, 0];
        let positions = self.input[0] * self.input[1];
        // Windows of one position are all positions of all images at once.
        let (images, input, output) = if whole {
            (1, [1, samples * positions], [1, samples * positions])
        } else {
            (samples, self.input, self.output)
        };
        let [inputs, outputs] = self.channels;
        (0..images).flat_map(move |image| {
            let (x0, y0) = (image * input[0] * input[1], image * output[0] * output[1]);
            let taps = (0..self.taps[0])
                .flat_map(move |down| (0..self.taps[1]).map(move |across| (down, across)));
            taps.flat_map(move |(down, across)| {
                let tap = down * self.taps[1] + across;
                let [rows, columns] = [(down, 0), (across, 1)].map(|(tap, side)| {
                    let lengths = (input[side], output[side]);
                    reached(tap, lengths, self.stride[side], self.padding[side])
                });
                let (first_column, count, column) = columns;
                let (first_row, row_count, row) = rows;
                (0..row_count).filter(move |_| count > 0).map(move |i| Product {
                    tap,
                    x: (x0 + (row + i * self.stride[0]) * input[1] + column) * inputs,
                    x_stride: self.stride[1] * inputs,
                    y: (y0 + (first_row + i) * output[1] + first_column) * outputs,
                    count,
                })
            })
        })
    }

    /// W of one tap.
    fn weights<'p, T: Float>(&self, params: &'p [T], tap: usize) -> Result<MatRef<'p, T>, Error> {
        let [inputs, outputs] = self.channels;
        let len = inputs * outputs;
        MatRef::row_major(part(params, tap * len, len)?, inputs, outputs)
    }

    /// b.
    fn bias<'p, T: Float>(&self, params: &'p [T]) -> Result<&'p [T], Error> {
        let outputs = self.channels[1];
        part(params, self.param_len().saturating_sub(outputs), outputs)
    }

    /// The rows of x that a product reads.
    fn x<'x, T: Float>(&self, x: &'x [T], product: &Product) -> Result<MatRef<'x, T>, Error> {
        let (shape, strides) = ([product.count, self.channels[0]], [product.x_stride, 1]);
        MatRef::strided(x.get(product.x..).unwrap_or_default(), shape, strides)
    }

    /// The rows of y that it adds to.
    fn y<'y, T: Float>(&self, y: &'y [T], product: &Product) -> Result<MatRef<'y, T>, Error> {
        let outputs = self.channels[1];
        MatRef::row_major(part(y, product.y, product.count * outputs)?, product.count, outputs)
    }

    /// y ← y + x ∗ W.
    fn add<T: Float>(
        &self,
        machine: Machine,
        samples: usize,
        params: &[T],
        x: &[T],
        y: &mut [T],
    ) -> Result<(), Error> {
        let outputs = self.channels[1];
        for product in self.products(samples) {
            let y = part_mut(y, product.y, product.count * outputs)?;
            let y = MatMut::row_major(y, product.count, outputs)?;
            let w = self.weights(params, product.tap)?;
            gemm(machine, T::ONE, self.x(x, &product)?, w, T::ONE, y)?;
        }
        Ok(())
    }

    /// x̄ ← x̄ + ȳ ∗ Wᵀ.
    fn add_back<T: Float>(
        &self,
        machine: Machine,
        samples: usize,
        params: &[T],
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        let inputs = self.channels[0];
        for product in self.products(samples) {
            let x = x_bar.get_mut(product.x..).unwrap_or_default();
            let x = MatMut::strided(x, [product.count, inputs], [product.x_stride, 1])?;
            let w = self.weights(params, product.tap)?;
            gemm(machine, T::ONE, self.y(y_bar, &product)?, w.t(), T::ONE, x)?;
        }
        Ok(())
    }

    /// W̄ ← W̄ + xᵀ ∗ ȳ.
    fn add_weights<T: Float>(
        &self,
        machine: Machine,
        samples: usize,
        (x, y_bar): (&[T], &[T]),
        p_bar: &mut [T],
    ) -> Result<(), Error> {
        let [inputs, outputs] = self.channels;
        let len = inputs * outputs;
        for product in self.products(samples) {
            let w = MatMut::row_major(part_mut(p_bar, product.tap * len, len)?, inputs, outputs)?;
            let (x, y) = (self.x(x, &product)?, self.y(y_bar, &product)?);
            gemm(machine, T::ONE, x.t(), y, T::ONE, w)?;
        }
        Ok(())
    }

    /// b̄ ← b̄ + Σ ȳ.
    fn add_bias<T: Float>(
        &self,
        machine: Machine,
        y_bar: &[T],
        p_bar: &mut [T],
    ) -> Result<(), Error> {
        let outputs = self.channels[1];
        let bias = part_mut(p_bar, self.param_len().saturating_sub(outputs), outputs)?;
        pieces(y_bar, outputs).try_for_each(|row| vector::axpy(machine, T::ONE, row, bias))
    }
}

impl<T: Float> Map<T> for Affine {
    fn forward(&self, cx: &mut Context<'_, T>, at: Point<'_, T>, y: &mut [T]) -> Result<(), Error> {
        spread(self.bias(at.params)?, y);
        self.add(cx.machine, cx.samples, at.params, at.input, y)
    }

    fn tangent(
        &self,
        cx: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        ry: &mut [T],
    ) -> Result<(), Error> {
        spread(self.bias(along.params)?, ry);
        self.add(cx.machine, cx.samples, along.params, at.input, ry)?;
        self.add(cx.machine, cx.samples, at.params, along.input, ry)
    }

    fn pull(
        &self,
        cx: &mut Context<'_, T>,
        at: Point<'_, T>,
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        self.add_back(cx.machine, cx.samples, at.params, y_bar, x_bar)
    }

    fn collect(
        &self,
        cx: &mut Context<'_, T>,
        at: Point<'_, T>,
        y_bar: &[T],
        p_bar: &mut [T],
    ) -> Result<(), Error> {
        self.add_weights(cx.machine, cx.samples, (at.input, y_bar), p_bar)?;
        self.add_bias(cx.machine, y_bar, p_bar)
    }

    fn pull_tangent(
        &self,
        cx: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        [y_bar, ry_bar]: [&[T]; 2],
        rx_bar: &mut [T],
    ) -> Result<(), Error> {
        self.add_back(cx.machine, cx.samples, at.params, ry_bar, rx_bar)?;
        self.add_back(cx.machine, cx.samples, along.params, y_bar, rx_bar)
    }

    fn collect_tangent(
        &self,
        cx: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        [y_bar, ry_bar]: [&[T]; 2],
        rp_bar: &mut [T],
    ) -> Result<(), Error> {
        self.add_weights(cx.machine, cx.samples, (at.input, ry_bar), rp_bar)?;
        self.add_weights(cx.machine, cx.samples, (along.input, y_bar), rp_bar)?;
        self.add_bias(cx.machine, ry_bar, rp_bar)
    }
}
