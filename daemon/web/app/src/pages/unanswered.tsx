// unanswered.tsx - what people asked for and did not get: nobody to name, or not
// understood.
import { ask } from '../api';
import { day, t } from '../i18n';
import { type Vocabulary, countryName, placeName, topicName, vocabulary } from '../lib/names';
import { isPeriod } from '../lib/period';
import { Empty, Failure, Loaded, Waiting, useLoad } from '../ui';
import { CountTable, Notes, ReportHead, type Row, countText, usePeriod } from './report_table';

interface Missing {
	topic: string;
	country: string;
	place: string;
	count: number | null;
}

interface Unanswered {
	from: string;
	to: string;
	until: string;
	no_listing: { topics: Row[]; countries: Row[]; places: Row[] };
	no_match: { langs: Row[]; countries: Row[] };
	missing: Missing[];
}

function MissingTable(p: { rows: Missing[]; words: Vocabulary }) {
	return (
		<div class="table">
			<table class="cards">
				<caption>{t('report.missing')}</caption>
				<thead>
					<tr>
						<th scope="col">{t('report.by.topic')}</th>
						<th scope="col">{t('report.by.place')}</th>
						<th scope="col">{t('report.by.country')}</th>
						<th scope="col" class="number">
							{t('report.count')}
						</th>
					</tr>
				</thead>
				<tbody>
					{p.rows.map(row => (
						<tr key={`${row.topic} ${row.country} ${row.place}`}>
							<th scope="row">{row.topic ? topicName(p.words, row.topic) : t('report.unknown')}</th>
							<td data-label={t('report.by.place')}>
								{row.place ? placeName(p.words, row.place) : t('report.unknown')}
							</td>
							<td data-label={t('report.by.country')}>{countryName(p.words, row.country)}</td>
							<td class="number" data-label={t('report.count')}>
								{countText(row.count)}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function Shown(p: { report: Unanswered; words: Vocabulary }) {
	const { no_listing, no_match, missing } = p.report;
	const when = `${day(p.report.from)} – ${day(p.report.to)}`;
	const tables = [
		{ head: 'report.outcome.no_listing', by: 'topic', rows: no_listing.topics },
		{ head: 'report.outcome.no_listing', by: 'country', rows: no_listing.countries },
		{ head: 'report.outcome.no_listing', by: 'place', rows: no_listing.places },
		{ head: 'report.outcome.no_match', by: 'lang', rows: no_match.langs },
		{ head: 'report.outcome.no_match', by: 'country', rows: no_match.countries },
	].filter(table => table.rows.length > 0);
	return (
		<>
			{tables.length === 0 && <Empty>{t('report.all-answered')}</Empty>}
			{missing.length > 0 && <MissingTable rows={missing} words={p.words} />}
			{tables.map(table => (
				<CountTable
					key={`${table.head} ${table.by}`}
					caption={`${t(`report.by.${table.by}`)}: ${t(table.head)}, ${when}`}
					by={table.by}
					rows={table.rows}
					words={p.words}
				/>
			))}
			<Notes until={p.report.until} />
		</>
	);
}

export default function UnansweredPage() {
	const [period, periodFields] = usePeriod();
	const words = useLoad(() => vocabulary(), []);
	const load = useLoad(
		async signal =>
			isPeriod(period) ? ask<Unanswered>('/api/reports/unanswered', period, signal) : undefined,
		[period.from, period.to],
	);
	return (
		<>
			<ReportHead path="/reports/unanswered" />
			<p>{t('report.unanswered-about')}</p>
			<div class="sheet grid no-print">{periodFields}</div>
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
