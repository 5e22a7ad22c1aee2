struct timeval { long tv_sec, tv_usec; };
#define gettimeofday(tv, zone) ((tv)->tv_sec = (tv)->tv_usec = 0)
