// lib.js - a browser, people in it, and what is true of every page they see.
//
// What is found out goes to standard output, a line of JSON each:
// {"ok":true,"name":"...","notes":["..."]} or {"note":"..."}.
'use strict';
const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { chromium } = require('playwright-core');
const axe = require('axe-core');

const world = JSON.parse(process.env.CONSOLE_WORLD);
const WAIT_MS = 20000;
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--disable-dev-shm-usage',
	'--autoplay-policy=user-gesture-required',
];

function say(line) {
	fs.writeSync(1, `${JSON.stringify(line)}\n`);
}

function ok(good, name, ...notes) {
	say({ ok: Boolean(good), name, notes: good ? [] : notes.map(String) });
	return Boolean(good);
}

function eq(got, want, name) {
	const a = JSON.stringify(got);
	const b = JSON.stringify(want);
	return ok(a === b, name, `got  ${a}`, `want ${b}`);
}

function note(text) {
	say({ note: text });
}

// --- what must never happen, in any page of any browser ---

const seen = { requests: 0, foreign: [], csp: [], dialogs: [], errors: [], secrets: [] };
const secrets = new Set(); // that no address may hold

function watchContext(context) {
	context.on('request', request => {
		const url = request.url();
		if (/^(data|blob):/.test(url)) return;
		seen.requests++;
		if (new URL(url).origin !== world.url) seen.foreign.push(url);
		for (const secret of secrets)
			if (decodeURIComponent(url).includes(secret)) seen.secrets.push(url);
	});
	context.on('page', watchPage);
}

function watchPage(page) {
	page.setDefaultTimeout(WAIT_MS);
	page.on('dialog', dialog => {
		if (dialog.type() !== 'beforeunload') seen.dialogs.push(`${dialog.type()}: ${dialog.message()}`);
		dialog.accept().catch(() => {});
	});
	page.on('pageerror', error => seen.errors.push(`${page.url().split('#')[1] ?? ''}: ${error}`));
	page.on('console', message => {
		if (/content security policy/i.test(message.text())) seen.csp.push(message.text());
	});
}

// --- browsers ---

const open = [];

/** A browser of somebody's own, with nothing in it. */
async function browser(options = {}) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'safar-browser-'));
	const context = await chromium.launchPersistentContext(folder, {
		executablePath: world.chromium,
		headless: true,
		args: FLAGS,
		viewport: { width: 1280, height: 800 },
		locale: 'en',
		reducedMotion: 'reduce',
		...options,
	});
	context.setDefaultTimeout(WAIT_MS);
	watchContext(context);
	context.pages().forEach(watchPage);
	await context.addInitScript(() => {
		window.violations = [];
		document.addEventListener('securitypolicyviolation', e =>
			console.error(`Content Security Policy: ${e.violatedDirective} ${e.blockedURI}`),
		);
	});
	open.push({ context, folder });
	return context;
}

async function close(context) {
	const at = open.findIndex(o => o.context === context);
	const [{ folder }] = open.splice(at, 1);
	await context.close();
	fs.rmSync(folder, { recursive: true, force: true });
}

async function closeAll() {
	while (open.length) await close(open[0].context);
}

/** What all of them show. */
async function keepAll(name) {
	for (const [i, { context }] of open.entries())
		for (const page of context.pages()) await keep(page, `${name}-${i}`).catch(() => {});
}

// --- the rest of the world ---

function ctl(...args) {
	return execFileSync(world.ctl, ['--data', world.data, ...args], { encoding: 'utf8' });
}

/** What the phone of this number gets for a text, from the running safard. */
function text(number, what) {
	return execFileSync(world.ctl, ['--data', world.data, 'phone', '--from', number], {
		encoding: 'utf8',
		input: `${what}\n`,
	});
}

async function until(what, check, ms = WAIT_MS) {
	const end = Date.now() + ms;
	for (;;) {
		const found = await check();
		if (found) return found;
		if (Date.now() > end) throw new Error(`${what}: not within ${ms / 1000} s`);
		await new Promise(done => setTimeout(done, 50));
	}
}

// --- one-time codes: RFC 6238, SHA-1, 6 digits, 30 s ---

function fromBase32(letters) {
	const bits = [...letters.replace(/[\s=]/g, '').toUpperCase()]
		.map(c => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
		.join('');
	return Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)));
}

function codeAt(secret, step) {
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(step));
	const mac = crypto.createHmac('sha1', fromBase32(secret)).update(counter).digest();
	const at = mac[19] & 15;
	return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

/** A code that was not used yet: the server takes each once, and those of the
 * step before and behind. */
const usedSteps = new Map();
async function code(secret) {
	const last = usedSteps.get(secret) ?? 0;
	const now = () => Math.floor(Date.now() / 30000);
	await until('a fresh code', () => last + 1 <= now() + 1, 70000);
	const step = Math.max(last + 1, now());
	usedSteps.set(secret, step);
	return codeAt(secret, step);
}

// --- every page ---

async function look(page) {
	const bad = await page.evaluate(
		`${axe.source};axe.run(document,{runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})`,
	);
	return bad.violations.map(
		v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => `${n.target} ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? ''}`).join(' | ')}`,
	);
}

function keep(page, name) {
	fs.mkdirSync(world.artefacts, { recursive: true });
	return page.screenshot({ path: path.join(world.artefacts, `${name}.png`), fullPage: true });
}

module.exports = {
	world, seen, secrets, ok, eq, note, browser, close, closeAll, ctl, text, until, code, codeAt, look, keep, keepAll, WAIT_MS,
};
