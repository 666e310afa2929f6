//! Layer `curvature`.

mod controller;
mod curvature;
mod curvature_report;
mod edge;
mod evidence;
mod gauge;
mod random_matrix;
mod ridge;
mod stochastic;
