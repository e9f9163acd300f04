// routes.ts - every page, its path, who may see it; and what the menu shows.
import type { Route } from './router';
import type { Role } from './types';

const EDITORS: Role[] = ['admin', 'operator', 'approver'];

/** Pages for people who are not logged in. */
export const OPEN_ROUTES: readonly Route[] = [
	{ path: '/invite/:token', title: 'invite.title', page: () => import('./pages/invite') },
];

export const ROUTES: readonly Route[] = [
	{
		path: '/listings',
		title: 'listings.title',
		roles: EDITORS,
		page: () => import('./pages/listings'),
	},
	{
		path: '/listings/:id',
		title: 'listing.title',
		roles: EDITORS,
		page: () => import('./pages/listing'),
	},
	{
		path: '/listings/:id/history',
		title: 'history.title',
		roles: EDITORS,
		page: () => import('./pages/history'),
	},
	{ path: '/work', title: 'work.title', roles: EDITORS, page: () => import('./pages/worklist') },
	{
		path: '/approvals',
		title: 'approvals.title',
		roles: EDITORS,
		page: () => import('./pages/approvals'),
	},
	{
		path: '/editions',
		title: 'editions.title',
		roles: EDITORS,
		page: () => import('./pages/editions'),
	},
	{
		path: '/exchange',
		title: 'exchange.title',
		roles: EDITORS,
		page: () => import('./pages/exchange'),
	},
	{ path: '/users', title: 'users.title', roles: ['admin'], page: () => import('./pages/users') },
	{ path: '/audit', title: 'audit.title', roles: ['admin'], page: () => import('./pages/audit') },
	{
		path: '/simulator',
		title: 'sim.title',
		roles: EDITORS,
		page: () => import('./pages/simulator'),
	},
	{ path: '/reports', title: 'report.title', page: () => import('./pages/reports') },
	{
		path: '/reports/unanswered',
		title: 'report.unanswered',
		page: () => import('./pages/unanswered'),
	},
	{ path: '/reports/monthly', title: 'report.monthly', page: () => import('./pages/monthly') },
	{
		path: '/reports/cost',
		title: 'report.cost',
		roles: EDITORS,
		page: () => import('./pages/cost'),
	},
	{
		path: '/unmatched',
		title: 'unmatched.title',
		roles: ['reviewer'],
		page: () => import('./pages/unmatched'),
	},
	{ path: '/words', title: 'words.title', page: () => import('./pages/words') },
	{ path: '/account', title: 'nav.account', page: () => import('./pages/account') },
];

interface MenuEntry {
	path: string;
	title: string;
	roles?: Role[];
}

/** The menu, in groups; the first entry somebody may see is where they start. */
export const MENU: readonly { title: string; entries: readonly MenuEntry[] }[] = [
	{
		title: 'nav.directory',
		entries: [
			{ path: '/listings', title: 'listings.title', roles: EDITORS },
			{ path: '/work', title: 'work.title', roles: EDITORS },
			{ path: '/approvals', title: 'approvals.title', roles: EDITORS },
			{ path: '/editions', title: 'editions.title', roles: EDITORS },
			{ path: '/exchange', title: 'exchange.title', roles: EDITORS },
			{ path: '/simulator', title: 'sim.title', roles: EDITORS },
		],
	},
	{
		title: 'nav.requests',
		entries: [
			{ path: '/reports', title: 'report.title' },
			{ path: '/unmatched', title: 'unmatched.title', roles: ['reviewer'] },
			{ path: '/words', title: 'words.title' },
		],
	},
	{
		title: 'nav.admin',
		entries: [
			{ path: '/users', title: 'users.title', roles: ['admin'] },
			{ path: '/audit', title: 'audit.title', roles: ['admin'] },
		],
	},
];

/** Whether somebody with these roles may see what these may. */
export function allowed(roles: readonly Role[] | undefined, mine: readonly Role[]): boolean {
	return !roles || roles.some(r => mine.includes(r));
}
