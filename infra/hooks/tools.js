/** What the hooks share: other programs, the environment of azd, and lines that a person reads. Nothing but Node. */
import { spawn } from 'node:child_process'

const windows = process.platform === 'win32'

/** What the shell of Windows is to run; a name without a space stays bare, as one of a batch file is looked for. */
export function commandLine(program, args) {
  const quoted = (text) => `"${text.replaceAll('"', '\\"')}"`
  return [program.includes(' ') ? quoted(program) : program, ...args.map(quoted)].join(' ')
}

/**
 * Runs a program to its end.
 * @param cwd the folder to run it in, if not this one
 * @returns {Promise<{ code: number, output: string, error: string }>} code 127 where there is no such program.
 */
export function run(program, args, cwd = process.cwd()) {
  return new Promise((resolve) => {
    // On Windows `az` is a batch file, which only the shell starts; it splits at spaces that are not quoted.
    const child = windows
      ? spawn(commandLine(program, args), { shell: true, cwd })
      : spawn(program, args, { cwd })
    let output = ''
    let error = ''
    child.stdout?.on('data', (data) => (output += data))
    child.stderr?.on('data', (data) => (error += data))
    child.once('error', (cause) => resolve({ code: 127, output: '', error: cause.message }))
    child.once('close', (code) => {
      const missing = windows && /is not recognized/.test(error)
      resolve({ code: missing ? 127 : (code ?? 1), output: output.trim(), error: error.trim() })
    })
  })
}

/** The arguments that name the environment's own subscription. */
export function there() {
  const { AZURE_SUBSCRIPTION_ID: subscription } = process.env
  return subscription ? ['--subscription', subscription] : []
}

/** Asks `az` for something in the environment's own subscription, which need not be that of `az`; null without an answer. */
export async function az(...args) {
  const { code, output } = await run('az', [...args, ...there(), '--only-show-errors', '--output', 'json'])
  if (code !== 0) return null
  try {
    return JSON.parse(output)
  } catch {
    return null
  }
}

/** Asks `az` for a list; null where the answer is none. */
export async function azList(...args) {
  const answer = await az(...args)
  return Array.isArray(answer) ? answer : null
}

/** Keeps a value with the azd environment. */
export async function setEnvironment(name, value) {
  const { code, error } = await run('azd', ['env', 'set', name, value])
  if (code !== 0) fail(`azd env set ${name} failed: ${error || `azd ended with ${code}`}`)
  process.env[name] = value
}

/** Whether version `a` is at least `b`, both like "1.25.6". */
export function atLeast(a, b) {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number))
  for (const [at, wanted] of right.entries()) if (left[at] !== wanted) return left[at] > wanted
  return true
}

/** Opens an address in the person's browser, where there is one; whoever opens it may run for as long as the browser. */
export function openBrowser(url) {
  if (process.env.CI || process.env.STORE_NO_BROWSER) return
  const opener = windows ? 'explorer' : process.platform === 'darwin' ? 'open' : 'xdg-open'
  spawn(opener, [url], { detached: true, stdio: 'ignore' })
    .once('error', () => {})
    .unref()
}

/** Ends the hook, and with it `azd`, with what a person can do. */
export function fail(message) {
  console.error(`✗ ${message}`)
  process.exit(1)
}
