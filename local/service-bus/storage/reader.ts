/** What an earlier process left in the database. */
import type { DatabaseSync } from 'node:sqlite'
import type { KeptEntity } from '../catalogue.ts'
import type { Restored } from '../engine/journal.ts'
import type { Message } from '../engine/message.ts'
import { type TypedValue, textValue } from '../engine/value.ts'
import { fromJson } from './json.ts'
import { queueFactor } from './rowIds.ts'

export function readEntities(database: DatabaseSync): KeptEntity[] {
  return database
    .prepare('SELECT * FROM entity ORDER BY rowid')
    .all()
    .map((row) => ({
      path: String(row.path),
      kind: row.kind as KeptEntity['kind'],
      declared: row.declared === null ? undefined : String(row.declared),
      current: row.current === null ? undefined : String(row.current),
    }))
}

export function restore(database: DatabaseSync): Map<string, Restored> {
  database.prepare('DELETE FROM seen WHERE until <= ?').run(Date.now())
  const messages = database.prepare('SELECT * FROM message WHERE id >= ? AND id < ? ORDER BY id')
  const states = database.prepare('SELECT session_id, state FROM session_state WHERE queue = ?')
  const seen = database.prepare('SELECT message_id, until FROM seen WHERE queue = ? ORDER BY until')
  const result = new Map<string, Restored>()
  for (const { id, name, last_sequence_number } of database.prepare('SELECT * FROM queue').all()) {
    const first = Number(id) * queueFactor
    result.set(String(name).toLowerCase(), {
      messages: messages.all(first, first + queueFactor).map((row) => readMessage(row, first)),
      sessionStates: new Map(
        states.all(Number(id)).map((row) => [String(row.session_id), row.state as Uint8Array] as const),
      ),
      seen: seen.all(Number(id)).map((row) => [String(row.message_id), Number(row.until)] as const),
      lastSequenceNumber: Number(last_sequence_number),
    })
  }
  return result
}

function readMessage(row: Record<string, unknown>, first: number): Message {
  return {
    sequenceNumber: Number(row.id) - first,
    enqueuedSequenceNumber: Number(row.enqueued_sequence_number),
    messageId: String(row.message_id),
    sessionId: row.session_id === null ? undefined : String(row.session_id),
    enqueuedTime: Number(row.enqueued_time),
    expiresAt: row.expires_at === null ? Number.POSITIVE_INFINITY : Number(row.expires_at),
    timeToLive: row.time_to_live === null ? Number.POSITIVE_INFINITY : Number(row.time_to_live),
    scheduledFor: row.scheduled_for === null ? undefined : Number(row.scheduled_for),
    state: row.state as Message['state'],
    deliveryCount: Number(row.delivery_count),
    lock: undefined,
    changes: row.changes === null ? undefined : readChanges(String(row.changes)),
    deadLetterSource: row.dead_letter_source === null ? undefined : String(row.dead_letter_source),
    encoded: Buffer.from(row.encoded as Uint8Array),
  }
}

/** Earlier versions kept the values without their types. */
function readChanges(json: string): Record<string, TypedValue> {
  const changes = fromJson(json) as Record<string, unknown>
  const isTyped = (value: unknown): value is TypedValue =>
    typeof value === 'object' && value !== null && 'type' in value
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [name, isTyped(value) ? value : textValue(String(value))]),
  )
}
