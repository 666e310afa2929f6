//! Layer `random`.

use teeter::random::{Stream, normals_into, signs_into, uniforms_into};
use teeter::{Float, Machine};
use teeter_verify::bound;
use teeter_verify::property::{self, assert_caught, random};
use teeter_verify::subject::Subject;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("random"));
}

/// Bit 0 of each word for all of its 32 positions: one sign drawn per word.
struct BitZeroOnly;
impl Subject<f64> for BitZeroOnly {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn signs_into(&self, stream: Stream, out: &mut [f64]) {
        for (index, chunk) in out.chunks_mut(128).enumerate() {
            let words = stream.block(index as u64);
            for (part, word) in chunk.chunks_mut(32).zip(words) {
                part.fill(if word & 1 == 0 { 1.0 } else { -1.0 });
            }
        }
    }
}

/// Uniforms where normals were asked for, of the same mean and variance.
struct UniformsForNormals;
impl Subject<f64> for UniformsForNormals {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn normals_into(&self, stream: Stream, out: &mut [f64]) {
        uniforms_into(stream, out);
        out.iter_mut().for_each(|x| *x = (*x - 0.5) * 12.0_f64.sqrt());
    }
}

/// Both halves of a pair the same.
struct TwinNormals;
impl Subject<f64> for TwinNormals {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn normals_into(&self, stream: Stream, out: &mut [f64]) {
        normals_into(stream, out);
        out.chunks_exact_mut(2).for_each(|pair| pair[1] = pair[0]);
    }
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&random::signs_are_balanced_at_every_lag(&BitZeroOnly));
    assert_caught(&random::normals_have_the_normal_distribution(&UniformsForNormals));
    assert_caught(&random::normals_have_the_normal_distribution(&TwinNormals));
}

/// A part of a stream is the same whatever is asked for beside it, and nothing else is written.
fn prefixes_agree<T: Float>(fill: fn(Stream, &mut [T])) {
    let mut whole = vec![T::ZERO; 300];
    let stream = Stream::new(7, 1 << 40);
    fill(stream, &mut whole);
    for n in 0..300 {
        let mut part = vec![T::NAN; n];
        fill(stream, &mut part);
        assert_eq!(part, whole[..n], "the first {n} elements");
    }
}

#[test]
fn prefixes_of_a_stream_agree() {
    prefixes_agree::<f32>(signs_into);
    prefixes_agree::<f64>(signs_into);
    prefixes_agree::<f32>(normals_into);
    prefixes_agree::<f64>(normals_into);
    prefixes_agree::<f32>(uniforms_into);
    prefixes_agree::<f64>(uniforms_into);
}

#[test]
fn signs_are_signs_and_uniforms_are_odd_multiples() {
    let mut z = vec![0.0_f64; 1000];
    signs_into(Stream::new(1, 2), &mut z);
    assert!(z.iter().all(|z| z.abs() == 1.0), "only ±1");
    let mut x = vec![0.0_f32; 1000];
    uniforms_into(Stream::new(1, 2), &mut x);
    for x in x {
        let steps = f64::from(x) * 2.0_f64.powi(24);
        assert!(x > 0.0 && x < 1.0 && steps % 2.0 == 1.0, "{x} is an odd multiple of 2⁻²⁴");
    }
    let mut x = vec![0.0_f64; 1000];
    uniforms_into(Stream::new(1, 2), &mut x);
    for x in x {
        let steps = x * 2.0_f64.powi(53);
        assert!(x > 0.0 && x < 1.0 && steps % 2.0 == 1.0, "{x} is an odd multiple of 2⁻⁵³");
    }
}

#[test]
fn normals_stay_below_their_largest_value() {
    let (mut single, mut double) = (vec![0.0_f32; 20_000], vec![0.0_f64; 20_000]);
    normals_into(Stream::new(5, 5), &mut single);
    normals_into(Stream::new(5, 5), &mut double);
    assert!(single.iter().all(|x| x.abs() < 5.8), "f32");
    assert!(double.iter().all(|x| x.abs() < 8.6), "f64");
}

/// Every bit of seed, stream and index matters, and words are laid out as documented.
#[test]
fn streams_differ_in_every_bit_of_their_names() {
    let base = Stream::new(0, 0);
    let mut seen = vec![base.block(0)];
    for bit in 0..64 {
        let one = 1_u64 << bit;
        for block in [Stream::new(one, 0).block(0), Stream::new(0, one).block(0), base.block(one)] {
            assert!(!seen.contains(&block), "bit {bit} does not matter");
            seen.push(block);
        }
        let child = base.child(one);
        assert!(child.seed == 0 && child != base, "child {bit}");
    }
    let [a, b, c, d] = Stream::new(3, 4).block(9);
    assert_eq!(Stream::new(3, 4).bits(9), u64::from(b) << 32 | u64::from(a));
    assert_eq!(Stream::new(3, 4).child(9), Stream::new(3, u64::from(d) << 32 | u64::from(c)));
}

#[test]
fn whole_numbers_below_n_are_below_n_and_even() {
    const COUNT: u64 = 40_000;
    let stream = Stream::new(8, 8);
    assert_eq!(stream.below(3, 0), 0);
    assert_eq!(stream.below(3, 1), 0);
    assert!(stream.below(3, u64::MAX) < u64::MAX);
    let mut counts = [0_u32; 7];
    for index in 0..COUNT {
        counts[stream.below(index, 7) as usize] += 1;
    }
    for count in counts {
        // Each is a sum of independent indicators: Hoeffding for ranges of 1, chance 1e-12.
        let distance = (f64::from(count) - COUNT as f64 / 7.0).abs();
        assert!(distance <= 0.5 * bound::hoeffding_signs(COUNT as usize, 1e-13), "{counts:?}");
    }
}
