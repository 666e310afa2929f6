//! Losses: Hessian products against differences and as a dense matrix; the sharpness of a trained
//! network against faer.

use teeter::krylov::{LanczosOptions, Which, extremal_eigenpair, extremal_eigenpair_scratch_len};
use teeter::objective::{Activation, At, Loss};
use teeter::random::{Stream, normals_into};

use super::{Context, Measured, Worst};
use crate::bound::{self, network as tolerance};
use crate::input::network::{Network, basis, moved};
use crate::oracle::{naive, reference};
use crate::subject::Subject;

/// Every property of the layer.
#[must_use]
pub fn all(subject: &dyn Subject<f64>) -> Vec<Measured> {
    vec![
        hessian_product_is_the_central_difference(subject),
        dense_hessian_is_symmetric(subject),
        trained_sharpness_is_that_of_faer(subject),
    ]
}

/// Each element of Hv against (∇L(w + hv) − ∇L(w − hv))/2h, over every activation, loss and depth.
#[must_use]
pub fn hessian_product_is_the_central_difference(subject: &dyn Subject<f64>) -> Measured {
    let mut worst = Worst::default();
    for case in Network::all(5) {
        let (w, v) = (case.params(), case.vector(8));
        let difference = |h: f64| -> Vec<f64> {
            let ahead = case.gradient_at(&moved(&w, h, &v));
            let behind = case.gradient_at(&moved(&w, -h, &v));
            ahead.iter().zip(&behind).map(|(a, b)| (a - b) / (2.0 * h)).collect()
        };
        let (near, far) = (difference(tolerance::STEP), difference(2.0 * tolerance::STEP));
        let own = tolerance::product(&case, &w, &v);
        let rounding = tolerance::gradient(&case, &w);
        for (i, ours) in subject.hessian_product(&case, &w, &v).into_iter().enumerate() {
            let difference = tolerance::central_difference(near[i], far[i], rounding[i]);
            worst.see_f64((ours - near[i]).abs(), own[i] + difference);
        }
    }
    let name = "Hessian product is the central difference";
    worst.finish(Context::of("objective", subject), name)
}

/// H by its n products, row after row.
fn dense(subject: &dyn Subject<f64>, case: &Network, w: &[f64]) -> Vec<f64> {
    let n = case.dim();
    (0..n).flat_map(|i| subject.hessian_product(case, w, &basis(n, i))).collect()
}

/// |Hᵢⱼ − Hⱼᵢ| within the bounds of the two products.
#[must_use]
pub fn dense_hessian_is_symmetric(subject: &dyn Subject<f64>) -> Measured {
    let mut worst = Worst::default();
    for case in Network::all(6) {
        let (w, n) = (case.params(), case.dim());
        let h = dense(subject, &case, &w);
        let allowed: Vec<Vec<f64>> =
            (0..n).map(|i| tolerance::product(&case, &w, &basis(n, i))).collect();
        for i in 0..n {
            for j in 0..i {
                let error = (h[i * n + j] - h[j * n + i]).abs();
                worst.see_f64(error, allowed[i][j] + allowed[j][i]);
            }
        }
    }
    worst.finish(Context::of("objective", subject), "dense Hessian is symmetric")
}

/// A 4-6-3 tanh network after 400 steps of gradient descent: λ₁ by Lanczos on the exact products
/// against faer's eigenvalues of the dense Hessian.
#[must_use]
pub fn trained_sharpness_is_that_of_faer(subject: &dyn Subject<f64>) -> Measured {
    let machine = subject.machine();
    let case = Network::new(&[4, 6, 3], Activation::Tanh, Loss::HalfSquared, 40);
    let n = case.dim();
    let mut w = case.params();
    let mut velocity = [];
    for _ in 0..400 {
        let gradient = case.gradient_at(&w);
        let plain = (0.1, teeter::optim::Momentum::None);
        if subject.descend(plain, &gradient, &mut velocity, &mut w).is_err() {
            break;
        }
    }
    let h = dense(subject, &case, &w);
    let truth = reference::eigenvalues(&h, n)[n - 1];
    let mut vector = vec![0.0; n];
    normals_into(Stream::new(3, 3), &mut vector);
    let options = LanczosOptions {
        which: Which::LargestAlgebraic,
        krylov_dim: n,
        product_max: 2 * n,
        tolerance: 1e-10,
    };
    let mut scratch = vec![f64::NAN; extremal_eigenpair_scratch_len(n, n)];
    let pair = case.with(machine, |mlp| {
        let mut at = At::new(mlp, &w)?;
        let mut hessian = at.hessian();
        extremal_eigenpair(machine, &mut hessian, &options, &mut vector, &mut scratch)
    });
    let mut worst = Worst::default();
    match pair {
        Ok(pair) => {
            // The products that made H err by this much in norm, and so do those of Lanczos.
            let square: f64 = (0..n)
                .map(|i| tolerance::product(&case, &w, &basis(n, i)))
                .map(|column| naive::dot(&column, &column))
                .sum();
            let defect = bound::lanczos_orthogonality::<f64>(n, n);
            let method = bound::lanczos::<f64>(n, n, defect) + bound::eigen::<f64>(n);
            let allowed = pair.residual + 2.0 * square.sqrt() + method * naive::frobenius(&h);
            worst.see_f64((pair.value - truth).abs(), allowed);
        }
        Err(_) => worst.see_f64(f64::NAN, 0.0),
    }
    worst.finish(Context::of("objective", subject), "trained sharpness is that of faer")
}
