// users.tsx - the administrator gives out accounts.
import { useState } from 'preact/hooks';
import { get, post, put } from '../api';
import { countries, topicName, useLists } from '../data';
import { day, moment, named, t } from '../i18n';
import { announce, useMe } from '../state';
import type { Role, Scope } from '../types';
import {
	Button,
	Checks,
	Confirm,
	CopyButton,
	Dialog,
	Failure,
	Form,
	Loaded,
	Notice,
	Tag,
	TextField,
	fieldError,
	useAction,
	useLoad,
} from '../ui';

interface User {
	id: number;
	name: string;
	roles: Role[];
	scope: Scope;
	lang: string;
	state: 'active' | 'invited' | 'locked';
	seen_ms?: number;
}

interface Link {
	link: string;
	expires_ms: number;
}

const ROLES: Role[] = ['admin', 'operator', 'approver', 'reviewer'];
const ALL: Scope = { orgs: [], topics: [], countries: [] };

export default function UsersPage() {
	const [editing, setEditing] = useState<User | 'new' | null>(null);
	const [link, setLink] = useState<(Link & { name: string }) | null>(null);
	const load = useLoad(async signal => {
		return (await get<{ rows: User[] }>('/api/users', signal)).rows;
	}, []);
	return (
		<>
			<div class="head">
				<h1>{t('users.title')}</h1>
				<Button kind="main" onClick={() => setEditing('new')}>
					{t('users.new')}
				</Button>
			</div>
			<Loaded load={load}>
				{users => (
					<div class="table">
						<table class="cards">
							<thead>
								<tr>
									<th scope="col">{t('login.name')}</th>
									<th scope="col">{t('users.roles')}</th>
									<th scope="col">{t('users.scope')}</th>
									<th scope="col">{t('listings.state')}</th>
									<th scope="col">
										<span class="unseen">{t('users.do')}</span>
									</th>
								</tr>
							</thead>
							<tbody>
								{users.map(u => (
									<UserRow
										key={u.id}
										user={u}
										onEdit={() => setEditing(u)}
										onLink={l => setLink({ ...l, name: u.name })}
										again={load.again}
									/>
								))}
							</tbody>
						</table>
					</div>
				)}
			</Loaded>
			{editing && (
				<UserDialog
					user={editing === 'new' ? null : editing}
					onClose={() => setEditing(null)}
					onDone={(name, made) => {
						setEditing(null);
						if (made) setLink({ ...made, name });
						load.again();
					}}
				/>
			)}
			{link && <LinkDialog link={link} onClose={() => setLink(null)} />}
		</>
	);
}

function ScopeText(p: { scope: Scope }) {
	const lists = useLists();
	const parts = [
		p.scope.orgs.join(', '),
		p.scope.topics.map(id => topicName(lists, id)).join(', '),
		p.scope.countries.map(c => named(lists.placeById.get(c)?.names) || c.toUpperCase()).join(', '),
	].filter(Boolean);
	return <>{parts.length ? parts.join(' · ') : t('users.everything')}</>;
}

function UserRow(p: {
	user: User;
	onEdit: () => void;
	onLink: (link: Link) => void;
	again: () => void;
}) {
	const me = useMe();
	const { user } = p;
	const [asking, setAsking] = useState<'' | 'lock' | 'invite'>('');
	const unlock = useAction(async () => {
		await post(`/api/users/${user.id}/unlock`);
		announce(t('users.unlocked'));
		p.again();
	});
	const named = (text: string) => `${text}: ${user.name}`;
	return (
		<tr>
			<th scope="row">{user.name}</th>
			<td data-label={t('users.roles')}>{user.roles.map(r => t(`role.${r}`)).join(', ')}</td>
			<td data-label={t('users.scope')}>
				<ScopeText scope={user.scope ?? ALL} />
			</td>
			<td data-label={t('listings.state')}>
				{user.state === 'locked' ? (
					<Tag kind="bad">{t('users.locked')}</Tag>
				) : user.state === 'invited' ? (
					<Tag kind="info">{t('users.invited')}</Tag>
				) : (
					<Tag kind="good">{t('state.active')}</Tag>
				)}
				{user.seen_ms ? <div class="muted small">{day(user.seen_ms)}</div> : null}
			</td>
			<td>
				<span class="actions">
					<Button label={named(t('do.edit'))} onClick={p.onEdit}>
						{t('do.edit')}
					</Button>
					<Button label={named(t('users.link'))} onClick={() => setAsking('invite')}>
						{t('users.link')}
					</Button>
					{user.id !== me.user.id &&
						(user.state === 'locked' ? (
							<Button label={named(t('users.unlock'))} busy={unlock.busy} onClick={unlock.run}>
								{t('users.unlock')}
							</Button>
						) : (
							<Button
								kind="danger"
								label={named(t('users.lock'))}
								onClick={() => setAsking('lock')}
							>
								{t('users.lock')}
							</Button>
						))}
				</span>
				<Failure error={unlock.error} />
				{asking === 'lock' && (
					<Confirm
						title={named(t('users.lock'))}
						text={t('users.lock-text')}
						yes={t('users.lock')}
						danger
						onYes={async () => {
							await post(`/api/users/${user.id}/lock`);
							announce(t('users.locked'));
							p.again();
						}}
						onClose={() => setAsking('')}
					/>
				)}
				{asking === 'invite' && (
					<Confirm
						title={named(t('users.link'))}
						text={t('users.link-text')}
						yes={t('users.link')}
						onYes={async () => p.onLink(await post<Link>(`/api/users/${user.id}/invite`))}
						onClose={() => setAsking('')}
					/>
				)}
			</td>
		</tr>
	);
}

function UserDialog(p: {
	user: User | null;
	onClose: () => void;
	onDone: (name: string, link: Link | null) => void;
}) {
	const lists = useLists();
	const [name, setName] = useState(p.user?.name ?? '');
	const [roles, setRoles] = useState<string[]>(p.user?.roles ?? ['operator']);
	const [scope, setScope] = useState<Scope>(p.user?.scope ?? ALL);
	const act = useAction(async () => {
		const orgs = scope.orgs.map(s => s.trim()).filter(Boolean);
		const body = { name: name.trim(), roles, scope: { ...scope, orgs } };
		if (p.user) {
			await put(`/api/users/${p.user.id}`, body);
			announce(t('account.saved'));
			p.onDone(name, null);
			return;
		}
		const made = await post<{ id: number } & Partial<Link>>('/api/users', body);
		const link = made.link ? (made as Link) : await post<Link>(`/api/users/${made.id}/invite`);
		p.onDone(name, link);
	});
	return (
		<Dialog title={p.user ? p.user.name : t('users.new')} onClose={p.onClose}>
			<Form onSubmit={act.run}>
				{!p.user && (
					<TextField
						label={t('login.name')}
						hint={t('users.name-hint')}
						value={name}
						required
						maxLength={64}
						error={fieldError(act.error, 'name')}
						onInput={setName}
					/>
				)}
				<Checks
					legend={t('users.roles')}
					choices={ROLES.map(value => ({
						value,
						label: `${t(`role.${value}`)}: ${t(`role.${value}-does`)}`,
					}))}
					chosen={roles}
					error={fieldError(act.error, 'roles')}
					onInput={setRoles}
				/>
				<details open={scope.orgs.length + scope.topics.length + scope.countries.length > 0}>
					<summary>{t('users.scope')}</summary>
					<p class="hint">{t('users.scope-hint')}</p>
					<Checks
						legend={t('field.country')}
						choices={countries(lists).map(c => ({ value: c.id, label: named(c.names) }))}
						chosen={scope.countries}
						onInput={c => setScope({ ...scope, countries: c })}
					/>
					<Checks
						legend={t('field.topics')}
						choices={lists.topics.map(x => ({ value: x.id, label: topicName(lists, x.id) }))}
						chosen={scope.topics}
						onInput={topics => setScope({ ...scope, topics })}
					/>
					<TextField
						label={t('users.orgs')}
						hint={t('users.orgs-hint')}
						value={scope.orgs.join('; ')}
						error={fieldError(act.error, 'orgs')}
						onInput={v => setScope({ ...scope, orgs: v === '' ? [] : v.split(/;\s*/) })}
					/>
				</details>
				<Failure error={act.error} />
				<div class="actions">
					<Button
						kind="main"
						type="submit"
						busy={act.busy}
						disabled={!name.trim() || roles.length === 0}
					>
						{t(p.user ? 'do.save' : 'users.create')}
					</Button>
					<Button onClick={p.onClose}>{t('do.cancel')}</Button>
				</div>
			</Form>
		</Dialog>
	);
}

function LinkDialog(p: { link: Link & { name: string }; onClose: () => void }) {
	const url = p.link.link.startsWith('/') ? location.origin + p.link.link : p.link.link;
	return (
		<Dialog title={t('users.link-for', { name: p.link.name })} onClose={p.onClose}>
			<p>{t('users.link-give', { when: moment(p.link.expires_ms) })}</p>
			<p class="mono link-text">{url}</p>
			<Notice kind="warn">{t('users.link-once')}</Notice>
			<div class="actions">
				<CopyButton text={url} />
				<Button onClick={p.onClose}>{t('do.close')}</Button>
			</div>
		</Dialog>
	);
}
