// reports.tsx - what people ask for, counted: a period against the one before.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, bytes, save } from '../api';
import { day, lang, t } from '../i18n';
import { type Vocabulary, countryName, topicName, vocabulary } from '../lib/names';
import { isPeriod } from '../lib/period';
import { announce, useMe } from '../state';
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
import {
	CountTable,
	Notes,
	ReportHead,
	type Row,
	countText,
	isPartner,
	usePeriod,
} from './report_table';

interface Report {
	from: string;
	to: string;
	before: { from: string; to: string };
	rows: Row[];
	total: number | null;
	suppressed: number;
	/** the newest day that is told of */
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
	by: By;
	topic: string;
	country: string;
	channel: string;
}

const COUNTRIES = ['kg', 'kz', 'ru', 'tj', 'uz'];
const CHANNELS = ['sms', 'voice'];

const isTime = (by: By) => by === 'day' || by === 'week' || by === 'month';

/** What cannot be in where, because it is what is counted by. */
function whereOf(a: Asked) {
	return Object.fromEntries(
		(['topic', 'country', 'channel'] as const)
			.map(k => [k, a[k]] as const)
			.filter(([k, v]) => v !== '' && k !== a.by),
	);
}

function Filters(p: {
	asked: Asked;
	words: Vocabulary;
	period: preact.ComponentChildren;
	onInput: (asked: Asked) => void;
}) {
	const { asked, words } = p;
	const partner = isPartner(useMe());
	const any = { value: '', label: t('report.all') };
	const choices = {
		topic: words.topics.map(one => ({ value: one.id, label: topicName(words, one.id) })),
		country: COUNTRIES.map(value => ({ value, label: countryName(words, value) })),
		channel: CHANNELS.map(value => ({ value, label: t(`report.channel.${value}`) })),
	};
	return (
		<div class="sheet grid no-print">
			{p.period}
			<SelectField
				label={t('report.by')}
				value={asked.by}
				onInput={by => p.onInput({ ...asked, by: by as By })}
				choices={BY.filter(by => !partner || by !== 'day').map(value => ({
					value,
					label: t(`report.by.${value}`),
				}))}
			/>
			{(['topic', 'country', 'channel'] as const)
				.filter(k => k !== asked.by)
				.map(k => (
					<SelectField
						key={k}
						label={t(`report.by.${k}`)}
						value={asked[k]}
						onInput={value => p.onInput({ ...asked, [k]: value })}
						choices={[any, ...choices[k]]}
					/>
				))}
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

function Shown(p: { report: Report; by: By; words: Vocabulary }) {
	const { report, by } = p;
	const notes = (
		<Notes until={report.until} before={report.before} suppressed={report.suppressed} />
	);
	if (report.rows.length === 0)
		return (
			<>
				<Empty>{t('report.empty')}</Empty>
				{notes}
			</>
		);
	return (
		<>
			<p>
				{t('report.total')}: <strong>{countText(report.total)}</strong>
			</p>
			{isTime(by) && report.rows.length > 1 && <Chart report={report} />}
			<CountTable
				caption={`${t(`report.by.${by}`)}: ${day(report.from)} – ${day(report.to)}`}
				by={by}
				rows={report.rows}
				words={p.words}
				plain={isTime(by)}
			/>
			{notes}
		</>
	);
}

export default function Reports() {
	const [period, periodFields] = usePeriod();
	const [asked, setAsked] = useState<Asked>({ by: 'topic', topic: '', country: '', channel: '' });
	const body = { from: period.from, to: period.to, by: asked.by, where: whereOf(asked) };
	const words = useLoad(() => vocabulary(), []);
	// what is shown says by what it is counted: asked.by may be newer
	const load = useLoad(
		async signal =>
			isPeriod(period)
				? { by: asked.by, report: await ask<Report>('/api/reports', body, signal) }
				: undefined,
		[JSON.stringify(body)],
	);
	const csv = useAction(async () => {
		save(await bytes('/api/reports.csv', body), `safar-${body.by}-${body.from}-${body.to}.csv`);
		announce(t('report.saved'));
	});
	return (
		<>
			<ReportHead path="/reports">
				<Button busy={csv.busy} onClick={csv.run}>
					{t('report.csv')}
				</Button>
			</ReportHead>
			<Failure error={csv.error} />
			<Loaded load={words}>
				{vocab => (
					<>
						<Filters asked={asked} words={vocab} period={periodFields} onInput={setAsked} />
						<Failure error={load.error} again={load.again} />
						{load.data ? <Shown {...load.data} words={vocab} /> : load.loading && <Waiting />}
					</>
				)}
			</Loaded>
		</>
	);
}
