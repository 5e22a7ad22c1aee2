# busybox by $(CC): sources.list and the headers of include/ come from bbgen.
objects := $(patsubst %.c,%.o,$(shell cat sources.list))

busybox: $(objects)
	$(CC) -static -o $@ $(objects) -lm

%.o: %.c
	$(CC) -Os -w -D_GNU_SOURCE -Iinclude -Ilibbb -include include/autoconf.h -c -o $@ $<
