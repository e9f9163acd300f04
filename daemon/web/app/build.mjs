// build.mjs OUT - build the console's pages into OUT (build/web): files with hashes
// in their names, a .gz beside each, index.html without inline script or style.
//
// Fails if a text lacks a language or if the first load is over its budget.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { checkTexts, readPo } from './po.mjs';

// Bytes of a first visit, compressed: the page, its styles, the program, one
// language and the largest page somebody may land on.
const FIRST_LOAD_MAX = 120 * 1024;

const here = dirname(fileURLToPath(import.meta.url));
const langs = join(here, '../../../content/lang');
const out = process.argv[2] ?? join(here, '../../../build/web');
const next = `${out}.next`;

const bad = checkTexts(langs, join(here, 'src'));
if (bad.length) {
	console.error(bad.join('\n'));
	process.exit(1);
}

// import('po:ru') is the Russian texts, in a file of their own; uz-cyrillic is uz@cyrillic
const po = {
	name: 'po',
	setup(b) {
		b.onResolve({ filter: /^po:/ }, args => ({ path: args.path.slice(3), namespace: 'po' }));
		b.onLoad({ filter: /.*/, namespace: 'po' }, args => ({
			contents: JSON.stringify(Object.fromEntries(readPo(langs, args.path.replace('-', '@')))),
			loader: 'json',
		}));
	},
};

const result = await build({
	entryPoints: [
		{ in: join(here, 'src/main.tsx'), out: 'main' },
		{ in: join(here, 'src/style.css'), out: 'style' },
	],
	outdir: join(next, 'assets'),
	entryNames: '[name]-[hash]',
	chunkNames: '[name]-[hash]',
	assetNames: '[name]-[hash]',
	bundle: true,
	splitting: true,
	format: 'esm',
	target: 'es2020',
	minify: true,
	legalComments: 'none',
	metafile: true,
	write: false,
	plugins: [po],
	logLevel: 'warning',
});

const files = new Map(result.outputFiles.map(f => [basename(f.path), f.contents]));
const outputs = Object.entries(result.metafile.outputs).map(([path, o]) => ({
	name: basename(path),
	entry: o.entryPoint ?? '',
	imports: o.imports.filter(i => i.kind === 'import-statement').map(i => basename(i.path)),
}));
const entryOf = pattern => outputs.filter(o => pattern.test(o.entry));
const main = entryOf(/main\.tsx$/)[0];
const style = entryOf(/style\.css$/)[0];

// a file and all that it cannot start without
function needs(output, seen = new Set()) {
	seen.add(output.name);
	for (const name of output.imports) {
		const o = outputs.find(x => x.name === name);
		if (o && !seen.has(name)) needs(o, seen);
	}
	return seen;
}

const started = needs(main);
const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Safar</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/${style.name}">
${[...started]
	.filter(n => n !== main.name)
	.map(n => `<link rel="modulepreload" href="/assets/${n}">\n`)
	.join('')}<script type="module" src="/assets/${main.name}"></script>
</head>
<body>
<div id="app"></div>
<noscript>Safar: JavaScript / Нужен JavaScript</noscript>
</body>
</html>
`;

rmSync(next, { recursive: true, force: true });
mkdirSync(join(next, 'assets'), { recursive: true });
const packed = new Map();
function write(path, bytes) {
	const gz = gzipSync(bytes, { level: 9 });
	writeFileSync(join(next, path), bytes);
	writeFileSync(join(next, `${path}.gz`), gz);
	packed.set(basename(path), gz.length);
}
write('index.html', Buffer.from(html));
for (const [name, bytes] of files) write(join('assets', name), bytes);
// what the pages are made of, for whoever asks which licences apply
const modules = ['preact', 'uplot', 'libsodium-sumo', 'libsodium-wrappers-sumo'];
const licences = modules.map(
	m => `${m}\n\n${readFileSync(join(here, 'node_modules', m, 'LICENSE'))}`,
);
write('licences.txt', Buffer.from(licences.join('\n\n')));

const sum = names => [...names].reduce((n, name) => n + packed.get(name), 0);
const beyond = o => sum([...needs(o)].filter(n => !started.has(n)));
const largest = pattern => Math.max(...entryOf(pattern).map(beyond));
const first =
	sum(['index.html', style.name, ...started]) + largest(/^po:/) + largest(/src\/pages\//);
const kb = n => (n / 1024).toFixed(1);
console.log(`web: first load ${kb(first)} KB of at most ${kb(FIRST_LOAD_MAX)} KB, compressed`);
if (first > FIRST_LOAD_MAX) {
	for (const o of entryOf(/^po:|src\/pages\//)) console.error(`  ${kb(beyond(o))} KB  ${o.entry}`);
	console.error('web: too much for a slow line; load later what the first page does not need');
	process.exit(1);
}
const old = `${out}.old`;
rmSync(old, { recursive: true, force: true });
try {
	renameSync(out, old);
} catch (e) {
	if (e.code !== 'ENOENT') throw e;
}
renameSync(next, out);
rmSync(old, { recursive: true, force: true });
