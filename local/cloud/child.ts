/**
 * Loaded before the program of every part of the local cloud (`node --import`). It tells the supervisor on which port
 * the program listens, passes on its wish to stop (on Windows there is no SIGTERM to send), and ends the program when
 * the supervisor is gone, however that ended: nothing is left behind.
 */
import { tracingChannel } from 'node:diagnostics_channel'
import type { Server } from 'node:net'
import { type Listening, stopMessage } from './childProtocol.ts'

if (process.send) {
  tracingChannel('net.server.listen').subscribe({
    asyncEnd(message) {
      const address = (message as { server: Server }).server.address()
      if (address && typeof address === 'object')
        process.send?.({ listening: address.port } satisfies Listening, () => {})
    },
  } as Parameters<ReturnType<typeof tracingChannel>['subscribe']>[0])

  process.on('disconnect', () => process.exit(1))
  process.on('message', (message) => {
    if (message === stopMessage && !process.emit('SIGTERM')) process.exit(0)
  })
  // Listening to the supervisor alone is no reason to live.
  process.channel?.unref()
}
