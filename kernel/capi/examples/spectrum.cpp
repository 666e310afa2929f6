// The spectrum of an operator from C++: a lambda as the product, vectors as the memory.
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <vector>

#include "teeter.h"

namespace {

void check(teeter_status status)
{
    if (status != TEETER_OK) throw std::runtime_error(teeter_status_text(status));
}

struct Diagonal {
    std::vector<double> values;

    teeter_operator_f64 view()
    {
        return {values.size(),
                [](void *self, std::size_t n, const double *x, double *y) -> std::int32_t {
                    const auto &values = static_cast<Diagonal *>(self)->values;
                    for (std::size_t i = 0; i < n; i++) y[i] = values[i] * x[i];
                    return 0;
                },
                this};
    }
};

} // namespace

int main()
try {
    const std::size_t n = 300, probes = 8, steps = 40;
    Diagonal a;
    for (std::size_t i = 0; i < n; i++) a.values.push_back(static_cast<double>(i % 30));
    const teeter_machine machine = teeter_machine_detect();
    const teeter_operator_f64 view = a.view();

    std::vector<double> memory(teeter_slq_scratch_len(n, probes, steps)), product(n);
    std::vector<double> work(teeter_quadrature_scratch_len(steps));
    const teeter_scratch_f64 lent{memory.data(), memory.size()}, scratch{work.data(), work.size()};
    const teeter_slq_options_f64 options{TEETER_RADEMACHER, probes, steps, {3, 0}};
    teeter_slq_f64 slq;
    std::int32_t code = 0;
    check(teeter_slq_new_f64(machine, n, &options, lent, &slq));
    check(teeter_slq_run_f64(&slq, &view, product.data(), &code));

    teeter_ends_f64 ends;
    check(teeter_slq_ends_f64(&slq, scratch, &ends));
    const double infinite = std::numeric_limits<double>::infinity();
    const teeter_spectral_f64 share{TEETER_SHARE, 1.0, 0.0, infinite, 0.95};
    teeter_trace_f64 effective;
    check(teeter_slq_estimate_f64(&slq, &share, scratch, &effective));

    double truth = 0;
    for (double value : a.values) truth += value / (value + 1.0);
    std::printf("spectrum [%.3f, %.3f]; effective parameters %.2f in [%.2f, %.2f], truth %.2f\n",
                ends.smallest, ends.largest, effective.value, effective.lower, effective.upper,
                truth);
    const bool fine = std::fabs(ends.largest - 29.0) <= 1e-9 &&
                      effective.lower <= truth && truth <= effective.upper;
    return fine ? 0 : 1;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
