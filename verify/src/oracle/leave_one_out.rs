//! Leaving probes out by the definitions of XTrace and XNysTrace, in f64.

use teeter::trace::Probe;

use super::{naive, reference};

/// x without its part in the span of orthonormal vectors, by two passes.
#[must_use]
pub fn outside(q: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    let mut x = x.to_vec();
    for _ in 0..2 {
        for q in q {
            let along = naive::dot(q, &x);
            x.iter_mut().zip(q).for_each(|(x, q)| *x -= along * q);
        }
    }
    x
}

/// An orthonormal basis of the span of vectors that are far from dependent, or whole-number combinations of others.
pub fn basis<'a>(list: impl Iterator<Item = &'a Vec<f64>>) -> Vec<Vec<f64>> {
    let mut q: Vec<Vec<f64>> = Vec::new();
    for x in list {
        let left = outside(&q, x);
        let norm = naive::norm(&left);
        if norm <= f64::EPSILON.sqrt() * naive::norm(x) {
            continue;
        }
        q.push(left.iter().map(|x| x / norm).collect());
    }
    q
}

/// Tr(QᵢᵀAQᵢ) + c·ωᵢᵀ(I − Pᵢ)A(I − Pᵢ)ωᵢ for each i, Qᵢ from all probes but i.
#[must_use]
pub fn xtrace(a: &[f64], probe: Probe, list: &[&Vec<f64>]) -> Vec<f64> {
    let n = list[0].len();
    let products: Vec<Vec<f64>> = list.iter().map(|z| naive::apply(a, z)).collect();
    let one = |i: usize| {
        let others = products.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, y)| y);
        let q = basis(others);
        let known: f64 = q.iter().map(|q| naive::dot(q, &naive::apply(a, q))).sum();
        let left = outside(&q, list[i]);
        let sample = naive::dot(&left, &naive::apply(a, &left));
        let scale = match probe {
            Probe::Rademacher => 1.0,
            Probe::Gaussian => (n - q.len()) as f64 / naive::dot(&left, &left),
        };
        known + scale * sample
    };
    (0..list.len()).map(one).collect()
}

/// Tr Âᵢ + c·ωᵢᵀ(A − Âᵢ)ωᵢ for each i, Âᵢ = Y(ΩᵀY)⁻¹Yᵀ from all probes but i, on a space of so many dimensions.
#[must_use]
pub fn nystrom(a: &[f64], probe: Probe, list: &[&Vec<f64>], dimensions: usize) -> Vec<f64> {
    let n = list[0].len();
    let one = |i: usize| {
        let others: Vec<_> = list.iter().enumerate().filter(|(j, _)| *j != i).collect();
        let y: Vec<Vec<f64>> = others.iter().map(|(_, z)| naive::apply(a, z)).collect();
        let k = y.len();
        let small: Vec<f64> =
            others.iter().flat_map(|(_, z)| y.iter().map(|y| naive::dot(z, y))).collect();
        let inverse = if k == 0 { Vec::new() } else { reference::inverse(&small, k) };
        let form = |x: &[f64]| {
            let along: Vec<f64> = y.iter().map(|y| naive::dot(y, x)).collect();
            naive::dot(&along, &if k == 0 { Vec::new() } else { naive::apply(&inverse, &along) })
        };
        let unit = |j: usize| (0..n).map(|i| f64::from(u8::from(i == j))).collect::<Vec<f64>>();
        let known: f64 = (0..n).map(|j| form(&unit(j))).sum();
        let sample = naive::dot(list[i], &naive::apply(a, list[i])) - form(list[i]);
        let scale = match probe {
            Probe::Rademacher => 1.0,
            Probe::Gaussian => {
                let q = basis(others.iter().map(|(_, z)| **z));
                let left = outside(&q, list[i]);
                (dimensions - k) as f64 / naive::dot(&left, &left)
            }
        };
        known + scale * sample
    };
    (0..list.len()).map(one).collect()
}

/// [`nystrom`] on the whole space.
#[must_use]
pub fn xnystrace(a: &[f64], probe: Probe, list: &[&Vec<f64>]) -> Vec<f64> {
    nystrom(a, probe, list, list[0].len())
}

/// The columns of Lanczos' process, the matrix without them, the trace on them, and ‖Aq₁ − (q₁ᵀAq₁)q₁‖.
pub struct Deflation {
    /// The columns.
    pub q: Vec<Vec<f64>>,
    /// (I − QQᵀ)A(I − QQᵀ)
    pub rest: Vec<f64>,
    /// Tr(QᵀAQ)
    pub known: f64,
    /// The length that the second one had.
    pub beta: f64,
}

/// Two of them, from this vector.
#[must_use]
pub fn deflation(a: &[f64], start: &[f64]) -> Deflation {
    let n = a.len().isqrt();
    let first = basis(std::iter::once(&start.to_vec()));
    let next = naive::apply(a, &first[0]);
    let beta = naive::norm(&outside(&first, &next));
    let q = basis([&first[0], &next].into_iter());
    let known = q.iter().map(|q| naive::dot(q, &naive::apply(a, q))).sum();
    let unit = |j: usize| (0..n).map(|i| f64::from(u8::from(i == j))).collect::<Vec<f64>>();
    let column = |j: usize| outside(&q, &naive::apply(a, &outside(&q, &unit(j))));
    let rest = (0..n).flat_map(column).collect();
    Deflation { q, rest, known, beta }
}
