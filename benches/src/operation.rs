//! The operations, and how their operands may lie in memory.

use std::fmt;

/// What is computed; in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// xᵀy
    Dot,
    /// y ← αx + y
    Axpy,
    /// ‖x‖₂
    Norm2,
    /// y ← exp x, as a copy and a function in place
    Exp,
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
    GemmTn,
    /// C ← ABᵀ
    GemmNt,
    /// The lower triangle of C ← AAᵀ
    Syrk,
    /// X ← L⁻¹B with L the lower triangle of A; the copy of B that it overwrites is counted, for
    /// everyone
    Trsm,
    /// A = LLᵀ; the copy of A that it overwrites is counted, for everyone
    Cholesky,
    /// A = LDLᵀ of an indefinite A that needs no pivots; the copy is counted
    Ldlt,
    /// PA = LU with partial pivoting; the copy is counted
    Lu,
    /// A = QR, R and the reflectors; the copy is counted
    Qr,
    /// A = VΛVᵀ, values and vectors; the copy of A is counted, for everyone
    SymmetricEigen,
    /// The largest eigenpair from products, to equal tolerance
    Lanczos,
}

/// Which sizes and layouts an operation is measured at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Vectors alone.
    Vector,
    /// A matrix takes part.
    Matrix,
    /// An iteration, by columns only.
    Iteration,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Dot,
        Self::Axpy,
        Self::Norm2,
        Self::Exp,
        Self::Tanh,
        Self::Gemv,
        Self::GemvT,
        Self::Ger,
        Self::Gemm,
        Self::GemmTn,
        Self::GemmNt,
        Self::Syrk,
        Self::Trsm,
        Self::Cholesky,
        Self::Ldlt,
        Self::Lu,
        Self::Qr,
        Self::SymmetricEigen,
        Self::Lanczos,
    ];

    /// Which sizes and layouts it is measured at.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::Dot | Self::Axpy | Self::Norm2 | Self::Exp | Self::Tanh => Class::Vector,
            Self::Lanczos => Class::Iteration,
            _ => Class::Matrix,
        }
    }

    /// Whether it is of level 3 or a factorization: there a fused machine may differ from a
    /// strict one.
    #[must_use]
    pub fn fuses(self) -> bool {
        (Self::Gemm..=Self::SymmetricEigen).contains(&self)
    }

    /// Whether A enters as Aᵀ.
    #[must_use]
    pub fn transposes_a(self) -> bool {
        matches!(self, Self::GemvT | Self::GemmTn)
    }

    /// Whether B enters as Bᵀ.
    #[must_use]
    pub fn transposes_b(self) -> bool {
        self == Self::GemmNt
    }

    /// Additions and multiplications at order n, to the leading term and, for level 3, exactly;
    /// `None` where they do not bound the time.
    #[must_use]
    pub fn flops(self, n: usize) -> Option<f64> {
        let n = n as f64;
        match self {
            Self::Gemm | Self::GemmTn | Self::GemmNt => Some(2.0 * n * n * n),
            Self::Syrk => Some(n * n * (n + 1.0)),
            Self::Trsm => Some(n * n * n),
            Self::Cholesky | Self::Ldlt => Some(n * n * n / 3.0),
            Self::Lu => Some(2.0 * n * n * n / 3.0),
            Self::Qr => Some(4.0 * n * n * n / 3.0),
            _ => None,
        }
    }

    /// The name in tables and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dot => "dot",
            Self::Axpy => "axpy",
            Self::Norm2 => "norm2",
            Self::Exp => "exp",
            Self::Tanh => "tanh",
            Self::Gemv => "gemv",
            Self::GemvT => "gemv A^T x",
            Self::Ger => "ger",
            Self::Gemm => "gemm",
            Self::GemmTn => "gemm A^T B",
            Self::GemmNt => "gemm A B^T",
            Self::Syrk => "syrk",
            Self::Trsm => "trsm",
            Self::Cholesky => "cholesky",
            Self::Ldlt => "ldlt",
            Self::Lu => "lu",
            Self::Qr => "qr",
            Self::SymmetricEigen => "symmetric_eigen",
            Self::Lanczos => "extremal_eigenpair",
        }
    }

    /// The first word of the name: "gemm" for all of its orientations.
    #[must_use]
    pub fn family(self) -> &'static str {
        self.name().split(' ').next().unwrap_or_default()
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

impl Shape {
    /// Where element (i, j) of a matrix lies.
    #[must_use]
    pub fn offset(self, i: usize, j: usize) -> usize {
        if self.layout == Layout::Row { i * self.n + j } else { j * self.n + i }
    }

    /// Which element (i, j) lies there.
    #[must_use]
    pub fn position(self, k: usize) -> (usize, usize) {
        let (slow, fast) = (k / self.n, k % self.n);
        if self.layout == Layout::Row { (slow, fast) } else { (fast, slow) }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.operation.name(), self.layout, self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::Operation;

    #[test]
    fn the_list_is_whole_and_in_the_order_of_the_table() {
        let sorted = Operation::ALL.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(sorted, "ALL and the declaration differ in order");
        assert_eq!(Operation::ALL.len(), Operation::Lanczos as usize + 1, "one is missing");
    }
}
