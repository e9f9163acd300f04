// Every page, in two languages, on a telephone and on a desk: nothing that axe
// finds, nothing beyond the edge.
'use strict';
const { ok, keep, look, browser, close, world } = require('./lib.js');
const { api, here, invite, settle, visit } = require('./people.js');

const LANGS = ['ru', 'en'];
const SIZES = [
	{ width: 360, height: 740 },
	{ width: 1280, height: 800 },
];

async function pagesOf(people) {
	const found = await api(people.admin, 'POST', '/api/listings/search', { q: '', page: 1, per_page: 1 });
	const id = encodeURIComponent(found.body?.items?.[0]?.id ?? 'hotline-kz-11616');
	return {
		listings: '/listings',
		listing: `/listings/${id}`,
		'listing-new': '/listings/new',
		history: `/listings/${id}/history`,
		work: '/work',
		approvals: '/approvals',
		editions: '/editions',
		exchange: '/exchange',
		users: '/users',
		audit: '/audit',
		simulator: '/simulator',
		reports: '/reports',
		unanswered: '/reports/unanswered',
		monthly: '/reports/monthly',
		cost: '/reports/cost',
		words: '/words',
		account: '/account',
		missing: '/nowhere',
	};
}

/** What is wrong with what is shown now. */
async function wrongWith(page) {
	const found = await look(page);
	const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	const bare = await page.evaluate(() =>
		[...document.querySelectorAll('h1, h2, h3, label, legend, button, th, a, option')]
			.map(e => e.textContent.trim())
			.filter(text => /^[a-z]+\.[a-z_.-]+$/.test(text)),
	);
	if (bare.length > 0) found.push(`ids in the place of texts: ${bare.slice(0, 5)}`);
	if (beyond > 0) found.push(`the page is ${beyond} px wider than the window`);
	return found;
}

async function inAllLooks(page, name, path, open) {
	for (const lang of LANGS)
		for (const size of SIZES) {
			await page.setViewportSize(size);
			await page.evaluate(code => localStorage.setItem('safar.lang', code), lang);
			await open(page, path);
			const is = await page.getAttribute('html', 'lang');
			const wrong = await wrongWith(page);
			if (is !== lang) wrong.push(`it is in ${is}`);
			ok(wrong.length === 0, `${name}, ${lang}, ${size.width} px`, ...wrong);
			await keep(page, `${name}-${lang}-${size.width}`);
		}
}

// a fragment alone would not load the page anew, in its language
async function openAnew(page, path) {
	await page.goto('about:blank');
	await visit(page, path);
}

async function inside(person, name, path) {
	for (const lang of LANGS) {
		const set = await api(person, 'POST', '/api/account', { lang });
		if (set.status !== 200 && set.status !== 204) ok(false, `${name}: the language is kept`, JSON.stringify(set));
		for (const size of SIZES) {
			await person.page.setViewportSize(size);
			const wrong = [];
			try {
				await openAnew(person.page, path);
				await person.page.waitForFunction(code => document.documentElement.lang === code, lang);
				wrong.push(...(await wrongWith(person.page)));
			} catch (error) {
				wrong.push(error.message);
			}
			ok(wrong.length === 0, `${name}, ${lang}, ${size.width} px`, ...wrong);
			await keep(person.page, `${name}-${lang}-${size.width}`);
		}
	}
	await api(person, 'POST', '/api/account', { lang: 'en' });
	await person.page.setViewportSize(SIZES[1]);
}

async function outside() {
	const link = here(invite('Nargiza', '--role', 'reviewer'));
	const context = await browser();
	const page = context.pages()[0];
	await page.goto(world.url);
	await settle(page);
	const load = path => async () => {
		await page.goto('about:blank');
		await page.goto(path);
		await settle(page);
	};
	await inAllLooks(page, 'login', world.url, load(world.url));
	await inAllLooks(page, 'invite', link, load(link));
	await close(context);
}

module.exports = async people => {
	await outside();
	for (const [name, path] of Object.entries(await pagesOf(people))) {
		await inside(people.admin, name, path);
	}
	if (people.reader) await inside(people.reader, 'unmatched', '/unmatched');
};
