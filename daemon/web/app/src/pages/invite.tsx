// invite.tsx - the one-time link: password, second factor, recovery codes.
import { useState } from 'preact/hooks';
import { knock } from '../api';
import { t } from '../i18n';
import type { PageProps } from '../router';
import type { Role } from '../types';
import {
	Button,
	CopyButton,
	Failure,
	Form,
	Loaded,
	TextField,
	fieldError,
	useAction,
	useLoad,
} from '../ui';
import { PasswordField, passwordGoodEnough } from './password';
import { RecoveryCodes } from './recovery';

interface Invite {
	name: string;
	roles: Role[];
	totp: { secret: string; uri: string; qr: string };
}

/** "ABCD EFGH ...": as people copy it by hand. */
function spaced(secret: string): string {
	return secret.match(/.{1,4}/g)?.join(' ') ?? secret;
}

export default function InvitePage(p: PageProps & { onSession?: () => void }) {
	const token = p.params['token'] ?? '';
	const load = useLoad(() => knock<Invite>('/api/invite', { token }), [token]);
	const [codes, setCodes] = useState<string[] | null>(null);
	return (
		<>
			<h1>{t(codes ? 'recovery.title' : 'invite.title')}</h1>
			<Loaded load={load}>
				{invite =>
					codes ? (
						<RecoveryCodes
							codes={codes}
							name={invite.name}
							onDone={() => {
								p.onSession?.();
								location.replace('#/');
							}}
						/>
					) : (
						<Accept token={token} invite={invite} onCodes={setCodes} />
					)
				}
			</Loaded>
		</>
	);
}

function Accept(p: { token: string; invite: Invite; onCodes: (codes: string[]) => void }) {
	const { name, roles, totp } = p.invite;
	const [password, setPassword] = useState('');
	const [code, setCode] = useState('');
	const act = useAction(async () => {
		const body = { token: p.token, password, code: code.replace(/\s/g, '') };
		p.onCodes((await knock<{ recovery: string[] }>('/api/invite/accept', body)).recovery);
	});
	return (
		<Form onSubmit={act.run}>
			<p>{t('invite.text', { name, roles: roles.map(r => t(`role.${r}`)).join(', ') })}</p>
			<section class="sheet">
				<h2>1. {t('invite.password')}</h2>
				<input type="text" value={name} autocomplete="username" readOnly hidden />
				<PasswordField
					label={t('login.password')}
					name={name}
					value={password}
					error={fieldError(act.error, 'password')}
					onInput={setPassword}
				/>
			</section>
			<section class="sheet">
				<h2>2. {t('invite.totp')}</h2>
				<p>{t('invite.totp-text')}</p>
				<div class="totp">
					<img
						src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(totp.qr)}`}
						alt={t('invite.qr')}
						width="200"
						height="200"
					/>
					<div>
						<p>{t('invite.secret')}</p>
						<p class="mono secret">{spaced(totp.secret)}</p>
						<CopyButton text={totp.secret} />
					</div>
				</div>
			</section>
			<section class="sheet">
				<h2>3. {t('invite.code')}</h2>
				<TextField
					class="short"
					label={t('login.code')}
					hint={t('invite.code-hint')}
					value={code}
					inputmode="numeric"
					autocomplete="one-time-code"
					required
					error={fieldError(act.error, 'code')}
					onInput={setCode}
				/>
				<Failure error={act.error} />
				<Button
					kind="main"
					type="submit"
					busy={act.busy}
					disabled={!passwordGoodEnough(password, name) || !/^\s*(\d\s*){6}$/.test(code)}
				>
					{t('invite.do')}
				</Button>
			</section>
		</Form>
	);
}
