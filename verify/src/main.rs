//! Tables.
fn main() {}
