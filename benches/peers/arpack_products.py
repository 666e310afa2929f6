"""Products that ARPACK uses (SciPy's eigsh) on the matrices of verify/tests/thick_restart.rs.

    python3 benches/peers/arpack_products.py

The same krylov_dim, tolerance √ε relative to the eigenvalue; the median over 9 random starts, and the
largest residual over its eigenvalue. ARPACK's products end with the search; ours include one for each
pair, to compute its residual.
"""

from statistics import median

import numpy
from scipy.sparse.linalg import LinearOperator, eigsh


def clement(n):
    i = numpy.arange(1, n)
    off = numpy.sqrt(i * (n - i))
    return numpy.diag(off, 1) + numpy.diag(off, -1)


def second_difference(n):
    return 2 * numpy.eye(n) - numpy.eye(n, k=1) - numpy.eye(n, k=-1)


def products(a, k, which, seed):
    n, used = len(a), 0

    def apply(x):
        nonlocal used
        used += 1
        return a @ x

    start = numpy.random.default_rng(seed).standard_normal(n)
    values, vectors = eigsh(
        LinearOperator((n, n), apply, dtype=float), k, which=which, v0=start,
        ncv=min(n, max(2 * k + 1, 20)), tol=numpy.finfo(float).eps ** 0.5, maxiter=10_000,
    )
    residuals = numpy.linalg.norm(a @ vectors - vectors * values, axis=0)
    return used, max(residuals / numpy.abs(values))


if __name__ == "__main__":
    for name, a in [("Clement", clement(100)), ("second difference", second_difference(100))]:
        for which in ["LA", "SA", "LM", "BE"]:
            for k in [1, 5, 20]:
                if which == "BE" and k == 1:
                    continue
                runs = [products(a, k, which, seed) for seed in range(9)]
                used, residual = median(run[0] for run in runs), max(run[1] for run in runs)
                print(f"{name}, {which}, {k}: {used} products, residual {residual:.1e}")
