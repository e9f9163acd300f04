// editions.tsx - what callers get now, what was before; publish and roll back.
import { useState } from 'preact/hooks';
import { get, post } from '../api';
import { moment, num, t, tn } from '../i18n';
import { mayApprove, mayPublish } from '../lib/rights';
import { useMe } from '../state';
import {
	Button,
	Dialog,
	Empty,
	Failure,
	Loaded,
	Notice,
	Tag,
	TextField,
	useAction,
	useLoad,
} from '../ui';
import { JobView } from './job';

interface Edition {
	number: number;
	at_ms: number;
	listings: number;
	note: string;
	who: string;
	rolled_back_to?: number;
}

interface Editions {
	current: number;
	rows: Edition[];
	unpublished: { listings: number; files: string[] };
}

export default function EditionsPage() {
	const me = useMe();
	const [asking, setAsking] = useState<Edition | 'new' | null>(null);
	const [job, setJob] = useState<{ id: string | number; again: boolean } | null>(null);
	const [working, setWorking] = useState(false);
	const load = useLoad(signal => get<Editions>('/api/editions', signal), []);
	return (
		<>
			<div class="head">
				<h1>{t('editions.title')}</h1>
				{mayPublish(me) && !working && (
					<Button
						kind={load.data && isAllOut(load.data.unpublished) ? 'plain' : 'main'}
						onClick={() => setAsking('new')}
					>
						{t('editions.publish')}
					</Button>
				)}
			</div>
			{mayApprove(me) && !mayPublish(me) && <Notice kind="info">{t('editions.scoped')}</Notice>}
			{job && (
				<JobView
					key={job.id}
					id={job.id}
					label={t('editions.publishing')}
					done={t(job.again ? 'editions.rolled-back' : 'editions.published')}
					onDone={() => {
						setWorking(false);
						load.again();
					}}
				/>
			)}
			<Loaded load={load}>
				{all => (
					<>
						{!job && <Unpublished what={all.unpublished} />}
						{all.rows.length === 0 ? (
							<Empty>{t('editions.none')}</Empty>
						) : (
							<Table all={all} onAgain={mayPublish(me) && !working ? setAsking : null} />
						)}
					</>
				)}
			</Loaded>
			{asking && (
				<Publish
					again={asking === 'new' ? null : asking}
					onJob={id => {
						setJob({ id, again: asking !== 'new' });
						setWorking(true);
						setAsking(null);
					}}
					onClose={() => setAsking(null)}
				/>
			)}
		</>
	);
}

const isAllOut = (u: Editions['unpublished']) => u.listings === 0 && u.files.length === 0;

function Unpublished(p: { what: Editions['unpublished'] }) {
	const { listings, files } = p.what;
	if (isAllOut(p.what)) return <Notice kind="good">{t('editions.all-published')}</Notice>;
	return (
		<Notice kind="info">
			{listings > 0 && <p>{tn('editions.unpublished', listings)}</p>}
			{files.length > 0 && <p>{t('editions.files', { files: files.join(', ') })}</p>}
		</Notice>
	);
}

function Table(p: { all: Editions; onAgain: ((e: Edition) => void) | null }) {
	return (
		<div class="table">
			<table class="cards">
				<thead>
					<tr>
						<th scope="col">{t('editions.number')}</th>
						<th scope="col">{t('approvals.when')}</th>
						<th scope="col">{t('approvals.who')}</th>
						<th scope="col" class="number">
							{t('listings.title')}
						</th>
						<th scope="col">{t('editions.note')}</th>
						{p.onAgain && (
							<th scope="col">
								<span class="unseen">{t('editions.roll-back')}</span>
							</th>
						)}
					</tr>
				</thead>
				<tbody>
					{p.all.rows.map(e => (
						<tr key={e.number}>
							<th scope="row">
								{num(e.number)}{' '}
								{e.number === p.all.current && <Tag kind="good">{t('editions.current')}</Tag>}
							</th>
							<td data-label={t('approvals.when')}>{moment(e.at_ms)}</td>
							<td data-label={t('approvals.who')}>{e.who}</td>
							<td class="number" data-label={t('listings.title')}>
								{num(e.listings)}
							</td>
							<td data-label={t('editions.note')}>{e.note}</td>
							{p.onAgain && (
								<td>
									{e.number !== p.all.current && (
										<Button
											label={`${t('editions.roll-back')}: ${e.number}`}
											onClick={() => p.onAgain?.(e)}
										>
											{t('editions.roll-back')}
										</Button>
									)}
								</td>
							)}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function Publish(p: {
	again: Edition | null;
	onJob: (id: string | number) => void;
	onClose: () => void;
}) {
	const [note, setNote] = useState('');
	const act = useAction(async () => {
		const path = p.again ? `/api/editions/${p.again.number}/again` : '/api/editions';
		p.onJob((await post<{ job: string | number }>(path, { note: note.trim() })).job);
	});
	const title = p.again ? t('editions.roll-back-to', { n: p.again.number }) : t('editions.publish');
	return (
		<Dialog title={title} onClose={p.onClose}>
			<p>{p.again ? t('editions.roll-back-text') : t('editions.publish-text')}</p>
			<TextField
				label={t('editions.note')}
				hint={t('editions.note-hint')}
				value={note}
				required
				maxLength={200}
				onInput={setNote}
			/>
			<Failure error={act.error} />
			<div class="actions">
				<Button
					kind={p.again ? 'danger' : 'main'}
					busy={act.busy}
					disabled={!note.trim()}
					onClick={act.run}
				>
					{t(p.again ? 'editions.roll-back' : 'editions.publish')}
				</Button>
				<Button onClick={p.onClose}>{t('do.cancel')}</Button>
			</div>
		</Dialog>
	);
}
