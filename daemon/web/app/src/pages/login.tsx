// login.tsx - name and password, then the code of the second factor.
import { useState } from 'preact/hooks';
import { ApiError, knock } from '../api';
import { t } from '../i18n';
import type { Me } from '../types';
import { Button, Failure, Form, TextField, useAction } from '../ui';

export function Login(p: { onLogin: (me: Me) => void }) {
	const [name, setName] = useState('');
	const [password, setPassword] = useState('');
	const [code, setCode] = useState('');
	const [wantsCode, setWantsCode] = useState(false);
	const act = useAction(async () => {
		try {
			const body = {
				name: name.trim(),
				password,
				...(wantsCode && { code: code.replace(/\s/g, '') }),
			};
			p.onLogin(await knock<Me>('/api/login', body));
		} catch (e) {
			if (!(e instanceof ApiError && e.code === 'code_wanted' && !wantsCode)) throw e;
			setWantsCode(true);
		}
	});
	return (
		<Form class="sheet" onSubmit={act.run}>
			<h1>{t('login.title')}</h1>
			<Failure error={act.error} />
			{wantsCode ? (
				<>
					<TextField
						key="code"
						class="short"
						label={t('login.code')}
						hint={t('login.code-hint')}
						value={code}
						autocomplete="one-time-code"
						required
						focus
						onInput={setCode}
					/>
					<div class="actions">
						<Button kind="main" type="submit" busy={act.busy} disabled={code.trim() === ''}>
							{t('login.do')}
						</Button>
						<Button
							onClick={() => {
								setWantsCode(false);
								setCode('');
								act.clear();
							}}
						>
							{t('do.back')}
						</Button>
					</div>
				</>
			) : (
				<>
					<TextField
						key="name"
						label={t('login.name')}
						value={name}
						autocomplete="username"
						required
						onInput={setName}
					/>
					<TextField
						key="password"
						label={t('login.password')}
						type="password"
						value={password}
						autocomplete="current-password"
						required
						onInput={setPassword}
					/>
					<Button kind="main" type="submit" busy={act.busy} disabled={!name.trim() || !password}>
						{t('login.do')}
					</Button>
					<p class="hint">{t('login.lost')}</p>
				</>
			)}
		</Form>
	);
}
