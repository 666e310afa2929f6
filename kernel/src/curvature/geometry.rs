//! What does not depend on coordinates, and what does: rescaled layers, the curvature of the graph of the loss.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// One layer of a network, as Dinh et al. rescale it.
#[derive(Debug)]
pub struct LayerMut<'a, T> {
    /// All of its weights, in any order.
    pub weights: &'a mut [T],
    /// Its biases; may be empty.
    pub bias: &'a mut [T],
}

/// Layer i times sᵢ, its bias times s₁…sᵢ, the last layer's weights divided by all: the same ReLU network.
///
/// The function and the loss stay; g becomes D⁻¹g and H becomes D⁻¹HD⁻¹, so that λ₁ and Tr H can be made as large as one
/// likes. What is invariant to it: `Tr(G⁻¹H)` with a G that transforms alike. Two layers with s₁ = α is the paper's T_α.
///
/// # Shapes
/// `scales`: L − 1; `layers`: L ≥ 1, the first one first.
///
/// # Accuracy
/// One rounding per element, one per product of scales; exact for powers of two.
///
/// # Errors
/// `Error::Empty`, `Error::Length`; `Error::Range` for a scale that is not a positive normal number, or a product of them that
/// is not: nothing is changed then.
///
/// # Cost
/// One pass.
///
/// # Source
/// Dinh et al. 2017, arXiv:1703.04933, §4.
///
/// # Example
/// ```
/// use teeter::curvature::{LayerMut, rescale_layers};
/// let (mut one, mut bias, mut two) = ([1.0], [3.0], [8.0]);
/// let layers = &mut [
///     LayerMut { weights: &mut one, bias: &mut bias },
///     LayerMut { weights: &mut two, bias: &mut [] },
/// ];
/// rescale_layers(&[4.0], layers)?;
/// assert_eq!((one, bias, two), ([4.0], [12.0], [2.0]));
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dinh")]
pub fn rescale_layers<T: Float>(scales: &[T], layers: &mut [LayerMut<'_, T>]) -> Result<(), Error> {
    check::not_empty("layers", layers.len())?;
    check::same_len("scales", layers.len() - 1, scales.len())?;
    let (smallest, largest) = (T::MIN_POSITIVE.to_f64(), T::MAX.to_f64());
    let mut product = T::ONE;
    for &scale in scales {
        check::in_range("scales", scale, smallest, largest)?;
        product *= scale;
        check::in_range("product of scales", product, smallest, largest)?;
    }
    let mut scales = scales.iter();
    let mut product = T::ONE;
    for layer in layers {
        if let Some(&scale) = scales.next() {
            product *= scale;
            for weight in layer.weights.iter_mut() {
                *weight *= scale;
            }
            for bias in layer.bias.iter_mut() {
                *bias *= product;
            }
        } else {
            for weight in layer.weights.iter_mut() {
                *weight /= product;
            }
        }
    }
    Ok(())
}

/// The scale α of the first of two layers at which Tr H is least, and that trace.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct FlattestScale<T> {
    /// (Tr H₁₁/Tr H₂₂)^¼.
    pub scale: T,
    /// 2√(Tr H₁₁·Tr H₂₂).
    pub trace: T,
}

/// min over α of Tr H₁₁/α² + α²Tr H₂₂: the least trace that rescaling two layers can show.
///
/// What is left of a trace when the freedom to rescale is used up: a fairer number than Tr H.
///
/// # Units
/// Traces in the same.
///
/// # Accuracy
/// Relative error at most 4u. Exact under scaling of both by 4ᵏ.
///
/// # Errors
/// `Error::Range` for a trace that is not a positive normal number: there is no minimum then.
///
/// # Cost
/// Four roots.
///
/// # Source
/// Dinh et al. 2017, arXiv:1703.04933; science.md §11.1.
pub fn flattest_rescaling<T: Float>(traces: [T; 2]) -> Result<FlattestScale<T>, Error> {
    let (smallest, largest) = (T::MIN_POSITIVE.to_f64(), T::MAX.to_f64());
    let [first, second] = traces;
    check::in_range("traces", first, smallest, largest)?;
    check::in_range("traces", second, smallest, largest)?;
    let [one, two] = [first.sqrt(), second.sqrt()];
    Ok(FlattestScale { scale: (one / two).sqrt(), trace: T::TWO * one * two })
}

/// What the curvature of the graph of a loss is made of, each from products or trace estimates.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct GraphTerms<T> {
    /// Tr H.
    pub trace: T,
    /// ‖H‖_F².
    pub frobenius_square: T,
    /// ‖g‖².
    pub gradient_square: T,
    /// gᵀHg.
    pub bending: T,
    /// ‖Hg‖².
    pub image_square: T,
}

/// β((Tr H)² − ‖H‖_F²) + 2β²(‖Hg‖² − Tr H·gᵀHg), β = 1/(1 + ‖g‖²): the scalar curvature of the graph of L.
///
/// At a critical point 2Σλᵢλⱼ over pairs: joint curvature, 0 for H of rank one however sharp.
///
/// # Units
/// Not invariant to the scale of the loss: the graph lives in params × loss. Choose the unit and keep it.
///
/// # Accuracy
/// 12u of β((Tr H)² + ‖H‖_F²) + 2β²(‖Hg‖² + |Tr H||gᵀHg|), barring over- and underflow: where the parts cancel, nothing is left.
///
/// # Errors
/// `Error::Range` for a term that is not finite, or a square below 0.
///
/// # Cost
/// A division, twelve flops.
///
/// # Source
/// Pouplin et al. 2023, arXiv:2307.04719.
///
/// # Example
/// ```
/// use teeter::curvature::{GraphTerms, scalar_curvature};
/// // H = diag(3, 2) at a minimum: 2·3·2.
/// let terms = GraphTerms {
///     trace: 5.0,
///     frobenius_square: 13.0,
///     gradient_square: 0.0,
///     bending: 0.0,
///     image_square: 0.0,
/// };
/// assert_eq!(scalar_curvature(&terms), Ok(12.0));
/// ```
pub fn scalar_curvature<T: Float>(terms: &GraphTerms<T>) -> Result<T, Error> {
    let &GraphTerms { trace, frobenius_square, gradient_square, bending, image_square } = terms;
    let largest = T::MAX.to_f64();
    check::in_range("trace", trace, -largest, largest)?;
    check::in_range("bending", bending, -largest, largest)?;
    check::in_range("frobenius_square", frobenius_square, 0.0, largest)?;
    check::in_range("gradient_square", gradient_square, 0.0, largest)?;
    check::in_range("image_square", image_square, 0.0, largest)?;
    let beta = T::ONE / (T::ONE + gradient_square);
    let joint = trace * trace - frobenius_square;
    let along = image_square - trace * bending;
    Ok(beta * (joint + T::TWO * beta * along))
}
