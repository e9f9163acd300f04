// state.ts - what every page may need: who is logged in, the line, what is read aloud.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Me } from './types';

export const MeContext = createContext<Me | null>(null);

/** Who is logged in; only for pages behind the login. */
export function useMe(): Me {
	const me = useContext(MeContext);
	if (!me) throw new Error('no session');
	return me;
}

/** Whether the line to the server is up. */
export const LineContext = createContext(true);

export function useLine(): boolean {
	return useContext(LineContext);
}

let speak: (text: string) => void = () => {};

export function setSpeaker(f: (text: string) => void): void {
	speak = f;
}

/** Let screen readers say this, and show it for a while at the foot of the page. */
export function announce(text: string): void {
	speak(text);
}
