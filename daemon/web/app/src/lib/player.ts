// player.ts - plays what a caller hears: prompts one after another, with pauses.

export interface Prompt {
	/** "ru.voice.bye"; none: a pause */
	id?: string;
	text?: string;
	pause_ms?: number;
}

export class Player {
	private rest: Prompt[] = [];
	private timer = 0;

	/**
	 * onPrompt is told what is heard now, null at the end; onMissing that there is
	 * no sound for a prompt: it is passed over.
	 */
	constructor(
		private readonly sound: HTMLAudioElement,
		private readonly onPrompt: (prompt: Prompt | null) => void,
		private readonly onMissing: () => void,
	) {
		sound.addEventListener('ended', () => this.next());
		sound.addEventListener('error', () => this.missing());
	}

	play(prompts: readonly Prompt[]): void {
		this.stop();
		this.rest = [...prompts];
		this.next();
	}

	stop(): void {
		clearTimeout(this.timer);
		this.rest = [];
		this.sound.pause();
		this.onPrompt(null);
	}

	private missing(): void {
		if (!this.sound.getAttribute('src')) return;
		this.onMissing();
		this.next();
	}

	private next(): void {
		const prompt = this.rest.shift();
		this.onPrompt(prompt ?? null);
		if (!prompt) return;
		if (prompt.id === undefined) {
			this.timer = window.setTimeout(() => this.next(), prompt.pause_ms ?? 0);
			return;
		}
		this.sound.src = `/api/prompts/${encodeURIComponent(prompt.id)}`;
		// what cannot be loaded is an 'error'; a browser that wants a click first is quiet
		this.sound.play().catch(() => {});
	}
}
