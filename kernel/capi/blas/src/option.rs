//! Letters (Fortran) and numbers (C) for transposes, triangles, diagonals, sides and orders.

use core::ffi::c_char;

use teeter::matrix::{Diagonal, MatRef, Triangle};

/// Whether an operand is taken as stored; for real numbers the conjugate transpose is the transpose.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Transposed,
}

impl Form {
    pub(crate) const fn t(self) -> Self {
        match self {
            Self::Plain => Self::Transposed,
            Self::Transposed => Self::Plain,
        }
    }

    /// The rows and columns as stored of an operand that has these.
    pub(crate) const fn stored(self, [rows, cols]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Plain => [rows, cols],
            Self::Transposed => [cols, rows],
        }
    }

    pub(crate) fn of<T>(self, a: MatRef<'_, T>) -> MatRef<'_, T> {
        match self {
            Self::Plain => a,
            Self::Transposed => a.t(),
        }
    }
}

/// On which side of the other factor a symmetric or triangular operand stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    Left,
    Right,
}

/// How a matrix lies in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Rows,
    Columns,
}

/// Everything here is written for columns; rows are the columns of the transpose.
impl Order {
    pub(crate) const fn form(self, form: Form) -> Form {
        match self {
            Self::Rows => form.t(),
            Self::Columns => form,
        }
    }

    pub(crate) const fn triangle(self, triangle: Triangle) -> Triangle {
        match self {
            Self::Rows => triangle.t(),
            Self::Columns => triangle,
        }
    }

    pub(crate) const fn side(self, side: Beside) -> Beside {
        match (self, side) {
            (Self::Columns, side) => side,
            (Self::Rows, Beside::Left) => Beside::Right,
            (Self::Rows, Beside::Right) => Beside::Left,
        }
    }

    /// Two things of which the transpose has the second first.
    pub(crate) fn pair<P>(self, [first, second]: [P; 2]) -> [P; 2] {
        match self {
            Self::Rows => [second, first],
            Self::Columns => [first, second],
        }
    }
}

/// An option by its letter, of either case, and by its number.
pub(crate) trait Named: Sized {
    fn from_letter(letter: u8) -> Option<Self>;
    fn from_number(number: i32) -> Option<Self>;
}

impl Named for Order {
    fn from_letter(_: u8) -> Option<Self> {
        Some(Self::Columns)
    }

    fn from_number(number: i32) -> Option<Self> {
        match number {
            101 => Some(Self::Rows),
            102 => Some(Self::Columns),
            _ => None,
        }
    }
}

impl Named for Form {
    fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'N' => Some(Self::Plain),
            b'T' | b'C' => Some(Self::Transposed),
            _ => None,
        }
    }

    fn from_number(number: i32) -> Option<Self> {
        match number {
            111 => Some(Self::Plain),
            112 | 113 => Some(Self::Transposed),
            _ => None,
        }
    }
}

impl Named for Triangle {
    fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'U' => Some(Self::Upper),
            b'L' => Some(Self::Lower),
            _ => None,
        }
    }

    fn from_number(number: i32) -> Option<Self> {
        match number {
            121 => Some(Self::Upper),
            122 => Some(Self::Lower),
            _ => None,
        }
    }
}

impl Named for Diagonal {
    fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'N' => Some(Self::NonUnit),
            b'U' => Some(Self::Unit),
            _ => None,
        }
    }

    fn from_number(number: i32) -> Option<Self> {
        match number {
            131 => Some(Self::NonUnit),
            132 => Some(Self::Unit),
            _ => None,
        }
    }
}

impl Named for Beside {
    fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'L' => Some(Self::Left),
            b'R' => Some(Self::Right),
            _ => None,
        }
    }

    fn from_number(number: i32) -> Option<Self> {
        match number {
            141 => Some(Self::Left),
            142 => Some(Self::Right),
            _ => None,
        }
    }
}

/// The option that a Fortran program names by a letter, or the place of that argument.
///
/// # Safety
/// - `letter` points to a character.
pub(crate) unsafe fn letter<O: Named>(place: i32, letter: *const c_char) -> Result<O, i32> {
    // SAFETY: the caller vouches for it.
    let letter = unsafe { letter.cast::<u8>().read() };
    O::from_letter(letter.to_ascii_uppercase()).ok_or(place)
}

/// The option that a C program names by a number, or the place of that argument among those of Fortran.
pub(crate) fn number<O: Named>(place: i32, number: i32) -> Result<O, i32> {
    O::from_number(number).ok_or(place)
}
