// listing_tags.tsx - the state of a listing in a word or two.
import { day, t } from '../i18n';
import { statusName, visibilityName } from '../data';
import { Tag } from '../ui';

const DAY_MS = 86400000;
/** After so many days a check is old; the server's work list uses the settings'. */
const OLD_DAYS = 180;

export function Checked(p: { at: number }) {
	if (!p.at) return <Tag kind="bad">{t('age.never')}</Tag>;
	const old = Date.now() - p.at > OLD_DAYS * DAY_MS;
	return <Tag kind={old ? 'warn' : 'good'}>{day(p.at)}</Tag>;
}

export function DraftTag(p: { draft: null | undefined | { state: string; who: string } }) {
	if (!p.draft) return null;
	return (
		<Tag kind="info">
			{t(`state.${p.draft.state}`)}
			{p.draft.who && `: ${p.draft.who}`}
		</Tag>
	);
}

export function Visibility(p: { code: string; status: string }) {
	return (
		<>
			{!['active', 'new', ''].includes(p.status) && <Tag kind="warn">{statusName(p.status)}</Tag>}
			{p.code !== 'callers-after-check' && <Tag>{visibilityName(p.code)}</Tag>}
		</>
	);
}
