// monthly.tsx - a month on one page to print, with the figures of assistance
// bulletins: shares by country of origin and by topic.
import { useState } from 'preact/hooks';
import { get } from '../api';
import { day, t } from '../i18n';
import { type Vocabulary, vocabulary } from '../lib/names';
import { dayOf, presetPeriod } from '../lib/period';
import { Empty, Failure, Loaded, TextField, Waiting, useLoad } from '../ui';
import { CountTable, Notes, ReportHead, type Row, countText } from './report_table';

interface Monthly {
	month: string;
	from: string;
	to: string;
	until: string;
	total: number | null;
	total_before: number | null;
	countries: Row[];
	topics: Row[];
	langs: Row[];
	channels: Row[];
	listings: Row[];
	/** not told to who sees some listings only */
	outcomes?: Row[];
	places?: Row[];
}

const TABLES = [
	['country', 'countries'],
	['topic', 'topics'],
	['lang', 'langs'],
	['channel', 'channels'],
	['outcome', 'outcomes'],
	['place', 'places'],
	['listing', 'listings'],
] as const;

function Shown(p: { report: Monthly; words: Vocabulary }) {
	const { report } = p;
	const tables = TABLES.map(([by, name]) => ({ by, rows: report[name] ?? [] })).filter(
		table => table.rows.length > 0,
	);
	if (tables.length === 0)
		return (
			<>
				<Empty>{t('report.empty')}</Empty>
				<Notes until={report.until} />
			</>
		);
	return (
		<>
			<h2>
				Safar: {day(report.from)} – {day(report.to)}
			</h2>
			<p>
				{t('report.total')}: <strong>{countText(report.total)}</strong> ({t('report.before')}:{' '}
				{countText(report.total_before)})
			</p>
			<div class="months">
				{tables.map(table => (
					<CountTable
						key={table.by}
						caption={t(`report.by.${table.by}`)}
						by={table.by}
						rows={table.rows}
						words={p.words}
						brief
					/>
				))}
			</div>
			<Notes until={report.until} />
		</>
	);
}

export default function MonthlyPage() {
	const [month, setMonth] = useState(
		presetPeriod('month_last', dayOf(new Date())).from.slice(0, 7),
	);
	const good = /^\d{4}-(0[1-9]|1[0-2])$/.test(month);
	const words = useLoad(() => vocabulary(), []);
	const load = useLoad(
		async signal =>
			good ? get<Monthly>(`/api/reports/monthly?month=${month}`, signal) : undefined,
		[month],
	);
	return (
		<>
			<ReportHead path="/reports/monthly" />
			<div class="sheet grid no-print">
				<TextField
					label={t('report.by.month')}
					hint={t('report.month-hint')}
					type="month"
					value={month}
					maxLength={7}
					onInput={setMonth}
				/>
			</div>
			<Loaded load={words}>
				{vocab => (
					<>
						<Failure error={load.error} again={load.again} />
						{load.data ? <Shown report={load.data} words={vocab} /> : load.loading && <Waiting />}
					</>
				)}
			</Loaded>
		</>
	);
}
