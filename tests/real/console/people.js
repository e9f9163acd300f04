// people.js - people with accounts: how they come in, and what they can reach.
'use strict';
const crypto = require('node:crypto');
const { world, secrets, browser, code, ctl, ok } = require('./lib.js');

/** The link that `safarctl user add` prints. */
function invite(name, ...more) {
	return ctl('user', 'add', name, ...more).trim();
}

/** A link on the port that this test was given. */
function here(link) {
	return world.url + link.slice(link.indexOf('/#/'));
}

/** Open a one-time link, choose a password, set up the second factor. */
async function join(name, link, options) {
	const context = await browser(options);
	const page = context.pages()[0];
	const person = { name, context, page, password: `seven mountains and ${crypto.randomUUID().slice(0, 8)}`, recovery: [] };
	secrets.add(link.split('/invite/')[1]);
	secrets.add(person.password);
	await page.goto(here(link));
	await page.getByLabel('Password', { exact: false }).first().fill(person.password);
	person.secret = (await page.locator('.secret').innerText()).replace(/\s/g, '');
	secrets.add(person.secret);
	await page.getByLabel('Code', { exact: false }).fill(await code(person.secret));
	await page.locator('form button[type=submit]').click();
	await page.locator('ol.codes li').first().waitFor();
	person.recovery = await page.locator('ol.codes li').allInnerTexts();
	await page.getByRole('checkbox').check();
	await page.getByRole('button', { name: 'Go on' }).click();
	await page.getByRole('navigation').first().waitFor({ state: 'attached' });
	await page.waitForFunction(() => location.hash !== '#/');
	await settle(page);
	return person;
}

/** By name, password and code, in a browser that knows nobody. */
async function login(person, page) {
	await page.goto(world.url);
	await page.getByLabel('Name').fill(person.name);
	await page.getByLabel('Password').fill(person.password);
	await page.keyboard.press('Enter');
	await page.getByLabel('Code', { exact: false }).fill(await code(person.secret));
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: 'Log out' }).waitFor({ state: 'attached' });
}

/** Go to a page of the console and wait until it shows what it has to show. */
async function visit(page, path) {
	await page.goto(`${world.url}/#${path}`);
	await settle(page);
}

/** Until the page of the address is there: just after a click, the one before
 * may still stand, with a heading and nothing to wait for. */
async function settle(page) {
	await page.waitForFunction(() => {
		const main = document.querySelector('main');
		if (!main?.querySelector('h1') || document.querySelector('.waiting')) return false;
		return !main.closest('.inside') || main.dataset.path === location.hash.slice(1);
	});
	await page.waitForLoadState('networkidle');
}

/** Click on a link within the console and wait for what it leads to. */
async function follow(page, path) {
	await page.locator(`a[href="#${path}"]`).first().click();
	await page.waitForURL(`${world.url}/#${path}`);
	await settle(page);
}

/** What the server says to this person, beside the pages. */
function api(person, method, path, body) {
	return person.page.evaluate(
		async ([m, p, b]) => {
			const headers = { 'Content-Type': 'application/json' };
			if (m !== 'GET') headers['X-CSRF-Token'] = (await (await fetch('/api/me')).json()).csrf;
			const reply = await fetch(p, { method: m, headers, body: b && JSON.stringify(b) });
			return { status: reply.status, body: await reply.json().catch(() => null) };
		},
		[method, path, body],
	);
}

module.exports = { invite, here, join, login, visit, settle, follow, api, ok };
