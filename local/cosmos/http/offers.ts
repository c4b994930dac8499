/** The throughput that containers were made with, which SDKs call offers. It is answered and changed, but not enforced. */
import { badRequest, notFound, notSupported } from '../errors.ts'
import type { Catalogue } from '../resources/catalogue.ts'
import type { Container, Offered } from '../resources/container.ts'
import { isQuery, list, methodNotAllowed, ok, query } from './answers.ts'
import { jsonOf, type Request, type Response } from './message.ts'

/** /offers and /offers/{id}. @throws CosmosError */
export function onOffers(request: Request, catalogue: Catalogue, id?: string): Response {
  const { method } = request
  if (id !== undefined) return onOffer(request, catalogue, id)
  const offers = catalogue.containers.flatMap((container) => offerOf(container) ?? [])
  if (method === 'GET') return list('Offers', '', offers, request)
  if (method !== 'POST' || !isQuery(request)) throw methodNotAllowed(request)
  return query('Offers', '', offers, request)
}

function onOffer(request: Request, catalogue: Catalogue, id: string): Response {
  const container = catalogue.containers.find(
    (one) => one.offered !== undefined && offerId(one.number) === id,
  )
  if (container?.offered === undefined) throw notFound()
  if (request.method === 'PUT') container.offer(replacementOf(container.offered, jsonOf(request)))
  else if (request.method !== 'GET') throw methodNotAllowed(request)
  return ok(offerOf(container) as object)
}

function offerOf({ number, resource, offered }: Container): object | undefined {
  if (offered === undefined) return undefined
  const id = offerId(number)
  return {
    id,
    _rid: id,
    _self: `offers/${id}/`,
    _etag: resource._etag,
    _ts: resource._ts,
    offerVersion: 'V2',
    offerType: 'Invalid',
    resource: resource._self,
    offerResourceId: resource._rid,
    content: contentOf(offered),
  }
}

/** What scales by itself stands at its least, a tenth of the most, as with a service that nobody asks for anything. */
function contentOf({ throughput, scales }: Offered): object {
  const fixed = (offerThroughput: number) => ({ offerThroughput, offerIsRUPerMinuteThroughputEnabled: false })
  if (!scales) return fixed(throughput)
  const offerAutopilotSettings = {
    tier: 0,
    maximumTierThroughput: throughput,
    autoUpgrade: false,
    maxThroughput: throughput,
  }
  return { ...fixed(throughput / 10), offerAutopilotSettings }
}

/** SDKs take the id for the three bytes of an offer's resource id. */
function offerId(number: number): string {
  const bytes = Buffer.alloc(3)
  bytes.writeUIntBE(number, 0, 3)
  return bytes.toString('base64').replaceAll('/', '-')
}

function replacementOf({ scales }: Offered, body: unknown): Offered {
  const { content } = (body ?? {}) as {
    content?: { offerThroughput?: unknown; offerAutopilotSettings?: { maxThroughput?: unknown } | null }
  }
  const settings = content?.offerAutopilotSettings ?? undefined
  if ((settings !== undefined) !== scales)
    throw notSupported('A change between a fixed throughput and one that scales by itself')
  return settings ? scaling(settings.maxThroughput) : fixed(content?.offerThroughput)
}

/** The throughput that a container is to be made with. @throws 400 */
export function throughputOf({ headers }: Request): Offered | undefined {
  const manual = headers['x-ms-offer-throughput']
  const automatic = headers['x-ms-cosmos-offer-autopilot-settings']
  if (manual !== undefined && automatic !== undefined)
    throw badRequest('A container has either a throughput or a maximum throughput.')
  if (automatic !== undefined)
    return scaling((safeJson(automatic) as { maxThroughput?: unknown } | undefined)?.maxThroughput)
  return manual === undefined ? undefined : fixed(Number(manual))
}

function scaling(most: unknown): Offered {
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 1000 || most % 1000 !== 0)
    throw badRequest('The maximum throughput is a multiple of 1000.')
  return { throughput: most, scales: true }
}

function fixed(throughput: unknown): Offered {
  if (
    typeof throughput !== 'number' ||
    !Number.isInteger(throughput) ||
    throughput < 400 ||
    throughput % 100 !== 0
  )
    throw badRequest(
      'The offer should have valid throughput values between 400 and 1000000 inclusive in increments of 100.',
    )
  return { throughput, scales: false }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
