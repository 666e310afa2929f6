//! What is measured: an operation, a layout, a size, and its inputs.

use std::fmt;

use teeter::Float;
use teeter::random::{Stream, uniforms_into};

use crate::buffer::Buffer;

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// xᵀy
    Dot,
    /// y ← αx + y
    Axpy,
    /// ‖x‖₂
    Norm2,
    /// y ← tanh x, as a copy and a function in place
    Tanh,
    /// y ← Ax
    Gemv,
    /// y ← Aᵀx
    GemvT,
    /// A ← A + αxyᵀ
    Ger,
    /// C ← AB
    Gemm,
    /// C ← AᵀB
    GemmT,
    /// A = LLᵀ; the copy of A that it overwrites is counted, for everyone
    Cholesky,
    /// A = VΛVᵀ, values and vectors; the copy of A is counted, for everyone
    SymmetricEigen,
    /// The largest eigenpair from products, to equal tolerance
    Lanczos,
}

impl Operation {
    /// Whether a fused machine computes it differently from a strict one.
    #[must_use]
    pub fn fuses(self) -> bool {
        matches!(self, Self::Gemm | Self::GemmT | Self::Cholesky)
    }

    /// The name in tables and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dot => "dot",
            Self::Axpy => "axpy",
            Self::Norm2 => "norm2",
            Self::Tanh => "tanh",
            Self::Gemv => "gemv",
            Self::GemvT => "gemv A^T x",
            Self::Ger => "ger",
            Self::Gemm => "gemm",
            Self::GemmT => "gemm A^T B",
            Self::Cholesky => "cholesky",
            Self::SymmetricEigen => "symmetric_eigen",
            Self::Lanczos => "extremal_eigenpair",
        }
    }
}

/// How the matrices lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// No matrix takes part.
    Vector,
    /// Rows adjacent.
    Row,
    /// Columns adjacent.
    Col,
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Vector => "-",
            Self::Row => "row",
            Self::Col => "col",
        })
    }
}

/// An operation in a layout at a size, not yet of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What is computed.
    pub operation: Operation,
    /// How its matrices lie.
    pub layout: Layout,
    /// Length of the vectors, order of the matrices.
    pub n: usize,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.operation.name(), self.layout, self.n)
    }
}

/// Which sizes to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// A few sizes: a minute or so.
    Quick,
    /// All of n = 4 … 512.
    Full,
}

/// Every shape there is to measure, in the order of the table.
#[must_use]
pub fn plan(extent: Extent) -> Vec<Shape> {
    let quick = extent == Extent::Quick;
    let vectors: &[usize] =
        if quick { &[16, 256, 4096] } else { &[4, 8, 16, 32, 64, 128, 256, 1024, 4096, 65536] };
    let matrices: &[usize] = if quick {
        &[8, 32, 128, 256]
    } else {
        &[4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]
    };
    // faer's solver needs n ≥ 65 or panics, and never returns on some inputs; this one it can.
    let krylov: &[usize] = if quick { &[256] } else { &[256, 512] };
    use Layout::{Col, Row, Vector};
    use Operation as O;
    let list = [
        (O::Dot, Vector, vectors),
        (O::Axpy, Vector, vectors),
        (O::Norm2, Vector, vectors),
        (O::Tanh, Vector, vectors),
        (O::Gemv, Row, matrices),
        (O::Gemv, Col, matrices),
        (O::GemvT, Row, matrices),
        (O::Ger, Row, matrices),
        (O::Ger, Col, matrices),
        (O::Gemm, Row, matrices),
        (O::Gemm, Col, matrices),
        (O::GemmT, Col, matrices),
        (O::Cholesky, Row, matrices),
        (O::Cholesky, Col, matrices),
        (O::SymmetricEigen, Col, matrices),
        (O::Lanczos, Col, krylov),
    ];
    let shapes = |(operation, layout, sizes): (Operation, Layout, &[usize])| {
        sizes.iter().map(move |&n| Shape { operation, layout, n }).collect::<Vec<_>>()
    };
    list.into_iter().flat_map(shapes).collect()
}

/// A shape with the memory of its inputs and outputs. Each implementation gets a clone.
#[derive(Clone, Debug)]
pub struct Case<T: Float> {
    /// What is computed, how, how large.
    pub shape: Shape,
    /// α of axpy and ger: small and exact, so that sums may run for long.
    pub alpha: T,
    /// A, n × n.
    pub a: Buffer<T>,
    /// B, n × n.
    pub b: Buffer<T>,
    /// C, n × n: products, factors, eigenvectors.
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
            O::Dot | O::Axpy | O::Norm2 | O::Tanh => none(),
            O::Gemv | O::GemvT | O::Ger | O::Gemm | O::GemmT => matrix(0),
            O::Cholesky => positive_definite(&matrix(0), n),
            O::SymmetricEigen => symmetric(&matrix(0), n),
            O::Lanczos => with_gap(&vector(0), n),
        };
        let has_b = matches!(operation, O::Gemm | O::GemmT);
        let has_c = has_b || matches!(operation, O::Cholesky | O::SymmetricEigen);
        // tanh is interesting up to where it saturates.
        let x = if operation == O::Tanh {
            random(stream.child(3), n, |u| T::from_f64(8.0) * (u - T::HALF))
        } else {
            vector(3)
        };
        Self {
            shape,
            alpha: T::from_f64(1.0 / 1024.0),
            a,
            b: if has_b { matrix(1) } else { none() },
            c: if has_c { Buffer::zeros(n * n) } else { none() },
            x,
            y: vector(4),
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

/// The symmetric part with n on the diagonal: dominant, so positive definite.
fn positive_definite<T: Float>(m: &[T], n: usize) -> Buffer<T> {
    let mut a = symmetric(m, n);
    for i in 0..n {
        a[i * n + i] = T::from_usize(n);
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
