// i18n.ts - the console's texts (content/lang/CODE.console.po), dates and numbers.

export type Lang = 'en' | 'ru' | 'ky' | 'tg' | 'uz' | 'uz@cyrillic' | 'kk';
export type Texts = Record<string, string | string[]>;

/** The languages by their own names, as people look for them. */
export const LANGS: readonly { code: Lang; name: string; tag: string }[] = [
	{ code: 'ru', name: 'Русский', tag: 'ru' },
	{ code: 'en', name: 'English', tag: 'en' },
	{ code: 'ky', name: 'Кыргызча', tag: 'ky' },
	{ code: 'tg', name: 'Тоҷикӣ', tag: 'tg' },
	{ code: 'uz', name: 'Oʻzbekcha', tag: 'uz-Latn' },
	{ code: 'uz@cyrillic', name: 'Ўзбекча', tag: 'uz-Cyrl' },
	{ code: 'kk', name: 'Қазақша', tag: 'kk' },
];

const loaders: Record<Lang, () => Promise<{ default: Texts }>> = {
	en: () => import('po:en'),
	ru: () => import('po:ru'),
	ky: () => import('po:ky'),
	tg: () => import('po:tg'),
	uz: () => import('po:uz'),
	'uz@cyrillic': () => import('po:uz-cyrillic'),
	kk: () => import('po:kk'),
};

const KEPT = 'safar.lang';
let texts: Texts = {};
let current: Lang = 'en';
const listeners = new Set<() => void>();

export function isLang(code: string): code is Lang {
	return LANGS.some(l => l.code === code);
}

/** "uz-Cyrl" of "uz@cyrillic", for lang attributes. */
export function langTag(code: string): string {
	return LANGS.find(l => l.code === code)?.tag ?? code;
}

export function langName(code: string): string {
	return LANGS.find(l => l.code === code)?.name ?? code;
}

export function lang(): Lang {
	return current;
}

/** The language of this browser's last visit, else the first it asks for that we have. */
export function firstLang(): Lang {
	const kept = localStorage.getItem(KEPT) ?? '';
	if (isLang(kept)) return kept;
	for (const tag of navigator.languages) {
		const code = tag.slice(0, 2);
		if (/^uz-cyrl/i.test(tag)) return 'uz@cyrillic';
		if (isLang(code)) return code;
	}
	return 'ru';
}

/** Show everything in this language; rejects if its texts cannot be loaded. */
export async function setLang(code: Lang): Promise<void> {
	texts = (await loaders[code]()).default;
	current = code;
	localStorage.setItem(KEPT, code);
	document.documentElement.lang = langTag(code);
	listeners.forEach(f => f());
}

export function onLang(f: () => void): () => void {
	listeners.add(f);
	return () => listeners.delete(f);
}

type Values = Record<string, string | number>;

function fill(text: string, values?: Values): string {
	if (!values) return text;
	return text.replace(/\{([a-z]+)\}/g, (all, name: string) => {
		const v = values[name];
		return v === undefined ? all : typeof v === 'number' ? num(v) : v;
	});
}

/** Which of a text's forms goes with a number: index in PO order. */
export function pluralForm(tag: string, forms: number, n: number): number {
	if (forms < 2) return 0;
	const rule = new Intl.PluralRules(tag).select(n);
	if (rule === 'one') return 0;
	return forms > 2 && rule === 'few' ? 1 : forms - 1;
}

/** The text with this id; {name} is replaced by values.name. */
export function t(id: string, values?: Values): string {
	const text = texts[id];
	if (text === undefined) return id;
	return fill(Array.isArray(text) ? (text[0] ?? id) : text, values);
}

/** The same with a number, which stands in the text as {n}. */
export function tn(id: string, n: number, values?: Values): string {
	const text = texts[id];
	const form = Array.isArray(text) ? text[pluralForm(langTag(current), text.length, n)] : text;
	return fill(form ?? id, { ...values, n });
}

/** Whether there is such a text: of codes that the server sends. */
export function has(id: string): boolean {
	return id in texts;
}

// Not every browser knows Tajik or Kyrgyz dates; all these languages write numbers
// and days as Russian does.
const locale = () => (current === 'en' ? 'en-GB' : 'ru');

export function num(n: number, options?: Intl.NumberFormatOptions): string {
	return new Intl.NumberFormat(locale(), options).format(n);
}

/** The day of a time in ms, or of a day like "2026-11-22". */
export function day(at: number | string): string {
	const date = typeof at === 'number' ? new Date(at) : new Date(`${at}T00:00:00`);
	if (Number.isNaN(date.getTime())) return String(at);
	return new Intl.DateTimeFormat(
		locale(),
		current === 'en'
			? { day: 'numeric', month: 'short', year: 'numeric' }
			: { day: '2-digit', month: '2-digit', year: 'numeric' },
	).format(date);
}

export function time(at: number): string {
	return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(at);
}

/** "22.11.2026, 14:05", by the clock of who looks. */
export function moment(at: number): string {
	return `${day(at)}, ${time(at)}`;
}

/** A listing's name in the language shown. */
export function listingName(l: {
	names: Record<string, string>;
	name_ru: string;
	name_en: string;
}): string {
	return named({ ...l.names, ru: l.name_ru, en: l.name_en });
}

/** The name in the language shown, else in Russian, English or any. */
export function named(names: Record<string, string | null | undefined> | null | undefined): string {
	if (!names) return '';
	const found = [
		names[current],
		current === 'uz@cyrillic' ? names['uz'] : '',
		names['ru'],
		names['en'],
	];
	return found.find(Boolean) ?? Object.values(names).find(Boolean) ?? '';
}
