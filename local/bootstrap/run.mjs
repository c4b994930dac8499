/**
 * Runs a TypeScript file of this repository, with all that it needs: `node local/bootstrap/run.mjs FILE [ARGUMENT…]`. It
 * needs nothing but Node ≥ 20.19 and npm; the file runs under the Node version that the repository brings with it.
 */
import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { install, isInstalled, modules, node, root, windows } from './packages.mjs'

const oldestNode = [20, 19]

/** Runs the file as this process's other half: it gets every signal, and ends when this process or its caller does. */
function run(args) {
  const path = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter)
  const child = spawn(node, args, {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // With the cache no process of a later start compiles the TypeScript that it runs, nor loads the compiler.
    env: {
      ...process.env,
      PATH: path,
      npm_node_execpath: node,
      NODE_COMPILE_CACHE: join(modules, '.cache', 'node'),
    },
  })
  // On Windows the console itself passes Ctrl+C on, and a "signal" would end the child at once.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => windows || child.kill(signal))
  // npm may be killed without a word; then the parent of this process changes.
  const parent = process.ppid
  const watch = setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 300).unref()
  if (!process.env.npm_lifecycle_event) clearInterval(watch)
  // Node forgets that `nohup` told it to ignore this, so that npm dies of it. What `nohup` leaves is that nothing is
  // written to a terminal.
  process.on('SIGHUP', () => {
    if (process.stdout.isTTY || process.stderr.isTTY) windows || child.kill('SIGTERM')
    else clearInterval(watch)
  })
  child.on('exit', (code) => process.exit(code ?? 1))
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  console.error(`Node ${oldestNode.join('.')} or newer is needed; this is ${process.versions.node}.`)
  process.exit(1)
}
if (!isInstalled()) await install()
run(process.argv.slice(2))
