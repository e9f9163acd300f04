// router.ts - which page a fragment (#/listings/ID) means.
import type { ComponentType } from 'preact';
import type { Role } from './types';

export interface PageProps {
	/** what stands in the place of :name in the path */
	params: Record<string, string>;
}

export interface Route {
	/** "/listings/:id" */
	path: string;
	/** id of the text that is the page's title */
	title: string;
	/** who may see it; none named: everybody who is logged in */
	roles?: Role[];
	page: () => Promise<{ default: ComponentType<PageProps> }>;
}

export interface Match {
	route: Route;
	params: Record<string, string>;
	/** of the fragment, for keys: another path is another page */
	path: string;
}

/** The path of a fragment: "#/a/b" is "/a/b", anything else "/". */
export function pathOf(hash: string): string {
	return hash.startsWith('#/') ? hash.slice(1) : '/';
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function params(pattern: string, path: string): Record<string, string> | null {
	const want = pattern.split('/');
	const have = path.split('/');
	const found: Record<string, string> = {};
	if (want.length !== have.length) return null;
	for (const [i, part] of want.entries()) {
		const got = have[i] ?? '';
		if (part.startsWith(':') && got !== '') found[part.slice(1)] = decode(got);
		else if (part !== got) return null;
	}
	return found;
}

/** The first route that this path is one of. */
export function match(routes: readonly Route[], path: string): Match | null {
	for (const route of routes) {
		const found = params(route.path, path);
		if (found) return { route, params: found, path };
	}
	return null;
}

/** "#/listings/ID", of parts that may hold anything. */
export function href(...parts: (string | number)[]): string {
	return `#/${parts.map(p => encodeURIComponent(String(p))).join('/')}`;
}

export function go(hash: string): void {
	location.hash = hash;
}
