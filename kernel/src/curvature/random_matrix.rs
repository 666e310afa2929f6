//! Laws of large random matrices: what noise alone does to a spectrum.

use crate::check;
use crate::error::Error;
use crate::float::Float;

fn positive<T: Float>(argument: &'static str, value: T) -> Result<(), Error> {
    check::in_range(argument, value, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())
}

fn finite<T: Float>(argument: &'static str, value: T) -> Result<(), Error> {
    let largest = T::MAX.to_f64();
    check::in_range(argument, value, -largest, largest)
}

/// 2√(R² − x²)/πR² within ±R, 0 outside: eigenvalues of a symmetric matrix of independent entries.
///
/// Entries of variance σ² and order P give R = 2σ√P.
///
/// # Units
/// x and R in the same, the density in its inverse.
///
/// # Accuracy
/// Relative error at most 10u: the root is of (R − x)(R + x).
///
/// # Errors
/// `Error::Range` for x not finite or R not a positive normal number.
///
/// # Cost
/// A root, two divisions.
///
/// # Source
/// Wigner 1955, doi:10.2307/1970079.
///
/// # Example
/// ```
/// use teeter::curvature::semicircle_density;
/// assert_eq!(semicircle_density(3.0, 2.0), Ok(0.0));
/// assert_eq!(semicircle_density(0.0, 2.0), Ok(1.0 / std::f64::consts::PI));
/// ```
#[doc(alias = "wigner")]
pub fn semicircle_density<T: Float>(x: T, radius: T) -> Result<T, Error> {
    finite("x", x)?;
    positive("radius", radius)?;
    let v = x / radius;
    if v.abs() >= T::ONE {
        return Ok(T::ZERO);
    }
    let root = ((radius - x) / radius * ((radius + x) / radius)).sqrt();
    Ok(T::TWO * root / T::PI / radius)
}

/// The share of eigenvalues up to x: ½ + (v√(1 − v²) + asin v)/π, v = x/R.
///
/// # Accuracy
/// Absolute error at most 8u; 0 at −R and below, 1 at R and above, exactly.
///
/// # Errors
/// As [`semicircle_density`].
///
/// # Cost
/// A root and an arctangent in f64.
///
/// # Source
/// As [`semicircle_density`].
pub fn semicircle_cumulative<T: Float>(x: T, radius: T) -> Result<T, Error> {
    finite("x", x)?;
    positive("radius", radius)?;
    let v = (x / radius).to_f64();
    if v <= -1.0 {
        return Ok(T::ZERO);
    }
    if v >= 1.0 {
        return Ok(T::ONE);
    }
    let root = ((1.0 - v) * (1.0 + v)).sqrt();
    let angle = libm::atan2(v, root);
    Ok(T::from_f64(0.5 + (v * root + angle) / core::f64::consts::PI))
}

/// Where the eigenvalues of a sample covariance lie: σ²(1 ± √q)², and how many are 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct MarchenkoPastur<T> {
    /// σ²(1 − √q)².
    pub lower: T,
    /// σ²(1 + √q)².
    pub upper: T,
    /// The share of eigenvalues that are exactly 0: max(0, 1 − 1/q).
    pub zeros: T,
    /// σ²q, which the density has in its denominator.
    scale: T,
}

impl<T: Float> MarchenkoPastur<T> {
    /// Edges for entries of variance σ², q = parameters/samples.
    ///
    /// # Units
    /// Edges in that of σ².
    ///
    /// # Accuracy
    /// Relative error at most 8u for the upper edge and zeros within 2u; the lower edge within 8u of σ²(1 + q).
    ///
    /// # Errors
    /// `Error::Range` for σ² or q not a positive normal number.
    ///
    /// # Cost
    /// A root.
    ///
    /// # Source
    /// Marchenko, Pastur 1967, doi:10.1070/SM1967v001n04ABEH001994.
    ///
    /// # Example
    /// ```
    /// use teeter::curvature::MarchenkoPastur;
    /// let law = MarchenkoPastur::new(1.0, 0.25)?;
    /// assert_eq!((law.lower, law.upper, law.zeros), (0.25, 2.25, 0.0));
    /// # Ok::<(), teeter::Error>(())
    /// ```
    pub fn new(variance: T, ratio: T) -> Result<Self, Error> {
        positive("variance", variance)?;
        positive("ratio", ratio)?;
        let root = ratio.sqrt();
        let (below, above) = (T::ONE - root, T::ONE + root);
        let zeros = (T::ONE - T::ONE / ratio).max_of(T::ZERO);
        let (lower, upper) = (variance * (below * below), variance * (above * above));
        Ok(Self { lower, upper, zeros, scale: variance * ratio })
    }

    /// √((b − x)(x − a))/2πσ²qx between the edges a and b, 0 outside; zeros apart.
    ///
    /// # Units
    /// The inverse of that of σ².
    ///
    /// # Accuracy
    /// 12u relative, but for what the edges' own error moves: 8u·b/(2(x − a)) and 8u·b/(2(b − x)) more. ∞ at x = 0 for
    /// q = 1.
    ///
    /// # Errors
    /// `Error::Range` for x not finite.
    ///
    /// # Cost
    /// A root, two divisions.
    ///
    /// # Source
    /// As [`MarchenkoPastur::new`].
    pub fn density(&self, x: T) -> Result<T, Error> {
        finite("x", x)?;
        let inside = x > self.lower && x < self.upper;
        if !inside {
            let at_pole = x == T::ZERO && self.lower == T::ZERO;
            return Ok(if at_pole { T::INFINITY } else { T::ZERO });
        }
        let root = (self.upper - x).sqrt() * (x - self.lower).sqrt();
        Ok(root / x / (T::TWO * T::PI * self.scale))
    }

    /// The share of eigenvalues up to x, the zeros among them.
    ///
    /// # Method
    /// With x = m + h cos φ, m and h midpoint and half width, the integral of the density is elementary:
    /// h sin φ + mφ' − 2√(ab) atan(…), each by an arctangent of two arguments, in f64.
    ///
    /// # Accuracy
    /// Absolute error at most 64(1 + 1/q)ε, in f64; rounded to the format. 0 below 0, 1 at the upper edge and above, exactly.
    ///
    /// # Errors
    /// `Error::Range` for x not finite.
    ///
    /// # Cost
    /// Two arctangents.
    ///
    /// # Source
    /// As [`MarchenkoPastur::new`]; Gradshteyn, Ryzhik, 2.267.
    pub fn cumulative(&self, x: T) -> Result<T, Error> {
        finite("x", x)?;
        let [a, b, x] = [self.lower, self.upper, x].map(T::to_f64);
        if x >= b {
            return Ok(T::ONE);
        }
        if x <= a {
            return Ok(if x < 0.0 { T::ZERO } else { self.zeros });
        }
        let root = ((b - x) * (x - a)).sqrt();
        let product = (a * b).sqrt();
        // ∫√((b − x)(x − a))/x dx = root + (a + b)/2·φ − √(ab)·ψ, φ and ψ from 0 at a to π at b.
        let phi = 2.0 * libm::atan2((x - a).sqrt(), (b - x).sqrt());
        let psi = 2.0 * libm::atan2((b * (x - a)).sqrt(), (a * (b - x)).sqrt());
        let integral = root + 0.5 * (a + b) * phi - product * psi;
        let share = integral / (2.0 * core::f64::consts::PI * self.scale.to_f64());
        Ok(T::from_f64((self.zeros.to_f64() + share).clamp(0.0, 1.0)))
    }
}

/// Where an eigenvalue ends up when noise is added.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Spike<T> {
    /// The eigenvalue to expect; the edge of the bulk where the spike is lost in it.
    pub value: T,
    /// cos² of the angle between its eigenvector and the true one; 0 where it is lost.
    pub overlap: T,
}

/// λ + R²/4λ for |λ| > R/2, else ±R: an eigenvalue λ of H in H + E, E a symmetric matrix of noise with semicircle ±R.
///
/// # Units
/// λ and R in the same.
///
/// # Accuracy
/// Relative error at most 6u; the overlap 1 − R²/4λ² within 8u. The limit of large order: one matrix of order P
/// scatters by R/√P around it.
///
/// # Errors
/// `Error::Range` for λ not finite or R not a positive normal number.
///
/// # Cost
/// Three divisions.
///
/// # Source
/// Benaych-Georges, Nadakuditi 2011, doi:10.1016/j.aim.2011.02.007, §3.1.
///
/// # Example
/// ```
/// use teeter::curvature::{Spike, semicircle_spike};
/// assert_eq!(semicircle_spike(2.0, 2.0), Ok(Spike { value: 2.5, overlap: 0.75 }));
/// assert_eq!(semicircle_spike(0.5, 2.0), Ok(Spike { value: 2.0, overlap: 0.0 }));
/// ```
#[doc(alias = "bbp")]
pub fn semicircle_spike<T: Float>(eigenvalue: T, radius: T) -> Result<Spike<T>, Error> {
    finite("eigenvalue", eigenvalue)?;
    positive("radius", radius)?;
    let half = T::HALF * radius;
    if eigenvalue.abs() <= half {
        return Ok(Spike { value: radius.copysign(eigenvalue), overlap: T::ZERO });
    }
    let ratio = half / eigenvalue;
    let overlap = (T::ONE - ratio) * (T::ONE + ratio);
    Ok(Spike { value: eigenvalue + half * ratio, overlap })
}

/// ℓ(1 + q/(ℓ − 1)) in units of σ², for ℓ > 1 + √q; else the edge: an eigenvalue of a covariance, sampled.
///
/// For Gauss–Newton and Fisher matrices, which are covariances: noise multiplies there.
///
/// # Units
/// `eigenvalue`: ℓσ², of the population; `variance`: σ², of its bulk; both in the same. q = parameters/samples.
///
/// # Accuracy
/// Relative error at most 8uℓ/(ℓ − 1) with ℓ = eigenvalue/σ²; the overlap (1 − q/(ℓ − 1)²)/(1 + q/(ℓ − 1)) within as much of 1.
///
/// # Errors
/// `Error::Range` for an argument that is not a positive normal number.
///
/// # Cost
/// Four divisions.
///
/// # Source
/// Baik, Ben Arous, Péché 2005, doi:10.1214/009117905000000233; Paul 2007, *Statistica Sinica* 17, 1617, for the overlap.
#[doc(alias = "bbp")]
pub fn marchenko_pastur_spike<T: Float>(
    eigenvalue: T,
    variance: T,
    ratio: T,
) -> Result<Spike<T>, Error> {
    positive("eigenvalue", eigenvalue)?;
    let law = MarchenkoPastur::new(variance, ratio)?;
    let over = eigenvalue / variance - T::ONE;
    if over <= ratio.sqrt() {
        return Ok(Spike { value: law.upper, overlap: T::ZERO });
    }
    let gain = ratio / over;
    let overlap = (T::ONE - gain / over) / (T::ONE + gain);
    Ok(Spike { value: eigenvalue + eigenvalue * gain, overlap })
}
