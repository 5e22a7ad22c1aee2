/* Arguments lie on the stack in slots of four bytes, the first one lowest. */
typedef char *va_list;
#define _va_slots(t) ((sizeof(t) + 3) & ~3)
#define va_start(ap, last) ((ap) = (char *)&(last) + _va_slots(last))
#define va_arg(ap, t) ((ap) += _va_slots(t), *(t *)((ap) - _va_slots(t)))
#define va_end(ap)
