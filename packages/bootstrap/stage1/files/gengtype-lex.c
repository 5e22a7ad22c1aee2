/* The lexer of gcc 3.4.6's gengtype, by hand.

   gengtype reads the compiler's own headers and sources, finds the types and variables
   that are marked with GTY, and writes how the garbage collector walks them. Upstream
   writes this lexer for flex and ships what flex made of it. Here is the same without
   flex, so that no file made by a generator is compiled: what it recognises is said in
   gengtype-lex.l, and that gengtype writes the same files with either is tested by
   tests/bootstrap/stage1/parsers.

   Outside of GTY the text is skipped but for simple typedefs; behind `struct NAME GTY`
   and the like every token goes to the parser, until it says that the declaration is
   done and a `;` or `=` comes.  */

#include "bconfig.h"
#include "coretypes.h"
#include "system.h"
#include "gengtype.h"
#include "gengtype-yacc.h"

struct fileloc lexer_line;
int lexer_toplevel_done;

/* The file, with a 0 behind it; AT is the next character.  */
static char *text;
static const char *at;
static int inside;

/* Goes on to END, counting lines.  */

static void
advance (const char *end)
{
  for (; at < end; at++)
    if (*at == '\n')
      lexer_line.line++;
}

/* Parts of patterns: each gives the end of what it matches at P, or 0; 0 stays 0.  */

static const char *
skip (const char *p)
{
  if (p)
    while (ISSPACE (*p))
      p++;
  return p;
}

static const char *
blank (const char *p)
{
  return p && ISSPACE (*p) ? skip (p) : 0;
}

static const char *
word (const char *p, const char *s)
{
  size_t length = strlen (s);
  return p && strncmp (p, s, length) == 0 ? p + length : 0;
}

static const char *
name (const char *p)
{
  if (!p || !ISIDNUM (*p) || ISDIGIT (*p))
    return 0;
  while (ISIDNUM (*p))
    p++;
  return p;
}

/* The word S and nothing that goes on with it.  */

static const char *
whole (const char *p, const char *s)
{
  p = word (p, s);
  return p && !ISIDNUM (*p) ? p : 0;
}

static const char *
optional (const char *p, const char *s)
{
  const char *end = word (p, s);
  return end ? end : p;
}

/* One or more words of scalar types, like `unsigned long`.  */

static const char *
scalar (const char *p)
{
  static const char *const words[] = {
    "short", "long", "signed", "unsigned", "char", "int", "HOST_WIDE_INT",
    "bool", "size_t", "BOOL_BITFIELD", 0
  };
  const char *end = 0;
  int i;

  do
    {
      const char *one = 0;
      for (i = 0; words[i] && !one; i++)
	one = whole (p, words[i]);
      if (!one)
	break;
      end = one;
      p = blank (one);
    }
  while (p);
  return end;
}

/* What a quote Q begins; 0 if the file ends before it.  */

static const char *
quoted (const char *p, int q)
{
  if (*p++ != q)
    return 0;
  for (; *p != q; p++)
    if (*p == 0 || (*p == '\\' && *++p == 0))
      return 0;
  return p + 1;
}

/* 'c' or '\c'.  */

static const char *
character (const char *p)
{
  const char *end = quoted (p, '\'');
  return end && end - p == (p[1] == '\\' ? 4 : 3) ? end : 0;
}

static const char *
copy (const char *from, const char *to)
{
  return xmemdup (from, to - from, to - from + 1);
}

/* The typedefs that are understood without GTY, behind their first word:
   `struct A B;` with or without a `*`, `unsigned int B;`, `A B (`, `A (*B) (`, where
   PARAMS may stand before the last parenthesis.  */

static int
simple_typedef (const char *p)
{
  const char *tag, *tag_end, *id, *id_end, *end;
  struct type *t;
  int pointer = 0, is_union = *p == 'u';

  end = word (p, "struct");
  end = blank (end ? end : word (p, "union"));
  if (end && (tag_end = name (tag = end)) != 0)
    {
      id = skip (tag_end);
      pointer = *id == '*';
      id = skip (id + pointer);
      id_end = name (id);
      end = skip (id_end);
      if (id > tag_end && end && *end == ';')
	{
	  t = find_structure (copy (tag, tag_end), is_union);
	  do_typedef (copy (id, id_end), pointer ? create_pointer (t) : t, &lexer_line);
	  advance (end + 1);
	  return 1;
	}
    }

  tag_end = scalar (p);
  id = blank (tag_end);
  id_end = name (id);
  end = skip (id_end);
  if (end && *end == ';')
    {
      do_typedef (copy (id, id_end), create_scalar_type (p, tag_end - p), &lexer_line);
      advance (end + 1);
      return 1;
    }

  tag_end = name (p);
  if (!tag_end)
    return 0;
  id = blank (tag_end);
  id_end = name (id);
  end = blank (id_end);
  if (!end)
    {
      id = skip (word (skip (optional (skip (tag_end), "*")), "("));
      id = skip (word (id, "*"));
      id_end = name (id);
      end = skip (word (skip (id_end), ")"));
    }
  if (!end || (*end != '(' && !word (end, "PARAMS")))
    return 0;
  do_typedef (copy (id, id_end),
	      create_scalar_type ("function type", sizeof ("function type") - 1), &lexer_line);
  advance (*end == '(' ? end + 1 : word (end, "PARAMS"));
  return 1;
}

/* At a word behind a character that belongs to no name: whether something marked with
   GTY begins here. Gives the token, or 0.  */

static int
marked (const char *p)
{
  const char *end, *tag, *tag_end, *defined;
  int is_union;

  end = word (p, "extern");
  end = blank (end ? end : word (p, "static"));
  if (word (end, "GTY"))
    {
      advance (end);
      return ENT_EXTERNSTATIC;
    }
  defined = blank (word (p, "typedef"));
  if (defined)
    p = defined;
  is_union = *p == 'u';
  end = word (p, "struct");
  tag = blank (end ? end : word (p, "union"));
  tag_end = name (tag);
  end = blank (tag_end);
  if (!word (end, "GTY"))
    return 0;
  yylval.t = find_structure (copy (tag, tag_end), is_union);
  advance (end);
  return defined ? ENT_TYPEDEF_STRUCT : ENT_STRUCT;
}

static int
line_begins (void)
{
  return at == text || at[-1] == '\n';
}

static void
comment (void)
{
  const char *end = strstr (at + 2, "*/");
  if (!end)
    {
      error_at_line (&lexer_line, "unterminated comment; unexpected EOF");
      end = strchr (at, 0) - 2;
    }
  advance (end + 2);
}

/* Skips to the next thing marked with GTY. Gives its token, or 0 at the end.  */

static int
outside (void)
{
  while (*at)
    {
      const char *end;
      int token;

      if (!ISIDNUM (*at) && ISALPHA (at[1]))
	{
	  end = blank (word (at + 1, "typedef"));
	  if (end && simple_typedef (end))
	    continue;
	  token = marked (at + 1);
	  if (token)
	    return token;
	}
      end = line_begins () ? skip (word (blank (word (at, "%union")), "{")) : 0;
      if (word (end, "GTY"))
	{
	  advance (end);
	  return ENT_YACCUNION;
	}
      if (word (at, "/*"))
	comment ();
      else if (*at == '"')
	{
	  end = quoted (at, '"');
	  if (!end)
	    error_at_line (&lexer_line, "unterminated string; unexpected EOF");
	  advance (end ? end : at + 1);
	}
      else if (character (at))
	advance (character (at));
      else if (name (at))
	advance (name (at));
      else
	advance (at + 1);
    }
  return 0;
}

/* Goes on to END and gives TOKEN, whose text is from FROM to TO.  */

static int
token_of (int token, const char *from, const char *to, const char *end)
{
  yylval.s = copy (from, to);
  at = end;
  return token;
}

/* The next token of a declaration that is marked; 0 at the end of the file.  */

static int
declaration (void)
{
  static const struct { const char *word; int token; } words[] = {
    { "GTY", GTY_TOKEN }, { "union", UNION }, { "struct", STRUCT }, { "enum", ENUM },
    { "ptr_alias", ALIAS }, { 0, 0 }
  };
  const char *end, *p;
  int i;

  for (;;)
    {
      if (*at == 0)
	return 0;
      if (ISSPACE (*at))
	advance (skip (at));
      else if (word (at, "/*"))
	comment ();
      else if (line_begins () && word (at, "%{"))
	advance ((end = strstr (at, "%}")) ? end + 2 : strchr (at, 0));
      else if (line_begins () && word (at, "@@"))
	at += strcspn (at, "\n");
      else if (whole (at, "const"))
	at += 5;
      else
	break;
    }

  for (i = 0; words[i].word; i++)
    if ((end = whole (at, words[i].word)) != 0)
      {
	at = end;
	return words[i].token;
      }
  if (ISDIGIT (*at))
    {
      while (ISDIGIT (*at))
	at++;
      return NUM;
    }
  p = word (at, "param");
  if (p)
    {
      while (ISDIGIT (*p))
	p++;
      if ((end = whole (p, "_is")) != 0)
	return token_of (PARAM_IS, at, end, end);
    }
  end = skip (word (skip (word (at, "ENUM_BITFIELD")), "("));
  end = word (skip (name (end)), ")");
  if (!end)
    end = scalar (at);
  if (end)
    {
      yylval.t = create_scalar_type (at, end - at);
      advance (end);
      return SCALAR;
    }
  if ((end = name (at)) != 0)
    return token_of (ID, at, end, end);
  if ((end = quoted (at, '"')) != 0)
    return token_of (STRING, at + 1, end - 1, end);
  if ((end = character (at)) != 0)
    return token_of (CHAR, at + 1, end - 1, end);
  if (*at == '[' && *(end = at + 1 + strcspn (at + 1, "[]")) == ']')
    return token_of (ARRAY, at + 1, end, end + 1);
  if (line_begins () && *at == '%')
    {
      if ((end = name (at + 1)) != 0)
	return token_of (PERCENT_ID, at + 1, end, end);
      if (at[1] == '%')
	{
	  at += 2;
	  inside = 0;
	  return PERCENTPERCENT;
	}
    }
  if (!strchr ("(){},*:<>;=", *at))
    error_at_line (&lexer_line, "unexpected character `%c'", *at);
  else if (strchr (";=", *at) && lexer_toplevel_done)
    lexer_toplevel_done = inside = 0;
  return *at++;
}

int
yylex (void)
{
  if (!inside)
    {
      int token = outside ();
      inside = token != 0;
      return token;
    }
  return declaration ();
}

void
yyerror (const char *s)
{
  error_at_line (&lexer_line, s);
}

void
parse_file (const char *fname)
{
  FILE *file = fopen (fname, "rb");
  long size;

  if (!file || fseek (file, 0, SEEK_END) || (size = ftell (file)) < 0)
    {
      perror (fname);
      exit (1);
    }
  rewind (file);
  text = xmalloc (size + 1);
  if (fread (text, 1, size, file) != (size_t) size)
    {
      perror (fname);
      exit (1);
    }
  text[size] = 0;
  fclose (file);
  at = text;
  inside = 0;
  lexer_line.file = fname;
  lexer_line.line = 1;
  if (yyparse () != 0)
    exit (1);
  free (text);
}
