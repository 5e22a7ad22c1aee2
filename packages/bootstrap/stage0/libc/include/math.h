#ifndef _MATH_H
#define _MATH_H
double ldexp(double x, int n);
#endif
