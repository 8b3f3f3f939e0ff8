"""What the programs of this folder share: PyTorch on a number of threads, and commands line by line.

A program prints `ready WHAT RUNS` or `skipped: REASON`, then answers each line of its input with numbers, one a line.
"""

import ctypes
import sys

try:
    import torch
except ImportError:
    print('skipped: python3-torch is not installed', flush=True)
    sys.exit()


def find_blas():
    """Name, processor kernels and threads of the BLAS that is loaded; threads are None where it does not say."""
    if torch.backends.mkl.is_available():
        return 'MKL', None
    with open('/proc/self/maps') as maps:
        paths = {line.split()[-1] for line in maps if 'blas' in line.rsplit('/', 1)[-1]}
    for path in paths:
        library = ctypes.CDLL(path)
        if hasattr(library, 'openblas_get_config'):
            for name in ('openblas_get_config', 'openblas_get_corename'):
                getattr(library, name).restype = ctypes.c_char_p
            version = ' '.join(library.openblas_get_config().decode().split()[:2])
            return f'{version} {library.openblas_get_corename().decode()}', library.openblas_get_num_threads()
    if any('/blas/' in path for path in paths):
        # Several times slower than what anybody compares with.
        print('skipped: PyTorch runs on the reference BLAS; install libopenblas0-pthread', flush=True)
        sys.exit()
    return ', '.join(sorted(path.rsplit('/', 1)[-1] for path in paths)) or 'its own BLAS', None


def begin(threads, seed=1):
    """Sets the number of threads and the seed, and says what runs."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    blas, blas_threads = find_blas()
    own = '' if blas_threads in (None, threads) else f' ({blas_threads} in BLAS)'
    print(f'ready PyTorch {torch.__version__}, {blas}, {torch.get_num_threads()} thread(s){own}', flush=True)


def answer(commands):
    """Answers each line `NAME NUMBER …` of the input with what `commands[NAME](NUMBER, …)` yields, until the input ends."""
    for line in sys.stdin:
        name, *words = line.split()
        for value in commands[name](*map(int, words)):
            print(float(value), flush=True)
