"""Two engines that give the same history patient by patient: compiled and SimPy."""
