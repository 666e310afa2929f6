//! Functions of every element, and vectors of random numbers.

use teeter::random::{self, Stream};
use teeter::vector;

use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::random::teeter_stream;
use crate::status::teeter_status;

/// xᵢ ← f(xᵢ), f(x) = eˣ.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_exp_f32(
    machine: teeter_machine,
    n: usize,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements.
        vector::exp_in_place(machine, unsafe { memory.output(x, n)? });
        Ok(())
    })
}

/// xᵢ ← f(xᵢ), f(x) = tanh x.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tanh_f32(
    machine: teeter_machine,
    n: usize,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements.
        vector::tanh_in_place(machine, unsafe { memory.output(x, n)? });
        Ok(())
    })
}

/// xᵢ ← f(xᵢ), f(x) = 1/(1 + e⁻ˣ).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_sigmoid_f32(
    machine: teeter_machine,
    n: usize,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements.
        vector::sigmoid_in_place(machine, unsafe { memory.output(x, n)? });
        Ok(())
    })
}

/// xᵢ ← f(xᵢ), f(x) = log(1 + eˣ).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_softplus_f32(
    machine: teeter_machine,
    n: usize,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements.
        vector::softplus_in_place(machine, unsafe { memory.output(x, n)? });
        Ok(())
    })
}

/// xᵢ ← f(xᵢ), f(x) = log(1 + x).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_log1p_f32(
    machine: teeter_machine,
    n: usize,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements.
        vector::log1p_in_place(machine, unsafe { memory.output(x, n)? });
        Ok(())
    })
}

/// x ← +1 or −1, by equal chance. Element i is a function of stream and i, the same on every target.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_signs_f32(
    stream: teeter_stream,
    n: usize,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for n elements.
        let x = unsafe { Memory::new().output(x, n)? };
        random::signs_into(Stream::from(stream), x);
        Ok(())
    })
}

/// x ← standard normal numbers. Element i is a function of stream and i, the same on every target.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_normals_f32(
    stream: teeter_stream,
    n: usize,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for n elements.
        let x = unsafe { Memory::new().output(x, n)? };
        random::normals_into(Stream::from(stream), x);
        Ok(())
    })
}

/// x ← uniform numbers of the open interval (0, 1). Element i is a function of stream and i, the same on every target.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_uniforms_f32(
    stream: teeter_stream,
    n: usize,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for n elements.
        let x = unsafe { Memory::new().output(x, n)? };
        random::uniforms_into(Stream::from(stream), x);
        Ok(())
    })
}
