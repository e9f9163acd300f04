// po.mjs - read the console's texts, content/lang/CODE.console.po, and check them.
//
// A text is a string; one with msgid_plural is a list of forms in PO order, of
// which src/i18n.ts chooses.  English is the list of all ids.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const LANGS = ['en', 'ru', 'ky', 'tg', 'uz', 'uz@cyrillic', 'kk'];
// forms by language, as Plural-Forms says; one where nouns do not change after numbers
const FORMS = { en: 2, ru: 3, ky: 1, tg: 1, uz: 1, 'uz@cyrillic': 1, kk: 1 };

export function parsePo(source, file) {
	const texts = new Map();
	let entry = null;
	let key = '';
	const finish = () => {
		if (!entry || entry.msgid === '') return;
		if (texts.has(entry.msgid))
			throw new Error(`${file}:${entry.line}: ${entry.msgid} is there twice`);
		const forms = Object.keys(entry.forms).map(n => entry.forms[n]);
		const value = entry.plural === undefined ? forms[0] : forms;
		texts.set(entry.msgid, value);
	};
	source.split('\n').forEach((raw, i) => {
		const line = raw.trim();
		if (line === '' || line.startsWith('#')) return;
		const m = /^(?:(msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?("(?:[^"\\]|\\.)*")$/.exec(line);
		if (!m) throw new Error(`${file}:${i + 1}: not a line of a PO file`);
		const text = JSON.parse(m[2]);
		if (m[1] === 'msgid') {
			finish();
			entry = { msgid: '', forms: {}, line: i + 1 };
		}
		if (m[1]) key = m[1];
		if (key === 'msgid') entry.msgid += text;
		else if (key === 'msgid_plural') entry.plural = (entry.plural ?? '') + text;
		else {
			const n = /\d/.exec(key)?.[0] ?? '0';
			entry.forms[n] = (entry.forms[n] ?? '') + text;
		}
	});
	finish();
	return texts;
}

export function readPo(folder, code) {
	const file = join(folder, `${code}.console.po`);
	return parsePo(readFileSync(file, 'utf8'), file);
}

const holes = text => [...new Set(text.match(/\{[a-z]+\}/g) ?? [])].sort().join(' ');

export function checkLanguage(code, texts, english, bad) {
	for (const [id, source] of english) {
		const text = texts.get(id);
		const where = `content/lang/${code}.console.po: ${id}`;
		if (text === undefined) {
			bad.push(`${where}: missing`);
			continue;
		}
		if (Array.isArray(text) !== Array.isArray(source)) {
			bad.push(`${where}: forms in one language and not in the other`);
			continue;
		}
		if (Array.isArray(text) && text.length !== FORMS[code])
			bad.push(`${where}: ${text.length} forms, not ${FORMS[code]}`);
		for (const form of [text].flat()) {
			if (form.trim() === '') bad.push(`${where}: empty`);
			if (holes(form) !== holes([source].flat().at(-1)))
				bad.push(`${where}: the placeholders are not those of English`);
		}
	}
	for (const id of texts.keys())
		if (!english.has(id))
			bad.push(`content/lang/${code}.console.po: ${id}: English has no such text`);
}

function sourcesOf(folder) {
	return readdirSync(folder, { withFileTypes: true }).flatMap(e =>
		e.isDirectory()
			? sourcesOf(join(folder, e.name))
			: /\.tsx?$/.test(e.name)
				? [readFileSync(join(folder, e.name), 'utf8')]
				: [],
	);
}

// Ids that the sources name and English lacks, and texts that nobody shows.
function checkUse(folder, english, bad) {
	const all = sourcesOf(folder).join('\n');
	const named = new Set([...all.matchAll(/['"`]([a-z]+(?:\.[a-z0-9_-]+)+)['"`]/g)].map(m => m[1]));
	const prefixes = [...all.matchAll(/`([a-z]+(?:\.[a-z0-9_-]+)*\.)\$\{/g)].map(m => m[1]);
	for (const m of all.matchAll(/\bt[nh]?\(\s*'([^']+)'/g))
		if (!english.has(m[1])) bad.push(`content/lang/en.console.po: ${m[1]}: missing`);
	for (const id of english.keys())
		if (!named.has(id) && !prefixes.some(p => id.startsWith(p)))
			bad.push(`content/lang/en.console.po: ${id}: nothing shows it`);
}

// Everything wrong with the texts, as lines to print.
export function checkTexts(langFolder, sourceFolder) {
	const bad = [];
	const english = readPo(langFolder, 'en');
	for (const code of LANGS) checkLanguage(code, readPo(langFolder, code), english, bad);
	checkUse(sourceFolder, english, bad);
	return bad;
}
