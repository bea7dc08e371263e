: A gap junction of Connexin 36, De Gruijl et al. 2012: onto this dendrite; the other way has one of its own.
: w in mS/cm2 of this dendrite; share is its area in 100 um2, over which NEURON spreads the current.

NEURON {
    POINT_PROCESS Connexin36
    NONSPECIFIC_CURRENT i
    RANGE w, share
    POINTER other
}

PARAMETER { w = 0.05 share = 1 }

ASSIGNED { v (mV) i (nA) other (mV) }

BREAKPOINT {
    LOCAL delta
    delta = other - v
    i = -1e-3 * share * w * delta * (0.2 + 0.8 * exp(-delta * delta / 100))
}
