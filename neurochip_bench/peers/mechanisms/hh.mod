: Hodgkin and Huxley 1952, J Physiol 117:500, shifted to a rest at -65 mV. NEURON's own hh has other constants.
: Conductances in mS/cm2 and currents in uA/cm2, as in the paper; NEURON's current is in mA/cm2.

NEURON {
    SUFFIX hh1952
    NONSPECIFIC_CURRENT i
    RANGE g_Na, g_K, g_L, E_Na, E_K, E_L, I_in, applied, m_start, h_start, n_start
}

PARAMETER {
    g_Na = 120 g_K = 36 g_L = 0.3
    E_Na = 55 E_K = -77 E_L = -65
    I_in = 0 applied = 0
    m_start = 0 h_start = 0 n_start = 0
}

ASSIGNED { v (mV) i (mA/cm2) }

STATE { m h n }

INITIAL {
    m = m_start
    h = h_start
    n = n_start
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = 1e-3 * (g_Na * m*m*m * h * (v - E_Na) + g_K * n*n*n*n * (v - E_K) + g_L * (v - E_L) - I_in - applied)
}

DERIVATIVE states {
    m' = trap((v + 40) / 10) * (1 - m) - 4 * exp(-(v + 65) / 18) * m
    h' = 0.07 * exp(-(v + 65) / 20) * (1 - h) - h / (1 + exp(-(v + 35) / 10))
    n' = 0.1 * trap((v + 55) / 10) * (1 - n) - 0.125 * exp(-(v + 65) / 80) * n
}

FUNCTION trap(x) {  : x / (1 - e^-x)
    if (fabs(x) < 1e-6) {
        trap = 1 + x / 2
    } else {
        trap = x / (1 - exp(-x))
    }
}
