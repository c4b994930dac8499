import type { Credentials, Refusal } from '../access.ts'
import type { Request, Response } from './responder.ts'
import rhea from './rhea.ts'

/** Takes the token of a request on `$cbs` in, and answers what became of it. */
export function putToken(
  request: Request,
  credentials: Credentials,
  now: number,
  log: (line: string) => void,
): Response | Promise<Response> {
  const token = typeof request.body === 'string' ? request.body : ''
  const audience = String(request.properties.name ?? '')
  const answer = (refusal: Refusal | undefined) => {
    if (refusal) log(`refused a token for '${audience}': ${refusal.refused}`)
    return tokenResponse(refusal)
  }
  const refusal = credentials.add(token, audience, now)
  return refusal instanceof Promise ? refusal.then(answer) : answer(refusal)
}

function tokenResponse(refusal: Refusal | undefined): Response {
  const { wrap_int, wrap_symbol } = rhea.types
  if (refusal === undefined) {
    return { application_properties: { 'status-code': wrap_int(202), 'status-description': 'Accepted' } }
  }
  return {
    application_properties: {
      'status-code': wrap_int(401),
      'status-description': refusal.refused,
      'error-condition': wrap_symbol('amqp:unauthorized-access'),
    },
  }
}
