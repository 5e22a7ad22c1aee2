/* expr.c: the grammar of expressions, by precedence. */

struct node *expression();
struct node *assignment();
struct node *unary();

struct type *function_type;             /* of the function being compiled, or 0 */

struct node *string_node() {
    struct node *n = new_node(N_STRING, 0, 0, 0);
    n->bytes = read_strings();
    n->lo = literal_len;
    n->type = array_of(basic[TY_CHAR], literal_len);
    return n;
}

struct node *number_node() {
    int kind = read_number(current);
    next();
    struct node *n = wide_constant(literal_lo, literal_hi,
                                   basic[kind == TY_DOUBLE ? TY_ULLONG : kind]);
    if (evaluating_if && (literal_hi || literal_lo < 0)) fail("constant does not fit an int");
    return cast(n, basic[kind]);
}

struct node *name_node() {
    struct symbol *s = current->name->symbol;
    if (evaluating_if) {
        next();
        return constant(0);
    }
    if (s == 0) fail_name("undeclared: ", current->name);
    next();
    if (s->kind == SYM_TYPEDEF) fail_name("type used as a value: ", s->name);
    if (s->kind == SYM_ENUM) return constant(s->value);
    if (s->kind == SYM_LOCAL) return local_node(s->type, s->value);
    return global_node(s->type, s->link);
}

struct node *primary() {
    struct node *n;
    if (tok == T_NAME) return name_node();
    if (tok == T_NUMBER) return number_node();
    if (tok == T_CHAR) return constant(read_char());
    if (tok == T_STRING) return string_node();
    if (tok != '(') fail_here("expected an expression");
    next();
    n = expression();
    expect(')', "expected )");
    return n;
}

/* An argument as the callee expects it: converted to the parameter's type, or
 * widened where there is none. */
struct node *argument(struct node *n, struct member *param) {
    n = decay(n);
    if (n->type->kind == TY_STRUCT) fail("struct arguments are not supported");
    if (param) return cast(n, param->type);
    if (n->type->kind == TY_FLOAT) return cast(n, basic[TY_DOUBLE]);
    if (n->type->kind == TY_VOID) fail("void argument");
    return promote(n);
}

/* A call of f; the token is behind the opening parenthesis. */
struct node *call(struct node *f) {
    struct type *t;
    struct node *args = 0, *n;
    struct member *param;
    f = decay(f);
    if (f->type->kind != TY_PTR || f->type->base->kind != TY_FUNC) 
        fail("call of something that is not a function");
    t = f->type->base;
    param = t->members;
    while (tok != ')') {
        if (param == 0 && !t->variadic) fail("too many arguments");
        n = argument(assignment(), param);
        args = new_node(N_ARGUMENT, n->type, n, args);
        if (param) param = param->next;
        if (tok != ')') expect(',', "expected , or )");
    }
    if (param) fail("too few arguments");
    next();
    if (t->base->kind == TY_STRUCT) fail("struct results are not supported");
    return new_node(N_CALL, t->base, f, args);
}

struct node *member_access(struct node *n) {
    if (tok != T_NAME) fail_here("expected a member's name");
    n = member_of(n, current->name);
    next();
    return n;
}

struct node *postfix() {
    struct node *n = primary();
    while (1) {
        if (accept('[')) {
            n = dereference(binary(N_ADD, n, expression()));
            expect(']', "expected ]");
        } else if (accept('(')) {
            n = call(n);
        } else if (tok == '.' || tok == T_ARROW) {
            if (tok == T_ARROW) n = dereference(n);
            /* The member's name may be a keyword's twin: take it as it is. */
            next();
            n = member_access(n);
        } else if (accept(T_PLUSPLUS)) {
            n = update(N_ADD, n, constant(1), 1);
        } else if (accept(T_MINUSMINUS)) {
            n = update(N_SUB, n, constant(1), 1);
        } else {
            return n;
        }
    }
}

struct node *sizeof_expression() {
    struct type *t;
    struct node *n;
    if (tok == '(' && starts_type(peek())) {
        next();
        t = type_name();
        expect(')', "expected )");
        if (tok == '{') fail("compound literals are not supported");
    } else {
        n = unary();
        if (is_field(n)) fail("sizeof a bit-field");
        t = n->type;
    }
    return wide_constant(size_of(t), 0, basic[TY_UINT]);
}

struct node *cast_expression() {
    struct type *t;
    next();
    t = type_name();
    expect(')', "expected )");
    if (tok == '{') fail("compound literals are not supported");
    return cast(unary(), t);
}

struct node *unary() {
    if (tok == '(' && starts_type(peek())) return cast_expression();
    if (accept('-')) return negate(unary());
    if (accept('+')) return promote(scalar(unary()));
    if (accept('~')) return binary(N_BIT_XOR, unary(), constant(-1));
    if (accept('!')) return truth(N_EQUAL, unary());
    if (accept('*')) return dereference(unary());
    if (accept('&')) return address_of(unary());
    if (accept(T_PLUSPLUS)) return update(N_ADD, unary(), constant(1), 0);
    if (accept(T_MINUSMINUS)) return update(N_SUB, unary(), constant(1), 0);
    if (accept(KW_SIZEOF)) return sizeof_expression();
    return postfix();
}

/* The node of a binary operator or of its assignment; 0 for other tokens.  Both
 * kinds of number go through the operators in the same order. */
int binary_op(int kind) {
    char *singles = "+-*/%&|^";
    int i;
    if (kind == '<') return N_LESS;
    if (kind == '>') return N_GREATER;
    if (kind == T_SHL || kind == T_SHR) return N_SHL + kind - T_SHL;
    if (kind == T_SET_SHL || kind == T_SET_SHR) return N_SHL + kind - T_SET_SHL;
    if (kind >= T_LE && kind <= T_NE) return N_LESS_EQUAL + kind - T_LE;
    if (kind == T_ANDAND || kind == T_OROR) return N_AND + kind - T_ANDAND;
    if (kind >= T_SET_ADD && kind <= T_SET_XOR) return N_ADD + kind - T_SET_ADD;
    for (i = 0; singles[i]; i++)
        if (kind == singles[i]) return N_ADD + i;
    return 0;
}

int is_update(int kind) {
    return kind == T_SET_SHL || kind == T_SET_SHR || (kind >= T_SET_ADD && kind <= T_SET_XOR);
}

/* How tightly a binary operator binds; 0 for other tokens. */
int precedence(int kind) {
    int op = binary_op(kind);
    if (op == 0 || is_update(kind)) return 0;
    /* || && then + - * / % & | ^ << >> < > <= >= == != in the order of the nodes */
    if (op == N_OR) return 1;
    return op == N_AND ? 2 : "99:::53488777766"[op - N_ADD] - '0';
}

struct node *binary_expression(int lowest) {
    struct node *n = unary(), *right;
    int kind = tok;
    while (precedence(kind) >= lowest) {
        next();
        right = binary_expression(precedence(kind) + 1);
        if (kind == T_ANDAND || kind == T_OROR) n = logical(binary_op(kind), n, right);
        else n = binary(binary_op(kind), n, right);
        kind = tok;
    }
    return n;
}

struct node *conditional_expression() {
    struct node *n = binary_expression(1), *yes;
    if (!accept('?')) return n;
    yes = expression();
    expect(':', "expected :");
    return conditional(n, yes, conditional_expression());
}

struct node *assignment() {
    struct node *n = conditional_expression();
    int kind = tok;
    if (accept('=')) return assign(n, assignment());
    if (is_update(kind)) {
        next();
        return update(binary_op(kind), n, assignment(), 0);
    }
    return n;
}

struct node *expression() {
    struct node *n = assignment();
    while (accept(',')) n = comma(n, assignment());
    return n;
}

/* ---- constant expressions ---- */

struct node *const_node() {
    struct node *n = conditional_expression();
    if (n->op != N_CONST) fail("constant expression needed");
    return n;
}

int const_int() {
    struct node *n = const_node();
    if (n->hi != n->lo >> 31) fail("constant does not fit an int");
    return n->lo;
}

int if_value() {
    struct node *n;
    ahead = 0;
    next();
    n = const_node();
    if (tok != T_END) fail_here("expected the end of the expression");
    return is_true(n);
}
