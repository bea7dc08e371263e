: Soma of the inferior-olive cell, De Gruijl et al. 2012, PLoS Comput Biol 8:e1002814. Units as in hh.mod.

NEURON {
    SUFFIX olive_soma
    NONSPECIFIC_CURRENT i
    RANGE g_CaL, g_ls, g_Na_s, g_Kdr, g_K_s, V_Na, V_K, V_Ca, V_l
    RANGE k_start, l_start, h_start, n_start, x_start
}

PARAMETER {
    g_CaL = 1.1 g_ls = 0.016 g_Na_s = 150 g_Kdr = 9 g_K_s = 5
    V_Na = 55 V_K = -75 V_Ca = 120 V_l = 10
    k_start = 0 l_start = 0 h_start = 0 n_start = 0 x_start = 0
}

ASSIGNED { v (mV) i (mA/cm2) m }

STATE { k l h n x }

INITIAL {
    m = activation(v)
    k = k_start
    l = l_start
    h = h_start
    n = n_start
    x = x_start
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = 1e-3 * (g_ls * (v - V_l) + g_CaL * k*k*k * l * (v - V_Ca) + g_Na_s * m*m*m * h * (v - V_Na) + (g_Kdr * n*n*n*n + g_K_s * x*x*x*x) * (v - V_K))
}

DERIVATIVE states {
    m = activation(v)
    k' = 1 / (1 + exp(-(v + 61) / 4.2)) - k
    l' = (1 / (1 + exp((v + 85) / 8.5)) - l) / (35 + 20 * exp((v + 160) / 30) / (1 + exp((v + 84) / 7.3)))
    h' = (1 / (1 + exp((v + 70) / 5.8)) - h) / (3 * exp(-(v + 40) / 33))
    n' = (1 / (1 + exp(-(v + 3) / 10)) - n) / (5 + 47 * exp((v + 50) / 900))
    x' = 1.3 * trap((v + 25) / 10) * (1 - x) - 1.69 * exp(-(v + 35) / 80) * x
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
