import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

/** A command below the bootstrap, which keeps a channel to it. */
function startCommand(code: string) {
  const endings = new URL('./endings.ts', import.meta.url).href
  const program = `import { onEnding } from ${JSON.stringify(endings)}\nonEnding((code) => process.exit(code + 10))\n${code}`
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

test('a command that has done its work ends by itself', async () => {
  expect(await once(startCommand(''), 'exit')).toEqual([0, null])
})

test('one that has not ends with the bootstrap', async () => {
  const command = startCommand("setInterval(() => {}, 1000); console.log('works')")
  await once(command.stdout ?? command, 'data')
  command.disconnect()
  expect(await once(command, 'exit')).toEqual([11, null])
})
