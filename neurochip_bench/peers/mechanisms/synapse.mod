: A current that decays and takes up a weight at each presynaptic spike, in uA/cm2 of a cell of 100 um2.

NEURON {
    POINT_PROCESS CurrentSynapse
    NONSPECIFIC_CURRENT i
    RANGE tau, start
}

PARAMETER { tau = 1 (ms) start = 0 }

ASSIGNED { i (nA) }

STATE { I_syn }

INITIAL { I_syn = start }

BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = -1e-3 * I_syn
}

DERIVATIVE decay { I_syn' = -I_syn / tau }

NET_RECEIVE(w) { I_syn = I_syn + w }
