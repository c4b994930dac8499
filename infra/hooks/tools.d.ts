/** The types of `tools.js` that tests use. */
export function commandLine(program: string, args: string[]): string
