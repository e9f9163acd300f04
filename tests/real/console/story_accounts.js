// The first administrator comes in by a one-time link; later by name, password and
// code, with the keyboard alone; the first visit is small.
'use strict';
const { world, ok, eq, browser, close, code, keep } = require('./lib.js');
const { here, invite, join, login } = require('./people.js');

const FIRST_LOAD_MAX = 120 * 1024;

/** Bytes that come over the line until the page rests. */
async function firstLoad() {
	const context = await browser({ locale: 'ru' });
	const page = context.pages()[0];
	const line = await context.newCDPSession(page);
	let bytes = 0;
	await line.send('Network.enable');
	line.on('Network.loadingFinished', e => (bytes += e.encodedDataLength));
	await page.goto(world.url);
	await page.getByRole('heading', { level: 1 }).waitFor();
	await page.waitForLoadState('networkidle');
	ok(bytes > 5000 && bytes <= FIRST_LOAD_MAX, `the first visit takes ${(bytes / 1024).toFixed(1)} KB of at most 120`);
	eq(await page.getAttribute('html', 'lang'), 'ru', 'the page is in the language of the browser');
	await keep(page, 'login-ru');
	await close(context);
}

async function wrongLogin(person) {
	const context = await browser();
	const page = context.pages()[0];
	await page.goto(world.url);
	await page.getByLabel('Name').fill(person.name);
	await page.getByLabel('Password').fill('something else entirely');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').waitFor();
	ok(/not right/.test(await page.getByRole('alert').innerText()), 'a wrong password is refused, and says so');
	await close(context);
}

module.exports = async people => {
	await firstLoad();
	people.admin = await join('Aigul', world.link);
	eq(people.admin.recovery.length, 8, 'an administrator comes in by the link, with eight recovery codes');
	const again = await browser();
	await again.pages()[0].goto(here(world.link));
	await again.pages()[0].getByRole('alert').waitFor();
	ok(true, 'the link works once');
	await close(again);
	await wrongLogin(people.admin);
	const other = await browser();
	await login(people.admin, other.pages()[0]);
	ok(true, 'name, password and a code of the second factor let them in');
	await close(other);
	people.writer = await join('Bermet', invite('Bermet', '--role', 'operator'));
	people.approver = await join('Daler', invite('Daler', '--role', 'operator,approver'));
	ok(true, 'an operator and an approver come in');
};
