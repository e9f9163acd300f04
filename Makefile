# Makefile - one file, GNU make, everything under build/.   `make help` lists.
MODE    ?= debug
B       ?= build
O       := $(B)/$(MODE)
PREFIX  ?= /usr/local
PKGS    := libevent_core libevent_extra sqlite3 libpcre2-8 libcyaml libsodium \
           icu-uc icu-i18n jansson
CSTD    := -std=c11 -D_GNU_SOURCE
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
           -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
           -Wvla -Wformat=2 -Wswitch-enum -Wimplicit-fallthrough -Wundef \
           -Wcast-qual -Wwrite-strings -Wpointer-arith -Wnull-dereference
WARNXX  := -Wall -Wextra -Wpedantic -Wshadow
WERROR  ?= -Werror
HARDEN  := -fstack-protector-strong -fstack-clash-protection -fPIE \
           -fno-strict-overflow -fno-delete-null-pointer-checks \
           -fvisibility=hidden
LDHARD  := -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed
ifeq ($(shell uname -m),x86_64)
HARDEN  += -fcf-protection=full
endif
# a flag some compilers lack: used only where it works
have     = $(shell $(CC) $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && \
             echo $(1))
HARDEN  += $(call have,-ftrivial-auto-var-init=zero)
FORTIFY := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
SAN     := -fsanitize=address,undefined -fno-sanitize-recover=all \
           -fno-omit-frame-pointer
opt_debug   := -Og -g3
opt_asan    := -O1 -g $(SAN)
opt_release := -O2 -g $(FORTIFY)
opt_cover   := -O0 -g --coverage
opt_fuzz    := -O1 -g $(SAN) -fsanitize=fuzzer-no-link

PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
CPPFLAGS += -I. -MMD -MP
CFLAGS   += $(CSTD) $(WARN) $(WERROR) $(HARDEN) $(opt_$(MODE)) $(PKG_CFLAGS)
CXXFLAGS += -std=c++17 $(WARNXX) $(WERROR) $(HARDEN) $(opt_$(MODE))
LDFLAGS  += $(LDHARD) $(opt_$(MODE))
LDLIBS   += $(PKG_LIBS) -lgettextpo -lcsv -lphonenumber -lm

SRC   := $(sort $(wildcard daemon/base/*.c daemon/proto/*.c daemon/phone/*.c \
           daemon/core/*.c daemon/gw/*.c db/*.c content/*.c menus/*.c))
SRCXX := $(sort $(wildcard daemon/phone/*.cc))
CTL   := $(sort $(wildcard daemon/ctl/*.c))
OBJ   := $(SRC:%.c=$(O)/%.o) $(SRCXX:%.cc=$(O)/%.o)
UNIT  := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/unit/test_*.c)))
FLOW  := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/flow/test_*.c)))
FUZZ  := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
BIN   := $(if $(wildcard daemon/main.c),$(O)/safard) $(if $(CTL),$(O)/safarctl)

all: $(O)/libsafar.a $(BIN) ## build safard and safarctl
unit: $(UNIT)
flow: $(FLOW)

$(O)/libsafar.a: $(OBJ)
	rm -f $@ && $(AR) rcs $@ $^
$(O)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@
$(O)/%.o: %.cc Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -c $< -o $@
$(O)/safard: $(O)/daemon/main.o $(O)/libsafar.a
	$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(O)/safarctl: $(CTL:%.c=$(O)/%.o) $(O)/libsafar.a
	$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(O)/tests/unit/%: $(O)/tests/unit/%.o $(O)/libsafar.a
	$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(O)/tests/flow/%: $(O)/tests/flow/%.o $(O)/libsafar.a
	$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(O)/libsafar.a
	$(CXX) $(LDFLAGS) -fsanitize=fuzzer $^ $(LDLIBS) -o $@
.PRECIOUS: $(O)/%.o
-include $(shell find $(O) -name '*.d' 2>/dev/null)

check: ## unit and flow tests, with sanitizers; no network
	@test -n "$(UNIT)" || { echo 'no tests found'; exit 1; }
	$(MAKE) MODE=asan all unit flow
	prove --exec '' $(UNIT:$(O)/%=$(B)/asan/%) $(FLOW:$(O)/%=$(B)/asan/%)
fmt: ## rewrite sources in the house style
	clang-format -i $$(git ls-files '*.[ch]')
clean: ## remove build/
	rm -rf $(B)
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)
.PHONY: all unit flow check fmt clean help
