// exchange.tsx - bring listings in from a file, after a look at what that would do;
// take them out.
import { useState } from 'preact/hooks';
import { post, upload } from '../api';
import { has, lang, num, t, tn } from '../i18n';
import { hasAll } from '../lib/rights';
import { useMe } from '../state';
import { Button, Empty, Failure, FileField, Notice, SelectField, Tag, useAction } from '../ui';
import { JobView } from './job';

type Result = 'add' | 'change' | 'same' | 'bad';

interface Row {
	file?: string;
	row: number;
	id: string;
	name: string;
	result: Result;
	errors: { field: string; code: string; text: string }[];
}

interface DryRun {
	id: string | number;
	summary: Record<Result, number>;
	rows: Row[];
	/** so many rows are counted and not listed */
	left_out?: number;
}

interface Applied {
	submitted: number;
	changed: number;
	draft_in_the_way: number;
}

const KINDS = ['csv', 'hsds', 'hsds_json'] as const;
const EXPORTS = [
	['listings.csv', 'exchange.csv'],
	['hsds.zip', 'exchange.hsds'],
	['services.ndjson', 'exchange.ndjson'],
] as const;
const UPLOAD_MAX = 40 << 20;

/** What a file most likely is, by its name. */
function kindOf(name: string): (typeof KINDS)[number] {
	if (/\.zip$/i.test(name)) return 'hsds';
	return /\.(json|ndjson|jsonl)$/i.test(name) ? 'hsds_json' : 'csv';
}

export default function ExchangePage() {
	const me = useMe();
	if (!hasAll(me))
		return (
			<>
				<h1>{t('exchange.title')}</h1>
				<Notice kind="info">{t('exchange.scoped')}</Notice>
			</>
		);
	return (
		<>
			<h1>{t('exchange.title')}</h1>
			<Import />
			<section class="sheet">
				<h2>{t('exchange.export')}</h2>
				<p>{t('exchange.export-text')}</p>
				<ul class="bare">
					{EXPORTS.map(([file, text]) => (
						<li key={file}>
							<a class="button plain" href={`/api/export/${file}`} download={file}>
								{t(text)}
							</a>
						</li>
					))}
				</ul>
			</section>
		</>
	);
}

function Import() {
	const [file, setFile] = useState<File | null>(null);
	const [kind, setKind] = useState<string>('csv');
	const [dry, setDry] = useState<DryRun | null>(null);
	const [job, setJob] = useState<string | number | null>(null);
	const [applied, setApplied] = useState<Applied | null>(null);
	const tooLarge = file !== null && file.size > UPLOAD_MAX;
	const act = useAction(async () => {
		if (!file) return;
		setJob(null);
		setDry(null);
		setApplied(null);
		setDry(await upload<DryRun>(`/api/imports?kind=${kind}`, file));
	});
	return (
		<section class="sheet">
			<h2>{t('exchange.import')}</h2>
			<p>{t('exchange.import-text')}</p>
			<div class="two">
				<FileField
					label={t('exchange.file')}
					hint={t('exchange.file-hint')}
					error={tooLarge ? t('error.http_413') : ''}
					accept=".csv,.zip,.json,.ndjson,.jsonl"
					onFile={chosen => {
						setFile(chosen);
						setDry(null);
						act.clear();
						if (chosen) setKind(kindOf(chosen.name));
					}}
				/>
				<SelectField
					label={t('exchange.kind')}
					value={kind}
					choices={KINDS.map(value => ({ value, label: t(`exchange.${value.replace('_', '-')}`) }))}
					onInput={value => {
						setKind(value);
						setDry(null);
					}}
				/>
			</div>
			<Button
				kind={dry ? 'plain' : 'main'}
				busy={act.busy}
				disabled={!file || tooLarge}
				onClick={act.run}
			>
				{t('exchange.try')}
			</Button>
			<Failure error={act.error} />
			<div role="status">{dry && <Summary dry={dry} />}</div>
			{dry && job === null && <Apply dry={dry} onJob={setJob} />}
			{job !== null && (
				<JobView
					id={job}
					label={t('exchange.applying')}
					done={t('exchange.applied')}
					onDone={j => j.state === 'done' && setApplied(j.result as Applied | null)}
				/>
			)}
			{applied && <Outcome of={applied} />}
			{dry && <Rows rows={dry.rows} leftOut={dry.left_out ?? 0} />}
		</section>
	);
}

const SIGNS: Record<Result, 'good' | 'info' | 'plain' | 'bad'> = {
	add: 'good',
	change: 'info',
	same: 'plain',
	bad: 'bad',
};

function Summary(p: { dry: DryRun }) {
	return (
		<>
			<h3 class="spaced">{t('exchange.would')}</h3>
			<ul class="figures">
				{(['add', 'change', 'same', 'bad'] as const).map(r => (
					<li key={r}>
						<strong>{num(p.dry.summary[r] ?? 0)}</strong>
						<Tag kind={SIGNS[r]}>{t(`result.${r}`)}</Tag>
					</li>
				))}
			</ul>
			{p.dry.summary.bad > 0 && <Notice kind="warn">{t('exchange.bad-stay')}</Notice>}
		</>
	);
}

function Outcome(p: { of: Applied }) {
	const { submitted, changed, draft_in_the_way: late } = p.of;
	return (
		<div role="status">
			{submitted > 0 && (
				<p>
					{tn('exchange.submitted', submitted)} <a href="#/approvals">{t('approvals.title')}</a>
				</p>
			)}
			{changed > 0 && <p>{tn('exchange.changed', changed)}</p>}
			{late > 0 && <Notice kind="warn">{tn('exchange.in-the-way', late)}</Notice>}
		</div>
	);
}

function Apply(p: { dry: DryRun; onJob: (id: string | number) => void }) {
	const me = useMe();
	const n = (p.dry.summary.add ?? 0) + (p.dry.summary.change ?? 0);
	const act = useAction(async () => {
		p.onJob((await post<{ job: string | number }>(`/api/imports/${p.dry.id}/apply`)).job);
	});
	if (n === 0) return <p>{t('exchange.nothing')}</p>;
	return (
		<>
			<Failure error={act.error} />
			<p>
				<Button kind="main" busy={act.busy} onClick={act.run}>
					{tn('exchange.apply', n)}
				</Button>
			</p>
			{me.settings.approval && <p class="hint">{t('exchange.approval')}</p>}
		</>
	);
}

const SHOWN = 100;

/** In the language shown; the server's own words name the value, in English. */
function RowError(p: { error: Row['errors'][number] }) {
	const { field, code, text } = p.error;
	const ids = [code === 'refused' ? `import.${field}` : '', `error.${code}`];
	const known = ids.find(has);
	return (
		<>
			{field && <code>{field}</code>} {known && t(known)}{' '}
			<span class={known ? 'muted' : ''} lang="en">
				{known && lang() === 'en' && code === 'refused' ? '' : text || (known ? '' : code)}
			</span>
		</>
	);
}

function Rows(p: { rows: Row[]; leftOut: number }) {
	const [only, setOnly] = useState<string>(p.rows.some(r => r.result === 'bad') ? 'bad' : '');
	const [most, setMost] = useState(SHOWN);
	const shown = p.rows.filter(r => only === '' || r.result === only);
	const results = ['add', 'change', 'same', 'bad'];
	return (
		<>
			<SelectField
				label={t('exchange.show')}
				class="short"
				value={only}
				choices={[
					{ value: '', label: t('exchange.all-rows') },
					...results.map(value => ({ value, label: t(`result.${value}`) })),
				]}
				onInput={setOnly}
			/>
			{shown.length === 0 ? (
				<Empty>{t('exchange.no-rows')}</Empty>
			) : (
				<div class="table">
					<table class="cards">
						<caption>{t('exchange.rows')}</caption>
						<thead>
							<tr>
								<th scope="col">{t('exchange.row')}</th>
								<th scope="col">{t('listings.name')}</th>
								<th scope="col">{t('exchange.result')}</th>
								<th scope="col">{t('exchange.wrong')}</th>
							</tr>
						</thead>
						<tbody>
							{shown.slice(0, most).map(r => (
								<tr key={`${r.file} ${r.row} ${r.id}`}>
									<td data-label={t('exchange.row')}>
										{r.file && `${r.file}: `}
										{num(r.row)}
									</td>
									<th scope="row">
										{r.name || r.id} {r.name && <span class="muted small">{r.id}</span>}
									</th>
									<td data-label={t('exchange.result')}>
										<Tag kind={SIGNS[r.result]}>{t(`result.${r.result}`)}</Tag>
									</td>
									<td>
										<ul class="bare">
											{r.errors.map(e => (
												<li key={`${e.field} ${e.code}`}>
													<RowError error={e} />
												</li>
											))}
										</ul>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			{p.leftOut > 0 && <p class="hint">{tn('exchange.left-out', p.leftOut)}</p>}
			{shown.length > most && (
				<Button onClick={() => setMost(most + SHOWN)}>
					{tn('work.more', Math.min(SHOWN, shown.length - most))}
				</Button>
			)}
		</>
	);
}
