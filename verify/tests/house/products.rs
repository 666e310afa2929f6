//! Issue 4, must-show 5: products beside ARPACK's.

use teeter_verify::property::products::{Row, Start, measure};

/// Never more than 1.1 times as many as ARPACK, from the same kind of start and at the tolerance asked for; and fewer from
/// what is known of a nearby matrix than from nothing.
#[test]
fn products_are_no_more_than_those_of_arpack() {
    let rows = measure(0).expect("the kernel answers");
    assert!(rows.len() > 30, "{rows:?}");
    for row in &rows {
        assert!(row.passed(), "{row:?}");
        if row.start == Start::Warm {
            let same = |cold: &&Row| {
                let key = |row: &Row| (row.matrix.clone(), row.which.clone(), row.count);
                cold.start == Start::Random && key(cold) == key(row)
            };
            let cold = rows.iter().find(same).expect("the same from a random start");
            assert!(row.ours < cold.ours, "{row:?} {cold:?}");
        }
    }
}
