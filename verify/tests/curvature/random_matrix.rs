//! Laws of random matrices: moments, integrals, spikes; what they say of batches and learning rates.

use std::f64::consts::PI;

use teeter::curvature::{
    BatchNoise, BatchScaling, MarchenkoPastur, Spike, batch_eigenvalue, batch_learning_rate,
    marchenko_pastur_spike, noise_scale, scaled_learning_rate, semicircle_cumulative,
    semicircle_density, semicircle_spike, temperature,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Float};
use teeter_verify::bound::edge as bound;
use teeter_verify::oracle::reference;

/// ∫xᵏρ(x)dx by Chebyshev's rule of the second kind between the edges, which is exact for √((b − x)(x − a)) times a polynomial.
fn moment<T: Float>([a, b]: [f64; 2], power: i32, density: impl Fn(T) -> Result<T, Error>) -> f64 {
    let n = NODES;
    let sum: f64 = (1..=n)
        .map(|j| {
            let angle = PI * j as f64 / (n + 1) as f64;
            let x = T::from_f64(0.5 * (a + b) + 0.5 * (b - a) * angle.cos()).to_f64();
            let rho = density(T::from_f64(x)).expect("finite").to_f64();
            x.powi(power) * rho * angle.sin()
        })
        .sum();
    sum * PI / (n + 1) as f64 * 0.5 * (b - a)
}

const NODES: usize = 12;

fn laws_have_their_moments<T: Float>() {
    for radius in [0.5, 2.0, 6.0] {
        // Catalan numbers.
        for (k, catalan) in [(0, 1.0), (2, 1.0), (4, 2.0), (6, 5.0), (8, 14.0)] {
            let found =
                moment([-radius, radius], k, |x: T| semicircle_density(x, T::from_f64(radius)));
            let right = catalan * (radius / 2.0).powi(k);
            let allowed = bound::moment::<T>(NODES, k as usize) * radius.powi(k);
            assert!((found - right).abs() <= allowed, "R = {radius}, moment {k}: {found}");
        }
    }
    for (variance, q) in [(1.0, 0.25), (2.0, 0.5625), (0.5, 4.0)] {
        let law = MarchenkoPastur::new(T::from_f64(variance), T::from_f64(q)).expect("valid");
        let edges = [law.lower, law.upper].map(T::to_f64);
        // Narayana numbers: 1, 1 + q, 1 + 3q + q².
        let right = [1.0, 1.0 + q, 1.0 + 3.0 * q + q * q];
        for (k, right) in (1..).zip(right) {
            let found = moment(edges, k, |x: T| law.density(x));
            let right = right * variance.powi(k);
            let allowed = bound::moment::<T>(NODES, k as usize) * edges[1].powi(k);
            assert!((found - right).abs() <= allowed, "q = {q}, moment {k}: {found} for {right}");
        }
        let zeros = (1.0 - 1.0 / q).max(0.0);
        assert_eq!(law.zeros.to_f64(), zeros, "q = {q}");
        assert_eq!(law.cumulative(law.upper), Ok(T::ONE), "all");
        assert_eq!(law.cumulative(-T::ONE), Ok(T::ZERO), "none");
    }
}

#[test]
fn laws_have_their_moments_in_both_formats() {
    laws_have_their_moments::<f64>();
    laws_have_their_moments::<f32>();
}

/// F(θ₁) − F(0) beside Simpson's rule over x = m + h cos θ, where the density times sin θ is smooth.
#[test]
fn cumulative_laws_are_integrals_of_the_densities() {
    let n = 1000;
    let compare = |[a, b]: [f64; 2],
                   density: &dyn Fn(f64) -> f64,
                   cumulative: &dyn Fn(f64) -> f64,
                   (radius, allowed): (f64, f64)| {
        let (m, half) = (0.5 * (a + b), 0.5 * (b - a));
        for end in [0.3, 1.0, 2.0, 3.0] {
            let h = end / f64::from(n);
            // From the upper edge, θ = 0, downward. At the edge itself the factor sin θ is 0.
            let f = |i: i32| {
                let angle = h * f64::from(i);
                if i == 0 { 0.0 } else { density(m + half * angle.cos()) * half * angle.sin() }
            };
            let inner: f64 = (1..n).map(|i| f(i) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
            let integral = h / 3.0 * (f(0) + inner + f(n));
            let found = 1.0 - cumulative(m + half * end.cos());
            // In the strip the integrand is at most e^{2r} of what it is on the line.
            let size = (0..=n).map(f).fold(0.0, f64::max) * (2.0 * radius).exp() * 4.0;
            let simpson = bound::simpson(h, [size, radius, end]);
            let error = (found - integral).abs();
            assert!(error <= simpson + allowed, "to {end}: off by {error:e}");
        }
    };
    let semi = bound::cumulative::<f64>(1.0) + bound::moment::<f64>(1, 2);
    compare(
        [-3.0, 3.0],
        &|x| semicircle_density(x, 3.0).expect("finite"),
        &|x| semicircle_cumulative(x, 3.0).expect("finite"),
        (1.0, semi),
    );
    for (variance, q) in [(1.0, 0.25), (2.0, 0.5625), (0.5, 4.0)] {
        let law = MarchenkoPastur::new(variance, q).expect("valid");
        let pole = 0.5 * q.sqrt().ln().abs();
        compare(
            [law.lower, law.upper],
            &|x| law.density(x).expect("finite"),
            &|x| law.cumulative(x).expect("finite"),
            (pole, bound::cumulative::<f64>(q) + bound::moment::<f64>(4, 2)),
        );
    }
    assert_eq!(semicircle_cumulative(0.0, 1.0), Ok(0.5), "half of it");
    assert_eq!(semicircle_cumulative(-1.0, 1.0), Ok(0.0), "none");
    assert_eq!(semicircle_cumulative(1.0, 1.0), Ok(1.0), "all");
    let law = MarchenkoPastur::new(1.0, 1.0).expect("valid");
    assert_eq!(law.density(0.0), Ok(f64::INFINITY), "the pole at q = 1");
    assert_eq!(law.cumulative(0.0), Ok(0.0), "before it");
    for x in [f64::NAN, f64::INFINITY] {
        assert!(law.density(x).is_err() && law.cumulative(x).is_err(), "{x}");
        assert!(semicircle_density(x, 1.0).is_err() && semicircle_cumulative(x, 1.0).is_err());
    }
    assert!(semicircle_density(0.0, 0.0).is_err() && MarchenkoPastur::new(1.0, 0.0).is_err());
}

/// A spike λ shows where the noise's Stieltjes transform is 1/λ; below that it is lost.
#[test]
fn spikes_solve_their_equations() {
    for radius in [0.5_f64, 2.0] {
        for lambda in [-9.0, -1.5 * radius, 0.75 * radius, radius, 40.0] {
            let spike = semicircle_spike(lambda, radius).expect("valid");
            let z = spike.value.abs();
            let transform = 2.0 / (z + ((z - radius) * (z + radius)).sqrt());
            // The root's condition at the edge: z/(z − R) of it.
            let allowed = bound::formula::<f64>(16) * (1.0 + z / (z - radius));
            assert!((transform * lambda.abs() - 1.0).abs() <= allowed, "{lambda}: {spike:?}");
            let overlap = 1.0 - (radius / (2.0 * lambda)).powi(2);
            assert!((spike.overlap - overlap).abs() <= bound::formula::<f64>(8), "{spike:?}");
        }
        let lost = semicircle_spike(-0.5 * radius, radius).expect("valid");
        assert_eq!(lost, Spike { value: -radius, overlap: 0.0 }, "lost in the bulk");
    }
    let found = marchenko_pastur_spike(3.0, 1.0, 0.25).expect("valid");
    assert_eq!((found.value, found.overlap), (3.375, 0.9375 / 1.125), "3(1 + ¼/2)");
    let lost = marchenko_pastur_spike(1.5, 1.0, 0.25).expect("valid");
    assert_eq!(lost, Spike { value: 2.25, overlap: 0.0 }, "at the threshold 1 + √q");
    let scaled = marchenko_pastur_spike(12.0, 4.0, 0.25).expect("valid");
    assert_eq!((scaled.value, scaled.overlap), (4.0 * found.value, found.overlap), "unit");
    assert!(
        marchenko_pastur_spike(-1.0, 1.0, 0.5).is_err() && semicircle_spike(1.0, -1.0).is_err()
    );
}

/// λe₁e₁ᵀ + E beside faer, one matrix of order 150: the batch Hessian of the text.
#[test]
fn a_noisy_matrix_has_the_spike_predicted() {
    let p = 150;
    for (stream, lambda) in [(0, 3.0), (1, 6.0)] {
        let mut noise = vec![0.0_f64; p * p];
        normals_into(Stream::new(41, stream), &mut noise);
        let sigma = 1.0 / (p as f64).sqrt();
        let mut a: Vec<f64> = (0..p * p).map(|e| sigma * noise[e / p * p + e % p]).collect();
        for i in 0..p {
            for j in 0..i {
                a[j * p + i] = a[i * p + j];
            }
        }
        a[0] += lambda;
        let values = reference::eigenvalues(&a, p);
        let spike = semicircle_spike(lambda, 2.0).expect("valid");
        let error = (values[p - 1] - spike.value).abs();
        assert!(error <= bound::spike_scatter(sigma), "{lambda}: {error} off");
        let edge = semicircle_spike(0.0, 2.0).expect("valid").value;
        assert!((values[p - 2] - edge).abs() <= bound::spike_scatter(sigma), "the bulk's edge");
        // As a batch: σ² = 𝔟/P per entry.
        let noise = BatchNoise { params: p, batch: 10, samples: 20, variance: 20.0 / p as f64 };
        let same = batch_eigenvalue(&noise, lambda).expect("valid");
        let allowed = bound::formula::<f64>(24) * spike.value;
        assert!((same.value - spike.value).abs() <= allowed, "{same:?} and {spike:?}");
    }
}

#[test]
fn batches_scale_curvature_and_learning_rates() {
    let noise = |batch| BatchNoise { params: 1024, batch, samples: 4096, variance: 0.25 };
    let edge = noise(1024).edge().expect("valid");
    // 𝔟 = 1024/(3/4): 2·½·√(1024·¾/1024) = √¾.
    assert!((edge - 0.75_f64.sqrt()).abs() <= bound::formula::<f64>(8) * edge, "{edge}");
    assert_eq!(noise(4096).edge(), Ok(0.0), "the full batch has no noise");
    let full = batch_eigenvalue(&noise(4096), -3.0).expect("valid");
    assert_eq!(full, Spike { value: -3.0, overlap: 1.0 }, "nor has its Hessian");
    assert_eq!(batch_learning_rate(&noise(4096), 4.0), Ok(0.5), "2/λ₁");
    let mut before = 0.0;
    for batch in [1, 8, 64, 512, 2048, 4096] {
        let rate = batch_learning_rate(&noise(batch), 4.0).expect("valid");
        assert!(rate > before && rate <= 0.5, "grows with the batch and saturates");
        before = rate;
    }
    for bad in [noise(0), noise(5000), BatchNoise { params: 0, ..noise(8) }] {
        assert!(bad.edge().is_err() && batch_eigenvalue(&bad, 1.0).is_err(), "{bad:?}");
    }
    assert!(BatchNoise { variance: f64::NAN, ..noise(8) }.edge().is_err(), "NaN");
    assert!(batch_learning_rate(&noise(8), 0.0).is_err(), "no sharpness");

    assert_eq!(scaled_learning_rate(BatchScaling::Linear, 0.75, [8, 64]), Ok(6.0));
    assert_eq!(scaled_learning_rate(BatchScaling::SquareRoot, 0.75, [64, 16]), Ok(0.375));
    assert!(scaled_learning_rate(BatchScaling::Linear, 0.75, [0, 64]).is_err(), "no batch");
    assert_eq!(noise_scale(0.5, 0.0, [32, 96]), Ok(1.0), "η(N/B − 1)");
    assert_eq!(noise_scale(0.5, 0.75, [96, 96]), Ok(0.0), "the full batch");
    assert!(noise_scale(0.5, 1.0, [32, 96]).is_err() && noise_scale(0.5, 0.0, [97, 96]).is_err());
    assert_eq!(temperature(0.5, 0.5, 16), Ok(0.0625), "η/B(1 − m)");
    assert!(temperature(0.5, 0.5, 0).is_err(), "no batch");
}
