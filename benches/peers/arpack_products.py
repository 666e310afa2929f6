"""Products that ARPACK uses (SciPy's eigsh) on the matrices of `teeter-verify -- products`.

    python3 benches/peers/arpack_products.py > benches/peers/arpack_products.csv

The same krylov_dim, tolerance √ε relative to the eigenvalue; the median over 9 random starts, and the
largest residual over its eigenvalue. A warm start is the sum of the eigenvectors of the matrix before it
moved. ARPACK's products end with the search; ours include one for each pair, to compute its residual.
"""

from statistics import median

import numpy
import scipy
from scipy.sparse.linalg import LinearOperator, eigsh


def tridiagonal(d, e):
    return numpy.diag(d) + numpy.diag(e, 1) + numpy.diag(e, -1)


def clement(n):
    i = numpy.arange(1.0, n)
    return numpy.zeros(n), numpy.sqrt(i * (n - i))


def second_difference(n):
    return numpy.full(n, 2.0), numpy.full(n - 1, -1.0)


def outliers(n):
    i = numpy.arange(n)
    return numpy.where(i < 20, 10 / (1.0 + i), 0.1 * (n - i) / n), numpy.zeros(n - 1)


def moved(d, e):
    return d * (1 + 1e-3 * numpy.cos(numpy.arange(len(d)))), e * (1 + 1e-3 * numpy.cos(numpy.arange(len(e))))


def solve(a, k, which, start):
    n, used = len(a), 0

    def apply(x):
        nonlocal used
        used += 1
        return a @ x

    values, vectors = eigsh(
        LinearOperator((n, n), apply, dtype=float), k, which=which, v0=start,
        ncv=min(n, max(2 * k + 1, 20)), tol=numpy.finfo(float).eps ** 0.5, maxiter=10_000,
    )
    residuals = numpy.linalg.norm(a @ vectors - vectors * values, axis=0)
    return used, max(residuals / numpy.abs(values)), vectors


def row(name, which, k, start, runs):
    used, residual = median(run[0] for run in runs), max(run[1] for run in runs)
    print(f"{name},{which},{k},{start},{used},{residual:.1e}", flush=True)


if __name__ == "__main__":
    print(f"# SciPy {scipy.__version__}; NumPy {numpy.__version__}")
    print("matrix,which,count,start,products,residual")
    matrices = [
        ("Clement 100", clement(100), ["LA", "SA", "LM", "BE"]),
        ("second difference 100", second_difference(100), ["LA", "SA", "LM", "BE"]),
        ("outliers 1000", outliers(1000), ["LA"]),
    ]
    for name, (d, e), ends in matrices:
        a, after = tridiagonal(d, e), tridiagonal(*moved(d, e))
        for which in ends:
            for k in [1, 5, 20]:
                if which == "BE" and k == 1:
                    continue
                starts = [numpy.random.default_rng(seed).standard_normal(len(a)) for seed in range(9)]
                runs = [solve(a, k, which, start) for start in starts]
                row(name, which, k, "random", runs)
                if which == "LA":
                    row(name, which, k, "warm", [solve(after, k, which, runs[0][2].sum(axis=1))])
