//! Random numbers: known answers, balance and distribution with a stated chance of failure.

use teeter::Float;
use teeter::random::{Stream, philox4x32};

use super::{Context, Measured, Worst};
use crate::bound;
use crate::subject::Subject;

/// The chance that a correct generator fails one check of this file; the seed is fixed, so the
/// verdict never changes.
const FAILURE: f64 = 1e-12;

/// Signs or normals per check.
const COUNT: usize = 1 << 15;

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        philox_gives_its_known_answers(subject),
        signs_are_balanced_at_every_position(subject),
        signs_are_balanced_at_every_lag(subject),
        normals_have_the_normal_distribution(subject),
    ]
}

/// The test vectors published with Random123 (Salmon et al. 2011).
#[must_use]
pub fn philox_gives_its_known_answers<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let cases = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([0xffff_ffff; 4], [0xffff_ffff; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    let broken = cases.iter().filter(|(counter, key, block)| philox4x32(*counter, *key) != *block);
    let context = Context::of("random", subject);
    Measured::exact(context, "philox gives its known answers", broken.count(), cases.len())
}

/// |Σ z| over 4096 streams, at each of 300 positions (Hoeffding).
///
/// Catches a sign that depends on the position alone: bit 0 of each word, say.
#[must_use]
pub fn signs_are_balanced_at_every_position<T: Float>(subject: &dyn Subject<T>) -> Measured {
    const POSITIONS: usize = 300;
    const STREAMS: u64 = 4096;
    let mut sums = vec![0.0; POSITIONS];
    let mut z = vec![T::ZERO; POSITIONS];
    for stream in 0..STREAMS {
        subject.signs_into(Stream::new(1, stream), &mut z);
        for (sum, z) in sums.iter_mut().zip(&z) {
            *sum += z.to_f64();
        }
    }
    let allowed = bound::hoeffding_signs(STREAMS as usize, FAILURE / POSITIONS as f64);
    let mut worst = Worst::default();
    sums.iter().for_each(|sum: &f64| worst.see_f64(sum.abs(), allowed));
    worst.finish(Context::of("random", subject), "signs are balanced at every position")
}

/// |Σ zᵢzᵢ₊ₗ| for every lag up to 300: products of independent signs are signs (Hoeffding).
///
/// Catches one sign drawn per tensor or per word.
#[must_use]
pub fn signs_are_balanced_at_every_lag<T: Float>(subject: &dyn Subject<T>) -> Measured {
    const LAGS: usize = 300;
    let mut z = vec![T::ZERO; COUNT + LAGS];
    subject.signs_into(Stream::new(2, 0), &mut z);
    let z: Vec<f64> = z.iter().map(|z| z.to_f64()).collect();
    let allowed = bound::hoeffding_signs(COUNT, FAILURE / (LAGS + 1) as f64);
    let mut worst = Worst::default();
    worst.see_f64(z.iter().take(COUNT).sum::<f64>().abs(), allowed);
    for lag in 1..=LAGS {
        let sum: f64 = z.iter().zip(&z[lag..]).take(COUNT).map(|(a, b)| a * b).sum();
        worst.see_f64(sum.abs(), allowed);
    }
    worst.finish(Context::of("random", subject), "signs are balanced at every lag")
}

/// sup|Fₙ − Φ| of the normals, and of (x + y)/√2 for neighbors and for elements 64 apart, which
/// is normal only if the two are independent (Dvoretzky, Kiefer, Wolfowitz; Massart 1990).
#[must_use]
pub fn normals_have_the_normal_distribution<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut x = vec![T::ZERO; 2 * COUNT];
    subject.normals_into(Stream::new(3, 0), &mut x);
    let x: Vec<f64> = x.iter().map(|x| x.to_f64()).collect();
    let joined = |pairs: &mut dyn Iterator<Item = (f64, f64)>| {
        pairs.map(|(x, y)| (x + y) * std::f64::consts::FRAC_1_SQRT_2).collect::<Vec<f64>>()
    };
    let neighbors = joined(&mut x.chunks_exact(2).map(|pair| (pair[0], pair[1])));
    let differences = joined(&mut x.chunks_exact(2).map(|pair| (pair[0], -pair[1])));
    // Disjoint pairs 64 apart, so that the samples are independent of each other.
    let far = joined(&mut x.chunks_exact(128).flat_map(|block| {
        block[..64].iter().zip(&block[64..]).map(|(&x, &y)| (x, y)).collect::<Vec<_>>()
    }));
    let mut worst = Worst::default();
    for sample in [x.clone(), neighbors, differences, far] {
        let allowed = bound::empirical_distribution(sample.len(), FAILURE / 4.0);
        worst.see_f64(distance_from_normal(sample), allowed);
    }
    worst.finish(Context::of("random", subject), "normals have the normal distribution")
}

/// sup|Fₙ − Φ|
fn distance_from_normal(mut sample: Vec<f64>) -> f64 {
    sample.sort_by(f64::total_cmp);
    let count = sample.len() as f64;
    sample.iter().enumerate().fold(0.0, |distance: f64, (i, x)| {
        let phi = 0.5 * statrs::function::erf::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
        let (below, above) = (i as f64 / count, (i + 1) as f64 / count);
        let here = (phi - below).abs().max((above - phi).abs());
        if here.is_nan() { f64::NAN } else { distance.max(here) }
    })
}
