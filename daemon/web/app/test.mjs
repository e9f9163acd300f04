// test.mjs OUT - bundle the unit tests into OUT and run them; they print TAP.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, '../../../build/web-tests');
const names = readdirSync(join(here, 'tests')).filter(n => /^test_.*\.ts$/.test(n));
await build({
	entryPoints: names.map(n => join(here, 'tests', n)),
	outdir: out,
	outExtension: { '.js': '.mjs' },
	bundle: true,
	platform: 'node',
	format: 'esm',
	external: ['node:*', 'po:*'],
	logLevel: 'warning',
});
const run = spawnSync(
	process.execPath,
	['--test', '--test-reporter=tap', ...names.map(n => join(out, n.replace(/\.ts$/, '.mjs')))],
	{ stdio: 'inherit' },
);
process.exit(run.status ?? 1);
