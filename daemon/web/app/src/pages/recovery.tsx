// recovery.tsx - the recovery codes, shown once.
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Button, Check, CopyButton, Notice } from '../ui';

export function RecoveryCodes(p: { codes: string[]; name: string; onDone: () => void }) {
	const [kept, setKept] = useState(false);
	return (
		<div>
			<p>{t('recovery.text')}</p>
			<div class="sheet">
				<h2>{t('recovery.for', { name: p.name })}</h2>
				<ol class="codes mono">
					{p.codes.map(code => (
						<li key={code}>{code}</li>
					))}
				</ol>
			</div>
			<div class="actions">
				<CopyButton text={p.codes.join('\n')} />
				<Button onClick={() => print()}>{t('do.print')}</Button>
			</div>
			<Notice kind="warn">{t('recovery.once')}</Notice>
			<Check label={t('recovery.kept')} checked={kept} onInput={setKept} />
			<Button kind="main" disabled={!kept} onClick={p.onDone}>
				{t('do.go-on')}
			</Button>
		</div>
	);
}
