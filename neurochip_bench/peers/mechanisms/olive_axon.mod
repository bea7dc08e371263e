: Axon hillock of the inferior-olive cell, De Gruijl et al. 2012. Units as in hh.mod.

NEURON {
    SUFFIX olive_axon
    NONSPECIFIC_CURRENT i
    RANGE g_la, g_Na_a, g_K_a, V_Na, V_K, V_l, h_a_start, x_a_start
}

PARAMETER {
    g_la = 0.016 g_Na_a = 240 g_K_a = 240
    V_Na = 55 V_K = -75 V_l = 10
    h_a_start = 0 x_a_start = 0
}

ASSIGNED { v (mV) i (mA/cm2) m }

STATE { h_a x_a }

INITIAL {
    m = activation(v)
    h_a = h_a_start
    x_a = x_a_start
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = 1e-3 * (g_la * (v - V_l) + g_Na_a * m*m*m * h_a * (v - V_Na) + g_K_a * x_a*x_a*x_a*x_a * (v - V_K))
}

DERIVATIVE states {
    m = activation(v)
    h_a' = (1 / (1 + exp((v + 60) / 5.8)) - h_a) / (1.5 * exp(-(v + 40) / 33))
    x_a' = 1.3 * trap((v + 25) / 10) * (1 - x_a) - 1.69 * exp(-(v + 35) / 80) * x_a
}

FUNCTION activation(v) {  : instantaneous; held while a potential is solved, or its negative slope would blow up
    activation = 1 / (1 + exp(-(v + 30) / 5.5))
}

FUNCTION trap(y) {  : y / (1 - e^-y)
    if (fabs(y) < 1e-6) {
        trap = 1 + y / 2
    } else {
        trap = y / (1 - exp(-y))
    }
}
