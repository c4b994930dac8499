/** Runs one benchmark: `node tests/bench.ts NAME` calls the default export of `tests/bench/NAME.ts`. */
const [name, ...args] = process.argv.slice(2)
if (name === undefined) throw new Error('which benchmark? node tests/bench.ts NAME')
const { default: run } = (await import(`./bench/${name}.ts`)) as {
  default: (args: string[]) => Promise<void>
}
await run(args)

export {}
