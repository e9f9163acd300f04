# Makefile - one file, GNU make, everything under build/.   `make help` lists.
MODE    ?= debug
MODES   := debug asan release cover fuzz
ifeq ($(filter $(MODE),$(MODES)),)
$(error MODE=$(MODE): write one of: $(MODES))
endif
B       ?= build
DATA    ?= data
O       := $(B)/$(MODE)
PREFIX  ?= /usr/local
PKGS    := libevent_core libevent_extra libevent_openssl sqlite3 libzip libpcre2-8 libcyaml libsodium \
           icu-uc icu-i18n jansson openssl libseccomp libqrencode
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
           daemon/core/*.c daemon/gw/*.c daemon/voice/*.c db/*.c content/*.c menus/*.c))
SRCXX := $(sort $(wildcard daemon/phone/*.cc))
CTL   := $(sort $(wildcard daemon/ctl/*.c))
OBJ   := $(SRC:%.c=$(O)/%.o) $(SRCXX:%.cc=$(O)/%.o)
# the voice gateway, where libre is
VOICE := $(if $(shell pkg-config --exists libre librem 2>/dev/null && echo y),\
           $(sort $(wildcard daemon/sip/*.c)))
VOICEINC  := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libre librem \
  2>/dev/null))
VOICELIBS := $(shell pkg-config --libs libre librem 2>/dev/null)
UNIT  := $(patsubst %.c,$(O)/%,$(sort $(filter-out $(if $(VOICE),,tests/unit/test_sip%), \
           $(wildcard tests/unit/test_*.c))))
WORDS := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/words/test_*.c)))
FLOW  := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/flow/test_*.c)))
FUZZ  := $(patsubst %.c,$(O)/%,$(sort $(filter-out $(if $(VOICE),,tests/fuzz/fuzz_sip%), \
           $(wildcard tests/fuzz/fuzz_*.c))))
WEB   := $(sort $(wildcard daemon/web/*.c))
BIN   := $(if $(wildcard daemon/main.c),$(O)/safard) $(if $(CTL),$(O)/safarctl) \
         $(O)/safar-console $(if $(VOICE),$(O)/safar-voice)

BENCH := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/bench/bench_*.c)))
REAL  := $(sort $(wildcard tests/real/test_*.py))
# without the libraries every file would fail to compile, each with its own
# error: say it once instead
READY := $(if $(PKG_LIBS),,packages-missing)

# a recursive make that uses every core, unless the user said how many
NCPU  := $(shell nproc 2>/dev/null || echo 2)
GO     = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(NCPU))
NEED  := sh conf/packages/install.sh

# the console's pages, where npm is
APP    := daemon/web/app
APPSRC := $(wildcard $(addprefix $(APP)/,*.mjs *.json src/* src/*/*) \
            content/lang/*.console.po)
PAGES  := $(if $(filter debug release,$(MODE)),$(if $(shell command -v npm \
            2>/dev/null),$(B)/web.ok))
all: $(O)/libsafar.a $(BIN) $(PAGES) ## build safard, safarctl, safar-console, safar-voice
unit: $(UNIT)
flow: $(FLOW)
words: $(WORDS)
fuzzers: $(FUZZ)
benches: $(BENCH)
packages-missing:
	@echo 'libraries are missing: run "make packages" first' >&2; exit 1
packages: ## install what building and testing need
	@$(NEED) build test

# `make V=1` shows the commands
say   = $(if $(V),,@echo '$(1) $@' && )
$(O)/libsafar.a: $(OBJ)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^
$(O)/%.o: %.c Makefile | $(READY)
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@
# the schema is embedded by the assembler, which writes no dependencies
$(O)/db/migrations.o: $(wildcard db/migrations/*/*.sql)
$(O)/daemon/web/openapi.o: daemon/web/openapi.json
$(O)/%.o: %.cc Makefile | $(READY)
	@mkdir -p $(@D)
	$(call say,CXX)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -c $< -o $@
$(O)/safard: $(O)/daemon/main.o $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(O)/safarctl: $(CTL:%.c=$(O)/%.o) $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
WEBOBJ := $(WEB:%.c=$(O)/%.o)
$(O)/libweb.a: $(filter-out %/main.o,$(WEBOBJ))
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^
$(O)/safar-console: $(O)/daemon/web/main.o $(O)/libweb.a $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(O)/tests/unit/test_web%: $(O)/tests/unit/test_web%.o $(O)/libweb.a \
  $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
VOICEOBJ := $(VOICE:%.c=$(O)/%.o)
$(VOICEOBJ): CPPFLAGS += $(VOICEINC)
$(O)/libvoice.a: $(filter-out %/main.o,$(VOICEOBJ))
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^
$(O)/safar-voice: $(O)/daemon/sip/main.o $(O)/libvoice.a $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) $^ $(LDLIBS) $(VOICELIBS) -o $@
$(O)/tests/unit/test_sip%: $(O)/tests/unit/test_sip%.o $(O)/libvoice.a \
  $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) $^ $(LDLIBS) $(VOICELIBS) -o $@
$(O)/tests/unit/%: $(O)/tests/unit/%.o $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
# what tests/flow/kit.h stands on: a data folder that is made once, and copied;
# an edition that is loaded once, whoever asks for it
KIT     := -Wl,--wrap=edition_load_published -Wl,--wrap=edition_free
KITDATA := $(O)/tests/data/safar.yaml
$(KITDATA): $(O)/safarctl $(shell find content menus -type f ! -name '*.[ch]')
	$(call say,INIT)rm -rf $(@D) && $< init $(@D) >$(O)/tests/init.log 2>&1 || \
	  { cat $(O)/tests/init.log; rm -rf $(@D); exit 1; }
	@touch $@
$(O)/tests/flow/%: $(O)/tests/flow/%.o $(O)/libsafar.a | $(KITDATA)
	$(call say,LD)$(CXX) $(LDFLAGS) $(KIT) $^ $(LDLIBS) -o $@
$(O)/tests/bench/bench_turn: $(O)/tests/bench/bench_turn.o $(O)/libsafar.a | $(KITDATA)
	$(call say,LD)$(CXX) $(LDFLAGS) $(KIT) $^ $(LDLIBS) -o $@
$(O)/tests/words/%: $(O)/tests/words/%.o $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(O)/tests/fuzz/fuzz_sip.o: CPPFLAGS += $(VOICEINC)
$(O)/tests/fuzz/fuzz_sip: $(O)/tests/fuzz/fuzz_sip.o $(O)/libvoice.a \
  $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) -fsanitize=fuzzer $^ $(LDLIBS) $(VOICELIBS) -o $@
$(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) -fsanitize=fuzzer $^ $(LDLIBS) -o $@
$(O)/tests/bench/%: $(O)/tests/bench/%.o $(O)/libsafar.a
	$(call say,LD)$(CXX) $(LDFLAGS) $^ $(LDLIBS) -o $@
# without npm's packages and a network for them the rest is built all the same
$(B)/web.ok: $(APPSRC)
	@mkdir -p $(@D)
	$(call say,WEB){ $(APP)/npm.sh build $(abspath $(B)/web) && touch $@; } || \
	  { r=$$?; rm -f $@; test $$r = 3; }
web: ## build the console's pages into build/web
	@$(NEED) web
	@$(MAKE) --no-print-directory $(B)/web.ok
	@test -e $(B)/web.ok
.PRECIOUS: $(O)/%.o
-include $(shell find $(O) -name '*.d' 2>/dev/null)

run: ## install, build, make data/ if missing, start safard, safar-voice and the console
	@$(NEED) build
	@$(NEED) voice web || :
	@$(GO) MODE=release all
	@test -e $(DATA)/safar.yaml || $(B)/release/safarctl init $(DATA)
	@echo
	@$(B)/release/safarctl --data $(DATA) publish --dry-run
	@echo 'safard starts on $(DATA)/ (Ctrl-C ends it).  To try it, in a second'
	@echo 'terminal:  $(B)/release/safarctl $(if $(filter-out data,$(DATA)),--data $(DATA) )phone'
	@test ! -x $(B)/release/safar-voice || { \
	  echo 'or, in half a minute, when what it says is made, call'; \
	  echo "sip:safar@127.0.0.1:5060 with a softphone on this machine"; }
	@test -e $(B)/web/index.html || \
	  echo 'no npm here: the console has no pages, only its API'
	@pids=; trap 'kill $$pids 2>/dev/null' EXIT; trap : INT TERM; \
	test ! -x $(B)/release/safar-voice || { \
	  nice setpriv --pdeathsig TERM $(B)/release/safarctl --data $(DATA) \
	    prompts build 2>&1 | cat & \
	  $(B)/release/safar-voice --data $(DATA) & pids=$$!; }; \
	$(B)/release/safar-console --data $(DATA) & pids="$$pids $$!"; \
	$(B)/release/safarctl --data $(DATA) user first; echo; \
	$(B)/release/safard --data $(DATA)

# one prove for all that runs, so that its last lines are the whole result
in_asan    = $(1:$(O)/%=$(B)/asan/%)
run_unit  := $(call in_asan,$(UNIT))
run_flow  := $(call in_asan,$(FLOW))
run_words := $(call in_asan,$(WORDS))
run_kannel := $(sort $(wildcard tests/real/test_kannel*.py))
run_smpp  := $(sort $(wildcard tests/real/test_smpp*.py))
run_voice := $(sort $(wildcard tests/real/test_voice*.py)) $(filter \
  %/test_agi %/test_counsellors %/test_voice %/test_voice_callback \
  %/test_voice_people %/test_voice_trouble,$(run_flow) $(run_unit))
run_ctl   := $(wildcard tests/real/test_ctl*.py)
run_console := $(sort $(wildcard tests/real/test_console*.py)) $(filter \
  %/test_web%,$(run_unit))
run_safety := $(sort $(wildcard tests/real/test_safety*.py)) $(filter \
  %/test_callbacks %/test_callback_menu %/test_consent %/test_decoy \
  %/test_discreet %/test_forgotten %/test_golden %/test_keywrap %/test_mix \
  %/test_retention %/test_scrub %/test_vault %/test_voice_callback \
  %/test_safety_month,$(run_flow) $(run_unit))
run_crash := $(sort $(wildcard tests/crash/test_crash*.py))
run_soak  := $(wildcard tests/crash/test_soak*.py)
run_all   := $(run_unit) $(run_flow) $(run_words) $(REAL) $(run_crash) $(run_soak)
T         ?= all
PROVE     := prove --exec ''
TESTENV   := ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
             PYTHONDONTWRITEBYTECODE=1 SAFAR_BIN=$(B)/release

check: ## unit and flow tests, with sanitizers; no network
	@test -n "$(UNIT)" || { echo 'no tests found'; exit 1; }
	@$(GO) MODE=asan all unit flow
	$(TESTENV) $(PROVE) -j$$(($(NCPU) + 1)) $(run_unit) $(run_flow) # some wait for the disk
test: ## install what tests need, run all; T=unit|flow|words|kannel|smpp|voice|ctl|console|safety|crash
	@test -n "$(run_$(T))" || { echo 'T=$(T): no such tests'; exit 1; }
	@$(NEED) build $(if $(filter unit flow,$(T)),,test voice)
	@$(GO) test-$(if $(filter unit flow words,$(T)),asan,$(if \
	  $(filter all console safety voice,$(T)),build,release))
	$(TESTENV) MANY=1 $(PROVE) --timer $(run_$(T))
test-build:
	@$(MAKE) --no-print-directory test-asan
	@$(MAKE) --no-print-directory test-release
test-asan:
	@$(MAKE) --no-print-directory MODE=asan all unit flow words
test-release:
	@$(MAKE) --no-print-directory MODE=release all

KILLS   ?= 100
crash: ## kill safard KILLS times (default 100); nothing may be lost
	@$(NEED) build test
	@$(GO) test-release
	$(TESTENV) KILLS=$(KILLS) tests/crash/test_crash_kill.py
MINUTES ?= 30
soak: ## half of the most that goes through for MINUTES: nothing may grow
	@$(NEED) build test
	@$(GO) test-release
	$(TESTENV) MINUTES=$(MINUTES) tests/crash/test_soak.py

SECONDS ?= 30
fuzz: ## every fuzzer for SECONDS (default 30)
	@test -n "$(FUZZ)" || { echo 'no fuzzers found'; exit 1; }
	@$(NEED) build fuzz
	@$(GO) MODE=fuzz CC=clang CXX=clang++ fuzzers
	@set -e; for f in $(FUZZ:$(O)/%=$(B)/fuzz/%); do \
	  n=$${f##*/fuzz_}; seeds=tests/fuzz/corpus/$$n; \
	  mkdir -p $(B)/corpus/$$n; test -d $$seeds || seeds=; \
	  echo "fuzz $$n for $(SECONDS) s"; \
	  $$f -max_total_time=$(SECONDS) -max_len=8192 -print_final_stats=1 \
	    -artifact_prefix=$(B)/corpus/$$n- $(B)/corpus/$$n $$seeds \
	    >$(B)/corpus/$$n.log 2>&1 || { tail -n 40 $(B)/corpus/$$n.log; \
	    exit 1; }; \
	  grep -E 'number_of_executed|new_units' $(B)/corpus/$$n.log; done
bench: ## lines of "name value unit"
	@$(NEED) build bench
	@test -n "$(BENCH)" || echo 'no tests/bench/bench_*.c to run'
	@$(GO) -s MODE=release all benches
	@set -e; for b in $(BENCH:$(O)/%=$(B)/release/%); do $$b; done
	@SAFAR_BIN=$(B)/release PYTHONDONTWRITEBYTECODE=1 tests/bench/bench_voice.py
	@SAFAR_BIN=$(B)/release PYTHONDONTWRITEBYTECODE=1 tests/bench/bench_publish.py
	@SAFAR_BIN=$(B)/release PYTHONDONTWRITEBYTECODE=1 tests/bench/bench_services.py
cover: ## lines the unit and flow tests reach
	@$(NEED) build cover
	@$(GO) MODE=cover all unit flow
	@find $(B)/cover -name '*.gcda' -delete
	$(PROVE) $(UNIT:$(O)/%=$(B)/cover/%) $(FLOW:$(O)/%=$(B)/cover/%)
	@gcovr --root . --exclude tests/ --exclude-throw-branches $(B)/cover

# What lint looks at.  A stamp a file, so that a second run is quick; a changed
# header is read by all.
HDR    := $(shell find daemon db content menus tests -name '*.h' 2>/dev/null)
LINTED := $(SRC) $(CTL) $(WEB) $(VOICE) $(wildcard daemon/*.c tests/*/*.c)
TIDY   := $(LINTED:%.c=$(B)/tidy/%.ok)
SCRIPT := $(wildcard .ci/run $(APP)/*.sh conf/packages/*.sh tests/*.sh tests/*/*.sh)
FORMAT := $(shell find daemon db content menus tests -name '*.[ch]' \
            -o -name '*.cc' 2>/dev/null)
lint: ## layers, layout, cppcheck, clang-tidy, clang, shellcheck, tsc, prettier
	@$(NEED) build lint
	@echo layers, layout, lengths, scripts
	@sh tests/layering.sh
	@$(MAKE) --no-print-directory fmt-check lint-size
	@shellcheck $(SCRIPT)
	@$(APP)/npm.sh lint
	@echo cppcheck
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability \
	  --inline-suppr --error-exitcode=1 -j 2 -I. $(LINTED)
	@$(GO) CC=clang CXX=clang++ B=$(B)/clang MODE=debug all unit flow words
	@$(MAKE) --no-print-directory -k -j2 tidy
lint-size:
	@wc -l $(FORMAT) $(wildcard tests/*/*.py) | awk \
	  '$$2 != "total" && $$1 > 1000 { print $$2 ": past 1000 lines"; bad = 1 } \
	  END { exit bad }'
tidy: $(TIDY)
$(B)/tidy/%.ok: %.c $(HDR) .clang-tidy | $(READY)
	@mkdir -p $(@D)
	@echo "clang-tidy $<"
	@clang-tidy --quiet $< -- $(CSTD) -I. $(PKG_CFLAGS) $(VOICEINC) 2>/dev/null
	@touch $@
fmt: ## rewrite sources in the house style
	clang-format -i $(FORMAT)
	$(APP)/npm.sh fmt
fmt-check:
	@clang-format --dry-run -Werror $(FORMAT)

SHARE   := $(DESTDIR)$(PREFIX)/share/safar
install: ## PREFIX=/usr/local, DESTDIR for packagers
	@$(GO) MODE=release all
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/examples \
	  $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 755 $(B)/release/safard $(B)/release/safarctl \
	  $(B)/release/safar-console \
	  $(wildcard $(B)/release/safar-voice) $(DESTDIR)$(PREFIX)/bin
	for f in $$(find menus content -type f ! -name '*.[ch]' ! -name '*.console.po'); do \
	  install -D -m 644 $$f $(SHARE)/$$f || exit 1; done
	test ! -d $(B)/web || for f in $$(cd $(B) && find web -type f); do \
	  install -D -m 644 $(B)/$$f $(SHARE)/$$f || exit 1; done
	install -m 644 $(wildcard conf/*.conf conf/*.yaml conf/*.md) $(SHARE)/examples
	install -d $(SHARE)/examples/asterisk
	install -m 644 $(wildcard conf/asterisk/*) $(SHARE)/examples/asterisk
	for u in safard safar-console safar-voice; do sed 's,/usr/local,$(PREFIX),' conf/$$u.service \
	  >$(DESTDIR)$(PREFIX)/lib/systemd/system/$$u.service || exit 1; done
clean: ## remove build/ and npm's packages
	rm -rf $(B) $(APP)/node_modules
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)
.PHONY: all unit flow words fuzzers benches packages packages-missing run check \
  web test test-build test-asan test-release crash soak fuzz bench cover lint lint-size tidy \
  fmt fmt-check install clean help
