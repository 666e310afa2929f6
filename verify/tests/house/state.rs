//! States as bytes: restored they go on as if never stopped, and nothing else is taken for one.

use teeter::optim::{
    AdamState, AverageState, LookSamState, LookaheadState, PadamState, PenaltyMean, RmsPropState,
    SgdState, SophiaState, TracePenaltyState, TracerState,
};
use teeter::random::{Stream, normals_into};
use teeter::state::{Kind, Saved, VERSION, Visitor};
use teeter::{Error, Float, Machine};
use teeter_verify::oracle::steps::{Rule, Running};
use teeter_verify::property::optim_steps;

fn normals<T: Float>(stream: u64, n: usize) -> Vec<T> {
    let mut x = vec![T::ZERO; n];
    normals_into(Stream::new(2030, stream), &mut x);
    x
}

fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|value| value.to_bits_u64()).collect()
}

fn saved<T: Float>(state: &mut impl Saved<T>) -> Vec<u8> {
    let mut bytes = vec![0xAA; state.saved_len() + 3];
    let len = state.save(&mut bytes).expect("enough room");
    assert_eq!(len, state.saved_len(), "as long as it said");
    assert_eq!(bytes[len..], [0xAA; 3], "and no longer");
    bytes.truncate(len);
    bytes
}

/// What moved through bytes into memory full of other things.
fn moved<T: Float>(rule: &Rule<T>, from: &mut Running<T>) -> Running<T> {
    let n = from.params.len();
    let mut to = Running::new(&vec![T::from_f64(7.0); n]);
    to.params.clone_from(&from.params);
    let pass = |from: &mut dyn FnMut() -> Vec<u8>, to: &mut dyn FnMut(&[u8])| to(&from());
    let [first, second, third] = &mut from.memory;
    let [to_first, to_second, to_third] = &mut to.memory;
    to_first.fill(T::NAN);
    to_second.fill(T::NAN);
    to_third.fill(T::NAN);
    let [beta1_power, beta2_power] = from.powers;
    let steps = from.steps;
    match rule {
        Rule::Sgd(_) => pass(&mut || saved(&mut SgdState { velocity: first }), &mut |bytes| {
            SgdState { velocity: to_first }.restore(bytes).expect("whole");
        }),
        Rule::RmsProp(_) => pass(
            &mut || saved(&mut RmsPropState { second: first, velocity: second }),
            &mut |bytes| {
                let mut state = RmsPropState { second: to_first, velocity: to_second };
                state.restore(bytes).expect("whole");
            },
        ),
        Rule::Sophia(_) => {
            let mut state = SophiaState { first, curvature: second, steps, updates: steps };
            let bytes = saved(&mut state);
            let mut state = SophiaState::new(to_first, to_second);
            state.restore(&bytes).expect("whole");
            assert_eq!((state.steps, state.updates), (steps, steps), "both counts");
            to.steps = state.steps;
        }
        Rule::Padam(_) => {
            let averages = AdamState { first, second, beta1_power, beta2_power, steps };
            let bytes = saved(&mut PadamState { averages, largest: third });
            let mut state = PadamState::new(to_first, to_second, to_third);
            state.restore(&bytes).expect("whole");
            to.powers = [state.averages.beta1_power, state.averages.beta2_power];
            to.steps = state.averages.steps;
        }
        _ => {
            let bytes = saved(&mut AdamState { first, second, beta1_power, beta2_power, steps });
            let mut state = AdamState::new(to_first, to_second);
            state.restore(&bytes).expect("whole");
            to.powers = [state.beta1_power, state.beta2_power];
            to.steps = state.steps;
        }
    }
    // What belongs to no count of its own.
    to.steps = steps;
    for (to, from) in to.memory.iter_mut().zip(&from.memory) {
        // Memory that the rule does not use was not moved.
        if to.iter().all(|x| x.is_nan()) {
            to.clone_from(from);
        }
    }
    to
}

fn check_going_on<T: Float>() {
    let machine = Machine::detect();
    for (name, rule) in optim_steps::rules::<T>() {
        for n in [0, 1, 19] {
            let mut whole = Running::new(&normals::<T>(1, n));
            let step = |running: &mut Running<T>, t: u64| {
                let (g, d) = (normals::<T>(10 + t, n), normals::<T>(100 + t, n));
                running.step(machine, &rule, [&g, &d]).expect("valid");
            };
            (0..8).for_each(|t| step(&mut whole, t));
            let mut resumed = moved(&rule, &mut whole);
            for t in 8..20 {
                step(&mut whole, t);
                step(&mut resumed, t);
            }
            assert_eq!(bits(&resumed.params), bits(&whole.params), "{name}, n = {n}");
            for (resumed, whole) in resumed.memory.iter().zip(&whole.memory) {
                assert_eq!(bits(resumed), bits(whole), "{name}, n = {n}: memory");
            }
        }
    }
}

#[test]
fn restored_states_go_on_as_if_never_stopped() {
    check_going_on::<f32>();
    check_going_on::<f64>();
}

/// The states that have no rule of their own, field by field.
#[test]
fn every_field_comes_back() {
    let n = 5;
    let (x, y) = (normals::<f64>(1, n), normals::<f64>(2, n));
    let (mut a, mut b) = (x.clone(), y.clone());
    let bytes = saved(&mut TracerState { metric: &mut a, peak: &mut b, updates: 9 });
    let (mut a, mut b) = (vec![0.0; n], vec![0.0; n]);
    let mut state = TracerState::new(&mut a, &mut b);
    state.restore(&bytes).expect("whole");
    assert_eq!((&*state.metric, &*state.peak, state.updates), (&x[..], &y[..], 9), "of a tracer");

    let mut a = x.clone();
    let bytes = saved(&mut LookSamState { sideways: &mut a, steps: 11 });
    let mut a = vec![0.0; n];
    let mut state = LookSamState::new(&mut a);
    state.restore(&bytes).expect("whole");
    assert_eq!((&*state.sideways, state.steps), (&x[..], 11), "of LookSAM");

    let mut a = x.clone();
    let bytes = saved(&mut AverageState { mean: &mut a, seen: 13, taken: 4 });
    let mut a = vec![0.0; n];
    let mut state = AverageState::new(&mut a);
    state.restore(&bytes).expect("whole");
    assert_eq!((&*state.mean, state.seen, state.taken), (&x[..], 13, 4), "of an average");

    let mut a = x.clone();
    let bytes = saved(&mut LookaheadState { slow: &mut a, steps: 15 });
    let mut a = vec![0.0; n];
    let mut state = LookaheadState::new(&y, &mut a).expect("lengths");
    state.restore(&bytes).expect("whole");
    assert_eq!((&*state.slow, state.steps), (&x[..], 15), "of Lookahead");

    let mut a = x.clone();
    let mean = PenaltyMean { gradient: &mut a, value: -0.5, taken: 2 };
    let mut state = TracePenaltyState { mean, steps: 17 };
    let (whole, part) = (saved(&mut state), saved(&mut state.mean));
    let mut a = vec![0.0; n];
    let mut state = TracePenaltyState { mean: PenaltyMean::new(&mut a), steps: 0 };
    state.restore(&whole).expect("whole");
    assert_eq!((&*state.mean.gradient, state.mean.value), (&x[..], -0.5), "of a trace penalty");
    assert_eq!((state.mean.taken, state.steps), (2, 17), "its counts");
    let mut a = vec![0.0; n];
    let mut mean = PenaltyMean::new(&mut a);
    mean.restore(&part).expect("whole");
    assert_eq!(
        (&*mean.gradient, mean.value, mean.taken),
        (&x[..], -0.5, 2),
        "of a mean of penalties"
    );
}

/// Every bit of a small state, flipped: refused, and the state stays.
#[test]
fn every_changed_bit_is_refused_and_nothing_written() {
    let (mut m, mut v) = (normals::<f32>(1, 3), normals::<f32>(2, 3));
    let mut state =
        AdamState { first: &mut m, second: &mut v, beta1_power: 0.5, beta2_power: 0.25, steps: 6 };
    let good = saved(&mut state);
    let (mut m, mut v) = (vec![9.0_f32; 3], vec![8.0_f32; 3]);
    let mut target = AdamState::new(&mut m, &mut v);
    let check = |target: &mut AdamState<'_, f32>, bytes: &[u8]| {
        let done = target.restore(bytes);
        assert!(done.is_err(), "taken: {bytes:?}");
        assert_eq!((&*target.first, &*target.second), (&[0.0; 3][..], &[0.0; 3][..]), "written");
        assert_eq!(
            (target.steps, target.beta1_power, target.beta2_power),
            (0, 1.0, 1.0),
            "counts written"
        );
        done
    };
    for byte in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[byte] ^= 1 << bit;
            let done = check(&mut target, &bytes);
            let part = match byte {
                0..4 => "beginning",
                4..6 => "version",
                6..8 => "kind",
                8..12 => "bits of a number",
                12..16 => "number of bytes",
                _ => "checksum",
            };
            let named = matches!(done, Err(Error::Saved { part: found, .. }) if found == part);
            assert!(named, "byte {byte}: {done:?}, not {part}");
        }
    }
    for len in 0..good.len() {
        check(&mut target, &good[..len]).expect_err("cut off");
    }
    let longer = [&good[..], &[0]].concat();
    check(&mut target, &longer).expect_err("too long");
    let (mut m, mut v) = ([0.0_f32; 4], [0.0_f32; 2]);
    let mut other = AdamState::new(&mut m, &mut v);
    let part = "length of an array";
    assert_eq!(
        other.restore(&good),
        Err(Error::Saved { part, expected: 4, found: 3 }),
        "another length"
    );
    let mut other = SgdState { velocity: &mut [0.0_f32; 3][..] };
    assert_eq!(
        other.restore(&good),
        Err(Error::Saved { part: "kind", expected: 1, found: 2 }),
        "another kind"
    );
    let (mut m, mut v) = ([0.0_f64; 3], [0.0_f64; 3]);
    let wide = AdamState::new(&mut m, &mut v).restore(&good);
    let part = "bits of a number";
    assert_eq!(wide, Err(Error::Saved { part, expected: 64, found: 32 }), "another format");
    target.restore(&good).expect("the good ones still are");
    let short = target.save(&mut [0; 9]);
    let needed = good.len();
    assert_eq!(short, Err(Error::Short { argument: "bytes", needed, found: 9 }), "short of memory");
}

/// CRC-32 by long division of polynomials, most significant bit first on reflected bytes.
fn crc(bytes: &[u8]) -> u32 {
    let mut remainder = 0xFFFF_FFFF_u32;
    for byte in bytes {
        remainder ^= u32::from(byte.reverse_bits()) << 24;
        for _ in 0..8 {
            let over = remainder >> 31 == 1;
            remainder <<= 1;
            if over {
                remainder ^= 0x04C1_1DB7;
            }
        }
    }
    !remainder.reverse_bits()
}

/// The bytes of one small state, written down: what was saved stays readable.
#[test]
fn the_layout_does_not_change() {
    assert_eq!(crc(b"123456789"), 0xCBF4_3926, "the check value of the standard");
    let (mut m, mut v) = ([1.0_f32], [-2.0_f32]);
    let mut state =
        AdamState { first: &mut m, second: &mut v, beta1_power: 0.5, beta2_power: 0.25, steps: 3 };
    let bytes = saved(&mut state);
    let body: [&[u8]; 12] = [
        b"TEET",
        &[1, 0, 2, 0],
        &[32, 0, 0, 0],
        &[60, 0, 0, 0],
        &[3, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0, 0x3F],
        &[0, 0, 0x80, 0x3E],
        &[1, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0x80, 0x3F],
        &[1, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0, 0xC0],
        &[],
    ];
    let body = body.concat();
    assert_eq!((VERSION, Kind::Adam as u16), (1, 2), "the numbers in the bytes");
    assert_eq!(bytes[..body.len()], body, "fields");
    assert_eq!(bytes[body.len()..], crc(&body).to_le_bytes(), "checksum");
}

/// A stepper outside of the layer: counts in memory, a number, memory lent.
#[derive(Debug, PartialEq)]
struct Stepper {
    at: usize,
    norm: f64,
    basis: Vec<f64>,
}

impl Saved<f64> for Stepper {
    const KIND: Kind = Kind::Tracer;
    fn visit<V: Visitor<f64>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.size(&mut self.at)?;
        visitor.number(&mut self.norm)?;
        visitor.array(&mut self.basis)
    }
}

#[test]
fn sizes_are_counts_in_memory() {
    let mut stepper = Stepper { at: 77, norm: -0.0, basis: normals(1, 4) };
    let bytes = saved(&mut stepper);
    let mut other = Stepper { at: 0, norm: 1.0, basis: vec![0.0; 4] };
    other.restore(&bytes).expect("whole");
    assert_eq!(other, stepper, "all fields");
    assert!(other.norm.is_sign_negative(), "every bit");
    // Exact also where a comparison is not: NaN and subnormals.
    let mut special = Stepper {
        at: usize::MAX,
        norm: f64::INFINITY,
        basis: vec![f64::NAN, 5e-324, -5e-324, 0.0],
    };
    let bytes = saved(&mut special);
    other.restore(&bytes).expect("whole");
    assert_eq!(other.at, usize::MAX, "the largest count");
    assert!(
        other.basis[0].is_nan() && bits(&other.basis[1..]) == bits(&special.basis[1..]),
        "NaN and subnormals"
    );
}
