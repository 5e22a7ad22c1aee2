/* tcc's configuration, in place of the file that its configure script writes.
 *
 * The paths are those of the system that stage 1 builds: musl in /usr, tcc's
 * own headers and libtcc1.a in /lib/tcc. */
#define TCC_VERSION "0.9.27"
#define TCC_TARGET_I386
#define CONFIG_TCCBOOT          /* no bounds checker, no back traces */
#define CONFIG_TCC_STATIC       /* tcc itself has no dlopen */
#define CONFIG_TCCDIR "/lib/tcc"
#define CONFIG_TCC_SYSINCLUDEPATHS "{B}/include:/usr/include"
#define CONFIG_TCC_CRTPREFIX "/usr/lib"
#define CONFIG_TCC_LIBPATHS "/usr/lib:/lib"
#define CONFIG_TCC_ELFINTERP "/lib/ld-musl-i386.so.1"
#ifdef __CAIRN_CC__
#define __attribute__(x)        /* noreturn and format: they change no code */
#endif
