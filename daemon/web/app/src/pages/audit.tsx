// audit.tsx - who did what, as the server's chain of rows has it.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { moment, t } from '../i18n';
import { Button, Empty, Failure, Notice, Tag, Waiting, useAction } from '../ui';

interface Row {
	id: number;
	at_ms: number;
	who: string;
	action: string;
	what?: string;
	whole: boolean;
}

export default function AuditPage() {
	const [rows, setRows] = useState<Row[]>([]);
	const [end, setEnd] = useState(false);
	const act = useAction(async () => {
		const last = rows[rows.length - 1];
		const got = await get<{ rows: Row[] }>(`/api/audit${last ? `?before=${last.id}` : ''}`);
		setRows([...rows, ...got.rows]);
		setEnd(got.rows.length === 0 || got.rows[got.rows.length - 1]?.id === 1);
	});
	useEffect(() => act.run(), []);
	const broken = rows.filter(r => !r.whole);
	return (
		<>
			<h1>{t('audit.title')}</h1>
			<p class="muted">{t('audit.text')}</p>
			{broken.length > 0 && <Notice kind="bad">{t('audit.broken')}</Notice>}
			{rows.length > 0 && (
				<div class="table">
					<table class="cards">
						<thead>
							<tr>
								<th scope="col">{t('approvals.when')}</th>
								<th scope="col">{t('approvals.who')}</th>
								<th scope="col">{t('audit.action')}</th>
								<th scope="col">{t('audit.whole')}</th>
							</tr>
						</thead>
						<tbody>
							{rows.map(r => (
								<tr key={r.id}>
									<td data-label={t('approvals.when')}>{moment(r.at_ms)}</td>
									<td data-label={t('approvals.who')}>{r.who}</td>
									<td data-label={t('audit.action')}>
										<code>{r.action}</code> {r.what}
									</td>
									<td data-label={t('audit.whole')}>
										<Tag kind={r.whole ? 'good' : 'bad'}>
											{t(r.whole ? 'audit.yes' : 'audit.no')}
										</Tag>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			<Failure error={act.error} again={act.run} />
			{rows.length === 0 && (end ? <Empty>{t('audit.none')}</Empty> : act.busy && <Waiting />)}
			{rows.length > 0 && !end && (
				<Button busy={act.busy} onClick={act.run}>
					{t('audit.older')}
				</Button>
			)}
		</>
	);
}
