//! Effective parameters, and the evidence of linear models.

use teeter::curvature::{
    self, Evidence, EvidenceFit, EvidenceOptions, LinearModel, SpectralFilter,
};

use super::scratch::teeter_scratch_f32;
use super::view::{teeter_matrix_f32, teeter_matrix_mut_f32};
use crate::kept::{Keeper, keep, kept};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{status_of, teeter_status};

/// result ← Σ |λ|/(|λ| + α), the effective number of parameters, from n eigenvalues; α ≥ 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_effective_parameters_f32(
    n: usize,
    eigenvalues: *const f32,
    alpha: f32,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for n elements and for one.
        let (eigenvalues, result) =
            unsafe { (memory.input(eigenvalues, n)?, memory.place(result)?) };
        result.write(curvature::effective_parameters(eigenvalues, alpha).map_err(status_of)?);
        Ok(())
    })
}

/// The same of the positive eigenvalues alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_effective_parameters_clipped_f32(
    n: usize,
    eigenvalues: *const f32,
    alpha: f32,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for n elements and for one.
        let (eigenvalues, result) =
            unsafe { (memory.input(eigenvalues, n)?, memory.place(result)?) };
        result
            .write(curvature::effective_parameters_clipped(eigenvalues, alpha).map_err(status_of)?);
        Ok(())
    })
}

/// The same of a matrix whose lower triangle is read; `h` is used up. `scratch`:
/// `teeter_effective_parameters_dense_scratch_len(n)`. Of an operator: `teeter_slq_estimate_f32`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_effective_parameters_dense_f32(
    machine: teeter_machine,
    h: teeter_matrix_mut_f32,
    alpha: f32,
    scratch: teeter_scratch_f32,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for the matrix, the scratch and one element.
        let (h, scratch, result) =
            unsafe { (h.view(&mut memory)?, scratch.view(&mut memory)?, memory.place(result)?) };
        let found = curvature::effective_parameters_dense(machine, h, alpha, scratch);
        result.write(found.map_err(status_of)?);
        Ok(())
    })
}

/// result ← the prediction error to expect: the training error and 2·variance·N_eff/n.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_generalized_prediction_error_f32(
    train_error: f32,
    noise_variance: f32,
    effective: f32,
    n: usize,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for one element.
        let result = unsafe { Memory::new().place(result)? };
        let found =
            curvature::generalized_prediction_error(train_error, noise_variance, effective, n);
        result.write(found.map_err(status_of)?);
        Ok(())
    })
}

/// A linear model t = Φw + noise, in the caller's memory. Nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_linear_model_f32 {
    /// What stands in the words.
    pub mark: u64,
    /// The model.
    pub words: [u64; 22],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_linear_model_f32 {
    type Value = LinearModel<'static, f32>;
    const MARK: u64 = u64::from_le_bytes(*b"linmof32");
}

/// Memory for a linear model.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_linear_model_memory_f32 {
    /// `teeter_linear_model_memory_len(N, k)`, lent until the last call.
    pub kept: teeter_scratch_f32,
    /// `teeter_linear_model_scratch_len(N, k)`, for this call.
    pub scratch: teeter_scratch_f32,
}

/// The model of `design` (Φ, N × k) and `targets` (N elements), which are not needed afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_linear_model_new_f32(
    machine: teeter_machine,
    design: teeter_matrix_f32,
    targets: *const f32,
    memory: teeter_linear_model_memory_f32,
    model: *mut teeter_linear_model_f32,
) -> teeter_status {
    status(|| {
        let lent = memory;
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for the matrix, N elements, one struct and the memory.
        let (targets, design, model, whole, scratch) = unsafe {
            (
                memory.input(targets, design.rows)?,
                design.view(&mut memory)?,
                memory.place(model)?,
                lent.kept.view(&mut memory)?,
                lent.scratch.view(&mut memory)?,
            )
        };
        let value =
            LinearModel::new(machine, design, targets, whole, scratch).map_err(status_of)?;
        keep(model, value, lent.kept.range()?);
        Ok(())
    })
}

/// weights ← the ridge fit, the minimum of ‖t − Φw‖² + alpha‖w‖²: k elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_linear_model_weights_f32(
    model: *mut teeter_linear_model_f32,
    alpha: f32,
    k: usize,
    weights: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for k elements.
        let (model, weights) = unsafe { (kept(&mut memory, model)?, memory.output(weights, k)?) };
        model.weights_into(SpectralFilter::Ridge { alpha }, weights).map_err(status_of)
    })
}

/// A Gaussian prior of precision α and noise of precision β, weighed by the data.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_evidence_f32 {
    /// α: the prior is N(0, I/α).
    pub alpha: f32,
    /// β: the noise is N(0, 1/β).
    pub beta: f32,
    /// ½‖w‖² at the most probable weights.
    pub weight_energy: f32,
    /// ½‖t − Φw‖² there.
    pub data_energy: f32,
    /// How many weights the data determine.
    pub gamma: f32,
    /// log p(t | α, β).
    pub log_evidence: f32,
    /// The Occam factor's logarithm.
    pub log_occam_factor: f32,
    /// Of `teeter_evidence_maximize_f32`: `TEETER_EVIDENCE_CONVERGED`, `_LIMIT_REACHED`, `_NO_SIGNAL`, `_NO_NOISE`; else 0.
    pub stop: u32,
    /// Of the same, |2αE_W − γ|/γ; else 0.
    pub mismatch: f32,
    /// Of the same, evaluations used; else 0.
    pub steps: usize,
}

impl teeter_evidence_f32 {
    fn of(evidence: Evidence<f32>) -> Self {
        Self {
            alpha: evidence.alpha,
            beta: evidence.beta,
            weight_energy: evidence.weight_energy,
            data_energy: evidence.data_energy,
            gamma: evidence.gamma,
            log_evidence: evidence.log_evidence,
            log_occam_factor: evidence.log_occam_factor,
            stop: 0,
            mismatch: 0.0,
            steps: 0,
        }
    }
}

/// result ← the evidence of these α and β.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_evidence_of_f32(
    model: *mut teeter_linear_model_f32,
    alpha: f32,
    beta: f32,
    result: *mut teeter_evidence_f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element.
        let (model, result) = unsafe { (kept(&mut memory, model)?, memory.place(result)?) };
        result.write(teeter_evidence_f32::of(model.evidence(alpha, beta).map_err(status_of)?));
        Ok(())
    })
}

/// result ← the most probable α and β: `step_max` evaluations at most (100 are plenty), until |2αE_W − γ|/γ is
/// within `tolerance`, in (0, 1].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_evidence_maximize_f32(
    model: *mut teeter_linear_model_f32,
    step_max: usize,
    tolerance: f32,
    result: *mut teeter_evidence_f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element.
        let (model, result) = unsafe { (kept(&mut memory, model)?, memory.place(result)?) };
        let EvidenceFit { evidence, mismatch, steps, stop } =
            model.maximize_evidence(&EvidenceOptions { step_max, tolerance }).map_err(status_of)?;
        let stop = stop as u32;
        result.write(teeter_evidence_f32 {
            stop,
            mismatch,
            steps,
            ..teeter_evidence_f32::of(evidence)
        });
        Ok(())
    })
}
