// A phone in the page: texts and calls, in any language; nothing of it is counted.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { world, ok, eq, ctl, keep, until } = require('./lib.js');
const { visit } = require('./people.js');

/** The log, and how many texts and calls safard knows of. */
function counted() {
	return ctl('log', '-n', '1000') + JSON.stringify(JSON.parse(ctl('status', '--json')).requests ?? '');
}

async function texts(page) {
	const talk = page.getByRole('log');
	const answers = talk.locator('.bubble.theirs');
	const say = async what => {
		const before = await answers.count();
		await page.getByLabel('Text', { exact: true }).fill(what);
		await page.keyboard.press('Enter');
		await answers.nth(before).waitFor();
		return answers.nth(before).innerText();
	};
	const first = await say('маош намедиҳанд');
	ok(/[1-9] SMS/.test(first) && /UCS-2/.test(first), 'a text is answered, with parts and alphabet', first);
	await page.locator('main').getByLabel('Language', { exact: true }).selectOption('en');
	const second = await say('0');
	ok(/Safar\. Send a number/.test(second) && /GSM-7/.test(second), 'the language is switched in the middle', second);
	ok(/erased/.test(`${await say('000')}${await talk.innerText()}`), 'what a text does is told, too');
	await keep(page, 'simulator-sms');
}

async function calls(page) {
	const sounds = [];
	page.on('response', r => {
		if (r.url().includes('/api/prompts/')) sounds.push([r.status(), r.headers()['content-type']]);
	});
	const talk = page.getByRole('log');
	const heard = talk.locator('.heard');
	const press = async key => {
		const before = await heard.count();
		await page.getByRole('button', { name: key, exact: true }).click();
		await heard.nth(before).waitFor();
		return heard.nth(before).innerText();
	};
	await page.getByLabel('By', { exact: true }).selectOption('voice');
	await page.getByLabel('Country of the number').selectOption('ru');
	await press('Call');
	const menu = await talk.locator('.heard').last().innerText();
	ok(/press (one|1)/i.test(menu), 'a call begins with a menu in the language chosen', menu);
	await until('the sounds of the menu', () => sounds.length > 5);
	ok(sounds.every(([status, type]) => status === 200 && type === 'audio/wav'), 'its prompts are played', sounds);
	const danger = await press('9');
	ok(/one, one, two/.test(danger), 'key 9 is danger', danger);
	await until('the end of what is said', async () => !(await page.getByRole('button', { name: 'Stop the sound' }).count()), 60000);
	ok(sounds.length > 20, 'one prompt after another, to the end');
	await keep(page, 'simulator-voice');
	await page.getByRole('button', { name: '5', exact: true }).click();
	await talk.locator('.bubble.theirs:not(.heard)').first().waitFor();
	ok(true, 'key 5 sends it by SMS');
	await press('6');
	await press('Leave a message');
	await press('#');
	await page.getByRole('button', { name: 'Call', exact: true }).waitFor();
	ok(true, 'a message can be left, and # ends the call');
}

module.exports = async people => {
	const { page } = people.writer;
	const before = counted();
	await visit(page, '/simulator');
	await texts(page);
	await calls(page);
	eq(counted(), before, 'the simulator leaves no row in the log');
	// where prompts are, publishing speaks all of an edition: minutes
	fs.rmSync(path.join(world.data, 'prompts'), { recursive: true });
};
