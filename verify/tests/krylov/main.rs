//! Layers `operator` and `krylov`.

mod conjugate_gradient;
mod eigenpairs_beyond;
mod krylov;
mod krylov_misuse;
mod lobpcg;
mod lobpcg_process;
mod low_memory;
mod operator;
mod operator_audit;
mod random_start;
mod thick_restart;
mod thick_restart_process;
mod tracking;
mod tracking_process;
