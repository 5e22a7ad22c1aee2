# byacc by tcc: makes the parsers of gcc 3.4.6 out of their grammars. It is written by
# hand but for the text that every parser begins with, which awk makes out of a skeleton.
# Run in /build; installs into /opt/yacc.
set -e
sh files/unpack.sh yacc yacc.tar.gz
cd yacc
awk -f skel2c yaccpar.skel > yaccpar.c
mkdir -p /opt/yacc/bin
cc -DHAVE_FCNTL_H -DHAVE_MKSTEMP -DHAVE_VSNPRINTF -I. -o /opt/yacc/bin/yacc \
	closure.c error.c graph.c lalr.c lr0.c main.c mkpar.c mstring.c output.c \
	reader.c symtab.c verbose.c warshall.c yaccpar.c
cd /build && rm -rf yacc
