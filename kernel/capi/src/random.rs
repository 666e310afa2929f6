//! Streams of random numbers: functions of (seed, stream, index), without a state.

use teeter::random::Stream;

/// A stream: the same two numbers are always the same random numbers, on every target.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_stream {
    /// Whose numbers.
    pub seed: u64,
    /// Which of them; streams of one seed are independent of one another.
    pub stream: u64,
}

impl From<teeter_stream> for Stream {
    fn from(stream: teeter_stream) -> Self {
        Self::new(stream.seed, stream.stream)
    }
}
