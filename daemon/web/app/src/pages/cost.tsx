// cost.tsx - how many SMS parts were sent by which gateway, and what they cost.
import { ask } from '../api';
import { day, num, t } from '../i18n';
import { isPeriod } from '../lib/period';
import { Empty, Failure, Notice, Waiting, useLoad } from '../ui';
import { useMe } from '../state';
import { Notes, ReportHead, countText, usePeriod } from './report_table';

interface Cost {
	from: string;
	to: string;
	until: string;
	rows: {
		gateway: string;
		requests: number | null;
		parts: number | null;
		/** not there where the settings have no price */
		price?: string;
		currency?: string;
		cost?: string;
	}[];
	totals: { currency: string; cost: string }[];
	parts: number | null;
}

/** "102.00" as people write it. */
function money(amount: string | undefined, currency: string | undefined): string {
	if (amount === undefined) return t('cost.no-price');
	const digits = amount.split('.')[1]?.length ?? 0;
	return `${num(Number(amount), { minimumFractionDigits: digits })} ${currency ?? ''}`.trim();
}

function Table(p: { cost: Cost }) {
	const { cost } = p;
	return (
		<div class="table">
			<table class="cards">
				<caption>
					{day(cost.from)} – {day(cost.to)}
				</caption>
				<thead>
					<tr>
						<th scope="col">{t('cost.gateway')}</th>
						<th scope="col" class="number">
							{t('report.count')}
						</th>
						<th scope="col" class="number">
							{t('cost.parts')}
						</th>
						<th scope="col" class="number">
							{t('cost.price')}
						</th>
						<th scope="col" class="number">
							{t('report.cost')}
						</th>
					</tr>
				</thead>
				<tbody>
					{cost.rows.map(row => (
						<tr key={row.gateway}>
							<th scope="row">{row.gateway || t('report.unknown')}</th>
							<td class="number" data-label={t('report.count')}>
								{countText(row.requests)}
							</td>
							<td class="number" data-label={t('cost.parts')}>
								{countText(row.parts)}
							</td>
							<td class="number" data-label={t('cost.price')}>
								{money(row.price, row.currency)}
							</td>
							<td class="number" data-label={t('report.cost')}>
								{row.cost === undefined ? '' : money(row.cost, row.currency)}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function Shown(p: { cost: Cost }) {
	if (p.cost.rows.length === 0)
		return (
			<>
				<Empty>{t('report.empty')}</Empty>
				<Notes until={p.cost.until} />
			</>
		);
	return (
		<>
			<p>
				{t('cost.parts')}: <strong>{countText(p.cost.parts)}</strong>
				{p.cost.totals.map(total => (
					<span key={total.currency}>
						{' '}
						· {t('report.cost')}: <strong>{money(total.cost, total.currency)}</strong>
					</span>
				))}
			</p>
			<Table cost={p.cost} />
			<Notes until={p.cost.until} />
		</>
	);
}

export default function CostPage() {
	const me = useMe();
	const [period, periodFields] = usePeriod();
	const load = useLoad(
		async signal => (isPeriod(period) ? ask<Cost>('/api/reports/cost', period, signal) : undefined),
		[period.from, period.to],
	);
	return (
		<>
			<ReportHead path="/reports/cost" />
			{!me.settings.prices && <Notice>{t('cost.prices')}</Notice>}
			<div class="sheet grid no-print">{periodFields}</div>
			<Failure error={load.error} again={load.again} />
			{load.data ? <Shown cost={load.data} /> : load.loading && <Waiting />}
		</>
	);
}
