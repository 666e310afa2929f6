//! teeter beside the best peers: ratios measured in one run, answers checked first.
//!
//! ```text
//! Plan ─► Case (inputs) ─► Peer::task ─► Task ─► reference::check ─► measure ─► Row ─► table, record
//! ```
//!
//! | module            | holds                                                            |
//! |-------------------|------------------------------------------------------------------|
//! | [`buffer`]        | memory on cache-line boundaries, the same for everyone           |
//! | [`case`]          | an operation at one size, with its inputs; which cases there are |
//! | [`mod@reference`] | the naive answer, and how far an implementation may be off       |
//! | [`peer`]          | the trait behind which all implementations stand; one file each  |
//! | [`group`]         | what the criterion files share                                   |
//! | [`measure`]       | interleaved samples, ratios within a round, their quartiles      |
//! | [`record`]        | the CSV file of a CPU                                            |
//! | [`table`]         | the terminal                                                     |
//!
//! A new peer is one file under `peer/` and one line in `peer.rs`. Absolute times are never
//! kept: on a shared machine only ratios within one run mean something.

pub mod buffer;
pub mod case;
pub mod group;
pub mod measure;
pub mod peer;
pub mod record;
pub mod reference;
pub mod table;
