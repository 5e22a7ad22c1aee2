# scc: the Small C compiler.   scc OUT IN1 [IN2 ...]
#
# One pass over the text, straight to i386 machine code; the language is
# described in docs/bootstrap/scc.md.  The file written has three segments:
#
#   08048000  header and code   read, execute
#   0c000000  strings           read
#   10000000  global variables  read, write, zeroed, no bytes in the file
#
# Registers everywhere:  esi  next character of the source
#                        edi  where the next byte of code goes, in `code`
# eax, ecx and edx may be changed by any function, ebx and ebp by none.
# A parsed expression is described by three words, so that code is only
# emitted once it is known what for:
#
#   ek  VALUE  it is in eax              ev  -
#       PLACE  its address is eax + ev   ev  displacement
#       LOCAL  it is at ebp + ev         ev  offset
#       GLOBAL it is at ev               ev  address
#       CONST  it is ev                  ev  value
#   et  its type: depth of pointer * 2^28 + base; the base is INT, CHAR,
#       VOID or the symbol of a struct

VALUE = 0
PLACE = 1
LOCAL = 2
GLOBAL = 3
CONST = 4

INT = 1
CHAR = 2
VOID = 3
POINTER = 0x10000000

# Tokens: a character is itself; doubled + 0x100, followed by = + 0x80.
END = 0
NAME = 0x200
NUMBER = 0x201
STRING = 0x202
ARROW = 0x203
KEYWORD = 0x210                 # then as in `words`: int, char, void, struct
K_ENUM = 0x214
K_SIZEOF = 0x215
K_ELSE = 0x216
K_IF = 0x217
K_WHILE = 0x21a
KEYWORDS_END = 0x21e

# A symbol is 40 bytes: one for each name in the text.
S_NEXT = 0                      # the next in its hash bucket
S_NAME = 4                      # its text, ended by 0
S_KIND = 8                      # what it is at file scope:
IS_KEYWORD = 1                  #   value: its token
IS_CONST = 2                    #   value: the number
IS_VAR = 3                      #   value: the address
IS_ARRAY = 4                    #   value: the address, type: the element's
IS_FUNCTION = 5                 #   value: chain of calls to patch
IS_DEFINED = 6                  #   value: where its code is in `code`
S_TYPE = 12
S_VALUE = 16
S_PARAMS = 20                   # of a function: the number of parameters
S_OWNER = 24                    # the last function that has a local of this name,
S_LTYPE = 28                    #   the local's type
S_LVALUE = 32                   #   and its offset from ebp
S_MEMBERS = 36                  # of a struct: its members, newest first
SYMBOL = 40
# A member is 16 bytes: next, symbol of its name, type, offset.

CODE_AT = 0x08048000
TEXT_AT = 0x0c000000
DATA_AT = 0x10000000
HEADER = 148
CODE_MAX = 0x200000
TEXT_MAX = 0x100000
SRC_MAX = 0x200000
NAMES_MAX = 0x100000
SYMS_MAX = 0xa0000
MEMS_MAX = 0x10000

.lcomm src, SRC_MAX             # the file being read
.lcomm src_end, 4
.lcomm argv, 4                  # next input's name on the stack
.lcomm file, 4                  # name of the file being read
.lcomm line, 4
.lcomm out, 4                   # name of the output
.lcomm tok, 4                   # the token read last
.lcomm val, 4                   # its number, its symbol or its string's address
.lcomm ek, 4
.lcomm ev, 4
.lcomm et, 4
.lcomm code, CODE_MAX
.lcomm text, TEXT_MAX
.lcomm text_end, 4
.lcomm data_end, 4              # address after the last global
.lcomm names, NAMES_MAX
.lcomm names_end, 4
.lcomm syms, SYMS_MAX
.lcomm syms_end, 4
.lcomm mems, MEMS_MAX
.lcomm mems_end, 4
.lcomm buckets, 16384
.lcomm base, 4                  # type before the stars, of a declaration
.lcomm owner, 4                 # number of the function being compiled
.lcomm operator, 4              # of OP=, for a moment
.lcomm params, 4                # its parameters
.lcomm frame, 4                 # bytes of locals so far
.lcomm breaks, 4                # chains of jumps to patch; 1 = not allowed here
.lcomm conts, 4
.lcomm message, 1024

# ---------------------------------------------------------------- start

start:              pop eax; pop ecx                        # argc
                    cmp eax, 3; jb usage
                    pop eax; mov [out], eax; mov [argv], esp
                    mov dword ptr [text_end], offset text; mov dword ptr [data_end], DATA_AT
                    mov dword ptr [names_end], offset names
                    mov dword ptr [syms_end], offset syms; mov dword ptr [mems_end], offset mems
                    call predefine
                    mov dword ptr [owner], 1; mov dword ptr [breaks], 1
                    mov dword ptr [conts], 1; mov edi, offset code + HEADER
                    mov esi, offset src; mov [src_end], esi # empty: `next` opens the first
                    call runtime
                    push eax; call next                     # the call of main, to patch
start_1:            cmp dword ptr [tok], END; je start_2
                    call declaration; jmp start_1
start_2:            call find_main; pop edx; sub eax, edx; sub eax, 4
                    mov [edx], eax; call check_defined; call write_output
                    mov eax, 1; xor ebx, ebx; int 0x80
usage:              mov dword ptr [file], offset usage_name
                    call fail; .asciz "usage: scc OUT IN1 [IN2 ...]"
usage_name:         .asciz "scc"

# Enter every word of the table: keywords first, then main and sys.
predefine:          mov esi, offset words; push ebx; mov ebx, KEYWORD
predefine_1:        call read_name; mov dword ptr [eax + S_KIND], IS_KEYWORD
                    mov [eax + S_VALUE], ebx; inc esi; inc ebx
                    cmp ebx, KEYWORDS_END; jne predefine_1
                    pop ebx; ret
words:              .asciz "int"; .asciz "char"; .asciz "void"; .asciz "struct"
                    .asciz "enum"; .asciz "sizeof"; .asciz "else"
                    .asciz "if"; .asciz "return"; .asciz "for"  # as in statement_table
                    .asciz "while"; .asciz "do"; .asciz "break"; .asciz "continue"
word_sys:           .asciz "sys"
word_main:          .asciz "main"

# Code before the program's own: call main, exit; and the function sys.
# -> eax: place of the call's distance
runtime:            call emit; .byte 9; mov eax, [esp]      # argc
                    lea ecx, [esp + 4]; push eax; push ecx  # argv
                    mov al, 0xe8; stosb; push edi; stosd    # call main
                    call emit; .byte 9; mov ebx, eax; mov eax, 1; int 0x80
                    push esi; mov esi, offset word_sys; call read_name; pop esi
                    mov dword ptr [eax + S_KIND], IS_DEFINED
                    mov dword ptr [eax + S_TYPE], INT; mov [eax + S_VALUE], edi
                    mov dword ptr [eax + S_PARAMS], 4
                    call emit; .byte 23; push ebx; mov eax, [esp + 20]
                    mov ebx, [esp + 16]; mov ecx, [esp + 12]; mov edx, [esp + 8]
                    int 0x80; pop ebx; ret 16               # the last of the 23
                    pop eax; ret

# -> eax: place of main
find_main:          mov esi, offset word_main; call read_name
                    cmp dword ptr [eax + S_KIND], IS_DEFINED; jne find_main_1
                    mov eax, [eax + S_VALUE]; ret
find_main_1:        call fail; .asciz "no function main"

# Every function that was called must have a body.
check_defined:      mov eax, offset syms
check_defined_1:    cmp eax, [syms_end]; je check_defined_3
                    cmp dword ptr [eax + S_KIND], IS_FUNCTION; jne check_defined_2
                    cmp dword ptr [eax + S_VALUE], 0; jne check_defined_4
check_defined_2:    add eax, SYMBOL; jmp check_defined_1
check_defined_3:    ret
check_defined_4:    mov edx, [eax + S_NAME]; mov esi, offset undefined_text; jmp fail_name
undefined_text:     .asciz "called but never defined: "

# ---------------------------------------------------------------- output

# The ELF header as a template; the sizes are filled in below.
header:             .byte 0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
                    .byte 2, 0, 3, 0, 1, 0, 0, 0            # executable, i386
                    .long CODE_AT + HEADER, 52, 0, 0        # entry, program headers, sections, flags
                    .byte 52, 0, 32, 0, 3, 0, 0, 0, 0, 0, 0, 0
                    .long 1, 0, CODE_AT, CODE_AT, 0, 0, 5, 0x1000
                    .long 1, 0, TEXT_AT, TEXT_AT, 0, 0, 4, 0x1000
                    .long 1, 0, DATA_AT, DATA_AT, 0, 0, 6, 0x1000
H_CODE = 52                     # offsets of the three program headers
H_TEXT = 84
H_DATA = 116
P_OFFSET = 4
P_FILESZ = 16
P_MEMSZ = 20

# Header, code, zeros up to a page, strings.
write_output:       push edi; mov esi, offset header; mov edi, offset code
                    mov ecx, HEADER; rep movsb; pop edi; mov ebx, offset code
                    mov eax, edi; sub eax, ebx; mov [ebx + H_CODE + P_FILESZ], eax
                    mov [ebx + H_CODE + P_MEMSZ], eax; add edi, 0xfff # strings begin on a page
                    sub edi, ebx; and edi, 0xfffff000
                    mov [ebx + H_TEXT + P_OFFSET], edi; mov eax, [text_end]
                    sub eax, offset text; mov [ebx + H_TEXT + P_FILESZ], eax
                    mov [ebx + H_TEXT + P_MEMSZ], eax; mov eax, [data_end]
                    sub eax, DATA_AT; mov [ebx + H_DATA + P_MEMSZ], eax
                    mov eax, [out]; mov [file], eax; mov dword ptr [line], 0
                    mov ebx, eax; mov ecx, 0x1ed            # 0755
                    mov eax, 8; int 0x80; test eax, eax; js write_failed # creat
                    mov ebx, eax; mov ecx, offset code; mov edx, edi
                    call write_all; mov ecx, offset text; mov edx, [text_end]
                    sub edx, ecx; call write_all
                    mov eax, 6; int 0x80; test eax, eax; js write_failed # close
                    ret

# Write edx bytes at ecx to file ebx.
write_all:          test edx, edx; je write_all_1
                    mov eax, 4; int 0x80; test eax, eax; jle write_failed
                    add ecx, eax; sub edx, eax; jmp write_all
write_all_1:        ret
write_failed:       call fail; .asciz "cannot write"

# ---------------------------------------------------------------- errors

# Print `file:line: message` and stop; the message follows the call.
fail:               pop esi
# The same with the message at esi.
fail_text:          push esi; mov edi, offset message; mov esi, [file]; call copy
                    mov al, ':'; stosb; mov eax, [line]; test eax, eax; je fail_1
                    call decimal; mov al, ':'; stosb
fail_1:             mov al, 32; stosb; pop esi; call copy
                    mov al, 10; stosb; mov ebx, 2; mov ecx, offset message
                    mov edx, edi; sub edx, ecx; mov eax, 4; int 0x80
                    mov ebx, 1; mov eax, 1; int 0x80

# Copy the string at esi to edi, at most 400 bytes.
copy:               mov ecx, 400
copy_1:             lodsb; test al, al; je copy_2
                    stosb; dec ecx; jne copy_1
copy_2:             ret

# Write eax in decimal at edi.
decimal:            xor edx, edx; mov ecx, 10; div ecx; push edx; test eax, eax; je decimal_1
                    call decimal
decimal_1:          pop eax; add eax, '0'; stosb; ret

# ---------------------------------------------------------------- tokens

# Read the next token into tok and val.
next:               cmp edi, offset code + CODE_MAX - 4096; ja code_full
next_1:             movzx eax, byte ptr [esi]; inc esi; cmp eax, 32; je next_1; ja next_2
                    cmp eax, 10; je next_line
                    test eax, eax; je next_file
                    cmp eax, 9; jb bad_character            # tab, vertical tab, form feed, return
                    cmp eax, 13; jbe next_1
                    jmp bad_character
next_2:             cmp eax, '/'; je next_slash
next_3:             mov [tok], eax; cmp eax, '"'; je next_string
                    cmp eax, 39; je next_char               # '
                    call is_name; jb next_operator
                    cmp eax, '9'; jbe next_number
                    dec esi; call read_name; mov [val], eax; mov dword ptr [tok], NAME
                    cmp dword ptr [eax + S_KIND], IS_KEYWORD; jne next_4
                    mov eax, [eax + S_VALUE]; mov [tok], eax
next_4:             ret
next_line:          inc dword ptr [line]; jmp next_1
bad_character:      call fail; .asciz "unknown character"
code_full:          call fail; .asciz "program too large"

# A zero: the end of the file, if it is where the file ends.
next_file:          dec esi; cmp esi, [src_end]; jne bad_character
                    mov edx, [argv]; mov eax, [edx]; test eax, eax; je next_end
                    add edx, 4; mov [argv], edx; mov [file], eax; call read_file
                    mov dword ptr [line], 1; mov esi, offset src; jmp next_1
next_end:           mov dword ptr [tok], END; ret

# Read the whole file named eax into src, a zero after it.
read_file:          push ebx; mov dword ptr [line], 0; mov ebx, eax; xor ecx, ecx
                    mov eax, 5; int 0x80; test eax, eax; js read_failed # open
                    mov ebx, eax; mov ecx, offset src
read_file_1:        mov edx, offset src + SRC_MAX; sub edx, ecx; je file_large
                    mov eax, 3; int 0x80; test eax, eax; js read_failed # read
                    add ecx, eax; test eax, eax; jne read_file_1
                    mov [src_end], ecx; mov byte ptr [ecx], 0
                    mov eax, 6; int 0x80; pop ebx; ret      # close
read_failed:        call fail; .asciz "cannot read"
file_large:         call fail; .asciz "file too large"

# After a slash: a comment, or the operator.
next_slash:         cmp byte ptr [esi], '/'; je next_slash_2
                    cmp byte ptr [esi], '*'; jne next_3
                    inc esi
next_slash_1:       lodsb; call count_line; cmp al, '*'; jne next_slash_1
                    cmp byte ptr [esi], '/'; jne next_slash_1
                    inc esi; jmp next_1
next_slash_2:       cmp esi, [src_end]; je next_1
                    cmp byte ptr [esi], 10; je next_1
                    inc esi; jmp next_slash_2

# Inside a comment: count a line, refuse the end of the file.
count_line:         cmp esi, [src_end]; ja comment_open
                    cmp al, 10; jne count_line_1
                    inc dword ptr [line]
count_line_1:       ret
comment_open:       call fail; .asciz "comment without end"

# Operators: double the character, add =, or neither.
next_operator:      mov ecx, offset singles; call member; je next_4
                    mov ecx, offset doubles; call member; jne next_operator_2
                    cmp al, [esi]; je next_operator_1
                    cmp eax, '-'; jne next_operator_2
                    cmp byte ptr [esi], '>'; jne next_operator_2
                    inc esi; mov dword ptr [tok], ARROW; ret
next_operator_1:    inc esi; or dword ptr [tok], 0x100
                    and al, 0xfd                            # < and > become <: only << and >> take a =
                    cmp al, '<'; je next_operator_3
                    ret
next_operator_2:    mov ecx, offset equals; call member; jne bad_character
next_operator_3:    cmp byte ptr [esi], '='; jne next_4
                    inc esi; or dword ptr [tok], 0x80; ret
singles:            .asciz "(){}[];,:?~"
doubles:            .asciz "&|<>+-"
equals:             .asciz "=!<>+-*/%&|^"

# Is al in the string at ecx?  -> equal or not
member:             cmp byte ptr [ecx], 0; je member_1
                    cmp al, [ecx]; je member_2
                    inc ecx; jmp member
member_1:           cmp ecx, 0                              # never zero: "not equal"
member_2:           ret

# Is al a letter, a digit or _?  -> carry set if not
is_name:            cmp al, '0'; jb is_name_2
                    cmp al, ':'; jb is_name_1
                    cmp al, 'A'; jb is_name_2
                    cmp al, '['; jb is_name_1
                    cmp al, '_'; je is_name_1
                    cmp al, 'a'; jb is_name_2
                    cmp al, '{'; jb is_name_1
                    stc; ret
is_name_1:          clc
is_name_2:          ret

# Read the name at esi.  -> eax: its symbol, a new one at first sight
read_name:          push ebx; push ebp; mov ebp, [names_end]; mov edx, ebp
                    xor ebx, ebx                            # hash
read_name_1:        movzx eax, byte ptr [esi]; call is_name; jb read_name_2
                    rol ebx, 5; xor ebx, eax; mov [edx], al; inc edx
                    inc esi; cmp edx, offset names + NAMES_MAX; jb read_name_1
                    jmp names_full
read_name_2:        mov byte ptr [edx], 0; inc edx; mov [names_end], edx
                    mov eax, ebx; shr eax, 12; xor ebx, eax; and ebx, 0xfff # fold it to 12 bits
                    shl ebx, 2; add ebx, offset buckets; mov eax, [ebx]
read_name_3:        test eax, eax; je read_name_5
                    mov ecx, [eax + S_NAME]; call same; je read_name_4
                    mov eax, [eax + S_NEXT]; jmp read_name_3
read_name_4:        mov [names_end], ebp; jmp read_name_6   # known: forget the copy
read_name_5:        mov eax, [syms_end]; cmp eax, offset syms + SYMS_MAX - SYMBOL; ja names_full
                    mov [eax + S_NAME], ebp; mov ecx, [ebx]
                    mov [eax + S_NEXT], ecx; mov [ebx], eax; add dword ptr [syms_end], SYMBOL
read_name_6:        pop ebp; pop ebx; ret
names_full:         call fail; .asciz "too many names"

# Are the strings at ecx and ebp the same?  -> equal or not; changes edx
same:               push ebp
same_1:             mov dl, [ecx]; cmp dl, [ebp]; jne same_2
                    inc ecx; inc ebp; test dl, dl; jne same_1
same_2:             pop ebp; ret

# A number that begins with the digit eax.
next_number:        mov dword ptr [tok], NUMBER; mov ecx, 10
                    xor edx, edx                            # its value
                    cmp eax, '0'; jne next_number_2
                    movzx eax, byte ptr [esi]; or al, 32; cmp al, 'x'; jne next_number_5
                    inc esi; mov ecx, 16
                    movzx eax, byte ptr [esi]               # at least one digit
                    call is_name; jb bad_number
next_number_1:      movzx eax, byte ptr [esi]; call is_name; jb next_number_4
                    inc esi; cmp al, ':'; jb next_number_2
                    or al, 32; sub al, 39                   # a follows 9
next_number_2:      sub al, '0'; cmp eax, ecx; jae bad_number
                    imul edx, ecx; add edx, eax; jmp next_number_1
next_number_4:      mov [val], edx; ret
next_number_5:                                              # 0 alone: there is no octal
                    mov al, [esi]; call is_name; jb next_number_4
bad_number:         call fail; .asciz "bad number"

# One character of a string or character constant.  -> eax
# Carry: it was the quote in dl.
read_char:          cmp esi, [src_end]; jae quote_open
                    movzx eax, byte ptr [esi]; inc esi; cmp al, dl; je read_char_quote
                    cmp al, 10; je quote_open
                    cmp al, 92; jne read_char_2             # backslash
                    mov al, [esi]; inc esi; mov ecx, offset escapes
read_char_1:        cmp byte ptr [ecx], 0; je bad_escape
                    cmp al, [ecx]; je read_char_found
                    add ecx, 2; jmp read_char_1
read_char_found:    mov al, [ecx + 1]; cmp byte ptr [esi - 1], '0'; jne read_char_2 # no digit behind
                    mov cl, [esi]; sub cl, '0'; cmp cl, 10; jb bad_escape
read_char_2:        clc; ret
read_char_quote:    stc; ret
escapes:            .byte 'n', 10, 't', 9, 'r', 13, 92, 92, 39, 39, 34, 34, '0', 0, 0
quote_open:         call fail; .asciz "quote without end"
bad_escape:         call fail; .asciz "unknown escape"

next_char:          mov dword ptr [tok], NUMBER; mov dl, 39; call read_char; jb bad_char
                    movsx eax, al; mov [val], eax; call read_char; jb next_char_1
bad_char:           call fail; .asciz "bad character constant"
next_char_1:        ret

next_string:        mov dword ptr [tok], STRING; mov dl, '"'; push ebx
                    mov ebx, [text_end]; lea eax, [ebx + TEXT_AT]
                    sub eax, offset text; mov [val], eax
next_string_1:      cmp ebx, offset text + TEXT_MAX - 1; jae text_full
                    call read_char; jb next_string_2
                    mov [ebx], al; inc ebx; jmp next_string_1
next_string_2:      mov byte ptr [ebx], 0; inc ebx; mov [text_end], ebx; pop ebx; ret
text_full:          call fail; .asciz "too many strings"

# The token must be eax; read the next.
expect:             cmp [tok], eax; je next
                    mov esi, offset expected_text; mov edi, offset message + 512
                    push edi; push eax; call copy; pop eax
                    stosb; mov byte ptr [edi], 0; pop esi; jmp fail_text
expected_text:      .asciz "expected "

# Is the token eax?  Then read the next.  -> equal or not
accept:             cmp [tok], eax; jne accept_1
                    call next; cmp eax, eax
accept_1:           ret

# The token must be a name.  -> eax: its symbol
expect_name:        cmp dword ptr [tok], NAME; jne expect_name_1
                    push dword ptr [val]; call next; pop eax; ret
expect_name_1:      call fail; .asciz "expected a name"

# ---------------------------------------------------------------- emitting

# Emit code that follows the call: a byte count, then the code itself.
emit:               xchg [esp], esi; lodsb; movzx ecx, al; rep movsb; xchg [esp], esi; ret

# Emit a jump to be patched, linked to the chain eax.  -> eax: the chain
jump:               mov byte ptr [edi], 0xe9; inc edi
jump_1:             mov [edi], eax; mov eax, edi; add edi, 4; ret

# Emit a jump back to the place eax.
jump_back:          mov byte ptr [edi], 0xe9; inc edi
# Emit the distance to the place eax.
distance:           sub eax, edi; sub eax, 4; stosd; ret

# Let every jump of the chain eax come here.
patch:              mov edx, edi
# Let every jump of the chain eax go to the place edx.
patch_to:           test eax, eax; je patch_1
                    mov ecx, [eax]; push edx; sub edx, eax; sub edx, 4
                    mov [eax], edx; pop edx; mov eax, ecx; jmp patch_to
patch_1:            ret

# Emit ModRM and displacement of the PLACE, LOCAL or GLOBAL in ek and ev;
# edx: the register's or operation's number * 8.
mem:                mov eax, [ek]; or dl, [eax + modrm]; mov al, dl; stosb
                    mov eax, [ev]; stosd; ret
modrm:              .byte 0, 0x80, 0x85, 0x05               # [eax + d32], [ebp + d32], [d32]

# Emit code that brings the expression into eax.
load:               mov eax, [ek]; test eax, eax; je load_3
                    cmp eax, CONST; je load_2
                    mov al, 0x8b                            # mov
                    cmp dword ptr [et], CHAR; jne load_1
                    mov al, 0x0f; stosb; mov al, 0xbe       # movsx
load_1:             stosb; xor edx, edx; call mem; jmp load_3
load_2:             mov al, 0xb8; stosb; mov eax, [ev]; stosd # mov eax, ev
load_3:             mov dword ptr [ek], VALUE; ret

# Emit a store of eax to the place described by ek, ev, et.
# A PLACE's address is in ecx by now.
store:              mov al, 0x89; cmp dword ptr [et], CHAR; jne store_1
                    mov al, 0x88
store_1:            stosb; cmp dword ptr [ek], PLACE; jne store_2
                    mov al, 0x81; stosb                     # [ecx + d32]
                    mov eax, [ev]; stosd; jmp store_3
store_2:            xor edx, edx; call mem
store_3:            mov dword ptr [ek], VALUE
# Emit the conversion of eax to type et.
convert:            cmp dword ptr [et], CHAR; jne convert_1
                    call emit; .byte 3; movsx eax, al
convert_1:          ret

# Emit a jump taken if the expression is false.  -> eax: chain
jump_false:         mov eax, 0x840f; jmp jump_on            # je
# Emit a jump taken if it is true.  -> eax: chain
jump_true:          mov eax, 0x850f                         # jne
jump_on:            push eax; mov eax, [et]; call check_scalar; call load
                    call emit; .byte 2; test eax, eax
                    pop eax; stosd; sub edi, 2; xor eax, eax; jmp jump_1

# ---------------------------------------------------------------- types

# Size of a thing of type eax.  -> eax
size:               cmp eax, POINTER; jae size_4
                    cmp eax, INT; je size_4
                    cmp eax, CHAR; je size_1
                    cmp eax, VOID; je size_1
                    mov eax, [eax + S_MEMBERS]              # the newest is the last
                    test eax, eax; je size_unknown
                    mov eax, [eax + 12]; add eax, 4; ret
size_4:             mov eax, 4; ret
size_1:             mov eax, 1; ret
size_unknown:       call fail; .asciz "struct without members"

# Size of what the pointer of type et points to.  -> eax
step:               mov eax, [et]; sub eax, POINTER; jb not_pointer
                    jmp size
not_pointer:        call fail; .asciz "not a pointer"

# Does a type begin here?  -> carry set if so
is_type:            mov eax, [tok]; sub eax, KEYWORD; cmp eax, 4; ret

# Parse int, char, void or struct NAME.  -> eax
base_type:          call is_type; jae base_type_2
                    push eax; call next; pop eax; cmp eax, 3; je base_type_1
                    inc eax; ret                            # INT, CHAR, VOID
base_type_1:        call expect_name; ret
base_type_2:        call fail; .asciz "expected a type"

# Parse a type and its stars.  -> eax
type:               call base_type
stars:              cmp dword ptr [tok], '*'; jne stars_1
                    add eax, POINTER; js stars_2
                    push eax; call next; pop eax; jmp stars
stars_1:            ret
stars_2:            call fail; .asciz "pointer too deep"

# A thing of type eax must be an int, a char or a pointer.
check_scalar:       cmp eax, POINTER; jae check_scalar_1
                    cmp eax, VOID; jae check_scalar_2
check_scalar_1:     ret
check_scalar_2:     call fail; .asciz "neither number nor pointer"

# ---------------------------------------------------------------- expressions

# Multiply the register in ModRM dl by eax at run time.
scale:              cmp eax, 1; je scale_1
                    mov byte ptr [edi], 0x69; mov [edi + 1], dl # imul
                    mov [edi + 2], eax; add edi, 6
scale_1:            ret

# name  number  "string"  name(arguments)
primary:            mov eax, [tok]; cmp eax, NUMBER; je primary_number
                    cmp eax, STRING; je primary_string
                    cmp eax, NAME; je primary_name
                    call fail; .asciz "expected an expression"
primary_string:     mov dword ptr [et], POINTER + CHAR; jmp primary_1
primary_number:     mov dword ptr [et], INT
primary_1:          mov dword ptr [ek], CONST; mov eax, [val]; mov [ev], eax; jmp next
primary_name:       call expect_name; cmp dword ptr [tok], '('; je function_call
                    mov ecx, [owner]; cmp [eax + S_OWNER], ecx; jne primary_2
                    mov dword ptr [ek], LOCAL; mov ecx, [eax + S_LVALUE]
                    mov [ev], ecx; mov ecx, [eax + S_LTYPE]; mov [et], ecx; ret
primary_2:          mov edx, [eax + S_KIND]; mov ecx, [eax + S_VALUE]
                    mov [ev], ecx; mov ecx, [eax + S_TYPE]
                    mov dword ptr [ek], CONST; cmp edx, IS_CONST; je primary_3
                    cmp edx, IS_ARRAY; je primary_array
                    mov dword ptr [ek], GLOBAL; cmp edx, IS_VAR; jne unknown_name
primary_3:          mov [et], ecx; ret
primary_array:      add ecx, POINTER; jmp primary_3
unknown_name:       mov edx, [eax + S_NAME]; mov esi, offset unknown_text
# Stop with the message at esi, then the name at edx.
fail_name:          mov edi, offset message + 512; push edi; call copy
                    mov esi, edx; call copy; mov byte ptr [edi], 0; pop esi; jmp fail_text
unknown_text:       .asciz "not known, or not usable here: "

# A call of the function with symbol eax: arguments are pushed from left to
# right, the function removes them.
function_call:      push ebx; push ebp; mov ebp, eax
                    mov ecx, [owner]                        # hidden by a local?
                    cmp [eax + S_OWNER], ecx; je unknown_name
                    mov ecx, [eax + S_KIND]; cmp ecx, IS_FUNCTION; jb unknown_name
                    xor ebx, ebx                            # arguments so far
                    call next; mov eax, ')'; call accept; je call_3
call_1:             call assignment; call push_value; inc ebx; mov eax, ','
                    call accept; je call_1
                    mov eax, ')'; call expect
call_3:             cmp ebx, [ebp + S_PARAMS]; jne bad_count
                    mov al, 0xe8; stosb; mov eax, [ebp + S_VALUE] # call
                    cmp dword ptr [ebp + S_KIND], IS_DEFINED; je call_4
                    call jump_1; mov [ebp + S_VALUE], eax; jmp call_5
call_4:             call distance
call_5:             mov eax, [ebp + S_TYPE]; mov [et], eax
                    mov dword ptr [ek], VALUE; pop ebp; pop ebx; jmp convert
bad_count:          call fail; .asciz "wrong number of arguments"

# Emit a push of the expression.
push_value:         mov eax, [et]; call check_scalar; call load
                    mov byte ptr [edi], 0x50; inc edi; ret  # push eax

# Postfix operators: [ ]  ->  ++  --
postfix:            call primary
postfix_1:          mov eax, [tok]; cmp eax, '['; je index
                    cmp eax, ARROW; je arrow
                    cmp eax, 0x12b; je postfix_2            # ++
                    cmp eax, 0x12d; je postfix_2            # --
                    ret
postfix_2:          sub eax, 0x12c; push eax                # ++ -1, -- 1
                    neg eax; call increment
                    pop eax; imul eax, ecx                  # undo the step, in eax only
                    mov byte ptr [edi], 0x05; inc edi; stosd; call convert # add eax, constant
                    call next; jmp postfix_1

# Emit ++ (eax = 1) or -- (eax = -1) of the expression.  -> ecx: the step
increment:          push eax; mov eax, [et]; call check_scalar; call check_place
                    mov ecx, 1; cmp dword ptr [et], POINTER; jb increment_1
                    call step; mov ecx, eax
increment_1:        pop eax; push ecx; imul eax, ecx; push eax
                    mov al, 0x81                            # add dword ptr
                    cmp dword ptr [et], CHAR; jne increment_2
                    mov al, 0x80                            # add byte ptr
increment_2:        stosb; xor edx, edx; call mem; pop eax
                    stosd; cmp dword ptr [et], CHAR; jne increment_3
                    sub edi, 3
increment_3:        call load; pop ecx; ret

# The expression must be a place.
check_place:        mov eax, [ek]; dec eax; cmp eax, 3; jae check_place_1
                    ret
check_place_1:      call fail; .asciz "not a variable or place"

# pointer[expression], the place that pointer + expression points to
index:              call step                               # must be a pointer
                    push ebx; mov ebx, offset operator_add; call before_right
                    call next; call expression; mov eax, ']'; call expect
                    cmp dword ptr [et], CHAR; ja bad_index
                    call combine; pop ebx; call indirect; jmp postfix_1
bad_index:          call fail; .asciz "index is not a number"

# pointer->member
arrow:              mov eax, [et]; sub eax, POINTER; cmp eax, offset syms; jb bad_member
                    cmp eax, POINTER; jae bad_member
                    push dword ptr [eax + S_MEMBERS]; call next; call expect_name; pop ecx
arrow_1:            test ecx, ecx; je bad_member
                    cmp [ecx + 4], eax; je arrow_2
                    mov ecx, [ecx]; jmp arrow_1
arrow_2:            push ecx; call indirect; pop ecx; mov eax, [ecx + 8] # what it points to
                    mov [et], eax; mov eax, [ecx + 12]; add [ev], eax; jmp postfix_1
bad_member:         call fail; .asciz "no such member"

# Make the place that the pointer in the expression points to.
indirect:           mov eax, [et]; sub eax, POINTER; jb not_pointer
                    push eax; cmp dword ptr [ek], CONST; je indirect_1
                    call load; mov dword ptr [ek], PLACE; mov dword ptr [ev], 0; jmp indirect_2
indirect_1:         mov dword ptr [ek], GLOBAL
indirect_2:         pop eax; mov [et], eax; ret

# Before the right operand of an operator: the left one is kept, as a constant
# or on the program's stack.  Returns with pushed: left's type, ev, ek.
before_right:       mov eax, [et]; call check_scalar; cmp dword ptr [ek], CONST
                    je before_right_1
                    call push_value
before_right_1:     pop edx; push dword ptr [et]; push dword ptr [ev]
                    push dword ptr [ek]; jmp edx

# Unary operators: -  !  ~  *  &  ++  --  sizeof  (type)
unary:              mov eax, [tok]; cmp eax, '-'; je unary_minus
                    cmp eax, '!'; je unary_not
                    cmp eax, '~'; je unary_complement
                    cmp eax, '*'; je unary_star
                    cmp eax, '&'; je unary_address
                    cmp eax, 0x12b; je unary_step
                    cmp eax, 0x12d; je unary_step
                    cmp eax, K_SIZEOF; je unary_sizeof
                    cmp eax, '('; jne postfix
                    call next; call is_type; jb unary_cast
                    call expression; mov eax, ')'; call expect; jmp postfix_1 # ( expression )
unary_cast:         call type; push eax; mov eax, ')'; call expect
                    call unary; mov eax, [et]; call check_scalar
                    cmp dword ptr [ek], CONST; je unary_cast_1
                    call load; pop eax; mov [et], eax       # before its type is forgotten
                    cmp eax, VOID; je unary_cast_2
                    call check_scalar; jmp convert
unary_cast_1:       pop eax; mov [et], eax; call check_scalar; cmp eax, CHAR; jne unary_cast_2
                    movsx eax, byte ptr [ev]; mov [ev], eax
unary_cast_2:       ret
unary_minus:        call number_operand; jne unary_minus_1
                    neg dword ptr [ev]; ret
unary_minus_1:      call emit; .byte 2; neg eax; ret
unary_complement:   call number_operand; jne unary_complement_1
                    not dword ptr [ev]; ret
unary_complement_1: call emit; .byte 2; not eax; ret
# Parse the operand of - or ~.  -> equal: CONST, else it is in eax
number_operand:     call next; call unary; cmp dword ptr [et], CHAR; ja bad_operand
                    cmp dword ptr [ek], CONST; je number_operand_1
                    call load
number_operand_1:   mov dword ptr [et], INT; cmp dword ptr [ek], CONST; ret
unary_not:          call next; call unary; mov eax, [et]; call check_scalar
                    call load; call emit; .byte 7; cmp eax, 1; sbb eax, eax; neg eax
                    mov dword ptr [et], INT; ret
unary_star:         call next; call unary; jmp indirect
unary_address:      call next; call unary; call check_place
                    add dword ptr [et], POINTER; mov eax, [ek]
                    cmp eax, GLOBAL; je unary_address_1
                    mov al, 0x8d; stosb; xor edx, edx; call mem # lea eax
                    mov dword ptr [ek], VALUE; ret
unary_address_1:    mov dword ptr [ek], CONST; ret
unary_step:         push eax; call next; call unary; pop eax
                    sub eax, 0x12c; neg eax; jmp increment
unary_sizeof:       call next; mov eax, '('; call expect; call type
                    call size; mov [ev], eax; mov dword ptr [ek], CONST
                    mov dword ptr [et], INT; mov eax, ')'; jmp expect
bad_operand:        call fail; .asciz "operand of a wrong type"

# The binary operators: token (2 bytes), precedence, condition or other
# number, then the address of the code for eax = eax OP ecx.
operators:          .byte '|', 1, 1, 0; .long 0
                    .byte '&', 1, 2, 0; .long 0
                    .byte '|', 0, 3, 0; .long do_or
                    .byte '^', 0, 4, 0; .long do_xor
                    .byte '&', 0, 5, 0; .long do_and
                    .byte 0xbd, 0, 6, 4; .long do_compare
                    .byte 0xa1, 0, 6, 5; .long do_compare
                    .byte '<', 0, 7, 12; .long do_compare
                    .byte '>', 0, 7, 15; .long do_compare
                    .byte 0xbc, 0, 7, 14; .long do_compare
                    .byte 0xbe, 0, 7, 13; .long do_compare
                    .byte '<', 1, 8, 0; .long do_left
                    .byte '>', 1, 8, 0; .long do_right
operator_add:       .byte '+', 0, 9, 0; .long do_add
                    .byte '-', 0, 9, 0; .long do_subtract
                    .byte '*', 0, 10, 0; .long do_multiply
                    .byte '/', 0, 10, 0; .long do_divide
                    .byte '%', 0, 10, 0; .long do_modulo
                    .long 0

# The code itself, after its length: copied into the program, and called
# here to fold constants.
do_or:              .byte 2; or eax, ecx; ret
do_xor:             .byte 2; xor eax, ecx; ret
do_and:             .byte 2; and eax, ecx; ret
do_compare:         .byte 2; cmp eax, ecx; ret
do_left:            .byte 2; shl eax, cl; ret
do_right:           .byte 2; sar eax, cl; ret
do_add:             .byte 2; add eax, ecx; ret
do_subtract:        .byte 2; sub eax, ecx; ret
do_multiply:        .byte 3; imul eax, ecx; ret
do_divide:          .byte 3; cdq; idiv ecx; ret
do_modulo:          .byte 5; cdq; idiv ecx; mov eax, edx; ret

# Find the operator with token eax.  -> edx: its entry, 0 if there is none
find_operator:      mov edx, offset operators
find_operator_1:    movzx ecx, byte ptr [edx]; test ecx, ecx; je find_operator_2
                    mov ch, [edx + 1]; cmp eax, ecx; je find_operator_3
                    add edx, 8; jmp find_operator_1
find_operator_2:    xor edx, edx
find_operator_3:    ret

# Parse operators of precedence eax and higher.
binary:             push ebx; push ebp; mov ebp, eax; call unary
binary_1:           mov eax, [tok]; call find_operator; test edx, edx; je binary_2
                    movzx eax, byte ptr [edx + 2]; cmp eax, ebp; jb binary_2
                    mov ebx, edx; cmp eax, 1; je binary_oror
                    cmp eax, 2; je binary_andand
                    call before_right; call next
                    movzx eax, byte ptr [ebx + 2]; inc eax; call binary
                    call combine; jmp binary_1
binary_2:           pop ebp; pop ebx; ret
binary_andand:      call jump_false; push eax; call next
                    mov eax, 3; call binary; call jump_false; push eax
                    call emit; .byte 7; mov eax, 1; .byte 0xeb, 2 # jump over the xor
                    pop eax; call patch; pop eax; call patch; call emit; .byte 2; xor eax, eax
                    jmp binary_3
binary_oror:        call jump_true; push eax; call next
                    mov eax, 2; call binary; call jump_true; push eax
                    call emit; .byte 4; xor eax, eax; .byte 0xeb, 5 # jump over the mov
                    pop eax; call patch; pop eax; call patch; call emit; .byte 5; mov eax, 1
binary_3:           mov dword ptr [ek], VALUE; mov dword ptr [et], INT; jmp binary_1

# Apply the operator ebx.  Left as before_right has pushed it (and is removed
# here), right is the current expression.
combine:            mov eax, [et]; call check_scalar
                    cmp dword ptr [esp + 4], CONST; jne combine_2
                    cmp dword ptr [ek], CONST; jne combine_1
                    cmp dword ptr [ebx + 4], offset do_compare; jne fold
combine_1:          call load; call emit; .byte 2; mov ecx, eax
                    mov byte ptr [edi], 0xb8; inc edi       # mov eax, constant
                    mov eax, [esp + 8]; stosd; jmp combine_3
combine_2:          call load; call emit; .byte 3; mov ecx, eax; pop eax
combine_3:          mov eax, [esp + 12]; call result_type; push eax
                    mov eax, ecx; mov dl, 0xc9; call scale  # ecx
                    pop eax; mov dl, 0xc0; call scale       # eax
                    push esi; mov esi, [ebx + 4]; movzx ecx, byte ptr [esi]; inc esi
                    rep movsb; pop esi; mov dword ptr [ek], VALUE
                    cmp dword ptr [ebx + 4], offset do_compare; jne combine_4
                    mov al, 0x0f; stosb; movzx eax, byte ptr [ebx + 3] # setcc al
                    add eax, 0x90; stosb; call emit; .byte 4, 0xc0; movzx eax, al
combine_4:          ret 12

# Both operands are constants.
fold:               mov eax, [esp + 12]; call result_type; imul eax, [esp + 8]; imul ecx, [ev]
                    mov edx, [ebx + 4]; cmp edx, offset do_divide; je fold_2
                    cmp edx, offset do_modulo; je fold_2
fold_1:             inc edx; call edx; mov [ev], eax; ret 12
fold_2:             test ecx, ecx; je fold_3
                    cmp ecx, -1; jne fold_1
                    cmp eax, 0x80000000; jne fold_1
fold_3:             call fail; .asciz "division by zero or overflow"

# Set et to the type of left (eax) OP right (et).
# -> eax, ecx: what to multiply left and right with
result_type:        push ebx; push ebp; mov ebp, eax; mov ebx, [ebx + 4]
                    cmp ebp, POINTER; jae result_left
                    cmp dword ptr [et], POINTER; jae result_right
result_int:         mov dword ptr [et], INT
result_1:           mov eax, 1; mov ecx, 1
result_2:           pop ebp; pop ebx; ret
result_left:                                                # pointer + - == != something
                    cmp ebx, offset do_compare; je result_compare
                    cmp dword ptr [et], POINTER; jae result_pointers
                    mov [et], ebp; cmp ebx, offset do_add; je result_3
                    cmp ebx, offset do_subtract; jne bad_operand
result_3:           call step; mov ecx, eax; mov eax, 1; jmp result_2
result_pointers:                                            # pointer - pointer, of characters
                    cmp ebx, offset do_subtract; jne bad_operand
                    cmp ebp, POINTER + CHAR; jne bad_operand
                    cmp ebp, [et]; jne bad_operand
                    jmp result_int
result_right:                                               # number + == != pointer
                    cmp ebx, offset do_compare; je result_compare
                    cmp ebx, offset do_add; jne bad_operand
                    call step; mov ecx, 1; jmp result_2
result_compare:                                             # pointers have no order
                    mov eax, [esp + 4]; cmp byte ptr [eax + 2], 6; jne bad_operand
                    jmp result_int

# condition ? expression : expression
conditional:        mov eax, 1; call binary; mov eax, '?'; call accept; jne conditional_3
                    mov eax, [et]; call jump_false; push eax
                    call expression; call load; pop eax; push dword ptr [et]
                    push eax; xor eax, eax; call jump; pop edx
                    push eax; mov eax, edx; call patch; mov eax, ':'
                    call expect; call conditional; call load; pop eax; call patch; pop eax
                    cmp eax, POINTER; jb conditional_3      # the type of a pointer goes first
                    mov [et], eax
conditional_3:      ret

# place = expression, place OP= expression
expression:
assignment:         call conditional; mov eax, [tok]; cmp eax, '='; je assign
                    test al, al; jns assignment_1           # OP= has bit 7
                    sub eax, 0x80; call find_operator; test edx, edx; jne assign_operator
assignment_1:       ret
assign:             call before_store; call next; call assignment; mov eax, [et]
                    call check_scalar; call load
assign_1:           cmp dword ptr [esp], PLACE; jne assign_2
                    call emit; .byte 1; pop ecx
assign_2:           pop dword ptr [ek]; pop dword ptr [ev]; pop dword ptr [et]; jmp store
assign_operator:    cmp byte ptr [edx + 2], 3; jb bad_operand
                    mov [operator], edx; call before_store; push ebx; mov ebx, [operator]
                    call before_right; call next; call assignment; call combine
                    pop ebx; jmp assign_1

# Before a value is stored.  Returns with pushed: the place's type, ev, ek; the
# address of a PLACE is on the program's stack.
before_store:       mov eax, [et]; call check_scalar; call check_place; pop edx
                    push dword ptr [et]; push dword ptr [ev]; push dword ptr [ek]
                    cmp dword ptr [ek], PLACE; jne before_store_1
                    mov byte ptr [edi], 0x50; inc edi       # push eax
before_store_1:     jmp edx

# Expressions separated by commas.
list:               call expression; call load; mov eax, ','; call accept; je list
                    ret

# A constant expression.  -> eax
constant:           call conditional; mov eax, [ev]; cmp dword ptr [ek], CONST; jne constant_1
                    cmp dword ptr [et], INT; jne constant_1
                    ret
constant_1:         call fail; .asciz "not a constant"

# ---------------------------------------------------------------- statements

statement:          mov eax, [tok]; cmp eax, '{'; je block
                    cmp eax, ';'; je next
                    call is_type; jb local
                    mov eax, [tok]; sub eax, K_IF; cmp eax, 7; jae statement_1
                    shl eax, 2; add eax, offset statement_table; jmp dword ptr [eax]
statement_1:        call expression; call load
semicolon:          mov eax, ';'; jmp expect
statement_table:    .long st_if, st_return, st_for, st_while, st_do, st_break, st_continue

block:              call next
block_1:            mov eax, '}'; call accept; je block_2
                    call statement; jmp block_1
block_2:            ret

# type name, name = expression, ...;
local:              call base_type; push eax
local_1:            mov eax, [esp]; call stars; call check_scalar; push eax
                    call expect_name; pop ecx; sub dword ptr [frame], 4
                    mov edx, [frame]; call new_local; mov [et], ecx; mov [ev], edx
                    mov dword ptr [ek], LOCAL; cmp dword ptr [tok], '='; jne local_2
                    call assign
local_2:            mov eax, ','; call accept; je local_1
                    pop eax; jmp semicolon

# Make symbol eax a local of type ecx at offset edx.
new_local:          push ecx; mov ecx, [owner]; cmp [eax + S_OWNER], ecx; je new_local_1
                    mov [eax + S_OWNER], ecx; pop ecx; mov [eax + S_LTYPE], ecx
                    mov [eax + S_LVALUE], edx; ret
new_local_1:        call fail; .asciz "name used twice in a function"

# ( expression ), a condition
condition:          mov eax, '('; call expect; call expression; mov eax, [et]
                    call check_scalar; mov eax, ')'; jmp expect

st_if:              call next; call condition; call jump_false; push eax
                    call statement; mov eax, K_ELSE; call accept; jne st_if_1
                    xor eax, eax; call jump; pop edx; push eax
                    mov eax, edx; call patch; call statement
st_if_1:            pop eax; jmp patch

st_return:          call next; cmp dword ptr [tok], ';'; je st_return_1
                    call expression; call load
st_return_1:        call function_end; jmp semicolon

# Emit the end of a function.
function_end:       mov eax, [params]; shl eax, 18
                    or eax, 0xc2c9; stosd; ret              # leave; ret params * 4

# Loops: ebx is the place to go back to.
loop_begin:         pop edx; push ebx; push dword ptr [breaks]; push dword ptr [conts]
                    mov dword ptr [breaks], 0; mov dword ptr [conts], 0; push edx; jmp next

st_while:           call loop_begin; mov ebx, edi; call condition; call jump_false; push eax
                    call statement; mov eax, ebx; call jump_back; pop eax; call patch
# End of a loop: continue goes to ebx, break to here.
loop_end:           mov eax, [conts]; mov edx, ebx; call patch_to
                    mov eax, [breaks]; call patch; pop dword ptr [conts]
                    pop dword ptr [breaks]; pop ebx; ret

st_do:              call loop_begin; push edi; call statement; mov ebx, edi
                    cmp dword ptr [tok], K_WHILE; jne st_do_1
                    call next; call condition; call jump_true; pop edx
                    call patch_to; call semicolon; jmp loop_end
st_do_1:            call fail; .asciz "expected while"

# for: the step is compiled before the body and jumped over.
st_for:             call loop_begin; mov eax, '('; call expect
                    cmp dword ptr [tok], ';'; je st_for_1
                    call list
st_for_1:           call semicolon; mov ebx, edi; xor eax, eax
                    cmp dword ptr [tok], ';'; je st_for_2
                    call expression; mov eax, [et]; call check_scalar; call jump_false
st_for_2:           push eax; call semicolon                # the jump out of the loop
                    cmp dword ptr [tok], ')'; je st_for_3
                    xor eax, eax; call jump; push eax; push ebx
                    mov ebx, edi; call list; pop eax; call jump_back; pop eax; call patch
st_for_3:           mov eax, ')'; call expect; call statement; mov eax, ebx
                    call jump_back; pop eax; call patch; jmp loop_end

st_break:           mov eax, offset breaks; jmp leave_loop
st_continue:        mov eax, offset conts
leave_loop:         push eax; call next; pop ecx; mov eax, [ecx]; cmp eax, 1; je bad_break
                    push ecx; call jump; pop ecx; mov [ecx], eax; jmp semicolon
bad_break:          call fail; .asciz "not inside a loop"

# ---------------------------------------------------------------- file scope

declaration:        cmp dword ptr [tok], K_ENUM; je enum
                    call base_type; cmp dword ptr [tok], '{'; je struct
                    mov [base], eax
declaration_1:      mov eax, [base]; call stars; push eax; call expect_name; pop ecx
                    cmp dword ptr [tok], '('; je function
                    cmp dword ptr [eax + S_KIND], 0; jne twice
                    mov [eax + S_TYPE], ecx; mov dword ptr [eax + S_KIND], IS_VAR
                    mov edx, [data_end]; mov [eax + S_VALUE], edx; push eax
                    mov eax, ecx; call check_scalar; mov eax, '['; call accept; je array
                    add esp, 4; add dword ptr [data_end], 4
declaration_2:      mov eax, ','; call accept; je declaration_1
                    jmp semicolon
array:              call constant; test eax, eax; jle bad_array
                    cmp eax, 0x4000000; jae bad_array
                    pop ecx; mov dword ptr [ecx + S_KIND], IS_ARRAY; push eax
                    mov eax, [ecx + S_TYPE]; call size; pop ecx; imul eax, ecx
                    add eax, 3; and eax, 0xfffffffc; add eax, [data_end]
                    cmp eax, 0x60000000; jae bad_array
                    mov [data_end], eax; mov eax, ']'; call expect; jmp declaration_2
bad_array:          call fail; .asciz "bad size of an array"
twice:              call fail; .asciz "declared twice"

# enum { name, name = constant, ... };
enum:               call next; mov eax, '{'; call expect; push ebx; xor ebx, ebx
enum_1:             call expect_name; cmp dword ptr [eax + S_KIND], 0; jne twice
                    push eax; mov eax, '='; call accept; jne enum_2
                    call constant; mov ebx, eax
enum_2:             pop eax; mov dword ptr [eax + S_KIND], IS_CONST
                    mov dword ptr [eax + S_TYPE], INT; mov [eax + S_VALUE], ebx
                    inc ebx; mov eax, ','; call accept; jne enum_3
                    cmp dword ptr [tok], '}'; jne enum_1
enum_3:             pop ebx; mov eax, '}'; call expect; jmp semicolon

# struct name { type name, ...; ... };      eax: the struct's symbol
struct:             cmp eax, VOID; jbe bad_struct
                    cmp dword ptr [eax + S_MEMBERS], 0; jne twice
                    push ebx; mov ebx, eax; call next
struct_1:           call base_type; push eax
struct_2:           mov eax, [esp]; call stars; call check_scalar; cmp eax, CHAR; je bad_struct
                    push eax; call expect_name; mov edx, [mems_end]
                    cmp edx, offset mems + MEMS_MAX - 16; ja names_full
                    mov [edx + 4], eax; pop dword ptr [edx + 8]
                    mov dword ptr [edx + 12], 0; mov ecx, [ebx + S_MEMBERS]
                    mov [edx], ecx; test ecx, ecx; je struct_4
                    push dword ptr [ecx + 12]; pop dword ptr [edx + 12]
                    add dword ptr [edx + 12], 4
struct_3:                                                   # is it new?
                    cmp [ecx + 4], eax; je twice
                    mov ecx, [ecx]; test ecx, ecx; jne struct_3
struct_4:           mov [ebx + S_MEMBERS], edx; add dword ptr [mems_end], 16
                    mov eax, ','; call accept; je struct_2
                    pop eax; call semicolon; mov eax, '}'; call accept; jne struct_1
                    pop ebx; jmp semicolon
bad_struct:         call fail; .asciz "bad struct or member"

# type name(parameters) ;   or a body      eax: symbol, ecx: type
function:           push ebx; push ebp; mov ebp, eax
                    cmp dword ptr [ebp + S_KIND], 0; jne function_1
                    mov dword ptr [ebp + S_KIND], IS_FUNCTION
                    mov [ebp + S_TYPE], ecx; mov dword ptr [ebp + S_PARAMS], -1
function_1:         cmp dword ptr [ebp + S_KIND], IS_FUNCTION; jb twice
                    cmp [ebp + S_TYPE], ecx; jne bad_prototype
                    cmp ecx, POINTER; jae function_2        # a struct is not a result
                    cmp ecx, VOID; ja bad_prototype
function_2:         call parameters; cmp dword ptr [ebp + S_PARAMS], -1; jne function_3
                    mov [ebp + S_PARAMS], eax
function_3:         cmp [ebp + S_PARAMS], eax; jne bad_prototype
                    mov [params], eax; mov eax, ';'; call accept; je function_4
                    call body
function_4:         inc dword ptr [owner]; pop ebp; pop ebx; ret # no locals at file scope
bad_prototype:      call fail; .asciz "differs from its first declaration"

# ( type name, ... ) or ( void ) or ( ).  -> eax: how many
# The last one is at ebp + 8, those before it above.
parameters:         push ebx; push ebp; mov ebp, esp; xor ebx, ebx
                    call next; mov eax, ')'; call accept; je parameters_4
parameters_1:       call type; cmp eax, VOID; jne parameters_2
                    test ebx, ebx; jne parameters_2
                    cmp dword ptr [tok], ')'; je parameters_3
parameters_2:       call check_scalar; push eax; call expect_name; pop ecx
                    push eax; inc ebx; call new_local; mov eax, ','
                    call accept; je parameters_1
parameters_3:       mov eax, ')'; call expect; mov ecx, 8
parameters_4:       cmp esp, ebp; je parameters_5
                    pop eax; mov [eax + S_LVALUE], ecx; add ecx, 4; jmp parameters_4
parameters_5:       mov eax, ebx; pop ebp; pop ebx; ret

# The body of the function ebp: patch the calls so far, compile.
body:               cmp dword ptr [tok], '{'; jne body_1
                    cmp dword ptr [ebp + S_KIND], IS_FUNCTION; jne twice
                    mov eax, [ebp + S_VALUE]; call patch; mov [ebp + S_VALUE], edi
                    mov dword ptr [ebp + S_KIND], IS_DEFINED
                    call emit; .byte 5; push ebp; mov ebp, esp
                    .byte 0x81, 0xec                        # sub esp, bytes of locals
                    push edi; stosd; mov dword ptr [frame], 0; call block
                    pop ecx; mov eax, [frame]; neg eax; mov [ecx], eax; jmp function_end
body_1:             mov eax, '{'; jmp expect
