//! Matrix views, and what the functions of layer `matrix` refuse.

use teeter::matrix::{MatMut, MatRef, gemm, gemv, ger};
use teeter::{Error, Machine};

#[test]
fn shapes_that_do_not_fit_are_refused_and_nothing_is_written() {
    let machine = Machine::detect();
    let data = [1.0; 12];
    let a = MatRef::row_major(&data, 3, 4).unwrap();
    let b = MatRef::row_major(&data, 4, 2).unwrap();
    let length = |argument, expected, found| Err(Error::Length { argument, expected, found });
    let mut c = [9.0; 12];
    let mut product = |b, [rows, cols]: [usize; 2]| {
        gemm(machine, 1.0, a, b, 0.0, MatMut::row_major(&mut c, rows, cols).unwrap())
    };
    assert_eq!(product(a, [3, 4]), length("b.rows", 4, 3));
    assert_eq!(product(b, [4, 2]), length("c.rows", 3, 4));
    assert_eq!(product(b, [3, 3]), length("c.cols", 2, 3));
    assert_eq!(gemv(machine, 1.0, a, &data[..3], 0.0, &mut c[..3]), length("x", 4, 3));
    assert_eq!(gemv(machine, 1.0, a, &data[..4], 0.0, &mut c[..4]), length("y", 3, 4));
    let mut update =
        |x: &[f64], y: &[f64]| ger(machine, 1.0, x, y, MatMut::row_major(&mut c, 3, 4).unwrap());
    assert_eq!(update(&data[..4], &data[..4]), length("x", 3, 4));
    assert_eq!(update(&data[..3], &data[..3]), length("y", 4, 3));
    assert_eq!(c, [9.0; 12]);
}

#[test]
fn views_are_checked_once() {
    let data = [0.0; 12];
    let mut target = [0.0; 12];
    let needed = |needed| Err(Error::Short { argument: "data", needed, found: 12 });
    assert_eq!(MatRef::row_major(&data, 3, 5).map(|_| ()), needed(15));
    assert_eq!(MatRef::col_major(&data, 13, 1).map(|_| ()), needed(13));
    assert_eq!(MatRef::strided(&data, [3, 3], [4, 2]).map(|_| ()), needed(13));
    assert_eq!(MatRef::row_major(&data, usize::MAX, 2).map(|_| ()), needed(usize::MAX));
    assert!(MatRef::row_major(&data, 0, usize::MAX).is_ok(), "nothing fits anywhere");
    // To read, elements may share an address; to write, not.
    assert!(MatRef::strided(&data, [5, 3], [0, 1]).is_ok());
    for (shape, strides) in [([5, 3], [0, 1]), ([3, 3], [1, 1]), ([2, 3], [1, 1]), ([3, 2], [2, 3])]
    {
        let refused = MatMut::strided(&mut target, shape, strides).map(|_| ());
        assert!(
            matches!(refused, Err(Error::Overlap { row_stride, col_stride })
                if [row_stride, col_stride] == strides),
            "{shape:?} at {strides:?}: {refused:?}"
        );
    }
    let a = MatRef::row_major(&data, 3, 4).unwrap();
    assert_eq!((a.rows(), a.cols(), a.row_stride(), a.col_stride()), (3, 4, 4, 1));
    assert_eq!((a.t().rows(), a.t().row_stride()), (4, 1));
    assert_eq!(a.get(3, 0).or(a.get(0, 4)), None);
    assert_eq!(a.row(2).map(<[f64]>::len).zip(a.t().column(2).map(<[f64]>::len)), Some((4, 4)));
    assert_eq!(a.row(3).or(a.column(0)), None);
    assert_eq!(a.sub([1, 1], [2, 3]).map(|a| (a.rows(), a.cols())), Ok((2, 3)));
    let out = |argument, found: usize, high: usize| {
        Some(Error::Range { argument, found: found as f64, low: 0.0, high: high as f64 })
    };
    assert_eq!(a.sub([2, 0], [2, 1]).err(), out("rows", 4, 3));
    assert_eq!(a.sub([0, usize::MAX], [1, 1]).err(), out("cols", usize::MAX, 4));
    let mut b = MatMut::col_major(&mut target, 3, 4).unwrap();
    assert_eq!((b.set(2, 3, 5.0), b.get(2, 3), b.set(3, 0, 1.0)), (Some(()), Some(5.0), None));
    assert_eq!((b.rows(), b.cols(), b.rb().col_stride()), (3, 4, 3));
    assert_eq!((b.row(0).is_none(), b.column(3).map(|c| c[2])), (true, Some(5.0)));
    assert_eq!(b.rb_mut().t().sub([0, 0], [4, 4]).err(), out("cols", 4, 3));
    assert_eq!(b.rb_mut().split_at_col(5).err(), out("cols", 5, 4));
    let (above, below) = b.split_at_row(1).unwrap();
    assert_eq!((above.rows(), below.rows(), below.get(1, 3)), (1, 2, Some(5.0)));
    assert_eq!(below.split_at_row(3).err(), out("rows", 3, 2));
}

/// The other side of an empty shape may be any number: no loop may run over it.
#[test]
fn empty_products_return_at_once() {
    let nothing: [f64; 0] = [];
    for (m, n) in [(0, usize::MAX), (usize::MAX, 0), (0, 0)] {
        let a = MatRef::row_major(&nothing, m, 0).unwrap();
        let b = MatRef::row_major(&nothing, 0, n).unwrap();
        let mut memory: [f64; 0] = [];
        for transposed in [false, true] {
            let shape = if transposed { [n, m] } else { [m, n] };
            let c = MatMut::strided(&mut memory, shape, [1, 1]).unwrap();
            let (c, a, b) = if transposed { (c.t(), a, b) } else { (c, a, b) };
            assert_eq!(gemm(Machine::detect(), 1.0, a, b, 1.0, c), Ok(()));
        }
    }
}

#[test]
fn errors_speak_in_bearable_numbers() {
    let range = Error::Range { argument: "tolerance", found: f64::NAN, low: 0.0, high: f64::MAX };
    let text = range.to_string();
    assert_eq!(text, "`tolerance` is NaN, but must lie between 0 and 1.7976931348623157e308");
    let mut data = [0.0; 12];
    let overlap = MatMut::strided(&mut data, [3, 2], [2, 3]).err().unwrap().to_string();
    assert!(
        overlap.contains("row stride of 2") && overlap.contains("column stride of 3"),
        "{overlap}"
    );
}
