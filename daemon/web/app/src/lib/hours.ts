// hours.ts - opening hours, as content/hours.c reads them: "24 hours",
// "Mon-Fri 09:00-18:00; Sat, Sun 10:00-14:00", "daily 08:00-20:00".

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export const SPANS_MAX = 4;

export interface Span {
	/** 0: Monday, in order; none: nobody said which */
	days: number[];
	/** "09:00" */
	from: string;
	to: string;
}

/** always, spans, or words that only operators read. */
export type Hours =
	| { kind: 'none' }
	| { kind: 'always' }
	| { kind: 'spans'; spans: Span[] }
	| { kind: 'words'; text: string };

function isTime(text: string): boolean {
	const m = /^(\d\d):(\d\d)$/.exec(text);
	if (!m) return false;
	const minutes = Number(m[1]) * 60 + Number(m[2]);
	return Number(m[2]) < 60 && minutes <= 24 * 60;
}

function daysOf(text: string): number[] | null {
	if (text === '') return [];
	if (text === 'daily') return [0, 1, 2, 3, 4, 5, 6];
	const days = new Set<number>();
	for (const part of text.split(/, */)) {
		const [first = '', last = first, more] = part.split('-');
		const from = DAYS.findIndex(d => d === first);
		const to = DAYS.findIndex(d => d === last);
		if (from < 0 || to < from || more !== undefined) return null;
		for (let d = from; d <= to; d++) days.add(d);
	}
	return [...days].sort();
}

function spanOf(text: string): Span | null {
	const m = /^(.*?) *(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text.trim());
	if (!m) return null;
	const [, names = '', from = '', to = ''] = m;
	const days = daysOf(names);
	return days && isTime(from) && isTime(to) && from !== to ? { days, from, to } : null;
}

export function readHours(text: string): Hours {
	const trimmed = text.trim();
	if (trimmed === '') return { kind: 'none' };
	if (trimmed === '24 hours') return { kind: 'always' };
	const spans = trimmed.split(';').map(spanOf);
	if (spans.length <= SPANS_MAX && spans.every((s): s is Span => s !== null))
		return { kind: 'spans', spans };
	return { kind: 'words', text };
}

/** "Mon-Fri", "Mon, Wed", "daily", "". */
export function writeDays(days: readonly number[]): string {
	const sorted = [...new Set(days)].sort();
	if (sorted.length === 7) return 'daily';
	const parts: string[] = [];
	for (let i = 0; i < sorted.length;) {
		let k = i;
		while (sorted[k + 1] === (sorted[k] ?? 0) + 1) k++;
		const first = DAYS[sorted[i] ?? 0];
		const last = DAYS[sorted[k] ?? 0];
		if (k - i >= 2) parts.push(`${first}-${last}`);
		else parts.push(...sorted.slice(i, k + 1).map(d => DAYS[d] as string));
		i = k + 1;
	}
	return parts.join(', ');
}

export function writeHours(hours: Hours): string {
	switch (hours.kind) {
		case 'none':
			return '';
		case 'always':
			return '24 hours';
		case 'words':
			return hours.text;
		case 'spans':
			return hours.spans.map(s => `${writeDays(s.days)} ${s.from}-${s.to}`.trim()).join('; ');
	}
}

/** Whether a span can be written: two different times. */
export function spanWhole(s: Span): boolean {
	return isTime(s.from) && isTime(s.to) && s.from !== s.to;
}
