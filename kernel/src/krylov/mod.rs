//! Eigenvalues of an operator, and solutions, from products alone.
//!
//! Every method here builds an orthonormal basis Q of span{b, Ab, A²b, …} and reads its
//! answer off a small matrix. For symmetric A that matrix is tridiagonal, and after k steps
//!
//! ```text
//!     A Q  =  Q T  +  β q eᵀ        Q: n × k    T: k × k    q: n    eᵀ = (0, …, 0, 1)
//! ```
//!
//! holds up to rounding. It is the relation the tests check, and it gives the residual of a
//! Ritz pair (θ, Qs) without another product: |β sₖ|. For symmetric A an eigenvalue lies
//! within that residual of θ: the certificate that every result carries.
//!
//! In floating point the columns of Q lose orthogonality just when a Ritz value converges
//! (Paige 1971). Here each new vector is orthogonalized twice against all others: twice is
//! enough, and there are no ghost copies.
//!
//! | item                     | is                                     | products      | memory lent    |
//! |--------------------------|----------------------------------------|---------------|----------------|
//! | [`power_iteration`]      | the eigenvalue largest in modulus      | ≤ the budget  | n              |
//! | [`Lanczos`]              | the process: T, Q, one vector at a time| one a step    | (k + 1)(n + 3) |
//! | [`LanczosRecurrence`]    | T alone, for quadrature                | one a step    | 2(n + k)       |
//! | [`ritz_values`]          | the problem: θ, weights, residuals of T| none          | 2k             |
//! | [`extremal_eigenpair`]   | the loop over both, restarted          | ≤ the budget  | see its length |
//! | [`LowMemoryLanczos`]     | one eigenpair in three vectors         | one a step    | see its length |
//! | [`low_memory_eigenpair`] | the loop over it                       | 2 a step of T | see its length |
//! | [`ThickRestart`]         | several eigenpairs, one product at a time | one a step | see its length |
//! | [`extremal_eigenpairs`]  | the loop over it                       | ≤ the budget  | see its length |
//! | [`Lobpcg`], [`lobpcg`]   | several, with a preconditioner and warm | ≤ the budget  | see its length |
//! | [`largest_eigenvalue_bound`] | λ₁ from above, but for a stated chance | the steps | see its length |
//! | [`ConjugateGradient`]    | Ax = b, one product at a time          | one a step    | 5n             |
//! | [`conjugate_gradient`]   | the loop over it                       | ≤ the budget  | 6n             |
//! | [`SharpnessTracker`]     | λ₁ along training                      | 1 or 2 a step | see its length |
//! | [`track_sharpness`]      | a step of it                           | 1 or 2        | n              |

mod basis;
mod conjugate_gradient;
mod eigenpairs;
mod extremal;
mod lanczos;
mod lobpcg;
mod lobpcg_solve;
mod lobpcg_state;
mod lobpcg_steps;
mod low_memory;
mod power;
mod random_start;
mod recurrence;
mod ritz;
mod saved;
mod solve;
mod thick_problem;
mod thick_restart;
mod thick_state;
mod thick_steps;
mod tracking;
mod tracking_state;
mod tracking_steps;
mod wanted;

pub use conjugate_gradient::{
    ConjugateGradient, conjugate_gradient, conjugate_gradient_machine_scratch_len,
    conjugate_gradient_scratch_len,
};
pub use eigenpairs::{
    EigenpairsOptions, eigenpairs_beyond, extremal_eigenpairs, extremal_eigenpairs_scratch_len,
    gap_enclosure,
};
pub use extremal::{LanczosOptions, Which, extremal_eigenpair, extremal_eigenpair_scratch_len};
pub use lanczos::{Lanczos, lanczos_scratch_len};
pub use lobpcg::{Lobpcg, LobpcgOptions, LobpcgWants, SpectrumEnd, lobpcg_machine_scratch_len};
pub use lobpcg_solve::{lobpcg, lobpcg_scratch_len};
pub use lobpcg_state::LobpcgState;
pub use low_memory::{
    LowMemoryLanczos, LowMemoryOptions, LowMemoryPair, low_memory_eigenpair,
    low_memory_machine_scratch_len, low_memory_scratch_len,
};
pub use power::{PowerOptions, power_iteration, power_iteration_scratch_len};
pub use random_start::{
    Floor, LargestBound, LargestBoundOptions, lanczos_reach, lanczos_steps_for,
    largest_bound_scratch_len, largest_eigenvalue_bound, largest_eigenvalue_bound_scratch_len,
    likely_cosine, power_reach,
};
pub use recurrence::{Jacobi, LanczosRecurrence, lanczos_recurrence_scratch_len};
pub use ritz::{Eigenpair, ritz_scratch_len, ritz_values, ritz_vector};
pub use solve::{SolveEstimate, SolveOptions};
pub use thick_restart::{
    Completeness, ThickRestart, ThickRestartOptions, krylov_dim_for, thick_restart_scratch_len,
};
pub use thick_state::ThickRestartState;
pub use tracking::{
    SharpnessTracker, SharpnessTrackerOptions, TrackedPair, TrackedSharpness,
    sharpness_tracker_scratch_len, track_sharpness,
};
pub use tracking_state::SharpnessTrackerState;
