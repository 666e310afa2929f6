//! Softmax attention, head by head.
//!
//! With S = αQKᵀ, α = 1/√e, P = softmax of each row of S, Y = PV; cᵢ = Σⱼ PᵢⱼP̄ᵢⱼ, and mᵢ = Σⱼ PᵢⱼRSᵢⱼ:
//!
//! ```text
//! RP = P ⊙ (RS − m)                     RY = RP V + P RV
//! P̄ = ȲVᵀ    S̄ = P ⊙ (P̄ − c)           Q̄ = αS̄K    K̄ = αS̄ᵀQ    V̄ = PᵀȲ
//! RS̄ = RP ⊙ (P̄ − c) + P ⊙ (RP̄ − Rc)     and R of the products above
//! ```
//!
//! P is found anew in every pass, so nothing of order tokens² is kept between them.

use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemm};
use crate::objective::AttentionMask;
use crate::objective::network::map::{Context, Map, Point};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::vector;

/// See [`NetworkLayer::Attention`](crate::objective::NetworkLayer::Attention).
#[derive(Clone, Copy)]
pub(super) struct Attention {
    pub(super) tokens: usize,
    pub(super) features: usize,
    pub(super) heads: usize,
    pub(super) mask: AttentionMask,
}

/// Which third of a position.
#[derive(Clone, Copy)]
enum Role {
    Query,
    Key,
    Value,
}

/// One head of one sample.
#[derive(Clone, Copy)]
struct Head {
    of: Attention,
    sample: usize,
    index: usize,
}

impl Head {
    fn width(self) -> usize {
        self.of.features / self.of.heads.max(1)
    }

    /// α.
    fn alpha<T: Float>(self) -> T {
        T::ONE / T::from_usize(self.width()).sqrt()
    }

    /// Where q, k or v of the first token begins.
    fn place(self, role: Role) -> usize {
        let third = match role {
            Role::Query => 0,
            Role::Key => 1,
            Role::Value => 2,
        };
        (self.sample * self.of.tokens * 3 + third) * self.of.features + self.index * self.width()
    }

    /// Q, K or V: tokens × e.
    fn read<'x, T: Float>(self, x: &'x [T], role: Role) -> Result<MatRef<'x, T>, Error> {
        let x = x.get(self.place(role)..).unwrap_or_default();
        MatRef::strided(x, [self.of.tokens, self.width()], [3 * self.of.features, 1])
    }

    fn write<'x, T: Float>(self, x: &'x mut [T], role: Role) -> Result<MatMut<'x, T>, Error> {
        let x = x.get_mut(self.place(role)..).unwrap_or_default();
        MatMut::strided(x, [self.of.tokens, self.width()], [3 * self.of.features, 1])
    }

    /// Y of this head: tokens × e.
    fn output<'y, T: Float>(self, y: &'y [T]) -> Result<MatRef<'y, T>, Error> {
        let start = self.sample * self.of.tokens * self.of.features + self.index * self.width();
        let y = y.get(start..).unwrap_or_default();
        MatRef::strided(y, [self.of.tokens, self.width()], [self.of.features, 1])
    }

    fn output_mut<'y, T: Float>(self, y: &'y mut [T]) -> Result<MatMut<'y, T>, Error> {
        let start = self.sample * self.of.tokens * self.of.features + self.index * self.width();
        let y = y.get_mut(start..).unwrap_or_default();
        MatMut::strided(y, [self.of.tokens, self.width()], [self.of.features, 1])
    }

    /// P.
    fn weights<T: Float>(self, machine: Machine, x: &[T], p: &mut [T]) -> Result<(), Error> {
        let tokens = self.of.tokens.max(1);
        let (q, k) = (self.read(x, Role::Query)?, self.read(x, Role::Key)?);
        let s = MatMut::row_major(p, tokens, tokens)?;
        gemm(machine, self.alpha(), q, k.t(), T::ZERO, s)?;
        for (i, row) in pieces_mut(p, tokens).enumerate() {
            if self.of.mask == AttentionMask::Causal {
                row.iter_mut().skip(i + 1).for_each(|s| *s = -T::INFINITY);
            }
            softmax(machine, row);
        }
        Ok(())
    }

    /// RP, given P.
    fn weights_along<T: Float>(
        self,
        machine: Machine,
        [x, rx]: [&[T]; 2],
        p: &[T],
        rp: &mut [T],
    ) -> Result<(), Error> {
        let (tokens, alpha) = (self.of.tokens.max(1), self.alpha());
        let [q, k] = [self.read(x, Role::Query)?, self.read(x, Role::Key)?];
        let [rq, rk] = [self.read(rx, Role::Query)?, self.read(rx, Role::Key)?];
        let mut rs = MatMut::row_major(rp, tokens, tokens)?;
        gemm(machine, alpha, rq, k.t(), T::ZERO, rs.rb_mut())?;
        gemm(machine, alpha, q, rk.t(), T::ONE, rs)?;
        for (rp, p) in pieces_mut(rp, tokens).zip(pieces(p, tokens)) {
            center(p, rp);
        }
        Ok(())
    }

    /// P̄ = ȲVᵀ.
    fn weights_bar<T: Float>(
        self,
        machine: Machine,
        (x, y_bar): (&[T], &[T]),
        beta: T,
        p_bar: &mut [T],
    ) -> Result<(), Error> {
        let (y_bar, v) = (self.output(y_bar)?, self.read(x, Role::Value)?);
        let p_bar = MatMut::row_major(p_bar, self.of.tokens, self.of.tokens)?;
        gemm(machine, T::ONE, y_bar, v.t(), beta, p_bar)
    }

    /// q̄ ← q̄ + αS̄K, k̄ ← k̄ + αS̄ᵀQ.
    fn add_scores<T: Float>(
        self,
        machine: Machine,
        s_bar: &[T],
        x: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        let (tokens, alpha) = (self.of.tokens, self.alpha());
        let s_bar = MatRef::row_major(s_bar, tokens, tokens)?;
        let (q, k) = (self.read(x, Role::Query)?, self.read(x, Role::Key)?);
        gemm(machine, alpha, s_bar, k, T::ONE, self.write(x_bar, Role::Query)?)?;
        gemm(machine, alpha, s_bar.t(), q, T::ONE, self.write(x_bar, Role::Key)?)
    }

    /// v̄ ← v̄ + PᵀȲ.
    fn add_values<T: Float>(
        self,
        machine: Machine,
        p: &[T],
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        let p = MatRef::row_major(p, self.of.tokens, self.of.tokens)?;
        let y_bar = self.output(y_bar)?;
        gemm(machine, T::ONE, p.t(), y_bar, T::ONE, self.write(x_bar, Role::Value)?)
    }
}

/// A row of scores ← its softmax.
fn softmax<T: Float>(machine: Machine, row: &mut [T]) {
    let largest =
        row.iter().fold(-T::INFINITY, |largest, &s| if s > largest { s } else { largest });
    row.iter_mut().for_each(|s| *s -= largest);
    vector::exp_in_place(machine, row);
    let sum = row.iter().fold(T::ZERO, |sum, &e| sum + e);
    row.iter_mut().for_each(|e| *e /= sum);
}

/// d ← p ⊙ (d − Σ pd).
fn center<T: Float>(p: &[T], d: &mut [T]) {
    let mean = weighted(p, d);
    d.iter_mut().zip(p).for_each(|(d, &p)| *d = p * (*d - mean));
}

/// Σ pd.
fn weighted<T: Float>(p: &[T], d: &[T]) -> T {
    p.iter().zip(d).fold(T::ZERO, |sum, (&p, &d)| sum + p * d)
}

impl Attention {
    fn heads(self, samples: usize) -> impl Iterator<Item = Head> {
        let heads = self.heads;
        (0..samples)
            .flat_map(move |sample| (0..heads).map(move |index| Head { of: self, sample, index }))
    }

    /// The four squares of the work.
    fn squares<'w, T>(&self, work: &'w mut [T]) -> Result<[&'w mut [T]; 4], Error> {
        let len = self.tokens * self.tokens;
        let mut rest = work;
        let mut next = || crate::check::take(&mut rest, len);
        Ok([next()?, next()?, next()?, next()?])
    }
}

impl<T: Float> Map<T> for Attention {
    fn forward(&self, cx: &mut Context<'_, T>, at: Point<'_, T>, y: &mut [T]) -> Result<(), Error> {
        let [p, ..] = self.squares(cx.work)?;
        for head in self.heads(cx.samples) {
            head.weights(cx.machine, at.input, p)?;
            let p = MatRef::row_major(p, self.tokens, self.tokens)?;
            let v = head.read(at.input, Role::Value)?;
            gemm(cx.machine, T::ONE, p, v, T::ZERO, head.output_mut(y)?)?;
        }
        Ok(())
    }

    fn tangent(
        &self,
        cx: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        ry: &mut [T],
    ) -> Result<(), Error> {
        let (machine, tokens) = (cx.machine, self.tokens);
        let [p, rp, ..] = self.squares(cx.work)?;
        for head in self.heads(cx.samples) {
            head.weights(machine, at.input, p)?;
            head.weights_along(machine, [at.input, along.input], p, rp)?;
            let (v, rv) = (head.read(at.input, Role::Value)?, head.read(along.input, Role::Value)?);
            let (p, rp) =
                (MatRef::row_major(p, tokens, tokens)?, MatRef::row_major(rp, tokens, tokens)?);
            gemm(machine, T::ONE, rp, v, T::ZERO, head.output_mut(ry)?)?;
            gemm(machine, T::ONE, p, rv, T::ONE, head.output_mut(ry)?)?;
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
        let [p, s_bar, ..] = self.squares(cx.work)?;
        for head in self.heads(cx.samples) {
            head.weights(cx.machine, at.input, p)?;
            head.weights_bar(cx.machine, (at.input, y_bar), T::ZERO, s_bar)?;
            let n = self.tokens.max(1);
            for (s_bar, p) in pieces_mut(s_bar, n).zip(pieces(p, n)) {
                center(p, s_bar);
            }
            head.add_scores(cx.machine, s_bar, at.input, x_bar)?;
            head.add_values(cx.machine, p, y_bar, x_bar)?;
        }
        Ok(())
    }

    fn pull_tangent(
        &self,
        cx: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        [y_bar, ry_bar]: [&[T]; 2],
        rx_bar: &mut [T],
    ) -> Result<(), Error> {
        let machine = cx.machine;
        let [p, rp, s_bar, rs_bar] = self.squares(cx.work)?;
        for head in self.heads(cx.samples) {
            head.weights(machine, at.input, p)?;
            head.weights_along(machine, [at.input, along.input], p, rp)?;
            head.weights_bar(machine, (at.input, y_bar), T::ZERO, s_bar)?;
            head.weights_bar(machine, (at.input, ry_bar), T::ZERO, rs_bar)?;
            head.weights_bar(machine, (along.input, y_bar), T::ONE, rs_bar)?;
            let n = self.tokens.max(1);
            let rows = pieces_mut(s_bar, n).zip(pieces_mut(rs_bar, n));
            for ((bar, r_bar), (p, rp)) in rows.zip(pieces(p, n).zip(pieces(rp, n))) {
                bend(p, rp, bar, r_bar);
            }
            head.add_scores(machine, rs_bar, at.input, rx_bar)?;
            head.add_scores(machine, s_bar, along.input, rx_bar)?;
            head.add_values(machine, rp, y_bar, rx_bar)?;
            head.add_values(machine, p, ry_bar, rx_bar)?;
        }
        Ok(())
    }
}

/// One row: S̄ where P̄ was, RS̄ where RP̄ was.
fn bend<T: Float>(p: &[T], rp: &[T], bar: &mut [T], r_bar: &mut [T]) {
    let c = weighted(p, bar);
    let rc = weighted(rp, bar) + weighted(p, r_bar);
    for ((bar, r_bar), (&p, &rp)) in bar.iter_mut().zip(r_bar).zip(p.iter().zip(rp)) {
        *r_bar = rp * (*bar - c) + p * (*r_bar - rc);
        *bar = p * (*bar - c);
    }
}
