//! Which shapes are measured: all of them, a few, or those that were asked for.

use crate::operation::{Class, Layout, Operation, Shape};

/// Lengths and orders to measure, by class of operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Lengths of vectors.
    pub vector: Vec<usize>,
    /// Orders of matrices.
    pub matrix: Vec<usize>,
    /// Orders for iterations.
    pub iteration: Vec<usize>,
}

impl Sizes {
    /// All of n = 4 … 512, and longer vectors.
    #[must_use]
    pub fn full() -> Self {
        let orders = [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
        Self {
            vector: [&orders[..], &[1024, 4096, 65536]].concat(),
            matrix: orders.to_vec(),
            // faer's solver needs n ≥ 65 or panics, and never returns on some inputs; these it can.
            iteration: vec![256, 512],
        }
    }

    /// A few sizes: a minute or two.
    #[must_use]
    pub fn quick() -> Self {
        Self { vector: vec![16, 256, 4096], matrix: vec![8, 32, 128, 256], iteration: vec![256] }
    }

    /// These, for every operation.
    #[must_use]
    pub fn these(list: &[usize]) -> Self {
        Self { vector: list.to_vec(), matrix: list.to_vec(), iteration: list.to_vec() }
    }

    fn of(&self, class: Class) -> &[usize] {
        match class {
            Class::Vector => &self.vector,
            Class::Matrix => &self.matrix,
            Class::Iteration => &self.iteration,
        }
    }
}

/// The layouts that a class is measured in.
fn layouts(class: Class) -> &'static [Layout] {
    match class {
        Class::Vector => &[Layout::Vector],
        Class::Matrix => &[Layout::Row, Layout::Col],
        Class::Iteration => &[Layout::Col],
    }
}

/// Every shape there is to measure at these sizes, in the order of the table.
#[must_use]
pub fn plan(sizes: &Sizes) -> Vec<Shape> {
    let mut shapes = Vec::new();
    for operation in Operation::ALL {
        for &layout in layouts(operation.class()) {
            for &n in sizes.of(operation.class()) {
                shapes.push(Shape { operation, layout, n });
            }
        }
    }
    shapes
}

/// What to keep of a plan; an empty list keeps all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Names of operations, or their first words: "gemm" keeps all orientations.
    pub operations: Vec<String>,
    /// "f32", "f64".
    pub formats: Vec<String>,
    /// "row", "col", "-".
    pub layouts: Vec<String>,
}

impl Filter {
    /// Whether a row of this shape and format is wanted.
    #[must_use]
    pub fn keeps(&self, shape: Shape, format: &str) -> bool {
        let has = |list: &[String], words: &[&str]| {
            list.is_empty() || list.iter().any(|item| words.contains(&item.as_str()))
        };
        has(&self.operations, &[shape.operation.name(), shape.operation.family()])
            && has(&self.formats, &[format])
            && has(&self.layouts, &[&shape.layout.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Sizes, plan};
    use crate::operation::{Layout, Operation, Shape};

    #[test]
    fn a_filter_knows_families() {
        let filter = Filter { operations: vec!["gemm".into()], ..Filter::default() };
        let kept = plan(&Sizes::these(&[8, 16]))
            .into_iter()
            .filter(|&shape| filter.keeps(shape, "f64"))
            .count();
        assert_eq!(kept, 3 * 2 * 2, "three orientations, two layouts, two sizes");
        let shape = Shape { operation: Operation::GemmTn, layout: Layout::Row, n: 8 };
        let exact = Filter { operations: vec!["gemm A^T B".into()], ..Filter::default() };
        assert!(exact.keeps(shape, "f32"), "the whole name");
        let other = Filter { formats: vec!["f64".into()], ..Filter::default() };
        assert!(!other.keeps(shape, "f32"), "another format");
    }
}
