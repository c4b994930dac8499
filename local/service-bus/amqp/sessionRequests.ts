/** What clients ask of the sessions of an entity. */
import { type Operation, queueOf, typeCode } from './operation.ts'
import { moment, text } from './requestBody.ts'
import rhea from './rhea.ts'

const { types } = rhea

/** The last moment that .NET knows, in whole milliseconds: clients who mean "any time" send it. */
const endOfTime = 253_402_300_799_999

export const renewSessionLock: Operation = {
  right: 'Listen',
  perform(entity, body, { broker, sessionToken }) {
    const until = queueOf(entity).queue.renewSession(text(body['session-id']), broker.now(), sessionToken)
    return { body: types.wrap_map({ expiration: types.wrap_timestamp(until) }) }
  },
}

export const getSessionState: Operation = {
  right: 'Listen',
  perform(entity, body) {
    const state = queueOf(entity).queue.sessionState(text(body['session-id']))
    return { body: types.wrap_map({ 'session-state': state ? types.wrap_binary(Buffer.from(state)) : null }) }
  },
}

export const setSessionState: Operation = {
  right: 'Listen',
  perform(entity, body, { broker, sessionToken }) {
    const state = body['session-state']
    const bytes = Buffer.isBuffer(state) ? Buffer.from(state) : undefined
    const id = text(body['session-id'])
    queueOf(entity).queue.setSessionState(id, bytes, broker.now(), sessionToken)
    return {}
  },
}

/** Sessions with messages, or (with a moment that is not the end of time) those whose state was set since then. */
export const getSessions: Operation = {
  right: 'Listen',
  perform(entity, body) {
    const skip = Number(body.skip ?? 0)
    const since = moment(body['last-updated-time'])
    const ids = queueOf(entity)
      .queue.sessionIds(since === undefined || since >= endOfTime ? undefined : since)
      .slice(skip, skip + Number(body.top ?? 100))
    if (ids.length === 0) return { status: 204 }
    return {
      body: types.wrap_map({
        skip: types.wrap_int(skip + ids.length),
        'sessions-ids': types.wrap_array(ids, typeCode.string),
      }),
    }
  },
}
