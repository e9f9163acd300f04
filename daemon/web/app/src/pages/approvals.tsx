// approvals.tsx - drafts: those that wait for a second person, and the others.
import { get } from '../api';
import { moment, named, t } from '../i18n';
import { href } from '../router';
import type { Names } from '../types';
import { Empty, Loaded, Tag, useLoad } from '../ui';

interface Row {
	id: string;
	name?: Names;
	names?: Names;
	state: 'draft' | 'submitted';
	who: string;
	submitter?: string;
	at_ms: number;
	base_version?: number;
	why?: string;
}

export default function ApprovalsPage() {
	const load = useLoad(async signal => {
		const got = await get<Row[] | { items: Row[] }>('/api/drafts', signal);
		return Array.isArray(got) ? got : got.items;
	}, []);
	return (
		<>
			<h1>{t('approvals.title')}</h1>
			<Loaded load={load}>
				{rows => {
					const waiting = rows.filter(r => r.state === 'submitted');
					const others = rows.filter(r => r.state !== 'submitted');
					return (
						<>
							<section>
								<h2>{t('approvals.waiting')}</h2>
								{waiting.length ? <Rows rows={waiting} /> : <Empty>{t('approvals.none')}</Empty>}
							</section>
							<section>
								<h2>{t('approvals.drafts')}</h2>
								{others.length ? <Rows rows={others} /> : <Empty>{t('approvals.no-drafts')}</Empty>}
							</section>
						</>
					);
				}}
			</Loaded>
		</>
	);
}

function Rows(p: { rows: Row[] }) {
	return (
		<div class="table">
			<table class="cards">
				<thead>
					<tr>
						<th scope="col">{t('listings.name')}</th>
						<th scope="col">{t('approvals.who')}</th>
						<th scope="col">{t('approvals.when')}</th>
						<th scope="col">{t('listings.state')}</th>
					</tr>
				</thead>
				<tbody>
					{p.rows.map(r => (
						<tr key={r.id}>
							<th scope="row">
								<a href={href('listings', r.id)}>{named(r.name ?? r.names) || r.id}</a>
							</th>
							<td data-label={t('approvals.who')}>{r.submitter || r.who}</td>
							<td data-label={t('approvals.when')}>{moment(r.at_ms)}</td>
							<td data-label={t('listings.state')}>
								<span class="tags">
									{!r.base_version && <Tag kind="info">{t('state.new')}</Tag>}
									{r.why && <Tag kind="warn">{t('approvals.sent-back')}</Tag>}
									<Tag>{t(`state.${r.state}`)}</Tag>
								</span>
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
