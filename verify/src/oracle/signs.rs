//! Every sign vector: means and variances without statistics.

/// Calls `f` with each of the 2ⁿ vectors of ±1, n ≤ 20.
pub fn for_each(n: usize, mut f: impl FnMut(&[f64])) {
    let mut z = vec![1.0; n];
    for code in 0_u32..1 << n {
        for (i, z) in z.iter_mut().enumerate() {
            *z = if code >> i & 1 == 0 { 1.0 } else { -1.0 };
        }
        f(&z);
    }
}
