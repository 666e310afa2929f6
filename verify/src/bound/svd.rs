//! Bounds of the singular value decomposition by one-sided Jacobi.

use teeter::Float;

use super::factor;
use super::gamma_f64;

/// Sweeps that the bounds allow for. The kernel allows thirty; a convention, for no count is proved.
const SWEEPS: usize = 10;

/// One-sided Jacobi on n columns: X̂ = (X + ΔX)J̃ for an exactly orthogonal J̃, ‖ΔX‖_F ≤ γ̃‖X‖_F.
///
/// A rotation costs γ₆ of the rows it turns (Higham 2002, Lemma 19.8), and the rotations of a sweep make 2n sets
/// of disjoint ones (Lemma 19.9).
fn rotations<T: Float>(n: usize) -> f64 {
    gamma_f64::<T>(6 * 2 * n.max(1) * SWEEPS)
}

/// QR of the longer side, if there is one, with its Q applied.
fn reflections<T: Float>([m, n]: [usize; 2]) -> f64 {
    let (long, short) = (m.max(n), m.min(n));
    if long == short {
        return 0.0;
    }
    factor::qr::<T>(long, short) + factor::reflected::<T>(long, short)
}

/// ‖A − ÛΣ̂V̂ᵀ‖_F/‖A‖_F: ΔX, and V̂ = J̃ + ΔJ with ‖ΔJ‖_F ≤ √n·γ̃; four roundings of norm, quotient and scale; the
/// oracle's products.
#[must_use]
pub fn residual<T: Float>(shape: [usize; 2]) -> f64 {
    let r = shape[0].min(shape[1]);
    let own = rotations::<T>(r) * (1.0 + (r as f64).sqrt()) + gamma_f64::<T>(r + 4);
    own + reflections::<T>(shape) + gamma_f64::<f64>(2 * r + 4) * (r as f64).sqrt()
}

/// ‖V̂ᵀV̂ − I‖_F of the rotations: 2√n·γ̃.
#[must_use]
pub fn rotated<T: Float>(n: usize) -> f64 {
    let root = (n as f64).sqrt();
    2.0 * root * rotations::<T>(n) + gamma_f64::<f64>(2 * n + 2) * root
}

/// ‖ÛᵀÛ − I‖_F of the columns made orthogonal: each pair within the tolerance (8 + √n)ε and the error of a product of
/// unit vectors, γₙ₊₄ with the quotients; the reflections of a tall matrix, which keep lengths within theirs.
#[must_use]
pub fn orthogonal<T: Float>(shape: [usize; 2]) -> f64 {
    let r = shape[0].min(shape[1]) as f64;
    let tolerance = (8.0 + r.sqrt()) * T::EPSILON.to_f64();
    let each = tolerance + 2.0 * gamma_f64::<T>(r as usize + 4);
    let reflected = 2.0 * r.sqrt() * reflections::<T>(shape);
    r * each + reflected + gamma_f64::<f64>(2 * (shape[0] + shape[1])) * r.sqrt()
}

/// |σ̂ − σ|/σ for A = BD, D diagonal, B of unit columns: √n·(γ̃ + QR's)/σ_min(B).
///
/// The columns keep their own relative errors, so that D cancels (Demmel, Veselić 1992, Theorem 3.1), and
/// ‖ΔB‖ ≤ √n·γ̃. B changes as the rotations go on; that σ_min of it never falls below half its first is a
/// convention (they saw no fall, §7). The tolerance of the last sweep adds n(8 + √n)ε.
#[must_use]
pub fn relative<T: Float>(shape: [usize; 2], least: f64) -> f64 {
    let r = shape[0].min(shape[1]);
    let root = (r as f64).sqrt();
    let own = 2.0 * root * (rotations::<T>(r) + reflections::<T>(shape)) / least;
    own + r as f64 * (8.0 + root) * T::EPSILON.to_f64() + gamma_f64::<T>(r + 4)
}
