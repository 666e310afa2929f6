//! The names of the numbers that choose and tell.

/// What to look for in a spectrum.
pub const TEETER_LARGEST_ALGEBRAIC: u32 = 0;
/// See `TEETER_LARGEST_ALGEBRAIC`.
pub const TEETER_SMALLEST_ALGEBRAIC: u32 = 1;
/// See `TEETER_LARGEST_ALGEBRAIC`.
pub const TEETER_LARGEST_MAGNITUDE: u32 = 2;
/// See `TEETER_LARGEST_ALGEBRAIC`.
pub const TEETER_BOTH_ENDS: u32 = 3;

/// Why an iteration stopped: the tolerance was reached; the budget was used up; the answer is exact.
pub const TEETER_CONVERGED: u32 = 0;
/// See `TEETER_CONVERGED`.
pub const TEETER_LIMIT_REACHED: u32 = 1;
/// See `TEETER_CONVERGED`.
pub const TEETER_INVARIANT: u32 = 2;

/// Whether the pairs found are all that were wanted.
pub const TEETER_ALL: u32 = 0;
/// See `TEETER_ALL`.
pub const TEETER_MEMORY_FULL: u32 = 1;
/// See `TEETER_ALL`.
pub const TEETER_UNKNOWN: u32 = 2;

/// Which triangle of a matrix counts.
pub const TEETER_LOWER: u32 = 0;
/// See `TEETER_LOWER`.
pub const TEETER_UPPER: u32 = 1;

/// What stands on the diagonal of a triangular matrix.
pub const TEETER_NON_UNIT: u32 = 0;
/// See `TEETER_NON_UNIT`.
pub const TEETER_UNIT: u32 = 1;

/// On which side a matrix stands.
pub const TEETER_LEFT: u32 = 0;
/// See `TEETER_LEFT`.
pub const TEETER_RIGHT: u32 = 1;

/// Random probes: signs, or normal numbers.
pub const TEETER_RADEMACHER: u32 = 0;
/// See `TEETER_RADEMACHER`.
pub const TEETER_GAUSSIAN: u32 = 1;

/// How a trace was estimated.
pub const TEETER_HUTCHINSON: u32 = 0;
/// See `TEETER_HUTCHINSON`.
pub const TEETER_DIAGONAL: u32 = 1;
/// See `TEETER_HUTCHINSON`.
pub const TEETER_HUTCH_PP: u32 = 2;
/// See `TEETER_HUTCHINSON`.
pub const TEETER_QUADRATURE: u32 = 3;
/// See `TEETER_HUTCHINSON`.
pub const TEETER_XTRACE: u32 = 4;
/// See `TEETER_HUTCHINSON`.
pub const TEETER_XNYSTRACE: u32 = 5;

/// Functions of eigenvalues.
pub const TEETER_LOG: u32 = 0;
/// See `TEETER_LOG`.
pub const TEETER_RECIPROCAL: u32 = 1;
/// See `TEETER_LOG`.
pub const TEETER_SHARE: u32 = 2;
/// See `TEETER_LOG`.
pub const TEETER_SHARE_MAGNITUDE: u32 = 3;
/// See `TEETER_LOG`.
pub const TEETER_EXP: u32 = 4;
/// See `TEETER_LOG`.
pub const TEETER_SQUARE: u32 = 5;

/// Momentum.
pub const TEETER_PLAIN: u32 = 0;
/// See `TEETER_PLAIN`.
pub const TEETER_POLYAK: u32 = 1;
/// See `TEETER_PLAIN`.
pub const TEETER_NESTEROV: u32 = 2;
/// See `TEETER_PLAIN`.
pub const TEETER_EMA: u32 = 3;

/// Where ε stands: outside the root, or inside.
pub const TEETER_OUTSIDE: u32 = 0;
/// See `TEETER_OUTSIDE`.
pub const TEETER_INSIDE: u32 = 1;

/// How iterates are averaged.
pub const TEETER_MEAN: u32 = 0;
/// See `TEETER_MEAN`.
pub const TEETER_EXPONENTIAL: u32 = 1;

/// Sharpness-aware perturbations.
pub const TEETER_SAM: u32 = 0;
/// See `TEETER_SAM`.
pub const TEETER_SAM_UNNORMALIZED: u32 = 1;
/// See `TEETER_SAM`.
pub const TEETER_ASAM: u32 = 2;

/// What a penalty is differentiated along.
pub const TEETER_ALONG_PROBE: u32 = 0;
/// See `TEETER_ALONG_PROBE`.
pub const TEETER_ALONG_GRADIENT: u32 = 1;

/// Activations.
pub const TEETER_TANH: u32 = 0;
/// See `TEETER_TANH`.
pub const TEETER_RELU: u32 = 1;
/// See `TEETER_TANH`.
pub const TEETER_SOFTPLUS: u32 = 2;
/// See `TEETER_TANH`.
pub const TEETER_IDENTITY: u32 = 3;

/// Losses.
pub const TEETER_HALF_SQUARED: u32 = 0;
/// See `TEETER_HALF_SQUARED`.
pub const TEETER_CROSS_ENTROPY: u32 = 1;

/// Update rules, for their thresholds.
pub const TEETER_RULE_GRADIENT_DESCENT: u32 = 0;
/// See `TEETER_RULE_GRADIENT_DESCENT`.
pub const TEETER_RULE_POLYAK: u32 = 1;
/// See `TEETER_RULE_GRADIENT_DESCENT`.
pub const TEETER_RULE_NESTEROV: u32 = 2;
/// See `TEETER_RULE_GRADIENT_DESCENT`.
pub const TEETER_RULE_EMA: u32 = 3;
/// See `TEETER_RULE_GRADIENT_DESCENT`.
pub const TEETER_RULE_EMA_NESTEROV: u32 = 4;
/// See `TEETER_RULE_GRADIENT_DESCENT`.
pub const TEETER_RULE_UNNORMALIZED_SAM: u32 = 5;
/// See `TEETER_RULE_GRADIENT_DESCENT`.
pub const TEETER_RULE_SAM: u32 = 6;
/// See `TEETER_RULE_GRADIENT_DESCENT`.
pub const TEETER_RULE_ADAM: u32 = 7;

/// Phases of training.
pub const TEETER_STABLE: u32 = 0;
/// See `TEETER_STABLE`.
pub const TEETER_PROGRESSIVE_SHARPENING: u32 = 1;
/// See `TEETER_STABLE`.
pub const TEETER_EDGE: u32 = 2;
/// See `TEETER_STABLE`.
pub const TEETER_INSTABILITY: u32 = 3;

/// How a search for α and β ended.
pub const TEETER_EVIDENCE_CONVERGED: u32 = 0;
/// See `TEETER_EVIDENCE_CONVERGED`.
pub const TEETER_EVIDENCE_LIMIT_REACHED: u32 = 1;
/// See `TEETER_EVIDENCE_CONVERGED`.
pub const TEETER_EVIDENCE_NO_SIGNAL: u32 = 2;
/// See `TEETER_EVIDENCE_CONVERGED`.
pub const TEETER_EVIDENCE_NO_NOISE: u32 = 3;

/// Where the gradients of a difference are taken: on both sides, or on one.
pub const TEETER_CENTRAL: u32 = 0;
/// See `TEETER_CENTRAL`.
pub const TEETER_FORWARD: u32 = 1;
