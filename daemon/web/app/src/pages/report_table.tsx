// report_table.tsx - counts as a table, and what stands round every report.
import { useState } from 'preact/hooks';
import { day, num, t, tn } from '../i18n';
import { type Vocabulary, keyName } from '../lib/names';
import { PeriodFields, type Period, dayOf, presetPeriod } from '../lib/period';
import { allowed } from '../routes';
import { useMe } from '../state';
import { Button } from '../ui';
import type { Me } from '../types';

export interface Row {
	key: string;
	/** null: too few to be told */
	count: number | null;
	share: number | null;
	before: number | null;
}

/** Who sees what partners see: whole weeks, regions, a week later. */
export function isPartner(me: Me): boolean {
	const { roles, scope } = me.user;
	if (!roles.some(r => r !== 'reviewer')) return true;
	const scoped = scope.orgs.length + scope.topics.length + scope.countries.length > 0;
	return scoped && !roles.includes('admin');
}

const TABS = [
	{ path: '/reports', title: 'report.title' },
	{ path: '/reports/unanswered', title: 'report.unanswered' },
	{ path: '/reports/monthly', title: 'report.monthly' },
	{
		path: '/reports/cost',
		title: 'report.cost',
		roles: ['admin', 'operator', 'approver'] as const,
	},
];

export function ReportHead(p: { path: string; children?: preact.ComponentChildren }) {
	const me = useMe();
	const shown = TABS.filter(tab => allowed(tab.roles, me.user.roles));
	return (
		<>
			<div class="head">
				<h1>{t(TABS.find(tab => tab.path === p.path)?.title ?? 'report.title')}</h1>
				<div class="actions">
					{p.children}
					<Button onClick={() => print()}>{t('report.print')}</Button>
				</div>
			</div>
			<nav class="tabs no-print" aria-label={t('report.tabs')}>
				{shown.map(tab => (
					<a
						key={tab.path}
						href={`#${tab.path}`}
						aria-current={tab.path === p.path ? 'page' : undefined}
					>
						{t(tab.title)}
					</a>
				))}
			</nav>
		</>
	);
}

/** "120", or that it is too few. */
export function countText(count: number | null): string {
	return count === null ? t('report.few') : num(count);
}

/** "+20 %", against the period before. */
function changeText(row: Row): string {
	if (row.count === null || row.before === null || row.before === 0) return '';
	const by = (row.count - row.before) / row.before;
	return num(by, { style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits: 0 });
}

export function CountTable(p: {
	caption: string;
	by: string;
	rows: readonly Row[];
	words: Vocabulary;
	/** of time: no bars */
	plain?: boolean;
	/** beside others: without the change */
	brief?: boolean;
}) {
	const most = Math.max(1, ...p.rows.map(r => r.count ?? 0));
	const heads = [
		'report.count',
		'report.share',
		'report.before',
		...(p.brief ? [] : ['report.change']),
	];
	return (
		<div class="table">
			<table class="cards">
				<caption>{p.caption}</caption>
				<thead>
					<tr>
						<th scope="col">{t(`report.by.${p.by}`)}</th>
						{heads.map(id => (
							<th key={id} scope="col" class="number">
								{t(id)}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{p.rows.map(row => (
						<tr key={row.key}>
							<th scope="row">
								{p.by === 'listing' && row.key ? (
									<a href={`#/listings/${encodeURIComponent(row.key)}`}>{row.key}</a>
								) : (
									keyName(p.words, p.by, row.key)
								)}
								{!p.plain && row.count !== null && (
									<span
										class="share-bar"
										aria-hidden="true"
										style={{ width: `${(100 * row.count) / most}%` }}
									/>
								)}
							</th>
							<td class="number" data-label={t('report.count')}>
								{countText(row.count)}
							</td>
							<td class="number" data-label={t('report.share')}>
								{row.share === null
									? ''
									: num(row.share, { style: 'percent', maximumFractionDigits: 0 })}
							</td>
							<td class="number" data-label={t('report.before')}>
								{countText(row.before)}
							</td>
							{!p.brief && (
								<td class="number" data-label={t('report.change')}>
									{changeText(row)}
								</td>
							)}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

/** What is left out, and why. */
export function Notes(p: {
	until: string;
	before?: { from: string; to: string };
	suppressed?: number;
}) {
	const me = useMe();
	return (
		<ul class="small muted">
			<li>{t('report.until', { day: day(p.until) })}</li>
			{p.before && (
				<li>{t('report.compared', { from: day(p.before.from), to: day(p.before.to) })}</li>
			)}
			<li>{t('report.rounded')}</li>
			{p.suppressed !== undefined && p.suppressed > 0 && (
				<li>{tn('report.suppressed', p.suppressed)}</li>
			)}
			{isPartner(me) && <li>{t('report.partner')}</li>}
		</ul>
	);
}

/** The period that a report is of, kept from one report to the next. */
let last: { period: Period; own: boolean } | undefined;

export function usePeriod(): [Period, preact.ComponentChildren] {
	const [state, setState] = useState(
		last ?? { period: presetPeriod('days30', dayOf(new Date())), own: false },
	);
	const fields = (
		<PeriodFields
			period={state.period}
			own={state.own}
			onInput={(period, own) => {
				last = { period, own };
				setState(last);
			}}
		/>
	);
	return [state.period, fields];
}
