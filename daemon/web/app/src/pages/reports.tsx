// reports.tsx - what people ask for, counted: a period against the one before.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, bytes, save } from '../api';
import { day, lang, num, t, tn } from '../i18n';
import { type Vocabulary, keyName, regionName, topicName, vocabulary } from '../lib/names';
import { type Period, PeriodFields, addDays, dayOf, isPeriod, presetPeriod } from '../lib/period';
import { announce } from '../state';
import {
	Button,
	Empty,
	Failure,
	Loaded,
	Notice,
	SelectField,
	Waiting,
	useAction,
	useLoad,
} from '../ui';

interface Row {
	key: string;
	/** null: under 5, which is not told */
	count: number | null;
	share: number | null;
	before: number | null;
}

interface Report {
	from: string;
	to: string;
	before: { from: string; to: string };
	rows: Row[];
	total: number | null;
	suppressed: number;
	/** the newest day that is counted */
	until: string;
}

const BY = [
	'topic',
	'day',
	'week',
	'month',
	'country',
	'lang',
	'place',
	'channel',
	'outcome',
	'listing',
] as const;
type By = (typeof BY)[number];

interface Asked {
	period: Period;
	own: boolean;
	by: By;
	topic: string;
	country: string;
	channel: string;
}

const isTime = (by: By) => by === 'day' || by === 'week' || by === 'month';

function bodyOf(a: Asked) {
	const where = Object.fromEntries(
		(['topic', 'country', 'channel'] as const).map(k => [k, a[k]]).filter(([, v]) => v !== ''),
	);
	return { from: a.period.from, to: a.period.to, by: a.by, where };
}

function Filters(p: { asked: Asked; words: Vocabulary; onInput: (asked: Asked) => void }) {
	const { asked, words } = p;
	const any = { value: '', label: t('report.all') };
	return (
		<div class="sheet grid no-print">
			<PeriodFields
				period={asked.period}
				own={asked.own}
				onInput={(period, own) => p.onInput({ ...asked, period, own })}
			/>
			<SelectField
				label={t('report.by')}
				value={asked.by}
				onInput={by => p.onInput({ ...asked, by: by as By })}
				choices={BY.map(value => ({ value, label: t(`report.by.${value}`) }))}
			/>
			<SelectField
				label={t('report.by.topic')}
				value={asked.topic}
				onInput={topic => p.onInput({ ...asked, topic })}
				choices={[
					any,
					...words.topics.map(one => ({ value: one.id, label: topicName(words, one.id) })),
				]}
			/>
			<SelectField
				label={t('report.by.country')}
				value={asked.country}
				onInput={country => p.onInput({ ...asked, country })}
				choices={[any, ...COUNTRIES.map(value => ({ value, label: regionName(value) }))]}
			/>
			<SelectField
				label={t('report.by.channel')}
				value={asked.channel}
				onInput={channel => p.onInput({ ...asked, channel })}
				choices={[
					any,
					...['sms', 'voice'].map(value => ({ value, label: t(`report.channel.${value}`) })),
				]}
			/>
		</div>
	);
}

const COUNTRIES = ['kg', 'kz', 'ru', 'tj', 'uz'];

/** "120", or that it is under 5. */
export function countText(count: number | null): string {
	return count === null ? t('report.few') : num(count);
}

/** "+20 %", against the period before. */
function changeText(row: Row): string {
	if (row.count === null || row.before === null || row.before === 0) return '';
	const by = (row.count - row.before) / row.before;
	return num(by, { style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits: 0 });
}

function Table(p: { report: Report; by: By; words: Vocabulary }) {
	const { report, by, words } = p;
	const most = Math.max(1, ...report.rows.map(r => r.count ?? 0));
	return (
		<div class="table">
			<table class="cards">
				<caption>
					{t(`report.by.${by}`)}: {day(report.from)} – {day(report.to)}
				</caption>
				<thead>
					<tr>
						<th scope="col">{t(`report.by.${by}`)}</th>
						<th scope="col" class="number">
							{t('report.count')}
						</th>
						<th scope="col" class="number">
							{t('report.share')}
						</th>
						<th scope="col" class="number">
							{t('report.before')}
						</th>
						<th scope="col" class="number">
							{t('report.change')}
						</th>
					</tr>
				</thead>
				<tbody>
					{report.rows.map(row => (
						<tr key={row.key}>
							<th scope="row">
								{by === 'listing' && row.key ? (
									<a href={`#/listings/${encodeURIComponent(row.key)}`}>{row.key}</a>
								) : (
									keyName(words, by, row.key)
								)}
								{!isTime(by) && (
									<progress class="bar" aria-hidden="true" value={row.count ?? 0} max={most} />
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
							<td class="number" data-label={t('report.change')}>
								{changeText(row)}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

/** The same over time, as lines; for who cannot see it the table says it all. */
function Chart(p: { report: Report }) {
	const at = useRef<HTMLDivElement>(null);
	const [failed, setFailed] = useState(false);
	useEffect(() => {
		let away = (): void => {};
		let gone = false;
		import('../lib/chart').then(
			({ draw }) => {
				if (gone || !at.current) return;
				const lines = [
					{ label: t('report.count'), values: p.report.rows.map(r => r.count) },
					{ label: t('report.before'), values: p.report.rows.map(r => r.before), before: true },
				];
				away = draw(
					at.current,
					p.report.rows.map(r => r.key),
					lines,
					key => (key.length > 7 ? day(key) : key),
				);
			},
			() => setFailed(true),
		);
		return () => {
			gone = true;
			away();
		};
	}, [p.report, lang()]);
	if (failed) return <Notice kind="warn">{t('error.no_page')}</Notice>;
	return (
		<figure class="sheet chart">
			<figcaption>
				<span class="line-now">{t('report.count')}</span>{' '}
				<span class="line-before">{t('report.before')}</span>
			</figcaption>
			<div ref={at} role="img" aria-label={t('report.chart')} />
		</figure>
	);
}

/** What was left out, and why. */
function Notes(p: { report: Report }) {
	return (
		<ul class="small muted">
			<li>{t('report.until', { day: day(p.report.until) })}</li>
			<li>
				{t('report.compared', { from: day(p.report.before.from), to: day(p.report.before.to) })}
			</li>
			{p.report.suppressed > 0 && <li>{tn('report.suppressed', p.report.suppressed)}</li>}
		</ul>
	);
}

export default function Reports() {
	const today = dayOf(new Date());
	const [asked, setAsked] = useState<Asked>({
		period: presetPeriod('days30', addDays(today, 0)),
		own: false,
		by: 'topic',
		topic: '',
		country: '',
		channel: '',
	});
	const body = bodyOf(asked);
	const words = useLoad(() => vocabulary(), []);
	const load = useLoad(
		async signal =>
			isPeriod(asked.period) ? ask<Report>('/api/reports', body, signal) : undefined,
		[JSON.stringify(body)],
	);
	const csv = useAction(async () => {
		save(await bytes('/api/reports.csv', body), `safar-${body.by}-${body.from}-${body.to}.csv`);
		announce(t('report.saved'));
	});
	return (
		<>
			<div class="head">
				<h1>{t('report.title')}</h1>
				<div class="actions">
					<Button busy={csv.busy} onClick={csv.run}>
						{t('report.csv')}
					</Button>
					<Button onClick={() => print()}>{t('report.print')}</Button>
				</div>
			</div>
			<Failure error={csv.error} />
			<Loaded load={words}>
				{vocab => (
					<>
						<Filters asked={asked} words={vocab} onInput={setAsked} />
						<Failure error={load.error} again={load.again} />
						{load.data ? (
							<Shown report={load.data} by={asked.by} words={vocab} />
						) : (
							load.loading && <Waiting />
						)}
					</>
				)}
			</Loaded>
		</>
	);
}

function Shown(p: { report: Report; by: By; words: Vocabulary }) {
	if (p.report.rows.length === 0)
		return (
			<>
				<Empty>{t('report.empty')}</Empty>
				<Notes report={p.report} />
			</>
		);
	return (
		<>
			<p>
				{t('report.total')}: <strong>{countText(p.report.total)}</strong>
			</p>
			{isTime(p.by) && p.report.rows.length > 1 && <Chart report={p.report} />}
			<Table {...p} />
			<Notes report={p.report} />
		</>
	);
}
