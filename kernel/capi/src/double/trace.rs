//! Traces of callback operators, with their intervals.

use core::mem::offset_of;

use teeter::trace::{
    DiagonalOptions, HutchinsonOptions, Probe, StopRule, TraceEstimate, diagonal_estimate,
    hutch_pp, hutchinson, hutchinson_until, xnystrace, xtrace,
};

use super::operator::teeter_operator_f64;
use super::scratch::teeter_scratch_f64;
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::outcome::{Coded, deliver, refuse};
use crate::random::teeter_stream;
use crate::status::{TEETER_RANGE, teeter_status};

/// How many probes of which kind, and how sure the interval is to be.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_trace_options_f64 {
    /// `TEETER_RADEMACHER` or `TEETER_GAUSSIAN`.
    pub probe: u32,
    /// Products to use; 32 is usual.
    pub products: usize,
    /// The chance that the interval holds the trace: 0.95, say.
    pub confidence: f64,
    /// Whose random numbers.
    pub stream: teeter_stream,
}

impl teeter_trace_options_f64 {
    pub(crate) fn view(&self) -> Result<HutchinsonOptions<f64>, teeter_status> {
        Ok(HutchinsonOptions {
            probe: probe(self.probe)?,
            products: self.products,
            confidence: self.confidence,
            stream: self.stream.into(),
        })
    }
}

/// Which probe a number names.
pub(crate) fn probe(number: u32) -> Result<Probe, teeter_status> {
    match number {
        0 => Ok(Probe::Rademacher),
        1 => Ok(Probe::Gaussian),
        _ => Err(TEETER_RANGE),
    }
}

/// A trace, how far it may be off, and its price.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_trace_f64 {
    /// `TEETER_LIMIT_REACHED`: the products asked for were used. `TEETER_INVARIANT`: n products told all.
    /// `TEETER_CONVERGED`: the tolerance of `teeter_hutchinson_until_f64` was reached.
    pub stop: u32,
    /// 0; the only field written when the status is `TEETER_OPERATOR`.
    pub operator_code: i32,
    /// `TEETER_HUTCHINSON`, …: how it was estimated.
    pub method: u32,
    /// The estimate.
    pub value: f64,
    /// Of the estimate, as its interval takes it.
    pub standard_error: f64,
    /// Of the estimate, from the scatter of its terms alone.
    pub sample_error: f64,
    /// Lower end of the interval.
    pub lower: f64,
    /// Upper end of it.
    pub upper: f64,
    /// The chance that the interval was to hold the trace.
    pub confidence: f64,
    /// Products used.
    pub products: usize,
}

impl Coded for teeter_trace_f64 {
    const CODE_AT: usize = offset_of!(Self, operator_code);
}

impl From<TraceEstimate<f64>> for teeter_trace_f64 {
    fn from(trace: TraceEstimate<f64>) -> Self {
        Self {
            stop: trace.stop as u32,
            operator_code: 0,
            method: trace.method as u32,
            value: trace.value,
            standard_error: trace.standard_error,
            sample_error: trace.sample_error,
            lower: trace.lower,
            upper: trace.upper,
            confidence: trace.confidence,
            products: trace.products,
        }
    }
}

/// Tr A as the mean of zᵀAz over random probes.
/// `scratch`: `teeter_hutchinson_scratch_len(n)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutchinson_f64(
    machine: teeter_machine,
    operator: *const teeter_operator_f64,
    options: *const teeter_trace_options_f64,
    scratch: teeter_scratch_f64,
    result: *mut teeter_trace_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&operator, options, result) = unsafe {
            (memory.value(operator)?, memory.value(options)?.view()?, memory.place(result)?)
        };
        // SAFETY: the caller vouches for the scratch and the product.
        let (scratch, mut operator) = unsafe { (scratch.view(&mut memory)?, operator.view()?) };
        let trace = hutchinson(machine, &mut operator, &options, scratch);
        deliver(result, trace.map(teeter_trace_f64::from))
    })
}

/// Tr A by Hutch++: exactly on a sketched range, Hutchinson on the rest. For spectra that decay.
/// `scratch`: `teeter_hutch_pp_scratch_len(n, products)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutch_pp_f64(
    machine: teeter_machine,
    operator: *const teeter_operator_f64,
    options: *const teeter_trace_options_f64,
    scratch: teeter_scratch_f64,
    result: *mut teeter_trace_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&operator, options, result) = unsafe {
            (memory.value(operator)?, memory.value(options)?.view()?, memory.place(result)?)
        };
        // SAFETY: the caller vouches for the scratch and the product.
        let (scratch, mut operator) = unsafe { (scratch.view(&mut memory)?, operator.view()?) };
        let trace = hutch_pp(machine, &mut operator, &options, scratch);
        deliver(result, trace.map(teeter_trace_f64::from))
    })
}

/// Tr A by XTrace: as Hutch++, and each probe tests what the others sketch. Needs the fewest products
/// where the spectrum decays.
/// `scratch`: `teeter_xtrace_scratch_len(n, products)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_xtrace_f64(
    machine: teeter_machine,
    operator: *const teeter_operator_f64,
    options: *const teeter_trace_options_f64,
    scratch: teeter_scratch_f64,
    result: *mut teeter_trace_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&operator, options, result) = unsafe {
            (memory.value(operator)?, memory.value(options)?.view()?, memory.place(result)?)
        };
        // SAFETY: the caller vouches for the scratch and the product.
        let (scratch, mut operator) = unsafe { (scratch.view(&mut memory)?, operator.view()?) };
        let trace = xtrace(machine, &mut operator, &options, scratch);
        deliver(result, trace.map(teeter_trace_f64::from))
    })
}

/// Tr A by XNysTrace, for A with no negative eigenvalue: the sharpest of all there.
/// `scratch`: `teeter_xnystrace_scratch_len(n, products)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_xnystrace_f64(
    machine: teeter_machine,
    operator: *const teeter_operator_f64,
    options: *const teeter_trace_options_f64,
    scratch: teeter_scratch_f64,
    result: *mut teeter_trace_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&operator, options, result) = unsafe {
            (memory.value(operator)?, memory.value(options)?.view()?, memory.place(result)?)
        };
        // SAFETY: the caller vouches for the scratch and the product.
        let (scratch, mut operator) = unsafe { (scratch.view(&mut memory)?, operator.view()?) };
        let trace = xnystrace(machine, &mut operator, &options, scratch);
        deliver(result, trace.map(teeter_trace_f64::from))
    })
}

/// When `teeter_hutchinson_until_f64` may stop before its products are used.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_stop_rule_f64 {
    /// The interval is to be no wider to each side than this share of the value.
    pub tolerance: f64,
    /// The probes at which its sequence of intervals is narrowest; those expected are a good choice.
    pub narrowest: usize,
}

/// Tr A by as many probes as the tolerance asks for, `products` at most. The interval holds at whatever probe it stops.
/// `scratch`: `teeter_hutchinson_scratch_len(n)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutchinson_until_f64(
    machine: teeter_machine,
    operator: *const teeter_operator_f64,
    options: *const teeter_trace_options_f64,
    rule: *const teeter_stop_rule_f64,
    scratch: teeter_scratch_f64,
    result: *mut teeter_trace_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&operator, options, rule, result) = unsafe {
            (
                memory.value(operator)?,
                memory.value(options)?.view()?,
                memory.value(rule)?,
                memory.place(result)?,
            )
        };
        // SAFETY: the caller vouches for the scratch and the product.
        let (scratch, mut operator) = unsafe { (scratch.view(&mut memory)?, operator.view()?) };
        let rule = StopRule { tolerance: rule.tolerance, narrowest: rule.narrowest };
        let trace = hutchinson_until(machine, &mut operator, &options, &rule, scratch);
        deliver(result, trace.map(teeter_trace_f64::from))
    })
}

/// What an estimate of the diagonal may cost, and where it goes.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_diagonal_request_f64 {
    /// Products to use.
    pub products: usize,
    /// Whose random signs.
    pub stream: teeter_stream,
    /// n elements, written: the diagonal.
    pub diagonal: *mut f64,
    /// n elements, written: the standard error of each.
    pub errors: *mut f64,
}

/// The diagonal of A, with an error for each element. `scratch`: `teeter_diagonal_scratch_len(n)`. `operator_code`: what
/// the operator returned if the status is `TEETER_OPERATOR`; the diagonal is unspecified then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_diagonal_f64(
    machine: teeter_machine,
    operator: *const teeter_operator_f64,
    request: *const teeter_diagonal_request_f64,
    scratch: teeter_scratch_f64,
    operator_code: *mut i32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&operator, &request, code) = unsafe {
            (memory.value(operator)?, memory.value(request)?, memory.place(operator_code)?)
        };
        // SAFETY: the caller vouches for n elements each, the scratch and the product.
        let (diagonal, errors, scratch, mut operator) = unsafe {
            (
                memory.output(request.diagonal, operator.n)?,
                memory.output(request.errors, operator.n)?,
                scratch.view(&mut memory)?,
                operator.view()?,
            )
        };
        let options = DiagonalOptions { products: request.products, stream: request.stream.into() };
        diagonal_estimate(machine, &mut operator, options, diagonal, errors, scratch)
            .map_err(|error| refuse(code, error))?;
        Ok(())
    })
}
