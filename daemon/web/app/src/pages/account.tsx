// account.tsx - one's own account: language, password, recovery codes, sessions.
import { useState } from 'preact/hooks';
import { post } from '../api';
import { LANGS, type Lang, lang, setLang, t } from '../i18n';
import { announce, useMe } from '../state';
import { Button, Failure, Form, SelectField, TextField, fieldError, useAction } from '../ui';
import { PasswordField, passwordGoodEnough } from './password';
import { RecoveryCodes } from './recovery';

export default function AccountPage() {
	const me = useMe();
	const scope = me.user.scope;
	const limits = [...scope.orgs, ...scope.topics, ...scope.countries];
	return (
		<>
			<h1>{t('account.title')}</h1>
			<section class="sheet">
				<h2>{me.user.name}</h2>
				<p>
					{me.user.roles.map(r => t(`role.${r}`)).join(', ')}
					{limits.length > 0 && <span class="muted"> · {limits.join(', ')}</span>}
				</p>
				<Language />
			</section>
			<Password name={me.user.name} />
			<Recovery name={me.user.name} />
			<Everywhere />
		</>
	);
}

function Language() {
	const act = useAction(async (code: Lang) => {
		await setLang(code);
		await post('/api/account', { lang: code });
		announce(t('account.saved'));
	});
	return (
		<>
			<SelectField
				label={t('nav.language')}
				class="short"
				value={lang()}
				choices={LANGS.map(l => ({ value: l.code, label: l.name }))}
				onInput={code => act.run(code as Lang)}
			/>
			<Failure error={act.error} />
		</>
	);
}

function Password(p: { name: string }) {
	const [old, setOld] = useState('');
	const [fresh, setFresh] = useState('');
	const act = useAction(async () => {
		await post('/api/account', { password_old: old, password_new: fresh });
		setOld('');
		setFresh('');
		announce(t('account.password-changed'));
	});
	return (
		<Form class="sheet" onSubmit={act.run}>
			<h2>{t('account.password')}</h2>
			<input type="text" value={p.name} autocomplete="username" readOnly hidden />
			<TextField
				label={t('account.password-old')}
				type="password"
				autocomplete="current-password"
				value={old}
				error={fieldError(act.error, 'password_old')}
				onInput={setOld}
			/>
			<PasswordField
				label={t('account.password-new')}
				name={p.name}
				value={fresh}
				error={fieldError(act.error, 'password_new')}
				onInput={setFresh}
			/>
			<Failure error={act.error} />
			<Button
				kind="main"
				type="submit"
				busy={act.busy}
				disabled={!old || !passwordGoodEnough(fresh, p.name)}
			>
				{t('account.password-do')}
			</Button>
		</Form>
	);
}

function Recovery(p: { name: string }) {
	const [password, setPassword] = useState('');
	const [codes, setCodes] = useState<string[] | null>(null);
	const act = useAction(async () => {
		const got = await post<{ recovery: string[] }>('/api/account/recovery', { password });
		setPassword('');
		setCodes(got.recovery);
	});
	if (codes)
		return (
			<section>
				<h2>{t('recovery.title')}</h2>
				<RecoveryCodes codes={codes} name={p.name} onDone={() => setCodes(null)} />
			</section>
		);
	return (
		<Form class="sheet" onSubmit={act.run}>
			<h2>{t('recovery.title')}</h2>
			<p>{t('account.recovery-text')}</p>
			<TextField
				label={t('login.password')}
				type="password"
				autocomplete="current-password"
				value={password}
				onInput={setPassword}
			/>
			<Failure error={act.error} />
			<Button type="submit" busy={act.busy} disabled={!password}>
				{t('account.recovery-do')}
			</Button>
		</Form>
	);
}

function Everywhere() {
	const act = useAction(async () => {
		await post('/api/logout_everywhere');
		location.reload();
	});
	return (
		<section class="sheet">
			<h2>{t('account.everywhere')}</h2>
			<p>{t('account.everywhere-text')}</p>
			<Failure error={act.error} />
			<Button kind="danger" busy={act.busy} onClick={act.run}>
				{t('account.everywhere')}
			</Button>
		</section>
	);
}
