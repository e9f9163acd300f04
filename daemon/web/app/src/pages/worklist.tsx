// worklist.tsx - what to do next: listings to check, and what people asked for and
// did not find.
import { useState } from 'preact/hooks';
import { get, post } from '../api';
import { placeName, topicName, useLists } from '../data';
import { named, num, t, tn } from '../i18n';
import { countryName } from '../lib/names';
import { mayEdit } from '../lib/rights';
import { href } from '../router';
import { announce, useMe } from '../state';
import type { Names } from '../types';
import { Button, Empty, Failure, Loaded, useAction, useLoad } from '../ui';
import { Checked } from './listing_tags';

interface Due {
	id: string;
	name: Names;
	country: string;
	checked_ms: number;
	phones?: string[];
}

interface Missing {
	topic: string;
	country: string;
	place?: string;
	count: number | null;
}

export default function WorkPage() {
	const load = useLoad(
		signal => get<{ due: Due[]; missing: Missing[]; total?: number }>('/api/worklist', signal),
		[],
	);
	return (
		<>
			<h1>{t('work.title')}</h1>
			<Loaded load={load}>
				{work => (
					<>
						<section>
							<h2>{t('work.due')}</h2>
							<p class="muted">{t('work.due-text')}</p>
							{work.due.length ? (
								<DueTable rows={work.due} total={work.total ?? work.due.length} />
							) : (
								<Empty>{t('work.no-due')}</Empty>
							)}
						</section>
						<section>
							<h2>{t('work.missing')}</h2>
							<p class="muted">{t('work.missing-text')}</p>
							{work.missing.length ? (
								<MissingTable rows={work.missing} />
							) : (
								<Empty>{t('work.no-missing')}</Empty>
							)}
						</section>
					</>
				)}
			</Loaded>
		</>
	);
}

const SHOWN = 30;

function DueTable(p: { rows: Due[]; total: number }) {
	const lists = useLists();
	const me = useMe();
	const [done, setDone] = useState<string[]>([]);
	const [most, setMost] = useState(SHOWN);
	const act = useAction(async (id: string, how: string) => {
		await post(`/api/listings/${encodeURIComponent(id)}/verified`, { how });
		setDone(ids => [...ids, id]);
		announce(t('verify.done'));
	});
	const open = p.rows.filter(r => !done.includes(r.id));
	return (
		<>
			<Failure error={act.error} />
			<div class="table">
				<table class="cards">
					<caption>{tn('listings.found', p.total - done.length)}</caption>
					<thead>
						<tr>
							<th scope="col">{t('listings.name')}</th>
							<th scope="col">{t('listings.where')}</th>
							<th scope="col">{t('listings.checked')}</th>
							{mayEdit(me) && <th scope="col">{t('verify.ask')}</th>}
						</tr>
					</thead>
					<tbody>
						{open.slice(0, most).map(r => (
							<tr key={r.id}>
								<th scope="row">
									<a href={href('listings', r.id)}>{named(r.name) || r.id}</a>
								</th>
								<td data-label={t('listings.where')}>{r.country && placeName(lists, r.country)}</td>
								<td data-label={t('listings.checked')}>
									<Checked at={r.checked_ms} />
								</td>
								{mayEdit(me) && (
									<td data-label={t('verify.ask').replace(/:$/, '')}>
										<span class="actions quick">
											{['phone', 'visit', 'web'].map(how => (
												<Button
													key={how}
													busy={act.busy}
													label={`${t(`verify.${how}`)}: ${named(r.name) || r.id}`}
													onClick={() => act.run(r.id, how)}
												>
													{t(`verify.${how}`)}
												</Button>
											))}
										</span>
									</td>
								)}
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{open.length > most && (
				<Button onClick={() => setMost(most + SHOWN)}>
					{tn('work.more', Math.min(SHOWN, open.length - most))}
				</Button>
			)}
		</>
	);
}

function MissingTable(p: { rows: Missing[] }) {
	const lists = useLists();
	return (
		<div class="table">
			<table class="cards">
				<thead>
					<tr>
						<th scope="col">{t('field.topics')}</th>
						<th scope="col">{t('report.by.place')}</th>
						<th scope="col">{t('report.by.country')}</th>
						<th scope="col" class="number">
							{t('work.count')}
						</th>
					</tr>
				</thead>
				<tbody>
					{p.rows.map(r => (
						<tr key={`${r.topic} ${r.place} ${r.country}`}>
							<th scope="row">{topicName(lists, r.topic)}</th>
							<td data-label={t('report.by.place')}>
								{r.place ? placeName(lists, r.place) : t('report.unknown')}
							</td>
							<td data-label={t('report.by.country')}>{countryName(lists, r.country)}</td>
							<td class="number" data-label={t('work.count')}>
								{r.count === null ? t('work.few') : num(r.count)}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
