"""PyTorch's parameters after 1, 10, 100 and 1,000 steps along the gradients written beside them.

    python3 benches/peers/optimizers.py > benches/peers/optimizers.csv

Read by `teeter-verify -- optimizers`. Gradients are whole numbers over 256 times a power of two, and all
constants powers of two or sums of a few, so that both formats hold them exactly. The plain loops of
PyTorch are asked for (foreach=False), on one thread.
"""

from random import Random

import torch

WIDTH = 5
STEPS = 1000
SHOWN = (1, 10, 100, 1000)
RATE, BETAS, EPSILON, DECAY = 2.0**-7, (0.875, 1 - 2.0**-10), 2.0**-27, 2.0**-4

ADAM = dict(lr=RATE, betas=BETAS, eps=EPSILON, foreach=False)
RULES = {
    "SGD; Nesterov": lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.875, nesterov=True, foreach=False),
    "Adam": lambda p: torch.optim.Adam(p, **ADAM),
    "AdamW": lambda p: torch.optim.AdamW(p, weight_decay=DECAY, **ADAM),
    "AMSGrad": lambda p: torch.optim.AdamW(p, weight_decay=DECAY, amsgrad=True, **ADAM),
    "NAdam": lambda p: torch.optim.NAdam(p, momentum_decay=2.0**-8, **ADAM),
    "RMSProp": lambda p: torch.optim.RMSprop(p, lr=RATE, alpha=0.9375, eps=EPSILON, foreach=False),
    "RMSProp; momentum": lambda p: torch.optim.RMSprop(
        p, lr=RATE, alpha=0.9375, eps=EPSILON, momentum=0.875, foreach=False
    ),
}


def main():
    torch.set_num_threads(1)
    draw = Random(505)
    whole = [[draw.randint(-1024, 1024) for _ in range(WIDTH)] for _ in range(STEPS)]
    print(f"PyTorch,{torch.__version__.split('+')[0]}")
    for row in whole:
        print("gradient", *row, sep=",")
    scale = [2.0 ** (3 * i - 6 - 8) for i in range(WIDTH)]
    start = [1.0 - i / 4 for i in range(WIDTH)]
    for rule, make in RULES.items():
        for name, kind in (("f32", torch.float32), ("f64", torch.float64)):
            torch.set_default_dtype(kind)  # NAdam keeps its running product in it, whatever the parameters
            params = torch.nn.Parameter(torch.tensor(start, dtype=kind))
            optimizer = make([params])
            for t, row in enumerate(whole, 1):
                params.grad = torch.tensor([g * s for g, s in zip(row, scale)], dtype=kind)
                optimizer.step()
                if t in SHOWN:
                    values = [repr(x) for x in params.detach().to(torch.float64).tolist()]
                    print("params", rule, name, t, *values, sep=",")


main()
