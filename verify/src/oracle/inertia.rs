//! The inertia of a symmetric matrix in exact rationals, by congruence (Sylvester).

use super::exact::Exact;

/// How many eigenvalues of the row-major symmetric matrix are negative, zero, positive.
#[must_use]
pub fn of(a: &[Exact], n: usize) -> [usize; 3] {
    let mut a = a.to_vec();
    let mut counts = [0; 3];
    for k in 0..n {
        if !bring_pivot(&mut a, n, k) {
            counts[1] = n - k;
            break;
        }
        let pivot = a[k * n + k].clone();
        counts[if pivot < Exact::ZERO { 0 } else { 2 }] += 1;
        for i in k + 1..n {
            let factor = &a[i * n + k] / &pivot;
            if factor == Exact::ZERO {
                continue;
            }
            for j in k + 1..n {
                let product = &factor * &a[k * n + j];
                a[i * n + j] -= product;
            }
        }
    }
    counts
}

/// Brings an element that is not zero to (k, k); whether there is one.
fn bring_pivot(a: &mut [Exact], n: usize, k: usize) -> bool {
    let place = (k..n).find(|&i| a[i * n + i] != Exact::ZERO).or_else(|| {
        let hidden = (k..n).flat_map(|i| (k..i).map(move |j| (i, j)));
        let (i, j) = hidden.into_iter().find(|&(i, j)| a[i * n + j] != Exact::ZERO)?;
        // Row and column j plus those of i: 2aᵢⱼ appears on the diagonal.
        for c in k..n {
            let value = a[i * n + c].clone();
            a[j * n + c] += value;
        }
        for c in k..n {
            let value = a[c * n + i].clone();
            a[c * n + j] += value;
        }
        Some(j)
    });
    let Some(place) = place else { return false };
    for c in k..n {
        a.swap(k * n + c, place * n + c);
    }
    for c in k..n {
        a.swap(c * n + k, c * n + place);
    }
    true
}
