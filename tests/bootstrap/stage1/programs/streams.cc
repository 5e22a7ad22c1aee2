// iostreams: formatted numbers out and in, files, string streams, and their errors.
#include "check.h"
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

int main()
{
	std::ostringstream o;
	o << std::setw(6) << 42 << '|' << std::hex << 255 << '|' << std::fixed << std::setprecision(3) << 2.0 / 3 << '|' << std::boolalpha << true;
	CHECK(o.str() == "    42|ff|0.667|true");
	std::istringstream in("12 -7 2.5 word 99999999999");
	int a, b; double d; std::string w; long long big;
	CHECK(in >> a >> b >> d >> w >> big);
	CHECK(a == 12 && b == -7 && d == 2.5 && w == "word" && big == 99999999999LL);
	std::istringstream bad("x");
	CHECK(!(bad >> a) && bad.fail() && !bad.bad());
	{ std::ofstream f("streams.tmp"); for (int i = 0; i < 1000; i++) f << i << '\n'; }
	std::ifstream f("streams.tmp");
	std::string line; int lines = 0; long total = 0;
	while (std::getline(f, line)) { lines++; total += atoi(line.c_str()); }
	CHECK(lines == 1000 && total == 499500 && f.eof());
	remove("streams.tmp");
	std::ifstream none("no such file");
	CHECK(!none);
	return 0;
}
