//! The inputs of what is measured.

use teeter::Float;
use teeter::random::{Stream, uniforms_into};

use crate::buffer::Buffer;
pub use crate::operation::{Layout, Operation, Shape};

/// A shape with the memory of its inputs and outputs. Each implementation gets a clone, each of its parts at the
/// same place of a page.
#[derive(Clone, Debug)]
#[repr(align(4096))]
pub struct Case<T: Float> {
    /// What is computed, how, how large.
    pub shape: Shape,
    /// α of axpy and ger: small and exact, so that sums may run for long.
    pub alpha: T,
    /// A, n × n.
    pub a: Buffer<T>,
    /// B, n × n.
    pub b: Buffer<T>,
    /// C, n × n: products, factors, solutions, eigenvectors.
    pub c: Buffer<T>,
    /// x, n; the start of Lanczos.
    pub x: Buffer<T>,
    /// y, n: results, eigenvalues.
    pub y: Buffer<T>,
    /// A result that is one number.
    pub value: T,
}

/// The largest eigenvalue of the matrix that Lanczos is given; all others lie in (0, 1).
pub const LARGEST_EIGENVALUE: f64 = 2.0;

/// ‖Av − θv‖ ≤ √ε·|θ| for everyone.
#[must_use]
pub fn lanczos_tolerance<T: Float>() -> T {
    T::EPSILON.sqrt()
}

impl<T: Float> Case<T> {
    /// The inputs of a shape; always the same ones.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        use Operation as O;
        let n = shape.n;
        let operation = shape.operation;
        let stream = Stream::new(2, 0x62_65_6e_63_68);
        let vector = |k: u64| random(stream.child(k), n, |u| T::TWO * u - T::ONE);
        let matrix = |k: u64| random(stream.child(k), n * n, |u| T::TWO * u - T::ONE);
        let none = || Buffer::zeros(0);
        let a = match operation {
            O::Dot | O::Axpy | O::Norm2 | O::Exp | O::Tanh => none(),
            O::Cholesky => dominant(&matrix(0), n, |_| T::ONE),
            // Its pivots are the diagonal itself, so that pivoting finds nothing to do.
            O::Ldlt => dominant(&matrix(0), n, |i| if i % 2 == 0 { T::ONE } else { -T::ONE }),
            O::Trsm => dominant(&matrix(0), n, |_| T::ONE),
            O::SymmetricEigen => symmetric(&matrix(0), n),
            O::Lanczos => with_gap(&vector(0), n),
            _ => matrix(0),
        };
        let has_b = matches!(operation, O::Gemm | O::GemmTn | O::GemmNt | O::Trsm);
        let has_c = operation.fuses();
        // Up to where tanh saturates, for exp a few decades.
        let x = if matches!(operation, O::Exp | O::Tanh) {
            random(stream.child(3), n, |u| T::from_f64(8.0) * (u - T::HALF))
        } else {
            vector(3)
        };
        Self {
            shape,
            alpha: T::from_f64(1.0 / 1024.0),
            // Apart from each other and from `value`, which stands in the first lines of a page.
            a: a.placed(48),
            b: if has_b { matrix(1).placed(8) } else { none() },
            c: if has_c { Buffer::zeros(n * n).placed(25) } else { none() },
            x: x.placed(16),
            y: vector(4).placed(33),
            value: T::NAN,
        }
    }
}

fn random<T: Float>(stream: Stream, len: usize, f: impl Fn(T) -> T) -> Buffer<T> {
    let mut buffer = Buffer::zeros(len);
    uniforms_into(stream, &mut buffer);
    buffer.iter_mut().for_each(|x| *x = f(*x));
    buffer
}

/// (M + Mᵀ)/2, exactly symmetric.
fn symmetric<T: Float>(m: &[T], n: usize) -> Buffer<T> {
    Buffer::new(n * n, |k| {
        let (i, j) = (k / n, k % n);
        T::HALF * (m[i * n + j] + m[j * n + i])
    })
}

/// The symmetric part with ±n on the diagonal: dominant, and positive definite where all are +.
fn dominant<T: Float>(m: &[T], n: usize, sign: impl Fn(usize) -> T) -> Buffer<T> {
    let mut a = symmetric(m, n);
    for i in 0..n {
        a[i * n + i] = sign(i) * T::from_usize(n);
    }
    a
}

/// HΛH with a random reflector H and Λ = diag(1/n, 2/n, …, (n − 1)/n, 2).
fn with_gap<T: Float>(v: &[T], n: usize) -> Buffer<T> {
    let v: Vec<f64> = v.iter().map(|x| x.to_f64()).collect();
    let square: f64 = v.iter().map(|x| x * x).sum();
    let lambda = |i: usize| if i + 1 == n { LARGEST_EIGENVALUE } else { (i + 1) as f64 / n as f64 };
    // H = I − τvvᵀ, so HΛH = Λ − τ(v wᵀ + w vᵀ) + τ²(vᵀw) vvᵀ with w = Λv.
    let tau = 2.0 / square;
    let w: Vec<f64> = v.iter().enumerate().map(|(i, x)| lambda(i) * x).collect();
    let middle: f64 = tau * tau * v.iter().zip(&w).map(|(v, w)| v * w).sum::<f64>();
    Buffer::new(n * n, |k| {
        let (i, j) = ((k / n).max(k % n), (k / n).min(k % n));
        let diagonal = if i == j { lambda(i) } else { 0.0 };
        T::from_f64(diagonal - tau * (v[i] * w[j] + w[i] * v[j]) + middle * v[i] * v[j])
    })
}
