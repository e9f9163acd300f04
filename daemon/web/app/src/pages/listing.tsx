// listing.tsx - one listing: edit, look at it as callers do, hand it on.
import { useState } from 'preact/hooks';
import { ApiError, del, get, post } from '../api';
import { useLists } from '../data';
import { day, lang, listingName, moment, t, time } from '../i18n';
import { lacks, listingOf } from '../lib/listing';
import { mayApprove, mayEdit } from '../lib/rights';
import { type PageProps, go, href } from '../router';
import { announce, useMe } from '../state';
import {
	Button,
	Confirm,
	Dialog,
	Failure,
	Loaded,
	Notice,
	Tag,
	TextField,
	useAction,
	useLoad,
} from '../ui';
import { Changes, changesOf } from './changes';
import { ClashView } from './clash';
import { ListingForm, SECTIONS } from './listing_form';
import { ListingPreview } from './listing_preview';
import { Checked } from './listing_tags';
import { type Draft, type ServerListing, useDraft } from './use_draft';

export default function ListingPage(p: PageProps) {
	const id = p.params['id'] ?? 'new';
	const [round, setRound] = useState(0);
	const load = useLoad<ServerListing | null>(
		signal =>
			id === 'new'
				? Promise.resolve(null)
				: get<ServerListing>(`/api/listings/${encodeURIComponent(id)}`, signal),
		[id, round],
	);
	return (
		<Loaded load={load}>
			{server => (
				<Editor
					key={`${id} ${server?.version ?? 0} ${server?.draft?.version ?? 0} ${server?.draft?.state ?? ''} ${round}`}
					id={id}
					server={server}
					again={() => setRound(round + 1)}
				/>
			)}
		</Loaded>
	);
}

function Editor(p: { id: string; server: ServerListing | null; again: () => void }) {
	const me = useMe();
	const lists = useLists();
	const draft = useDraft(me.user.id, p.id, p.server);
	const [missing, setMissing] = useState<Record<string, string>>({});
	const submitted = p.server?.draft?.state === 'submitted';
	const readOnly = submitted || !mayEdit(me);
	if (draft.clash) return <ClashView clash={draft.clash} onJoin={draft.join} />;
	const { listing } = draft;
	const fields = { ...missing, ...(draft.error instanceof ApiError ? draft.error.fields : {}) };
	const title = listingName(listing) || (p.id === 'new' ? t('listings.new') : p.id);
	return (
		<>
			<p class="crumbs">
				<a href="#/listings">← {t('listings.title')}</a>
			</p>
			<div class="head">
				<h1>{title}</h1>
				<StateTags server={p.server} />
			</div>
			{draft.restored > 0 && (
				<Notice kind="info">{t('draft.restored', { when: moment(draft.restored) })}</Notice>
			)}
			{p.server?.draft?.why && (
				<Notice kind="warn">{t('draft.sent-back', { why: p.server.draft.why })}</Notice>
			)}
			<Steps
				draft={draft}
				server={p.server}
				isNew={p.id === 'new'}
				again={p.again}
				check={() => {
					const wrong = lacks(listing);
					setMissing(wrong);
					return Object.keys(wrong).length === 0;
				}}
			/>
			{Object.keys(fields).length > 0 && <Notice kind="bad">{t('error.http_422')}</Notice>}
			{p.server?.draft && p.server.version > 0 && (
				<Changes
					caption={t('changes.of-draft')}
					changes={changesOf(listingOf(p.server.listing), listing)}
				/>
			)}
			<div class="editor">
				<div>
					<Jump />
					<ListingForm
						listing={listing}
						lists={lists}
						errors={fields}
						readOnly={readOnly}
						edit={draft.edit}
					/>
				</div>
				<div class="aside">
					<ListingPreview listing={listing} open={lang() === 'en' ? 'ru' : lang()} />
					{p.server && p.server.version > 0 && <Verify server={p.server} again={p.again} />}
				</div>
			</div>
		</>
	);
}

// a long form: one click to each part
function Jump() {
	return (
		<nav aria-label={t('listing.fields')}>
			<ul class="jump">
				{SECTIONS.map(name => (
					<li key={name}>
						<button
							type="button"
							onClick={() => {
								const head = document.querySelector<HTMLElement>(`#part-${name} h2`);
								head?.scrollIntoView();
								head?.focus({ preventScroll: true });
							}}
						>
							{t(`part.${name}`)}
						</button>
					</li>
				))}
			</ul>
		</nav>
	);
}

function StateTags(p: { server: ServerListing | null }) {
	const draft = p.server?.draft;
	return (
		<span class="tags">
			{!p.server?.version && <Tag kind="info">{t('state.new')}</Tag>}
			{draft && (
				<Tag kind="info">
					{t(`state.${draft.state}`)}: {draft.who}, {day(draft.at_ms)}
				</Tag>
			)}
			{p.server && p.server.version > 0 && (
				<a href={href('listings', p.server.id, 'history')}>{t('history.title')}</a>
			)}
		</span>
	);
}

function SavingLine(p: { draft: Draft; isDraft: boolean }) {
	const { saving, error, savedAt } = p.draft;
	const text =
		saving === 'saved'
			? t('draft.saved', { time: time(savedAt) })
			: saving === 'clean' && p.isDraft
				? '' // the tag says whose it is, and of when
				: t(`draft.${saving}`);
	return (
		<>
			<span class={`saving ${saving}`} role="status">
				{text}
			</span>
			{saving === 'refused' && <Failure error={error} again={() => void p.draft.save()} />}
		</>
	);
}

interface StepsProps {
	draft: Draft;
	server: ServerListing | null;
	isNew: boolean;
	again: () => void;
	check: () => boolean;
}

// What can be done with it now: save, submit, approve, send back, discard.
function Steps(p: StepsProps) {
	const me = useMe();
	const { draft, server } = p;
	const [asking, setAsking] = useState<'' | 'discard' | 'reject'>('');
	const there = server?.draft;
	const path = () => `/api/drafts/${encodeURIComponent(draft.id())}`;
	const act = useAction(async (what: 'submit' | 'approve' | 'back' | 'save') => {
		if (what === 'submit' && !p.check()) return;
		if (!(await draft.save())) return;
		if (what !== 'save') {
			await post(`${path()}/${what}`, { version: draft.version() });
			announce(t(`said.${what}`));
		}
		if (p.isNew && draft.id()) go(href('listings', draft.id()));
		else if (what !== 'save') p.again();
	});
	// where a second person decides, it is not the one who submitted it
	const own = me.settings.approval && there?.submitter_id === me.user.id;
	const something = there !== null && there !== undefined ? true : draft.saving !== 'clean';
	if (there?.state === 'submitted')
		return (
			<div class="steps">
				<p>{own ? t('draft.own') : t('draft.waits', { who: there.submitter || there.who })}</p>
				<Failure error={act.error} />
				<div class="actions">
					{mayApprove(me) && !own && (
						<>
							<Button kind="main" busy={act.busy} onClick={() => act.run('approve')}>
								{t('do.approve')}
							</Button>
							<Button onClick={() => setAsking('reject')}>{t('do.reject')}</Button>
						</>
					)}
					{mayEdit(me) && (
						<Button busy={act.busy} onClick={() => act.run('back')}>
							{t('do.take-back')}
						</Button>
					)}
				</div>
				{asking === 'reject' && (
					<Reject path={path()} again={p.again} onClose={() => setAsking('')} />
				)}
			</div>
		);
	if (!mayEdit(me)) return null;
	return (
		<div class="steps">
			<SavingLine draft={draft} isDraft={there !== null && there !== undefined} />
			<Failure error={act.error} />
			<div class="actions">
				<Button busy={act.busy} disabled={draft.saving === 'clean'} onClick={() => act.run('save')}>
					{t('do.save-draft')}
				</Button>
				<Button kind="main" busy={act.busy} disabled={!something} onClick={() => act.run('submit')}>
					{t(me.settings.approval ? 'do.submit' : 'do.take-over')}
				</Button>
				{something && (
					<Button kind="danger" onClick={() => setAsking('discard')}>
						{t('do.discard')}
					</Button>
				)}
			</div>
			{asking === 'discard' && (
				<Confirm
					title={t('discard.title')}
					text={t('discard.text')}
					yes={t('do.discard')}
					danger
					onYes={async () => {
						if (draft.id() && draft.version() > 0) await del(path());
						draft.drop();
						if (server && server.version > 0) p.again();
						else go('#/listings');
					}}
					onClose={() => setAsking('')}
				/>
			)}
		</div>
	);
}

function Reject(p: { path: string; again: () => void; onClose: () => void }) {
	const [why, setWhy] = useState('');
	const act = useAction(async () => {
		await post(`${p.path}/reject`, { why });
		announce(t('said.reject'));
		p.again();
	});
	return (
		<Dialog title={t('do.reject')} onClose={p.onClose}>
			<TextField
				label={t('reject.why')}
				hint={t('reject.hint')}
				rows={3}
				value={why}
				onInput={setWhy}
				maxLength={500}
			/>
			<Failure error={act.error} />
			<div class="actions">
				<Button kind="main" busy={act.busy} disabled={!why.trim()} onClick={act.run}>
					{t('do.reject')}
				</Button>
				<Button onClick={p.onClose}>{t('do.cancel')}</Button>
			</div>
		</Dialog>
	);
}

// "I have checked it today": one click.
function Verify(p: { server: ServerListing; again: () => void }) {
	const me = useMe();
	const act = useAction(async (how: string) => {
		await post(`/api/listings/${encodeURIComponent(p.server.id)}/verified`, { how });
		announce(t('verify.done'));
		p.again();
	});
	const checks = p.server.checks ?? [];
	const last = checks.find(c => c.counts !== false);
	return (
		<section class="sheet" aria-labelledby="verify-head">
			<h2 id="verify-head">{t('verify.title')}</h2>
			<p>
				{t('verify.last')} <Checked at={last?.at_ms ?? 0} />
			</p>
			{mayEdit(me) && (
				<>
					<p>{t('verify.ask')}</p>
					<div class="actions">
						{['phone', 'visit', 'web'].map(how => (
							<Button key={how} busy={act.busy} onClick={() => act.run(how)}>
								{t(`verify.${how}`)}
							</Button>
						))}
					</div>
				</>
			)}
			<Failure error={act.error} />
			{checks.length > 0 && (
				<ul class="bare small muted">
					{checks.slice(0, 5).map(c => (
						<li key={c.at_ms}>
							{day(c.at_ms)} ·{' '}
							{['phone', 'visit', 'web'].includes(c.how) ? t(`verify.${c.how}`) : c.how} · {c.who}
							{c.counts === false && ` · ${t('verify.older')}`}
						</li>
					))}
				</ul>
			)}
		</section>
	);
}
