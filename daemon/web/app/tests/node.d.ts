// what the tests use of Node
declare module 'node:test' {
	export function test(name: string, run: () => void): void;
}
declare module 'node:assert/strict' {
	export function ok(value: unknown, message?: string): void;
	export function strictEqual(actual: unknown, expected: unknown, message?: string): void;
	export function deepStrictEqual(actual: unknown, expected: unknown, message?: string): void;
	export function throws(run: () => void, error: RegExp): void;
}
