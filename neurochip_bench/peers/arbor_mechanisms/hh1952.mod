: Hodgkin and Huxley 1952, J Physiol 117:500, shifted to a rest at -65 mV, in Arbor's dialect of NMODL.
: Conductances in mS/cm2 and currents in uA/cm2, as in the paper; Arbor's current is in mA/cm2.

NEURON {
    SUFFIX hh1952
    NONSPECIFIC_CURRENT i
    RANGE g_Na, g_K, g_L, E_Na, E_K, E_L, m_start, h_start, n_start
}

PARAMETER {
    g_Na = 120
    g_K = 36
    g_L = 0.3
    E_Na = 55
    E_K = -77
    E_L = -65
    m_start = 0
    h_start = 0
    n_start = 0
}

STATE { m h n }

INITIAL {
    m = m_start
    h = h_start
    n = n_start
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = 1e-3 * (g_Na * m*m*m * h * (v - E_Na) + g_K * n*n*n*n * (v - E_K) + g_L * (v - E_L))
}

DERIVATIVE states {
    LOCAL a, b
    a = exprelr(-0.1 * (v + 40))
    b = 4 * exp(-(v + 65) / 18)
    m' = a - m * (a + b)
    a = 0.07 * exp(-(v + 65) / 20)
    b = 1 / (1 + exp(-(v + 35) / 10))
    h' = a - h * (a + b)
    a = 0.1 * exprelr(-0.1 * (v + 55))
    b = 0.125 * exp(-(v + 65) / 80)
    n' = a - n * (a + b)
}
