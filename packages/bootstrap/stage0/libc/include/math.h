double ldexp(double x, int n);
