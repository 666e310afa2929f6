//! Inputs chosen to hurt, the same in every run.
//!
//! | file        | holds                                                         |
//! |-------------|---------------------------------------------------------------|
//! | `vector.rs` | edges, graded, cancelling, subnormal and huge vectors         |
//! | `matrix.rs` | matrices by spectrum, ill-conditioned, whole-number            |
//! | `laid.rs`   | matrices in every layout, canaries around their elements      |
//! | `general.rs`| rectangular, indefinite, quasi-definite, huge and tiny       |
//! | `guarded.rs`| memory between forbidden pages (Linux)                      |
//! | `operands.rs`| up to five operands between such pages (Linux)              |
//! | `network.rs`| every activation, loss and depth, with data                   |

pub mod adversarial;
pub mod general;
#[cfg(target_os = "linux")]
pub mod guarded;
pub mod laid;
pub mod layers;
pub mod matrix;
pub mod network;
#[cfg(target_os = "linux")]
pub mod operands;
pub mod quadrature;
pub mod tabular;
pub mod vector;

/// A source of test data that owes nothing to the generator under test: `SplitMix64`
/// (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Source(u64);

impl Source {
    /// The source of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in [−1, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// A whole number in [low, high].
    pub fn whole(&mut self, low: i64, high: i64) -> i64 {
        low + (self.bits() % (high - low + 1) as u64) as i64
    }
}
