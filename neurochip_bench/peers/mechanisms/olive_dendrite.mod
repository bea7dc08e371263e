: Dendrite of the inferior-olive cell, De Gruijl et al. 2012. Units as in hh.mod.

NEURON {
    SUFFIX olive_dendrite
    NONSPECIFIC_CURRENT i
    RANGE g_h, g_KCa, g_ld, g_CaH, V_K, V_Ca, V_h, V_l, I_app, applied
    RANGE Ca_start, r_start, s_start, q_start
}

PARAMETER {
    g_h = 0.12 g_KCa = 35 g_ld = 0.01532 g_CaH = 4.5
    V_K = -75 V_Ca = 120 V_h = -43 V_l = 10
    I_app = 0 applied = 0
    Ca_start = 0 r_start = 0 s_start = 0 q_start = 0
}

ASSIGNED { v (mV) i (mA/cm2) }

STATE { Ca r s q }

INITIAL {
    Ca = Ca_start
    r = r_start
    s = s_start
    q = q_start
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = 1e-3 * (g_ld * (v - V_l) + g_CaH * r*r * (v - V_Ca) + g_KCa * s * (v - V_K) + g_h * q * (v - V_h) - I_app - applied)
}

DERIVATIVE states {
    Ca' = -3 * g_CaH * r*r * (v - V_Ca) - 0.075 * Ca
    r' = (1.7 / (1 + exp(-(v - 5) / 13.9)) * (1 - r) - 0.1 * trap(-(v + 8.5) / 5) * r) / 5
    s' = bound(Ca) * (1 - s) - 0.015 * s
    q' = (1 / (1 + exp((v + 80) / 4)) - q) * (exp(-0.086 * v - 14.6) + exp(0.070 * v - 1.87))
}

FUNCTION bound(c) {  : rate at which calcium opens the channel, which saturates
    bound = 2e-5 * c
    if (bound > 0.01) { bound = 0.01 }
}

FUNCTION trap(y) {  : y / (1 - e^-y)
    if (fabs(y) < 1e-6) {
        trap = 1 + y / 2
    } else {
        trap = y / (1 - exp(-y))
    }
}
