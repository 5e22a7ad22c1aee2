/* ebx, esi, edi, ebp, esp after the return, address to return to */
typedef int jmp_buf[6];
int setjmp(jmp_buf env);
void longjmp(jmp_buf env, int value);
