//! What no code on this processor beats: rates and latencies, measured here, and what they bound.
//!
//! A factorization without blocks waits for its pivots one after the other: each is found from the one
//! before by the shortest chain of operations there is. So many pivots times that chain is the least time
//! of one factorization alone; only independent ones side by side could hide it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use teeter::simd::{Operation as OnMachine, Simd};
use teeter::{Float, Machine};

use crate::case::Shape;
use crate::measure::{Outcome, measure};
use crate::operation::{Layout, Operation};
use crate::peak::Peak;
use crate::peer::{Number, Task};

/// Links of a chain in one sample.
const LINKS: usize = 4096;

/// Samples, of which the fastest counts: what else the machine does only adds.
const SAMPLES: usize = 25;

/// Orders at which the time is compared with the bound.
const ORDERS: [usize; 6] = [4, 8, 12, 16, 24, 32];

/// Time spent on the samples of one order.
const BUDGET: Duration = Duration::from_millis(200);

/// Nanoseconds that `run` takes, over `count`.
fn nanoseconds(count: usize, mut run: impl FnMut()) -> f64 {
    let sample = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..SAMPLES).map(sample).fold(f64::INFINITY, f64::min) * 1e9 / count as f64
}

/// Nothing, on a machine: what remains is the way there and back.
struct Nothing;

impl OnMachine<f64> for Nothing {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd<f64>>(self, _: S) -> usize {
        black_box(S::WIDTH)
    }
}

/// From one pivot to the next.
fn next_pivot<T: Float>(operation: Operation, [c, d]: [T; 2], pivot: T) -> T {
    match operation {
        // l = c·(1/p·√p), d − l·l: root and division side by side.
        Operation::Cholesky => {
            let l = c * ((T::ONE / pivot) * pivot.sqrt());
            d - l * l
        }
        // l = c·(1/p), d − c·l; LU the same, u for c, but for the search of the largest.
        _ => d - c * (c * (T::ONE / pivot)),
    }
}

/// Nanoseconds from one pivot to the next.
fn chain<T: Float>(operation: Operation) -> f64 {
    let parameters = black_box([T::HALF, T::TWO]);
    let mut pivot = black_box(T::ONE);
    let time = nanoseconds(LINKS, || {
        for _ in 0..LINKS {
            pivot = next_pivot(operation, parameters, pivot);
        }
        pivot = black_box(pivot);
    });
    assert!(pivot > T::ZERO, "the chain has a fixed point near 2");
    time
}

/// Rates, the way into a machine, and the bound of each small factorization beside its time.
///
/// # Errors
/// A wrong answer of anyone.
pub fn report() -> Result<String, String> {
    let machine = Machine::detect();
    let peaks = [machine.fused(), machine].map(|machine| {
        let mut peak = Peak::<f64>::on(machine);
        peak.flops() * 16.0 / nanoseconds(1, || peak.run(16))
    });
    let entry = nanoseconds(LINKS, || {
        for _ in 0..LINKS {
            black_box(black_box(machine).run(Nothing));
        }
    });
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "operation",
        "type",
        "n",
        "ns a pivot",
        "bound ns",
        "ours ns",
        "over it",
        "best peer ns",
    ]);
    for operation in [Operation::Cholesky, Operation::Ldlt, Operation::Lu] {
        rows::<f64>(operation, &mut table)?;
        rows::<f32>(operation, &mut table)?;
    }
    for index in 2..8 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let [fused, apart] = peaks;
    Ok(format!(
        "{} in registers, f64: {fused:.1} GF/s fused, {apart:.1} with product and sum apart ({:.2} of it)\n\
         into a machine and back: {entry:.1} ns\n\n{table}",
        machine.name(),
        apart / fused
    ))
}

fn rows<T: Number>(operation: Operation, table: &mut Table) -> Result<(), String> {
    let chain = chain::<T>(operation);
    for n in ORDERS {
        let shape = Shape { operation, layout: Layout::Col, n };
        let Outcome::Rows(rows) = measure::<T>(shape, BUDGET)? else { continue };
        let Some(row) = rows.first() else { continue };
        let bound = chain * n as f64;
        table.add_row([
            operation.name().to_owned(),
            T::NAME.to_owned(),
            n.to_string(),
            format!("{chain:.1}"),
            format!("{bound:.0}"),
            format!("{:.0}", row.ours_ns),
            format!("{:.2}", row.ours_ns / bound),
            format!("{:.0}", row.best_ns),
        ]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Operation, next_pivot};

    /// By hand: from pivot 4 with c = 2, d = 3.
    #[test]
    fn a_step_of_the_chain_is_that_of_the_factorization() {
        assert_eq!(next_pivot(Operation::Cholesky, [2.0, 3.0], 4.0), 2.0, "l = 2/2, 3 − 1");
        assert_eq!(next_pivot(Operation::Ldlt, [2.0, 3.0], 4.0), 2.0, "l = 2/4, 3 − 2·½");
        assert_eq!(next_pivot(Operation::Lu, [2.0, 3.0], 4.0), 2.0, "l = 2/4, 3 − ½·2");
    }
}
