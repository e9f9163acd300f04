// types.ts - what the server's API says, by area.

export type Role = 'admin' | 'operator' | 'approver' | 'reviewer';

export interface Scope {
	orgs: string[];
	topics: string[];
	countries: string[];
}

export interface Me {
	user: { id: number; name: string; roles: Role[]; scope: Scope; lang: string };
	csrf: string;
	settings: { approval: boolean; reviewers_key: boolean; prices: boolean; public_api: boolean };
}

export type Names = Record<string, string>;

export interface Topic {
	id: string;
	parent?: string | null;
	names: Names;
}

export interface Place {
	id: string;
	country: string;
	kind: string;
	parent?: string | null;
	names: Names;
}
