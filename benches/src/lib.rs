//! teeter beside the best peers: ratios measured in one run, answers checked first.
//!
//! ```text
//! plan ─► Case (inputs) ─► Peer::task ─► Task ─► reference::check ─► measure ─► Row ─► table, record
//! ```
//!
//! | module            | holds                                                            |
//! |-------------------|------------------------------------------------------------------|
//! | [`buffer`]        | memory on cache-line boundaries, the same for everyone           |
//! | [`operation`]     | the operations, layouts and shapes                               |
//! | [`plan`]          | which shapes are measured                                        |
//! | [`case`]          | a shape with its inputs                                          |
//! | [`mod@reference`] | the naive answer, and how far an implementation may be off       |
//! | [`peer`]          | the trait behind which all implementations stand; one file each  |
//! | [`group`]         | what the criterion files share                                   |
//! | [`peak`]          | the most a core can do: fused multiply-adds in registers         |
//! | [`limits`]        | what the processor lets nobody beat                              |
//! | [`measure`]       | interleaved samples, ratios within a round, their quartiles      |
//! | [`record`]        | the CSV file of a CPU                                            |
//! | [`table`]         | the terminal                                                     |
//!
//! ```text
//! benches/install-peers                                # OpenBLAS and BLIS on Debian; optional
//! cargo run --release -p teeter-benches                # all rows, three minutes of an idle machine, and the record
//! cargo run --release -p teeter-benches -- --quick     # a few sizes
//! cargo run --release -p teeter-benches -- --limits    # latencies and rates that bound the smallest sizes
//! cargo run --release -p teeter-benches -- --op gemm,trsm --n 16,32 --format f64 --layout row
//! ```
//!
//! A new peer is one file under `peer/` and one line in `peer.rs`. Absolute times are never
//! kept: on a shared machine only ratios within one run mean something.

pub mod buffer;
pub mod case;
pub mod group;
pub mod limits;
pub mod measure;
pub mod operation;
pub mod peak;
pub mod peer;
pub mod plan;
pub mod record;
pub mod reference;
pub mod steps;
pub mod table;
