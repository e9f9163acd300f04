// api.ts - requests to the server we came from, and what is known of the line to it.
//
// What can be asked twice without harm is asked again when the line drops, with
// growing pauses; a change is sent once, and who sent it hears that it failed.

export class ApiError extends Error {
	constructor(
		/** 0: no connection */
		readonly status: number,
		readonly code: string,
		readonly detail: Record<string, unknown> = {},
		/** seconds to wait, of 429 and 503 */
		readonly wait = 0,
	) {
		super(code);
	}
	/** What the detail has to put into a text. */
	get words(): Record<string, string | number> {
		const simple = (v: unknown) => typeof v === 'string' || typeof v === 'number';
		return Object.fromEntries(
			Object.entries(this.detail).filter((x): x is [string, string | number] => simple(x[1])),
		);
	}
	/** Of 422: what is wrong with which field. */
	get fields(): Record<string, string> {
		return (this.detail['fields'] as Record<string, string> | undefined) ?? {};
	}
}

interface Watcher {
	/** the line is down, or up again */
	line(up: boolean): void;
	/** the server no longer knows who we are */
	stranger(): void;
}

let csrf = '';
let watcher: Watcher = { line: () => {}, stranger: () => {} };

export function setCsrf(token: string): void {
	csrf = token;
}

export function watch(w: Watcher): void {
	watcher = w;
}

const TRIES = 5;

/** Ms to wait before a try: 1, 2, 4, 8 s, each up to half as long again. */
export function pause(tried: number, random = Math.random()): number {
	return Math.min(1000 * 2 ** tried, 15000) * (1 + random / 2);
}

const sleep = (ms: number) => new Promise(done => setTimeout(done, ms));

interface Options {
	body?: unknown;
	raw?: Blob;
	/** may be sent again: it asks, or says what shall be */
	again?: boolean;
	signal?: AbortSignal;
	/** say nothing to the watcher when the session is gone */
	quiet?: boolean;
}

async function failure(reply: Response): Promise<ApiError> {
	let code = `http_${reply.status}`;
	let detail: Record<string, unknown> = {};
	try {
		const body = (await reply.json()) as { error?: string; detail?: Record<string, unknown> };
		code = body.error ?? code;
		detail = body.detail ?? {};
	} catch {
		// a proxy's page; its status says enough
	}
	const wait = Number(reply.headers.get('Retry-After') ?? 0) || 0;
	return new ApiError(reply.status, code, detail, wait);
}

function request(method: string, path: string, o: Options): Promise<Response> {
	const headers: Record<string, string> = { Accept: 'application/json' };
	if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
	if (o.raw) headers['Content-Type'] = o.raw.type || 'application/octet-stream';
	else if (o.body !== undefined) headers['Content-Type'] = 'application/json';
	const body = o.raw ?? (o.body === undefined ? null : JSON.stringify(o.body));
	return fetch(path, {
		method,
		headers,
		body,
		signal: o.signal ?? null,
		credentials: 'same-origin',
		cache: 'no-store',
	});
}

async function once(method: string, path: string, o: Options): Promise<Response> {
	let reply: Response;
	try {
		reply = await request(method, path, o);
	} catch (e) {
		if (o.signal?.aborted) throw e;
		watcher.line(false);
		throw new ApiError(0, 'no_connection');
	}
	// 502 and 504 are a proxy that does not reach the server
	const up = reply.status !== 502 && reply.status !== 504;
	watcher.line(up);
	if (!up) throw new ApiError(0, 'no_connection');
	if (!reply.ok) throw await failure(reply);
	return reply;
}

async function send(method: string, path: string, o: Options): Promise<Response> {
	for (let tried = 0; ; tried++) {
		try {
			return await once(method, path, o);
		} catch (e) {
			if (!(e instanceof ApiError)) throw e;
			const passing = e.status === 0 || e.status === 503;
			if (!(o.again && passing && tried < TRIES - 1)) {
				if (e.status === 401 && !o.quiet && e.code !== 'login_wrong') watcher.stranger();
				throw e;
			}
			await sleep(Math.max(pause(tried), e.wait * 1000));
			if (o.signal?.aborted) throw e;
		}
	}
}

async function json<T>(reply: Promise<Response>): Promise<T> {
	const r = await reply;
	if (r.status === 204) return undefined as T;
	const text = await r.text();
	return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Ask; asked again when the line drops. */
export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
	return json<T>(send('GET', path, { again: true, ...(signal && { signal }) }));
}

/** Look whether the line is back: once, for the watcher alone. */
export function probe(): void {
	once('GET', '/api/health', {}).catch(() => {});
}

/** Ask with a body that a URL must not hold: searches, numbers, texts. */
export function ask<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
	return json<T>(send('POST', path, { body, again: true, ...(signal && { signal }) }));
}

/** Change something: sent once. */
export function post<T>(path: string, body: unknown = {}): Promise<T> {
	return json<T>(send('POST', path, { body }));
}

/** As post(), of pages that are there before anybody is logged in. */
export function knock<T>(path: string, body: unknown = {}): Promise<T> {
	return json<T>(send('POST', path, { body, quiet: true }));
}

export function put<T>(path: string, body: unknown): Promise<T> {
	return json<T>(send('PUT', path, { body }));
}

export function del<T>(path: string): Promise<T> {
	return json<T>(send('DELETE', path, {}));
}

export function upload<T>(path: string, file: Blob): Promise<T> {
	return json<T>(send('POST', path, { raw: file }));
}

/** A file's bytes (exports, speech). */
export async function bytes(path: string, body?: unknown): Promise<Blob> {
	const o: Options = { again: true, ...(body !== undefined && { body }) };
	return (await send(body === undefined ? 'GET' : 'POST', path, o)).blob();
}

/** Give bytes to the browser as a file to keep. */
export function save(blob: Blob, name: string): void {
	const url = URL.createObjectURL(blob);
	const a = document.createElement('a');
	a.href = url;
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}

export interface Job {
	id: string | number;
	kind: string;
	state: 'running' | 'done' | 'failed';
	done: number;
	total: number;
	text?: string;
	result?: unknown;
}

/** Follow a job to its end; onStep is called with every state seen. */
export async function follow(id: string | number, onStep: (job: Job) => void): Promise<Job> {
	for (let n = 0; ; n++) {
		const job = await get<Job>(`/api/jobs/${id}`);
		onStep(job);
		if (job.state !== 'running') return job;
		await sleep(Math.min(200 + 100 * n, 2000));
	}
}
