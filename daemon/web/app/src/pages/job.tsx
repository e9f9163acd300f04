// job.tsx - something the server does for a while, shown while it does.
import { useEffect, useState } from 'preact/hooks';
import { type Job, follow } from '../api';
import { has, t } from '../i18n';
import { Failure, Notice, Progress } from '../ui';

export function JobView(p: {
	id: string | number;
	label: string;
	done: string;
	onDone?: (job: Job) => void;
}) {
	const [job, setJob] = useState<Job | null>(null);
	const [error, setError] = useState<unknown>(undefined);
	const [round, setRound] = useState(0);
	useEffect(() => {
		let gone = false;
		setError(undefined);
		follow(p.id, j => !gone && setJob(j)).then(
			j => !gone && p.onDone?.(j),
			(e: unknown) => !gone && setError(e),
		);
		return () => void (gone = true);
	}, [p.id, round]);
	if (error) return <Failure error={error} again={() => setRound(round + 1)} />;
	if (job?.state === 'done') return <Notice kind="good">{p.done}</Notice>;
	if (job?.state === 'failed')
		return (
			<Notice kind="bad">
				<p>{t('job.failed')}</p>
				{job.text && (
					<pre class="said">{has(`error.${job.text}`) ? t(`error.${job.text}`) : job.text}</pre>
				)}
			</Notice>
		);
	// publishing says what it is at
	const step = `publishing.${job?.text ?? ''}`;
	return (
		<Progress label={has(step) ? t(step) : p.label} done={job?.done ?? 0} total={job?.total ?? 0} />
	);
}
