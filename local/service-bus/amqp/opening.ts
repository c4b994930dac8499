import { longestTimeout } from '../timers.ts'
import type { Connection } from './rhea.ts'

/** The smallest frame that everybody has to take (AMQP 1.0, 2.7.1). */
const minFrameSize = 512

/** Refuses what an `open` may not ask for, and understands an idle time-out that no timer holds. */
export function watchOpen(connection: Connection): void {
  const onOpen = connection.on_open
  connection.on_open = (frame) => {
    const fields = frame.performative
    const size = fields.max_frame_size ?? minFrameSize
    if (size < minFrameSize) fields.max_frame_size = minFrameSize
    fields.idle_time_out = Math.min(fields.idle_time_out ?? 0, longestTimeout)
    onOpen.call(connection, frame)
    if (size >= minFrameSize) return
    connection.close({
      condition: 'amqp:invalid-field',
      description: `max-frame-size is ${size}, and may not be less than ${minFrameSize}.`,
    })
  }
}
