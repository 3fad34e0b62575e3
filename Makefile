# Two commands do all set-up themselves: make demo, make test. They need Node 20.19 or newer, npm and make.
.PHONY: demo test test-long test-nodes test-postgres counts check audit-dependencies format types bench coverage build clean

bin := node_modules/.bin
installed := node_modules/.package-lock.json

demo: build
	@node dist/main.js demo

# Six files at once, because a test waits for servers and for times; two cores carry that.
test: build check
	$(bin)/mocha --parallel --jobs 6 --ignore 'test/**/*.long.test.ts' 'test/**/*.test.ts'

# What takes minutes by itself: whole histories, faults, kills, random accounts, every documented command line. Then, of
# the other files, what `make test` leaves out: the embedded database (`onServerFirst` in test/databases.ts) and further
# variants (`itLong` in test/long.ts).
# The names of what passed and failed come as each file ends.
test-long: build
	@failed=0; \
	$(bin)/mocha --parallel --jobs 2 --reporter spec 'test/**/*.long.test.ts' || failed=1; \
	TEST_LONG=1 $(bin)/mocha --parallel --jobs 2 --reporter spec \
		$$(grep -rlE '(onServerFirst|itLong)\(|inTestLong \?|itLong :' test --include='*.test.ts') || failed=1; \
	exit $$failed

# Every Node that is alive, and Postgres from 14 on (npm's registry brings them into .versions/). All tests on each take
# hours; CHOSEN=chosen runs what such a version may break, CHOSEN=third a third of all on a version of Node.
# Some versions: make test-nodes NODES="24 26"
NODES = 20 22 24 26
test-nodes: build
	@node --import tsx test/on-versions.ts node $(NODES) $(CHOSEN)

POSTGRES = 14 16 18
test-postgres: build
	@node --import tsx test/on-versions.ts postgres $(POSTGRES) $(CHOSEN)

# One test file or folder: make test-only TESTS=test/mapping/*.test.ts
test-only: build
	$(bin)/mocha $(TESTS)

# Accepts what a fixed account costs now: requests, API tokens, statements and rows, and bytes allocated on this version of Node.
counts: build
	ACCEPT_COUNTS=1 $(bin)/mocha test/counts.test.ts test/allocations.test.ts

build: dist/main.js

dist/main.js: $(installed) $(shell find connector build console -type f)
	@node --import tsx build/build.ts
	@touch dist/main.js

check: $(installed)
	$(bin)/biome check .
	$(bin)/tsc --noEmit
	$(bin)/tsc --noEmit -p console

# What is known of the packages that ship, in the bundle or beside it; asks npm's registry.
audit-dependencies: build
	@node --import tsx build/audit.ts

format: $(installed)
	$(bin)/biome check --write .

types: $(installed)
	node --import tsx schemas/generate-types.ts
	node --import tsx schemas/generate-mapping-schema.ts
	node --import tsx schemas/generate-mapping-docs.ts
	node --import tsx schemas/generate-privacy-docs.ts

# All benchmarks and one table; some: make bench BENCH=read; at sizes that take an hour: make bench BENCH="sync large"
bench: build
	@node --import tsx bench/all.ts $(BENCH)

coverage: build
	$(bin)/c8 --src connector $(bin)/mocha 'test/**/*.test.ts'

$(installed): package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $(installed)

clean:
	rm -rf dist node_modules coverage
